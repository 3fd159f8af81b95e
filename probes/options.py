"""Options of a probe as a dataclass: checked on the way in, described for forms.

@dataclass(frozen=True, slots=True)
class TcpOptions(Options):
    port: int = option(443, "port to connect to", minimum=1, maximum=65535)
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Self, get_type_hints


class OptionError(ValueError):
    """`field` names the option, `message` says what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class OptionField:
    """One option as a form needs it; `type` is "int", "float", "bool", "str" or "json"."""

    name: str
    type: str
    default: Any
    required: bool
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


def option(
    default: Any = MISSING,
    help: str = "",
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Sequence[str] = (),
    parse: Callable[[Any], Any] | None = None,
    dump: Callable[[Any], Any] | None = None,
) -> Any:
    """A dataclass field with what a form and a check need.

    No default: required. Bounds are inclusive, and those of text and lists count their length. `parse` takes
    the JSON value and raises ValueError with a message; `dump` is its inverse.
    """
    rules = {"help": help, "minimum": minimum, "maximum": maximum, "choices": tuple(choices)}
    return field(default=default, metadata={**rules, "parse": parse, "dump": dump})


class Options:
    """Base of every kind's options; subclasses are frozen dataclasses."""

    __slots__ = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Options out of JSON data. Raises OptionError naming the field; unknown names are errors."""
        if not isinstance(data, Mapping):
            raise OptionError("options", "must be an object")
        known = {item.name: item for item in _fields(cls)}
        for name in data:
            if name not in known:
                raise OptionError(str(name), f"is not an option; there are {', '.join(known) or 'none'}")
        types = get_type_hints(cls)
        made = cls(**{name: _checked(item, types[name], data) for name, item in known.items()})
        made.check()
        return made

    def to_dict(self) -> dict[str, Any]:
        """JSON data, the inverse of `from_dict`."""
        result = {}
        for item in _fields(type(self)):
            value = getattr(self, item.name)
            dump = item.metadata.get("dump")
            result[item.name] = dump(value) if dump else value
        return result

    def check(self) -> None:
        """Rules across several fields; raises OptionError."""


def options_schema(options: type[Options]) -> list[OptionField]:
    """The fields of an options class, in order."""
    types = get_type_hints(options)
    return [_described(item, types[item.name]) for item in _fields(options)]


def _fields(options: type[Options]) -> tuple[Field[Any], ...]:
    return fields(options)  # type: ignore[arg-type]


def _described(item: Field[Any], kind: Any) -> OptionField:
    rules = item.metadata
    required = item.default is MISSING
    default = None if required else item.default
    if rules.get("dump") and not required:
        default = rules["dump"](default)
    return OptionField(
        item.name,
        kind.__name__ if kind in (int, float, bool, str) else "json",
        default,
        required,
        rules.get("help", ""),
        rules.get("minimum"),
        rules.get("maximum"),
        rules.get("choices", ()),
    )


def _checked(item: Field[Any], kind: Any, data: Mapping[str, Any]) -> Any:
    if item.name not in data:
        if item.default is MISSING:
            raise OptionError(item.name, "is required")
        return item.default
    try:
        value = _converted(data[item.name], kind, item.metadata.get("parse"))
        _bounded(value, item.metadata)
    except (ValueError, OverflowError) as error:
        raise OptionError(item.name, str(error)) from None
    return value


def _converted(value: Any, kind: Any, parse: Callable[[Any], Any] | None) -> Any:
    if parse:
        return parse(value)
    return _CONVERTERS[kind](value)


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "on", "false", "off"):
        return value.lower() in ("true", "on")
    raise ValueError("must be true or false")


def _to_int(value: Any) -> int:
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ValueError("must be a whole number")
    return int(value)


def _to_float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("must be a number")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError("must be a number") from None
    if not math.isfinite(number):
        raise ValueError("must be a finite number")
    return number


def _to_str(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    if any(ord(letter) < 32 and letter not in "\t\r\n" for letter in value):
        raise ValueError("must not hold control characters")
    return value


_CONVERTERS: Mapping[Any, Callable[[Any], Any]] = {
    bool: _to_bool,
    int: _to_int,
    float: _to_float,
    str: _to_str,
}


def _bounded(value: Any, rules: Mapping[str, Any]) -> None:
    low, high, choices = rules.get("minimum"), rules.get("maximum"), rules.get("choices")
    size = len(value) if isinstance(value, (str, tuple)) else value
    unit = " characters long" if isinstance(value, str) else " entries" if isinstance(value, tuple) else ""
    if choices and value not in choices:
        raise ValueError(f"must be one of {', '.join(choice or 'nothing' for choice in choices)}")
    if low is not None and size < low:
        raise ValueError(f"must be at least {low:g}{unit}")
    if high is not None and size > high:
        raise ValueError(f"must be at most {high:g}{unit}")
