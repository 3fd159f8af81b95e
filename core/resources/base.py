"""What a resource is, and the one table of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import reverse
from django.utils.text import slugify

from core.resources.attributes import Attribute, attribute_of, own_attributes

FieldList = tuple[str | tuple[str, tuple[str, ...]], ...]
OPERATIONS = ("add", "change", "delete", "import")


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a detail page: `url_name` is an ordinary view that takes the object's pk by POST."""

    name: str
    label: str
    url_name: str
    icon: str = ""
    confirm: str = ""
    applies: Callable[[Any], bool] = field(default=lambda obj: True)
    """Whether it does anything to an object as it is now; where not, there is no button."""


class Resource:
    """A model declared once: pages, API, import, export and search follow from these twelve attributes.

    The docstring of the class is what an empty list tells people: what the things are, how they come here.

    Names are field names; `columns` also takes paths over foreign keys ("interface__device") and names of
    reverse relations (shown as a count). Wrong names are system checks. What does not fit
    is an ordinary view.
    """

    model: type[models.Model]
    columns: tuple[str, ...] = ()
    """Of the list, in order; people may choose others."""
    fields: FieldList = ()
    """What people and the API may write; ("Heading", ("name", …)) groups them on pages."""
    read_only: tuple[str, ...] = ()
    """Shown and filtered by, written by machines only. created_at and updated_at are added."""
    filters: tuple[str, ...] = ()
    """Shown in the filter form. The address and the API take every readable field."""
    search: tuple[str, ...] = ()
    natural_key: tuple[str, ...] = ()
    """By what people tell two rows apart: import matches by it, foreign keys are named by it."""
    actions: tuple[Action, ...] = ()
    operations: tuple[str, ...] = OPERATIONS
    form: type[Any] | None = None
    """A ModelForm to use instead of the generated one."""
    detail_template: str = "resources/detail.html"
    icon: str = "box"

    @cached_property
    def plural(self) -> str:
        return slugify(str(self.model._meta.verbose_name_plural))

    @cached_property
    def label(self) -> str:
        return _capital(str(self.model._meta.verbose_name))

    @cached_property
    def label_plural(self) -> str:
        return _capital(str(self.model._meta.verbose_name_plural))

    @cached_property
    def noun(self) -> str:
        """The plural inside a sentence: "devices", but "IP addresses"."""
        text = self.label_plural
        return text if text[1:2].isupper() else text[:1].lower() + text[1:]

    @property
    def model_name(self) -> str:
        """One of them inside a sentence: "device"."""
        return str(self.model._meta.verbose_name)

    @cached_property
    def purpose(self) -> str:
        """What the things are for, in a sentence or two: the docstring of the class, its own."""
        return " ".join((type(self).__doc__ or "").split())

    @cached_property
    def empty_template(self) -> str:
        """What an empty list shows in place of resources/list_empty.html, where there is such a file."""
        return f"{self.app}/{self.plural}_empty.html"

    @cached_property
    def app(self) -> str:
        return self.model._meta.app_label

    @cached_property
    def groups(self) -> list[tuple[str, tuple[str, ...]]]:
        """`fields` as (heading, names); names outside any group come under an empty heading."""
        groups: list[tuple[str, tuple[str, ...]]] = []
        for entry in self.fields:
            if not isinstance(entry, str):
                groups.append(entry)
            elif groups and groups[-1][0] == "":
                groups[-1] = ("", (*groups[-1][1], entry))
            else:
                groups.append(("", (entry,)))
        return groups

    @cached_property
    def writable(self) -> tuple[str, ...]:
        names = [name for _, names in self.groups for name in names]
        if _has_tags(self.model) and "tags" not in names:
            names.append("tags")
        return tuple(names)

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """Everything that may be read or written, by name, in the order of pages and answers."""
        return own_attributes(self.model, self.writable, self.read_only)

    @cached_property
    def readable(self) -> dict[str, Attribute]:
        return {name: attribute for name, attribute in self.attributes.items() if not attribute.secret}

    def attribute(self, path: str) -> Attribute:
        """The attribute at a name or a path over foreign keys; FieldDoesNotExist where nobody may read one.

        A path leads from readable attribute to readable attribute, unless the resource itself names it: what
        no resource shows, such as the hash of a password or a key, has no address, order or column either.
        """
        if own := self.attributes.get(path):
            return own
        found = attribute_of(self.model, path)
        if path not in {*self.columns, *self.filters, *self.search} and not self._offers(path):
            raise FieldDoesNotExist(f"{self.plural} show no {path!r}")
        return found

    def _offers(self, path: str) -> bool:
        step, _, rest = path.partition("__")
        attribute = self.readable.get(step)
        if attribute is None or not rest:
            return attribute is not None
        related = resource_of(attribute.field.related_model)
        return related is not None and related._offers(rest)

    def allows(self, operation: str) -> bool:
        return operation in self.operations

    def url(self, page: str, pk: Any = None) -> str:
        """The address of one of its pages: list, add, import, export, bulk, detail, edit, delete."""
        return reverse(f"{self.plural}-{page}", args=[] if pk is None else [pk])

    def api_url(self, pk: Any = None) -> str:
        return f"/api/v1/{self.plural}/" if pk is None else f"/api/v1/{self.plural}/{pk}/"

    def __repr__(self) -> str:
        return f"<resource {self.plural}>"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _has_tags(model: type[models.Model]) -> bool:
    return any(field.name == "tags" for field in model._meta.many_to_many)


class DuplicateResource(Exception):
    """Two resources of one model or of one name."""


_by_model: dict[type[models.Model], Resource] = {}
_by_plural: dict[str, Resource] = {}


def register(cls: type[Resource]) -> type[Resource]:
    """Class decorator: makes the resource known. A second one of the same model or plural fails at start."""
    resource = cls()
    if resource.model in _by_model or resource.plural in _by_plural:
        raise DuplicateResource(f"{cls.__name__}: there is already a resource {resource.plural!r}")
    _by_model[resource.model] = resource
    _by_plural[resource.plural] = resource
    return cls


def all_resources() -> Iterator[Resource]:
    """Every registered resource, in the order of registration."""
    return iter(list(_by_plural.values()))


def resource_of(model: type[models.Model] | models.Model) -> Resource | None:
    """The resource of a model or an object, if it has one."""
    return _by_model.get(model._meta.concrete_model)


def resource_named(plural: str) -> Resource | None:
    return _by_plural.get(plural)
