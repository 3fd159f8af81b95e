"""Alder & Finch Instruments: three sites and what stands in them. Invented; any likeness is chance."""

from dataclasses import dataclass, field
from typing import Final

NAME: Final = "Alder & Finch Instruments"
COMMUNITY: Final = "demo-read"


@dataclass(frozen=True, slots=True)
class DemoSite:
    key: str
    name: str
    city: str
    time_zone: str
    subnet: int


@dataclass(frozen=True, slots=True)
class DemoDevice:
    """`profile` is a key of itim.demo.profiles; `uplink` the name of the device that it hangs on."""

    name: str
    site: str
    address: str
    profile: str
    role: str
    uplink: str = ""
    down: bool = False
    traits: frozenset[str] = field(default_factory=frozenset)
    room: str = "Server room"


@dataclass(frozen=True, slots=True)
class DemoService:
    name: str
    criticality: str
    owner: str
    devices: tuple[str, ...]
    needs: tuple[str, ...] = ()


SITES: Final = (
    DemoSite("zrh", "Zurich headquarters", "Zurich", "Europe/Zurich", 64),
    DemoSite("rtm", "Rotterdam plant", "Rotterdam", "Europe/Amsterdam", 65),
    DemoSite("lis", "Lisbon office", "Lisbon", "Europe/Lisbon", 66),
)

# site, name, profile, role, uplink, traits, room
_PLAN: Final = """
zrh edge-1        router    router        -            -       Server room
zrh fw-1          firewall  firewall      edge-1       -       Server room
zrh fw-2          firewall  firewall      edge-1       -       Server room
zrh core-1        core      switch        fw-1         -       Server room
zrh core-2        core      switch        fw-1         -       Server room
zrh access-1      access    switch        core-1       -       Floor 1
zrh access-2      access    switch        core-1       errors  Floor 1
zrh access-3      access    switch        core-1       -       Floor 2
zrh access-4      access    switch        core-2       -       Floor 2
zrh access-5      access    switch        core-2       hot     Floor 3
zrh access-6      access    switch        core-2       portdown Floor 3
zrh erp-1         linux     server        core-1       -       Server room
zrh erp-2         linux     server        core-2       -       Server room
zrh db-1          linux     server        core-1       diskfull Server room
zrh db-2          linux     server        core-2       -       Server room
zrh mail-1        linux     server        core-1       -       Server room
zrh web-1         linux     server        core-1       busy    Server room
zrh web-2         linux     server        core-2       -       Server room
zrh files-1       windows   server        core-1       -       Server room
zrh dc-1          windows   server        core-1       -       Server room
zrh dc-2          windows   server        core-2       -       Server room
zrh build-1       linux     server        core-2       -       Server room
zrh nas-1         linux     storage       core-1       bigdisk Server room
zrh ups-1         ups       ups           core-1       -       Server room
zrh ups-2         ups       ups           core-2       battery Server room
zrh pdu-1         ups       pdu           core-1       -       Server room
zrh ap-1          ap        access-point  access-1     -       Floor 1
zrh ap-2          ap        access-point  access-3     -       Floor 2
zrh ap-3          ap        access-point  access-5     -       Floor 3
zrh printer-1     printer   printer       access-1     lowtoner Floor 1
zrh printer-2     printer   printer       access-3     -       Floor 2
rtm edge-1        router    router        -            -       Control room
rtm fw-1          firewall  firewall      edge-1       -       Control room
rtm core-1        core      switch        fw-1         -       Control room
rtm access-1      access    switch        core-1       -       Hall A
rtm access-2      access    switch        core-1       -       Hall B
rtm access-3      access    switch        core-1       down    Hall C
rtm access-4      access    switch        core-1       -       Office
rtm mes-1         linux     server        core-1       -       Control room
rtm mes-2         linux     server        core-1       -       Control room
rtm scada-1       windows   server        core-1       busy    Control room
rtm files-1       windows   server        core-1       -       Control room
rtm ups-1         ups       ups           core-1       -       Control room
rtm pdu-1         ups       pdu           core-1       -       Control room
rtm ap-1          ap        access-point  access-1     -       Hall A
rtm ap-2          ap        access-point  access-2     -       Hall B
rtm ap-3          ap        access-point  access-3     down    Hall C
rtm printer-1     printer   printer       access-4     -       Office
rtm printer-2     printer   printer       access-3     down    Hall C
lis edge-1        router    router        -            -       Closet
lis fw-1          firewall  firewall      edge-1       -       Closet
lis core-1        core      switch        fw-1         -       Closet
lis access-1      access    switch        core-1       -       Floor 4
lis access-2      access    switch        core-1       -       Floor 5
lis files-1       linux     server        core-1       -       Closet
lis backup-1      linux     server        core-1       bigdisk Closet
lis ups-1         ups       ups           core-1       -       Closet
lis ap-1          ap        access-point  access-1     -       Floor 4
lis ap-2          ap        access-point  access-2     -       Floor 5
lis printer-1     printer   printer       access-1     -       Floor 4
"""


def _devices() -> tuple[DemoDevice, ...]:
    subnets = {site.key: site.subnet for site in SITES}
    made: list[DemoDevice] = []
    for line in _PLAN.strip().splitlines():
        site, name, profile, role, uplink, traits, room = line.split(maxsplit=6)
        number = 1 + sum(device.site == site for device in made)
        words = frozenset(traits.split(",")) - {"-"}
        made.append(
            DemoDevice(
                name=f"{site}-{name}",
                site=site,
                address=f"127.{subnets[site]}.0.{number}",
                profile=profile,
                role=role,
                uplink="" if uplink == "-" else f"{site}-{uplink}",
                down="down" in words,
                traits=words,
                room=room.strip(),
            )
        )
    return tuple(made)


DEVICES: Final = _devices()

SERVICES: Final = (
    DemoService("ERP", "critical", "Finance", ("zrh-erp-1", "zrh-erp-2"), ("Databases",)),
    DemoService("Databases", "critical", "IT", ("zrh-db-1", "zrh-db-2"), ()),
    DemoService("Mail", "high", "IT", ("zrh-mail-1",), ("Directory",)),
    DemoService("Directory", "critical", "IT", ("zrh-dc-1", "zrh-dc-2"), ()),
    DemoService("Web shop", "high", "Sales", ("zrh-web-1", "zrh-web-2"), ("Databases",)),
    DemoService("Plant control", "critical", "Production", ("rtm-mes-1", "rtm-mes-2", "rtm-scada-1"), ()),
    DemoService("File shares", "medium", "IT", ("zrh-files-1", "rtm-files-1", "lis-files-1"), ("Directory",)),
)

PEOPLE: Final = (
    ("mara.keller", "Mara", "Keller", "administrator"),
    ("jonas.brunner", "Jonas", "Brunner", "operator"),
    ("ines.duarte", "Inês", "Duarte", "operator"),
    ("pieter.devries", "Pieter", "de Vries", "operator"),
    ("aline.moreau", "Aline", "Moreau", "viewer"),
)
