"""History ends where the installation says: old steps go, what is left still reads."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from core import history
from core.history.retention import forget
from core.models import RelationChange, Tag
from core.tasks import forget_history
from inventory.models import Site
from itim.schedule import SCHEDULE

pytestmark = pytest.mark.django_db
Context = apps.get_model("pghistory", "Context")


def step(site, text, who="task"):
    with history.context(why=text, source=who):
        Site.objects.filter(pk=site.pk).update(description=text)


def age(model, days, **which):
    """Make the events of a model look old."""
    events = history.event_model(model)._default_manager.filter(**which)
    events.update(pgh_created_at=timezone.now() - timedelta(days=days))


def told(site):
    return [(one.kind, [step[:3] for step in one.differences]) for one in history.changes(site)]


@pytest.fixture
def site():
    site = Site.objects.create(name="Here")
    for text in ("one", "two"):
        step(site, text)
    age(Site, 100)
    for text in ("three", "four"):
        step(site, text)
    return site


def test_old_steps_go_and_the_rest_still_reads(site):
    assert forget(timezone.now() - timedelta(days=50)) == 2
    assert told(site)[:2] == [
        ("changed", [("Description", "three", "four")]),
        ("changed", [("Description", "two", "three")]),
    ]
    assert len(told(site)) == 3


def test_who_and_why_of_what_is_gone_go_too(site):
    whys = lambda: {one.metadata.get("why") for one in Context.objects.all()}  # noqa: E731
    assert {"one", "two", "three", "four"} <= whys()
    forget(timezone.now() - timedelta(days=50))
    assert {"two", "three", "four"} <= whys()
    assert "one" not in whys()


def test_a_context_that_a_younger_step_shares_stays():
    with history.context(why="both"):
        old, young = Site.objects.create(name="a"), Site.objects.create(name="b")
    step(old, "later")
    age(Site, 100, pgh_obj_id=old.pk)
    assert forget(timezone.now() - timedelta(days=50)) == 1
    assert history.changes(young)[0].why == "both"


def test_relations_end_as_well(site):
    site.tags.add(Tag.objects.create(name="red"))
    RelationChange.objects.update(at=timezone.now() - timedelta(days=100))
    site.tags.add(Tag.objects.create(name="blue"))
    forget(timezone.now() - timedelta(days=50))
    assert [one.label for one in RelationChange.objects.all()] == ["blue"]


def test_the_last_step_of_what_was_deleted_stays(site):
    key = site.pk
    site.delete()
    age(Site, 100)
    forget(timezone.now() - timedelta(days=50))
    (left,) = history.event_model(Site)._default_manager.filter(pgh_obj_id=key)
    assert left.pgh_label == "delete"


@pytest.mark.parametrize(("days", "gone"), [(0, 0), (365, 0), (50, 2)])
def test_the_task_keeps_what_the_setting_says(site, settings, days, gone):
    settings.HISTORY_DAYS = days
    assert forget_history() == gone


def test_it_goes_in_batches(site, monkeypatch):
    monkeypatch.setattr("core.history.retention.BATCH", 1)
    assert forget(timezone.now() - timedelta(days=50)) == 2


def test_it_is_scheduled():
    assert "core.tasks.forget_history" in {one["task"] for one in SCHEDULE.values()}
