"""What happened in the company: troubles that came and went, and people at work."""

import random
from datetime import UTC, datetime, timedelta
from typing import Final

from core import history
from core.models import User
from inventory.models import Device
from monitoring.book import Subject, describe
from monitoring.models import Alert, AlertEvent, Check, Rule

TROUBLES: Final = (
    # device, rule key, metric, instance, value, hours it lasted
    ("zrh-db-1", "disk", "disk.usage", "/var", 91.4, 30.0),
    ("rtm-access-3", "interface-down", "if.up", "GigabitEthernet1/0/7", 0.0, 2.2),
    ("zrh-web-1", "cpu", "cpu.usage", "", 96.1, 0.7),
    ("lis-edge-1", "interface-down", "if.up", "xe-0/0/1", 0.0, 5.4),
    ("rtm-mes-2", "memory", "memory.usage", "", 94.0, 1.3),
    ("lis-backup-1", "disk", "disk.usage", "/srv", 90.8, 11.0),
    ("zrh-access-2", "interface-errors-in", "if.in.errors", "GigabitEthernet1/0/3", 4.1, 3.1),
    ("rtm-scada-1", "cpu", "cpu.usage", "", 93.2, 0.5),
    ("zrh-fw-1", "check-failed", "check.up", "", 0.0, 0.2),
    ("zrh-printer-2", "supply", "supply.level", "Black toner", 6.0, 26.0),
)
SILENCE: Final = "no answer within 2 s"
"""What a check says of a device that does not answer."""

WORK: Final = (
    # days ago, who, device, field, value, why
    (
        12.3,
        "mara.keller",
        "zrh-core-1",
        "notes",
        "Stack power cable replaced, see vendor case 88213.",
        "Case 88213",
    ),
    (8.1, "pieter.devries", "rtm-access-3", "description", "Hall C, above press 4", "Found on site"),
    (
        5.6,
        "ines.duarte",
        "lis-backup-1",
        "notes",
        "Nightly copy of ERP since this week.",
        "Backup concept 2026",
    ),
    (
        3.2,
        "jonas.brunner",
        "zrh-db-1",
        "notes",
        "Archive logs move to nas-1 next weekend.",
        "CHG: disk on db-1",
    ),
    (1.4, "jonas.brunner", "zrh-web-1", "description", "Web shop, node 1", "Names for the shop"),
    (
        0.3,
        "pieter.devries",
        "rtm-access-3",
        "notes",
        "No answer since the power work in hall C.",
        "Plant called",
    ),
)


def make(now: float) -> None:
    """Alerts that were, and changes with who and why. `now` in seconds since 1970."""
    people = {user.username: user for user in User.objects.all()}
    _troubles(datetime.fromtimestamp(now, UTC), list(people.values()))
    for _, who, device, field, value, why in WORK:
        row = Device.objects.get(name=device)
        setattr(row, field, value)
        with history.context(user=people[who], why=why, source="page"):
            row.save()


def _troubles(now: datetime, people: list[User]) -> None:
    """Each trouble came two to four times in the last month; none is announced again."""
    chance = random.Random(11)  # noqa: S311 - a story, not a secret
    rules = {rule.key: rule for rule in Rule.objects.exclude(key=None)}
    for name, key, metric, instance, value, hours in TROUBLES:
        check = Check.objects.get(device__name=name, kind="snmp")
        for _ in range(chance.randint(2, 4)):
            begun = now - timedelta(days=chance.uniform(0.5, 29))
            ended = begun + timedelta(hours=hours * chance.uniform(0.4, 1.3))
            subject = Subject(check.pk, check.device_id, metric, instance, SILENCE)
            _trouble(subject, rules[key], value, (begun, min(ended, now)), chance.choice(people))


def _trouble(subject: Subject, rule: Rule, value: float, when: tuple[datetime, datetime], who: User) -> None:
    begun, ended = when
    seen = begun + (ended - begun) / 4
    alert = Alert.objects.create(
        rule=rule,
        source_id=subject.check_id,
        device_id=subject.device_id,
        metric=subject.metric,
        instance=subject.instance,
        severity=rule.severity,
        status=Alert.Status.RESOLVED,
        started_at=begun - timedelta(seconds=rule.for_seconds),
        fired_at=begun,
        resolved_at=ended,
        acknowledged_by=who,
        acknowledged_at=seen,
        value=value,
        text=describe({"threshold": rule.threshold, "name": rule.name}, subject, value),
    )
    kinds = ((AlertEvent.Kind.FIRED, begun, None), (AlertEvent.Kind.ACKNOWLEDGED, seen, who))
    AlertEvent.objects.bulk_create(
        AlertEvent(alert=alert, kind=kind, at=at, by=by, processed_at=at)
        for kind, at, by in (*kinds, (AlertEvent.Kind.RESOLVED, ended, None))
    )
