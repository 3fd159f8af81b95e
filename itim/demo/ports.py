"""The company's cabling: the ports of its devices, and what is plugged into them by the plan's uplinks."""

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from itim.demo.company import DEVICES, DemoDevice

SWITCHED: Final = range(1, 25)


class Jack(NamedTuple):
    """A port of a device; `index` is its ifIndex."""

    device: DemoDevice
    index: int

    @property
    def name(self) -> str:
        return NAMES[self.device.profile][self.index]


NAMES: Final[Mapping[str, Mapping[int, str]]] = {
    "core": {index: f"TenGigabitEthernet1/0/{index}" for index in SWITCHED},
    "access": {index: f"GigabitEthernet1/0/{index}" for index in SWITCHED},
    "router": {index: f"xe-0/0/{index - 1}" for index in range(1, 9)},
    "firewall": {1: "wan1", 2: "port1", 3: "port2", 4: "dmz"},
    "linux": {2: "eno1"},
    "windows": {1: "Ethernet 1"},
    "ups": {1: "eth0"},
    "ap": {1: "eth0"},
    "printer": {1: "eth0"},
}
"""Of each profile, by ifIndex: the ports that take a cable."""
UPLINKS: Final = {"core": SWITCHED[-1], "access": SWITCHED[-1], "linux": 2}
"""The port that leads up; 1 where nothing is said."""
USED: Final = tuple(index for index in SWITCHED[:-2] if index % 4)
"""Ports of a switch with a patch cable in them; the last two lead to other switches."""
DOWNLINKS: Final = {"core": USED, "access": USED, "router": (3, 4), "firewall": (2, 3)}


def mac(jack: Jack) -> bytes:
    """A locally administered address (IEEE 802), so that it is nobody's."""
    _, site, _, number = map(int, jack.device.address.split("."))
    return bytes((0x02, 0x1F, site, number, jack.index >> 8, jack.index & 255))


def plugged(device: DemoDevice) -> Mapping[int, Jack]:
    """By ifIndex what is at the other end of the cables of a device."""
    return _cables()[device.name]


def is_dark(device: DemoDevice, index: int) -> bool:
    """A cable is in, but what is at its other end is down."""
    peer = plugged(device).get(index)
    return peer is not None and peer.device.down


@cache
def _cables() -> dict[str, dict[int, Jack]]:
    found: dict[str, dict[int, Jack]] = {device.name: {} for device in DEVICES}
    by_name = {device.name: device for device in DEVICES}
    for device in DEVICES:
        if device.uplink:
            above = by_name[device.uplink]
            free = next(one for one in DOWNLINKS[above.profile] if one not in found[above.name])
            up = UPLINKS.get(device.profile, 1)
            found[above.name][free] = Jack(device, up)
            found[device.name][up] = Jack(above, free)
    return found
