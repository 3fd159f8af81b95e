"""The roles and platforms that most companies need, so that the first device can be told what it is.

And an index that no model can state: of the overview's last changes of systems, over the history of devices.
"""

from django.db import migrations

ROLES = {
    "Server": "Runs services for others",
    "Workstation": "A desktop or laptop of a person",
    "Switch": "Connects devices of a network",
    "Router": "Connects networks",
    "Firewall": "Decides what may pass between networks",
    "Access point": "Connects wireless devices",
    "Storage": "Keeps data: NAS, SAN, tape",
    "UPS": "Bridges power cuts",
    "PDU": "Distributes power in a rack",
    "Printer": "Prints, scans, copies",
}
PLATFORMS = {
    "Linux": "linux",
    "Windows": "windows",
    "macOS": "macos",
    "Cisco IOS": "ios",
    "Cisco IOS XE": "iosxe",
    "Cisco NX-OS": "nxos",
    "Juniper Junos": "junos",
    "Arista EOS": "arista_eos",
    "FortiOS": "fortigate",
    "MikroTik RouterOS": "routeros",
}


def add(apps, schema_editor):
    roles = apps.get_model("inventory", "DeviceRole")
    for name, description in ROLES.items():
        roles.objects.get_or_create(name=name, defaults={"description": description})
    platforms = apps.get_model("inventory", "Platform")
    for name, key in PLATFORMS.items():
        if not platforms.objects.filter(name=name).exists():
            platforms.objects.get_or_create(key=key, defaults={"name": name})


class Migration(migrations.Migration):

    dependencies = [
        ("inventory", "0001_initial"),
    ]

    operations = [
        migrations.RunPython(add, migrations.RunPython.noop),
        migrations.RunSQL(
            "CREATE INDEX device_event_system ON inventory_deviceevent (pgh_id) "
            "WHERE pgh_label = 'update' AND os_version <> ''",
            "DROP INDEX device_event_system",
        ),
    ]
