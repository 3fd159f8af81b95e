"""What a vendor's file may say. Every key of a file is a field here; docs/adding.md has examples.

OIDs have no leading dot; one that has continues the file's `root`. An OID that ends in .0 is a scalar, every
other one a column that is walked.
A `systems` list limits a table to those operating systems of the file; empty means all of them.
"""

from dataclasses import dataclass, field

Texts = dict[str, str]
Lists = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where one fact comes from: exactly one of oid, oids, descr, entity, object, text.

    `oid` is a scalar, or a column whose first filled row counts; `oids` several by name, for `format`.
    `descr` is a regular expression over sysDescr, `entity` a column of the chassis in the ENTITY-MIB,
    `object` a name by the rest of the sysObjectID, `text` fixed. `pattern` takes its group 1, or feeds its
    named groups to `format`; `map` translates the result, an absent one being no result.
    """

    oid: str = ""
    oids: Texts = field(default_factory=dict)
    descr: str = ""
    entity: str = ""
    object: Texts = field(default_factory=dict)
    text: str = ""
    pattern: str = ""
    format: str = ""
    map: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """A device has `oid` (scalar, or a column with a row), and its value matches `pattern` if given."""

    oid: str
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """One operating system. It matches when its prefix, its `descr` and its `probe` do, as far as given.

    `objects` are the sysObjectID prefixes that this vendor owns; `guest` prefixes of another vendor under
    which it appears too (a net-snmp agent), for which `descr` or `probe` is needed.
    """

    os: str
    text: str
    type: str
    objects: tuple[str, ...] = ()
    guest: tuple[str, ...] = ()
    descr: str = ""
    probe: Probe | None = None
    hardware: tuple[Source, ...] = ()
    version: tuple[Source, ...] = ()
    serial: tuple[Source, ...] = ()
    features: tuple[Source, ...] = ()
    name: tuple[Source, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What all tables share. `descr` is a template: {column}, {0} the first part of the index, {index},
    {label} the index as text, {entity} and {port} the names of the entity or port that the index names
    first.

    `columns` are further columns by name; one without the row's own index is found under the index's
    beginning. `only` and `unless` keep or drop rows by a column's value, or by a part of the index ("0" is
    the first); `match` and `mismatch` do so by a regular expression over a column, {entity}, {port} or
    {label}. `skip` drops rows by the value itself. With `otherwise` the table is read only when those before
    it, of the same kind and file, found nothing.
    """

    systems: tuple[str, ...] = ()
    descr: str = ""
    columns: Texts = field(default_factory=dict)
    join: Texts = field(default_factory=dict)
    only: Lists = field(default_factory=dict)
    unless: Lists = field(default_factory=dict)
    match: Texts = field(default_factory=dict)
    mismatch: Texts = field(default_factory=dict)
    skip: tuple[float, ...] = ()
    otherwise: bool = False


@dataclass(frozen=True, slots=True)
class ProcessorTable(Table):
    """`value` x `scale` is the usage in percent, or with `idle` what is left of it."""

    value: str = ""
    scale: float = 1.0
    idle: bool = False


@dataclass(frozen=True, slots=True)
class SpaceTable(Table):
    """Memory or storage: two of `used`, `free` and `total`, or `percent` (with `idle` the percent free).

    `unit` is the number of bytes of one, or the name of a column that says it.
    """

    used: str = ""
    free: str = ""
    total: str = ""
    percent: str = ""
    idle: bool = False
    unit: float | str = 1.0
    type: str = ""


@dataclass(frozen=True, slots=True)
class SensorTable(Table):
    """`value` x `scale` is in the unit of `class`.

    Other factors: `digits`, a column with the number of decimals; `si`, a column with the SI prefix as in
    the ENTITY-SENSOR-MIB (9 units, 8 milli …). `class_from` is a column, or a part of the index, that
    `classes` translates to the class, or to "class*factor". `states` names the meanings of a state; `map`
    turns texts into its numbers. `low` and `high` bound what is believed, both included. `convert =
    "dbm"`: the value is in mW.
    """

    value: str = ""
    cls: str = ""
    class_from: str = ""
    classes: Texts = field(default_factory=dict)
    scale: float = 1.0
    digits: str = ""
    si: str = ""
    low: float | None = None
    high: float | None = None
    group: str = ""
    states: str = ""
    map: dict[str, float] = field(default_factory=dict)
    pattern: str = ""
    convert: str = ""


@dataclass(frozen=True, slots=True)
class WirelessTable(SensorTable):
    """As a sensor; with `sum` the rows are one value, with `count` their number."""

    sum: bool = False
    count: bool = False


@dataclass(frozen=True, slots=True)
class VlanTable(Table):
    """`name` is a column whose index holds the VLAN's number at part `at` (negative: from the end)."""

    name: str = ""
    at: int = -1


@dataclass(frozen=True, slots=True)
class LinkTable(Table):
    """Neighbors: columns host, port, version; the local port is the index's part `at`, or column `local`."""

    protocol: str = ""
    host: str = ""
    port: str = ""
    version: str = ""
    local: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class PeerTable(Table):
    """BGP neighbors: `state` and `remote_as` columns; the peer's address is column `peer`, or lies in the
    index.

    `at` is the part of the index where the address begins: its octets, or with `typed` type, length, octets.
    """

    state: str = ""
    remote_as: str = ""
    peer: str = ""
    local_as: str = ""
    at: int = 0
    typed: bool = False
    states: str = ""


@dataclass(frozen=True, slots=True)
class PartTable(Table):
    """Physical parts that the ENTITY-MIB does not list."""

    serial: str = ""
    model: str = ""
    name: str = ""
    cls: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A state's raw value in words, and its severity: ok, warning, critical or unknown."""

    text: str
    severity: str


@dataclass(frozen=True, slots=True)
class Vendor:
    """One file. With `everywhere` its tables are tried on every device (a standard, a widespread agent).

    `maker` is who makes the hardware, where that is not `name`; "" where it runs on anybody's.
    """

    name: str
    maker: str | None = None
    file: str = ""
    root: str = ""
    everywhere: bool = False
    systems: tuple[System, ...] = ()
    processors: tuple[ProcessorTable, ...] = ()
    mempools: tuple[SpaceTable, ...] = ()
    storage: tuple[SpaceTable, ...] = ()
    sensors: tuple[SensorTable, ...] = ()
    wireless: tuple[WirelessTable, ...] = ()
    vlans: tuple[VlanTable, ...] = ()
    links: tuple[LinkTable, ...] = ()
    bgp_peers: tuple[PeerTable, ...] = ()
    inventory: tuple[PartTable, ...] = ()
    states: dict[str, dict[str, Meaning]] = field(default_factory=dict)
