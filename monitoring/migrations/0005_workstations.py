"""The built-in rules about devices that are gone leave out workstations: people switch those off at will.

Rules that somebody changed stay as they are.
"""

from django.db import migrations

from monitoring.builtin import rules

KEYS = ("device-down", "no-data")


def leave_out(apps, schema_editor):
    for fields in rules():
        if fields["key"] in KEYS:
            untouched = apps.get_model("monitoring", "Rule").objects.filter(
                key=fields["key"], selector=fields["selector"]
            )
            untouched.update(selector={**fields["selector"], "not_role_kind": ["workstation"]})


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0004_top_processes")]

    operations = [migrations.RunPython(leave_out, migrations.RunPython.noop)]
