"""Built-in rules leave workstations out by the kind of their role, so that further roles of that kind count.

Rules that somebody changed since migration 0005 stay as they are.
"""

from django.db import migrations

from monitoring.builtin import rules

KEYS = ("device-down", "no-data")


def by_kind(apps, schema_editor):
    for role in apps.get_model("inventory", "DeviceRole").objects.filter(kind="workstation"):
        for fields in rules():
            if fields["key"] in KEYS:
                untouched = apps.get_model("monitoring", "Rule").objects.filter(
                    key=fields["key"], selector={**fields["selector"], "not_role": [role.pk]}
                )
                untouched.update(selector={**fields["selector"], "not_role_kind": ["workstation"]})


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0009_short_disk_names"), ("inventory", "0003_role_kind")]

    operations = [migrations.RunPython(by_kind, migrations.RunPython.noop)]
