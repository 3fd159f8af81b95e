"""Disks of Windows get the name that points give them from now on: their lines and alerts go on under it.

Of two disks that would come to share a name (one replaced the other) the newer line takes it.
"""

import re

from django.db import migrations
from django.utils import timezone

LONG = re.compile(r"([A-Z]:\\) Label:(.*?) *Serial Number [0-9a-f]+$")


def short(instance):
    found = LONG.match(instance)
    return " ".join(filter(None, found.groups())) if found else instance


def shorten(apps, schema_editor):
    series = apps.get_model("monitoring", "Series").objects
    named = series.filter(metric__startswith="disk.", instance__contains="Serial Number ")
    checks = apps.get_model("monitoring", "Check").objects
    for check in checks.filter(pk__in=named.values("source")):
        renamed = rename_series(named.filter(source=check), series.filter(source=check))
        for metric, instance in renamed:
            alerts = apps.get_model("monitoring", "Alert").objects.filter(source=check)
            alerts.filter(metric=metric, instance=instance).update(instance=short(instance))
        points = [
            [oid, metric, short(instance) if (metric, instance) in renamed else instance, *rest]
            for oid, metric, instance, *rest in check.plan.get("points", [])
        ]
        plan = {**check.plan, "points": points} if points else check.plan
        checks.filter(pk=check.pk).update(plan=plan, updated_at=timezone.now())


def rename_series(long, every):
    """The (metric, instance) that got a short name."""
    taken = set(every.values_list("metric", "instance"))
    renamed = set()
    for one in long.order_by("-part", "-slot"):
        if (one.metric, short(one.instance)) not in taken:
            taken.add((one.metric, short(one.instance)))
            renamed.add((one.metric, one.instance))
            long.filter(pk=one.pk).update(instance=short(one.instance))
    return renamed


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0008_neighbors")]

    operations = [migrations.RunPython(shorten, migrations.RunPython.noop)]
