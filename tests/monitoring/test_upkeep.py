"""Silence, orphans, default checks, claims."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from inventory.models import Device, DeviceRole
from monitoring import claims, upkeep
from monitoring.ingest import Report
from monitoring.models import Alert, Check, Poller, Rule
from monitoring.store import store

pytestmark = pytest.mark.django_db
Feed = Callable[..., Report]


def test_silence_fires_and_ends(check: Check, feed: Feed, now: float) -> None:
    feed(0, {"cpu.usage": {"": 1}})
    upkeep.find_silence(now + 60)
    assert not Alert.objects.exists()
    ago = timezone.now() - timedelta(seconds=400)
    Check.objects.update(last_run=ago, updated_at=ago)
    upkeep.find_silence()
    alert = Alert.objects.get()
    assert (alert.rule.key, alert.text) == ("no-data", "No data for 7 min")
    Check.objects.update(last_run=timezone.now())
    upkeep.find_silence()
    alert.refresh_from_db()
    assert alert.status == "resolved"


def test_a_check_that_never_delivered_is_silent_too(check: Check) -> None:
    upkeep.find_silence()
    assert not Alert.objects.exists()
    Check.objects.update(updated_at=timezone.now() - timedelta(seconds=400))
    upkeep.find_silence()
    assert Alert.objects.get().text == "No data for 7 min"
    upkeep.find_silence()
    assert Alert.objects.get().status == "firing"


def test_a_workstation_whatever_its_role_is_called_may_be_silent(check: Check) -> None:
    kind = DeviceRole.Kind.WORKSTATION
    Device.objects.update(role=DeviceRole.objects.create(name="Reception", kind=kind))
    Check.objects.update(updated_at=timezone.now() - timedelta(seconds=400))
    upkeep.find_silence()
    assert not Alert.objects.exists()
    Device.objects.update(role=DeviceRole.objects.create(name="Turnstile"))
    upkeep.find_silence()
    assert Alert.objects.exists()


def test_our_own_absence_is_no_silence_of_devices(check: Check, now: float) -> None:
    ago = timezone.now() - timedelta(hours=2)
    Check.objects.update(last_run=ago, updated_at=ago)
    upkeep.find_silence(now, since=now - 60)
    assert not Alert.objects.exists()
    upkeep.find_silence(now, since=now - 400)
    assert Alert.objects.get().status == "firing"
    upkeep.find_silence(now, since=now - 1)
    assert Alert.objects.get().status == "firing"


def test_watching_begins_again_after_a_pause(now: float) -> None:
    cache.delete(upkeep.WATCH)
    assert upkeep.watching_since(now) == now
    assert upkeep.watching_since(now + 30) == now
    assert upkeep.watching_since(now + 500) == now + 500
    assert upkeep.watching_since(now + 530) == now + 500


def test_alerts_without_a_cause_end(check: Check, feed: Feed) -> None:
    rule = Rule.objects.create(name="Hot", metric="temperature", threshold=50)
    feed(0, {"temperature": {"cpu": 60}})
    assert upkeep.close_orphans() == 0
    rule.delete()
    assert upkeep.close_orphans() == 1
    assert Alert.objects.get().status == "resolved"
    assert Alert.objects.get().events.filter(kind="resolved").count() == 1


def test_rows_of_deleted_checks_go(check: Check, feed: Feed) -> None:
    feed(0, {"if.in.octets": {"a": 1}})
    pk = check.pk
    Check.objects.all().delete()
    upkeep.forget_deleted()
    assert not store.latest([pk])


def test_a_claim_is_exclusive_until_its_lease_ends(check: Check) -> None:
    assert claims.claim() == {"default": [check.pk]}
    assert claims.claim() == {}
    check.refresh_from_db()
    assert check.next_run <= timezone.now() + timedelta(seconds=check.interval)
    Check.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert claims.claim() == {"default": [check.pk]}


@pytest.mark.parametrize(
    "options", [{"enabled": False}, {"passive": True}, {"next_run": timedelta(seconds=50)}]
)
def test_what_is_not_due(check: Check, options: dict[str, object]) -> None:
    soon = {name: timezone.now() + one for name, one in options.items() if isinstance(one, timedelta)}
    Check.objects.update(**options | soon)
    assert claims.claim() == {}


def test_retired_devices_rest(check: Check) -> None:
    Device.objects.update(status="retired")
    assert claims.claim() == {}


def test_starts_are_spread_over_the_interval(device: Device) -> None:
    Check.objects.bulk_create(Check(device=device, kind="tcp", name=str(n), interval=600) for n in range(600))
    claims.claim()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT width_bucket(extract(epoch FROM next_run - now()), 0, 600, 10), count(*) "
            "FROM monitoring_check GROUP BY 1"
        )
        counts = dict(cursor.fetchall())
    assert len(counts) == 10
    assert max(counts.values()) < 120


def test_a_full_queue_skips_and_counts(device: Device) -> None:
    checks = [Check(device=device, kind="tcp", name=str(n)) for n in range(claims.BATCH + 10)]
    Check.objects.bulk_create(checks)
    sent = list(claims.batches(claims.claim(), {"default": claims.WAITING - 1}))
    assert [len(batch.check_ids) for batch in sent] == [claims.BATCH]
    assert Poller.objects.get(name="default").skipped_runs == 10
    assert claims.claim() == {}  # not piled up: at their next time
