"""PostgreSQL's binary COPY format by numpy: whole batches become one buffer without a loop over values.

Format: https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS; arrays as array_send().
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
TRAILER = struct.pack(">h", -1)
EPOCH = 946_684_800  # 2000-01-01, PostgreSQL's own
FLOAT8, FLOAT4, INT2 = 701, 700, 21
_ITEM = {FLOAT8: ">f8", FLOAT4: ">f4", INT2: ">i2"}
Fields = list[tuple[Any, ...]]


def microseconds(at: Sequence[float] | NDArray[np.float64]) -> NDArray[np.int64]:
    """Seconds since 1970 as PostgreSQL's timestamptz."""
    return np.rint((np.asarray(at, dtype=np.float64) - EPOCH) * 1e6).astype(np.int64)


def stamp(at: float) -> float:
    """The time to the millisecond: every way to and from the database then keeps it equal."""
    return round(at, 3)


def _key_fields(columns: int) -> Fields:
    return [
        ("columns", ">i2"),
        ("check_length", ">i4"),
        ("check_id", ">i8"),
        ("part_length", ">i4"),
        ("part", ">i2"),
        ("at_length", ">i4"),
        ("at", ">i8"),
    ]


def _array_fields(name: str, oid: int, shape: tuple[int, ...]) -> Fields:
    size = int(np.prod(shape))
    head: Fields = [(f"{name}_head", ">i4", (4 + 2 * len(shape),))]
    return [*head, (name, [("length", ">i4"), ("value", _ITEM[oid])], (size,))]


@lru_cache(maxsize=2000)
def _sweep_type(size: int) -> np.dtype[Any]:
    return np.dtype(_key_fields(4) + _array_fields("values", FLOAT8, (size,)))


@lru_cache(maxsize=2000)
def _previous_type(size: int) -> np.dtype[Any]:
    key = [*_key_fields(5)[:-1], ("at", ">f8")]
    return np.dtype(
        [*key, ("uptime_length", ">i4"), ("uptime", ">f8"), ("raw_length", ">i4"), ("raw", "<u8", (size,))]
    )


def _fill_key(rows: Any, columns: int, check_ids: Any, parts: Any, at: Any) -> None:
    rows["columns"] = columns
    rows["check_length"] = 8
    rows["check_id"] = check_ids
    rows["part_length"] = 2
    rows["part"] = parts
    rows["at_length"] = 8
    rows["at"] = at


def _fill_array(rows: Any, name: str, oid: int, values: NDArray[Any]) -> None:
    shape = values.shape[1:]
    item = np.dtype(_ITEM[oid]).itemsize
    dimensions = [word for size in shape for word in (size, 1)]
    length = 12 + 4 * len(dimensions) + int(np.prod(shape)) * (4 + item)
    rows[f"{name}_head"] = [length, len(shape), 0, oid, *dimensions]
    rows[name]["length"] = item
    rows[name]["value"] = values.reshape(len(values), -1)


def sweeps(check_ids: Any, parts: Any, at: Any, values: NDArray[np.float64]) -> bytes:
    """Rows (check_id, part, at, values) of equally long arrays: values is [rows][slots]."""
    rows = np.zeros(len(values), _sweep_type(values.shape[1]))
    _fill_key(rows, 4, check_ids, parts, at)
    _fill_array(rows, "values", FLOAT8, values)
    return rows.tobytes()


def previous(check_ids: Any, parts: Any, at: Any, uptime: Any, raw: NDArray[np.uint64]) -> bytes:
    """Rows (check_id, part, at float8, uptime float8, raw bytea)."""
    rows = np.zeros(len(raw), _previous_type(raw.shape[1]))
    _fill_key(rows, 5, check_ids, parts, at)
    rows["uptime_length"] = 8
    rows["uptime"] = uptime
    rows["raw_length"] = 8 * raw.shape[1]
    rows["raw"] = raw
    return rows.tobytes()


def rollup(check_id: int, part: int, at: int, count: Any, low: Any, mean: Any, high: Any) -> bytes:
    """One row (check_id, part, at, count, min, mean, max) of arrays [slots][buckets]."""
    shape = count.shape
    kind = np.dtype(
        _key_fields(7)
        + _array_fields("count", INT2, shape)
        + _array_fields("min", FLOAT4, shape)
        + _array_fields("mean", FLOAT4, shape)
        + _array_fields("max", FLOAT4, shape)
    )
    rows = np.zeros(1, kind)
    _fill_key(rows, 7, check_id, part, at)
    _fill_array(rows, "count", INT2, count[None])
    for name, values in (("min", low), ("mean", mean), ("max", high)):
        _fill_array(rows, name, FLOAT4, values[None])
    return rows.tobytes()


def read_sweeps(data: bytes) -> list[tuple[int, int, float, NDArray[np.float64]]]:
    """Rows (check_id, part, at, values) as COPY … TO STDOUT (FORMAT binary) gave them; at in seconds."""
    found = []
    at, end = len(HEADER), len(data)
    while at + 2 <= end and data[at : at + 2] != TRAILER:
        check_id, _, part, _, moment, length, dimensions = _HEAD.unpack_from(data, at)
        body = at + _HEAD.size
        size = 0 if not dimensions else (length - 20) // 12
        items = np.frombuffer(data, _ITEMS, size, body + 16) if size else _NONE
        found.append((check_id, part, moment / 1e6 + EPOCH, items["value"]))
        at = body + length - 4
    return found


_HEAD = struct.Struct(">xxxxxxqihiqii")
_ITEMS = np.dtype([("length", ">i4"), ("value", ">f8")])
_NONE = np.zeros(0, _ITEMS)
