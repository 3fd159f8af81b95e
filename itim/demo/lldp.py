"""LLDP-MIB (IEEE 802.1AB-2005): what a device calls its ports, and whom it hears on them."""

from typing import Final

from itim.demo import ports
from itim.demo.company import DemoDevice
from itim.demo.mib import Mib

LOCAL, REMOTE = "1.0.8802.1.1.2.1.3.7.1", "1.0.8802.1.1.2.1.4.1.1"
BY_MAC, BY_NAME = 4, 5
"""LldpChassisIdSubtype macAddress, LldpPortIdSubtype interfaceName."""
SPEAKERS: Final = frozenset({"core", "access", "router", "firewall", "ap", "linux"})
"""Profiles that speak LLDP; Windows servers, UPS and printers of this company are silent."""


def add(mib: Mib, device: DemoDevice) -> None:
    """Tables of a device that speaks LLDP; what is down is not heard, nor what is silent."""
    if device.profile not in SPEAKERS:
        return
    for index, name in ports.NAMES[device.profile].items():
        mib.table(LOCAL, index, {2: BY_NAME, 3: name, 4: name})
    for index, peer in ports.plugged(device).items():
        if peer.device.profile in SPEAKERS and not peer.device.down:
            chassis = {4: BY_MAC, 5: ports.mac(peer), 9: peer.device.name}
            port = {6: BY_NAME, 7: peer.name, 8: peer.name}
            mib.table(REMOTE, f"0.{index}.1", {**chassis, **port})
