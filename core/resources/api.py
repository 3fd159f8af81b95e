"""REST views of a resource: list and detail, one object or many at once, all or nothing."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404
from rest_framework import status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import can, require, visible
from core.api.errors import PreconditionFailed
from core.api.pagination import PARAMETERS, Page
from core.resources import etags
from core.resources.attributes import NO, YES
from core.resources.base import Resource
from core.resources.locking import lock, retried
from core.resources.openapi import ResourceSchema
from core.resources.parsing import Parser
from core.resources.querying import Query
from core.resources.rows import Reader
from core.resources.writing import InvalidObjects, delete, write

MAX_OBJECTS = 5000
OTHER = PARAMETERS | {"ordering", "fields", "format", "etags"}


class ResourceView(APIView):
    """What list and detail share."""

    resource: Resource
    schema = ResourceSchema()
    many = False

    def reader(self, request: Request, sparse: bool = True) -> Reader:
        """Reads what ?fields= names, else everything."""
        names = list(self.resource.readable)
        reader = Reader(self.resource, request.user, names)
        wanted = request.query_params.get("fields") if sparse else None
        if not wanted:
            return reader
        chosen = [name.strip() for name in wanted.split(",") if name.strip()]
        if unknown := [name for name in chosen if name not in reader.attributes]:
            raise ValidationError({"fields": f"There is no field {unknown[0]!r}"})
        return Reader(self.resource, request.user, dict.fromkeys(["id", *chosen]))

    def written(self, request: Request, objects: Sequence[models.Model]) -> list[dict[str, Any]]:
        """The objects as the user sees them, in the order given."""
        keys = [obj.pk for obj in objects]
        rows = self.reader(request, sparse=False).json(
            visible(request.user, self.resource.model).filter(pk__in=keys)
        )
        by_key = {row["id"]: row for row in rows}
        return [by_key.get(key, {"id": key}) for key in keys]

    def tagged(self, request: Request, reader: Reader, rows: models.QuerySet) -> list[dict[str, Any]]:
        """The rows with what `reader` reads, each with its `_etag`."""
        whole = self.reader(request, sparse=False).json(rows)
        return [
            {name: row[name] for name in reader.attributes} | {etags.NAME: etags.etag(row)} for row in whole
        ]

    def locked(
        self, request: Request, action: str, keys: Sequence[Any], tags: dict[int, str]
    ) -> list[models.Model]:
        """The stored objects, locked, in the order of the keys; errors by index for what cannot be found.

        tags: by index, what their ETags must be.
        """
        model = self.resource.model
        rows = visible(request.user, model, action)
        allowed = set(rows.filter(pk__in=keys).values_list("pk", flat=True))
        stored = lock(model, allowed)
        missing = {index: self._why(request, key) for index, key in enumerate(keys) if key not in stored}
        if missing:
            raise InvalidObjects(missing)
        if tags:
            now = self.written(request, [stored[keys[index]] for index in tags])
            etags.require(tags, {index: etags.etag(row) for index, row in zip(tags, now, strict=True)})
        return [stored[key] for key in keys]

    def _why(self, request: Request, key: Any) -> dict[str, list[str]]:
        seen = visible(request.user, self.resource.model).filter(pk=key).exists()
        word = self.resource.model._meta.verbose_name
        return {
            "id": [f"You may not do this to {word} {key}" if seen else f"There is no {word} with id {key}"]
        }


class ResourceList(ResourceView):
    """GET, POST; PATCH and DELETE of many."""

    def get(self, request: Request) -> Response:
        require(request.user, "view", self.resource.model)
        query = Query(self.resource, request.user, request.query_params, OTHER, strict=True)
        reader = self.reader(request)
        order = request.query_params.get("ordering", "")
        page = Page(request, query.ordered(query.rows(), order), by_key=not order)
        tagged = yes_or_no("etags", request.query_params.get("etags", "no"))
        results = self.tagged(request, reader, page.rows) if tagged else reader.json(page.rows)
        return Response(page.answer(results, [row["id"] for row in results]))

    @retried
    def post(self, request: Request) -> Response:
        bodies = self.bodies(request)
        require(request.user, "add", self.resource.model)
        objects = [self.resource.model() for _ in bodies]
        parser = Parser(self.resource, request.user)
        with transaction.atomic():
            written = write(request.user, self.resource, parser.changes(objects, bodies, partial=False))
            results = self.written(request, written)
        headers = {} if self.many else {"Location": self.resource.api_url(results[0]["id"])}
        return Response(results if self.many else results[0], status.HTTP_201_CREATED, headers=headers)

    @retried
    def patch(self, request: Request) -> Response:
        bodies, tags = etags.taken_out(self.list_of_bodies(request))
        require(request.user, "change", self.resource.model)
        keys = self.keys(bodies)
        with transaction.atomic():
            objects = self.locked(request, "change", keys, tags)
            changes = Parser(self.resource, request.user).changes(objects, bodies, partial=True)
            results = self.written(request, write(request.user, self.resource, changes))
        return Response(results)

    @retried
    def delete(self, request: Request) -> Response:
        bodies, tags = etags.taken_out(self.list_of_bodies(request))
        keys = self.keys(bodies)
        self.refuse_unless("delete")
        require(request.user, "delete", self.resource.model)
        with transaction.atomic():
            delete(request.user, self.resource, self.locked(request, "delete", keys, tags))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def refuse_unless(self, operation: str) -> None:
        if not self.resource.allows(operation):
            raise PermissionDenied(f"{self.resource.label_plural} cannot be deleted here")

    def bodies(self, request: Request) -> list[Any]:
        """The objects sent, one or many."""
        self.many = isinstance(request.data, list)
        return self.list_of_bodies(request) if self.many else [request.data]

    def list_of_bodies(self, request: Request) -> list[Any]:
        self.many = True
        bodies = request.data
        if not isinstance(bodies, list) or not bodies:
            raise ValidationError("Send a list with at least one object")
        if len(bodies) > MAX_OBJECTS:
            raise ValidationError(f"Send at most {MAX_OBJECTS} objects at once, not {len(bodies)}")
        return bodies

    def keys(self, bodies: list[Any]) -> list[int]:
        """The ids in a list of ids or of objects with an id."""
        keys = [body.get("id") if isinstance(body, dict) else body for body in bodies]
        wrong = {
            index: {"id": ["Name the object by its id"]}
            for index, key in enumerate(keys)
            if not isinstance(key, int) or isinstance(key, bool) or not 0 < key < 2**63
        }
        seen: dict[Any, int] = {}
        for index, key in enumerate(keys):
            if index not in wrong and seen.setdefault(key, index) != index:
                wrong[index] = {"id": [f"The same as object {seen[key]} of this list"]}
        if wrong:
            raise InvalidObjects(wrong)
        return keys  # type: ignore[return-value]


class ResourceDetail(ResourceView):
    """GET, PUT, PATCH, DELETE of one object, with ETag and If-Match."""

    def get(self, request: Request, pk: int) -> Response:
        body = self.body(request, pk)
        tag = etags.etag(body)
        if tag in etags.in_header(request, "If-None-Match"):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        if request.query_params.get("fields"):
            body = {name: body[name] for name in self.reader(request).attributes}
        return Response(body, headers={"ETag": tag})

    def put(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=False)

    def patch(self, request: Request, pk: int) -> Response:
        return self.change(request, pk, partial=True)

    @retried
    def change(self, request: Request, pk: int, partial: bool) -> Response:
        with transaction.atomic():
            obj = self.stored(request, "change", pk)
            changes = Parser(self.resource, request.user).changes([obj], [request.data], partial)
            (body,) = self.written(request, write(request.user, self.resource, changes))
        return Response(body, headers={"ETag": etags.etag(body)})

    @retried
    def delete(self, request: Request, pk: int) -> Response:
        with transaction.atomic():
            obj = self.stored(request, "delete", pk)
            delete(request.user, self.resource, [obj])
        return Response(status=status.HTTP_204_NO_CONTENT)

    def body(self, request: Request, pk: int) -> dict[str, Any]:
        rows = self.reader(request, sparse=False).json(
            visible(request.user, self.resource.model).filter(pk=pk)
        )
        if not rows:
            raise Http404(f"There is no {self.resource.model._meta.verbose_name} with id {pk}")
        return rows[0]

    def stored(self, request: Request, action: str, pk: int) -> models.Model:
        """The object, locked, if it is visible, may be written and is as If-Match says."""
        rows = visible(request.user, self.resource.model)
        if not rows.filter(pk=pk).exists():
            raise Http404(f"There is no {self.resource.model._meta.verbose_name} with id {pk}")
        obj = lock(self.resource.model, [pk]).get(pk)
        if obj is None or not self.resource.allows(action) or not can(request.user, action, obj):
            raise PermissionDenied(f"You may not {action} this {self.resource.model._meta.verbose_name}")
        wanted = etags.in_header(request, "If-Match")
        if wanted and etags.ANY not in wanted and etags.etag(self.body(request, pk)) not in wanted:
            raise PreconditionFailed
        return obj


def yes_or_no(name: str, text: str) -> bool:
    """A parameter of the query string; ValidationError names it where it is neither."""
    if text.lower() not in YES | NO:
        raise ValidationError({name: "Must be true or false"})
    return text.lower() in YES


def as_views(resource: Resource) -> tuple[Any, Any]:
    """View functions of list and detail."""
    members = {"resource": resource, "__doc__": None}
    name = resource.model.__name__
    return (
        type(f"{name}List", (ResourceList,), members).as_view(),  # type: ignore[attr-defined]
        type(f"{name}Detail", (ResourceDetail,), members).as_view(),  # type: ignore[attr-defined]
    )
