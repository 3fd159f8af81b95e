"""The rules that ITIM brings along."""

from django.db import migrations

from monitoring.builtin import rules


def add(apps, schema_editor):
    rule = apps.get_model("monitoring", "Rule")
    for fields in rules():
        rule.objects.get_or_create(key=fields["key"], defaults=fields)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_store")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
