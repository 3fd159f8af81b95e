"""Points: what a poller reads by GET, and how raw values become a metric. No vendor knowledge in here.

Every metric that discovery finds is a linear fraction of values that the agent holds:

    base + (sum of factor x value) / (sum of factor x value)

One form serves a plain gauge (one term), an idle time (base 100, factor -1), used bytes (used x block size)
and a percentage (used over size, or size less free over size).
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from probes.readings import Column
from probes.snmp.values import Value

Terms: TypeAlias = tuple[tuple[str, float], ...]

DARK = -40.0
EXTRAS = {"plus", "over", "base", "form", "states"}
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


def number(value: Value | None) -> float | None:
    """A raw value as a number; of text the first number in it ("45.5 C" is 45.5), else None."""
    if value is None or isinstance(value, (int, float)):
        return value
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    match = NUMBER.search(text)
    return float(match.group()) if match else None


def _total(terms: Terms, values: Mapping[str, Value]) -> float | None:
    total = 0.0
    for oid, factor in terms:
        value = number(values.get(oid))
        if value is None:
            return None
        total += value * factor
    return total


def _dbm(milliwatts: float) -> float:
    return 10 * math.log10(milliwatts) if milliwatts > 0 else DARK


@dataclass(frozen=True, slots=True)
class Expression:
    """`base` + sum of `terms` / sum of `over`; each term is (OID without a leading dot, factor).

    With `form` "dbm" the result is taken for mW and given in dBm (optical and radio power); 0 mW is -40 dBm,
    below which no receiver sees light.
    """

    terms: Terms
    over: Terms = ()
    base: float = 0.0
    form: str = ""

    def value(self, values: Mapping[str, Value]) -> float | None:
        """The result over raw values by OID; None when a value is absent, no number, or the divisor is 0."""
        result = _total(self.terms, values)
        if result is None:
            return None
        if self.over:
            divisor = _total(self.over, values)
            if not divisor:
                return None
            result /= divisor
        result += self.base
        return _dbm(result) if self.form == "dbm" else result

    def oids(self) -> Iterable[str]:
        """Every OID that the expression needs."""
        return [oid for oid, _ in self.terms + self.over]


def share(used: Terms, total: Terms) -> Expression:
    """`used` of `total` in percent."""
    return Expression(tuple((oid, 100.0 * factor) for oid, factor in used), total)


@dataclass(frozen=True, slots=True)
class Point:
    """One value to poll: (`oid` x `scale` + `plus`) / `over` + `base` is `metric` of `instance`.

    `states`, where given, turns the raw value (as text) into a severity: 0 well, 1 warning, 2 critical; a
    raw value that is not in it has no severity (None).
    """

    oid: str
    metric: str
    instance: str = ""
    scale: float = 1.0
    plus: Terms = ()
    over: Terms = ()
    base: float = 0.0
    form: str = ""
    states: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls, expression: Expression, metric: str, instance: str, states: Mapping[str, int] | None = None
    ) -> "Point":
        """The point that evaluates `expression`."""
        (oid, scale), *plus = expression.terms
        return cls(
            oid,
            metric,
            instance,
            scale,
            tuple(plus),
            expression.over,
            expression.base,
            expression.form,
            states or {},
        )

    @property
    def expression(self) -> Expression:
        """The arithmetic of this point."""
        return Expression(((self.oid, self.scale), *self.plus), self.over, self.base, self.form)

    def value(self, values: Mapping[str, Value]) -> float | None:
        """This point's value out of raw values by OID."""
        if self.states:
            return self._severity(values.get(self.oid))
        if self.plus or self.over or self.base or self.form:
            return self.expression.value(values)
        raw = number(values.get(self.oid))
        return None if raw is None else raw * self.scale

    def _severity(self, raw: Value | None) -> int | None:
        """By the raw value's text, else by the number in it: some agents say "2", others "2 (ok)" or "ok"."""
        text = raw.decode("latin-1").strip("\0 ") if isinstance(raw, bytes) else str(raw)
        if text in self.states:
            return self.states[text]
        whole = number(raw)
        return None if whole is None else self.states.get(str(int(whole)))

    def to_list(self) -> list[Any]:
        """Plain JSON: [oid, metric, instance, scale], if needed a fifth {plus, over, base, form, states}."""
        rest: dict[str, Any] = {"plus": self.plus, "over": self.over, "base": self.base, "form": self.form}
        rest["states"] = dict(self.states)
        more = {
            key: [list(term) for term in item] if isinstance(item, tuple) else item
            for key, item in rest.items()
            if item
        }
        return [self.oid, self.metric, self.instance, self.scale, *([more] if more else [])]

    @classmethod
    def from_list(cls, data: Sequence[Any]) -> "Point":
        """The inverse of `to_list`. Raises ValueError saying what is wrong."""
        if not 4 <= len(data) <= 5 or not all(isinstance(item, str) for item in data[:3]):
            raise ValueError(
                "a point is [oid, metric, instance, scale] or [oid, metric, instance, scale, {…}]"
            )
        more = data[4] if len(data) == 5 else {}
        if not isinstance(more, Mapping) or set(more) - EXTRAS:
            raise ValueError("a point's fifth element may hold plus, over, base, form and states")
        try:
            return cls(
                data[0].lstrip("."),
                data[1],
                data[2],
                float(data[3]),
                _terms(more.get("plus", ())),
                _terms(more.get("over", ())),
                float(more.get("base", 0.0)),
                str(more.get("form", "")),
                {str(key): int(item) for key, item in more.get("states", {}).items()},
            )
        except (TypeError, AttributeError) as error:
            raise ValueError(f"a point's numbers are wrong: {error}") from error


def _terms(data: Iterable[Sequence[Any]]) -> Terms:
    return tuple((str(oid).lstrip("."), float(factor)) for oid, factor in data)


def oids(points: Iterable[Point]) -> list[str]:
    """The OIDs to GET for `points`, each once, in order."""
    wanted: dict[str, None] = {}
    for point in points:
        wanted[point.oid] = None
        for oid, _ in point.plus + point.over:
            wanted[oid] = None
    return list(wanted)


def read(points: Iterable[Point], values: Mapping[str, Value]) -> list[Column]:
    """The columns of `points` out of the raw `values` of one GET of `oids(points)`; absent ones are None."""
    columns: dict[str, tuple[list[str], list[float | None]]] = {}
    for point in points:
        instances, results = columns.setdefault(point.metric, ([], []))
        instances.append(point.instance)
        results.append(point.value(values))
    return [Column(metric, tuple(names), results) for metric, (names, results) in columns.items()]
