"""What polls take of the database: one bad row is its own trouble."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.models import Credential
from inventory.models import Device
from monitoring import jobs
from monitoring.models import Check

pytestmark = pytest.mark.django_db


def check(name):
    login = Credential.objects.create(
        name=name, kind="snmp-community", secret={"community": "public", "version": "2c"}
    )
    device = Device.objects.create(name=name, address="127.0.0.1", credential=login)
    return Check.objects.create(device=device, kind="snmp", lease_until=timezone.now() + timedelta(minutes=1))


def test_a_login_that_no_key_opens_stops_its_own_checks_alone():
    good, bad = check("good"), check("bad")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_credential SET secret = 'gAAAAA' WHERE name = 'bad'")
    found = {job.check_id: job for job in jobs.load([good.pk, bad.pk])}
    assert found[good.pk].error == ""
    assert "bad cannot be opened" in found[bad.pk].error


def test_a_full_memory_spoils_no_check(monkeypatch):
    known, new = check("known"), check("new")
    jobs.load([known.pk])
    monkeypatch.setattr(jobs, "REMEMBERED", 0)
    assert [job.error for job in jobs.load([known.pk, new.pk])] == ["", ""]
