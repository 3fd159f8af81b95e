"""The company as rows: places, devices, services, people, and what is watched."""

from collections.abc import Iterable
from typing import Final

from django.contrib.auth.hashers import make_password

from core import history
from core.models import Credential, Role, Tag, User
from inventory.models import Dependency, Device, DeviceRole, Location, Service, Site
from itim.demo import company
from itim.demo.company import DemoDevice
from monitoring.models import Channel, Check, Route, Rule

ROLE_NAMES: Final = {
    "router": "Router",
    "firewall": "Firewall",
    "switch": "Switch",
    "server": "Server",
    "storage": "Storage",
    "ups": "UPS",
    "pdu": "PDU",
    "access-point": "Access point",
    "printer": "Printer",
}


def make(port: int) -> list[Check]:
    """Everything but what discovery and polling find; returns the SNMP checks. `port` is the simulator's."""
    with history.context(source="import", why=f"The demonstration: {company.NAME}"):
        places = _places()
        credential = Credential.objects.create(
            name="Network, read only",
            kind=Credential.Kind.SNMP_COMMUNITY,
            secret={"community": company.COMMUNITY, "version": "2c"},
        )
        devices = _devices(places, credential)
        _dependencies(devices)
        people()
        _notification()
        return _checks(devices, port)


def _places() -> dict[tuple[str, str], tuple[Site, Location]]:
    found = {}
    for demo in company.SITES:
        site = Site.objects.create(name=demo.name, time_zone=demo.time_zone, address=demo.city)
        for room in dict.fromkeys(one.room for one in company.DEVICES if one.site == demo.key):
            found[demo.key, room] = (site, Location.objects.create(name=room, site=site))
    return found


def _devices(
    places: dict[tuple[str, str], tuple[Site, Location]], credential: Credential
) -> dict[str, Device]:
    roles = {key: _role(name) for key, name in ROLE_NAMES.items()}
    made = {}
    for demo in company.DEVICES:
        site, location = places[demo.site, demo.room]
        made[demo.name] = Device.objects.create(
            name=demo.name,
            status=Device.Status.MAINTENANCE if "maintenance" in demo.traits else Device.Status.ACTIVE,
            role=roles[demo.role],
            site=site,
            location=location,
            address=demo.address,
            credential=credential,
            asset_tag=f"AF-{demo.address.split('.')[1]}{int(demo.address.rpartition('.')[2]):03d}",
        )
    _tag("no-ping", "blue", (made[demo.name] for demo in company.DEVICES if demo.down))
    _tag("plant", "orange", (made[demo.name] for demo in company.DEVICES if demo.site == "rtm"))
    return made


def _role(name: str) -> DeviceRole:
    return DeviceRole.objects.filter(name__iexact=name).first() or DeviceRole.objects.create(name=name)


def _tag(name: str, color: str, devices: Iterable[Device]) -> None:
    tag = Tag.objects.create(name=name, color=color)
    for device in devices:
        device.tags.add(tag)


def _dependencies(devices: dict[str, Device]) -> None:
    Dependency.objects.bulk_create(
        Dependency(device=devices[demo.name], on_device=devices[demo.uplink])
        for demo in company.DEVICES
        if demo.uplink
    )
    services = {
        demo.name: Service.objects.create(name=demo.name, criticality=demo.criticality, owner=demo.owner)
        for demo in company.SERVICES
    }
    for demo in company.SERVICES:
        needs = [Dependency(service=services[demo.name], on_device=devices[name]) for name in demo.devices]
        needs += [Dependency(service=services[demo.name], on_service=services[name]) for name in demo.needs]
        Dependency.objects.bulk_create(needs)


def people() -> list[User]:
    """Five people; none has a password that opens anything, they are there to be seen at work."""
    made = []
    for username, first, last, role in company.PEOPLE:
        user = User.objects.create(
            username=username,
            first_name=first,
            last_name=last,
            email=f"{username}@alder-finch.example",
            password=make_password(None),
        )
        Role.objects.get(name=role).users.add(user)
        made.append(user)
    return made


def _notification() -> None:
    """Routes as such a company has them; the channel is off, for nobody is there to read its mail."""
    channel = Channel.objects.create(
        name="IT on duty", kind="mail", options={"to": ["it@alder-finch.example"]}, enabled=False
    )
    route = Route.objects.create(name="Everything that matters", min_severity="warning", repeat=14400)
    route.channels.add(channel)
    Rule.objects.create(
        name="Plant device without ping unreachable",
        metric="check.up",
        operator="==",
        threshold=0,
        for_seconds=60,
        severity="critical",
        selector={"kind": ["snmp"], "tag": ["no-ping"], "status": ["active"]},
        description="The plant's firewall lets no ping through: SNMP alone says whether these live",
    )


def _checks(devices: dict[str, Device], port: int) -> list[Check]:
    made = []
    for demo in company.DEVICES:
        device = devices[demo.name]
        options = {"port": port, "timeout": 1.0, "retries": 0 if demo.down else 1}
        made.append(Check.objects.create(device=device, kind="snmp", options=options))
        Check.objects.create(device=device, kind="ping", enabled=_answers_ping(demo))
    return made


def _answers_ping(demo: DemoDevice) -> bool:
    return not demo.down
