"""Lines for charts: through the API, within rights, with gaps and the week before."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from core.models import User
from inventory.models import Device
from monitoring import charts
from monitoring.ingest import Report
from monitoring.models import Check, Series

pytestmark = pytest.mark.django_db
Feed = Callable[..., Report]


@pytest.fixture
def api(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="x"))
    return client


@pytest.fixture
def series(check: Check, feed: Feed) -> list[Series]:
    for minute in (-9, -8, -7, -3, -2, -1):
        feed(60 * minute, {"if.in.octets": {"ge1": 600 * minute + 9000, "ge2": 0}, "cpu.usage": {"": minute}})
    return list(Series.objects.order_by("slot"))


def get(api: Client, path: str, status: int = 200, **query: Any) -> Any:
    answer = api.get(f"/api/v1/{path}", query)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_what_is_measured_on_a_device(api: Client, device: Device, series: list[Series]) -> None:
    rows = get(api, f"devices/{device.pk}/series/")["results"]
    assert [row["metric"] for row in rows] == [one.metric for one in series]
    assert [row["value"] for row in rows] == [1, 0.1, 10, 0, -1]
    assert rows[2]["label"] == "ge1 Received"
    assert get(api, f"devices/{device.pk}/series/", metric="cpu.usage")["count"] == 1


def test_readings_with_their_gap(api: Client, series: list[Series], now: float) -> None:
    answer = get(api, f"series/{series[4].pk}/points/", start=now - 600, end=now)
    assert answer["step"] == 0
    assert answer["series"][0]["mean"] == [-9, -8, -7, None, -3, -2, -1]
    assert answer["t"][3] == now - 6 * 60


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("sensor.state", {"0": "OK", "1": "warning", "2": "critical"}),
        ("if.up", {"0": "down", "1": "up"}),
        ("http.status", None),
        ("cpu.usage", None),
    ],
)
def test_states_come_with_their_words(
    api: Client, check: Check, feed: Feed, now: float, metric: str, words: dict[str, str] | None
) -> None:
    feed(-60, {metric: {"one": 1}})
    pk = Series.objects.get(metric=metric).pk
    (line,) = get(api, f"series/{pk}/points/", start=now - 600, end=now)["series"]
    assert line.get("words") == words


def test_several_lines_on_one_axis(api: Client, series: list[Series], now: float) -> None:
    ids = [series[2].pk, series[4].pk]
    answer = get(api, "series/points/", id=ids, start=now - 600, end=now, step=300)
    assert [line["id"] for line in answer["series"]] == ids
    assert [line["bits"] for line in answer["series"]] == [True, False]
    assert all(len(line["mean"]) == len(answer["t"]) for line in answer["series"])
    assert answer["series"][1]["max"][-1] == -1


def test_lines_of_several_checks(
    api: Client, device: Device, series: list[Series], feed: Feed, now: float
) -> None:
    other = Check.objects.create(device=device, kind="ping")
    feed(-90, {"ping.rtt": {"": 0.5}}, to=other)
    rtt = Series.objects.get(metric="ping.rtt")
    answer = get(api, "series/points/", id=[series[4].pk, rtt.pk], start=now - 600, end=now)
    assert answer["step"] == 60
    assert answer["series"][0]["mean"][-1] == -1
    assert answer["series"][1]["mean"][-2:] == [0.5, None]


def test_compared_with_before(api: Client, series: list[Series], now: float) -> None:
    answer = get(api, "series/points/", id=series[4].pk, start=now - 240, end=now, compare=360)
    assert answer["series"][0]["mean"] == [None, -3, -2, -1]
    assert answer["compare"][0]["mean"] == [None, -9, -8, -7]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start": "yesterday"}, "start"),
        ({"end": "1e300"}, "end"),
        ({"start": "200", "end": "100"}, "start"),
        ({"start": "0", "end": "10000000000"}, "start"),
        ({"step": "-1"}, "step"),
        ({"step": "nan"}, "step"),
        ({"compare": "x"}, "compare"),
        ({"id": "x"}, "id"),
        ({"id": ""}, "id"),
    ],
)
def test_bad_queries_name_the_parameter(
    api: Client, series: list[Series], query: dict[str, str], field: str
) -> None:
    assert list(get(api, "series/points/", 400, **{"id": series[4].pk, **query})) == [field]


@pytest.mark.parametrize(
    "text", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00", "2026-01-01", "1767225600"]
)
def test_times_may_be_written_in_several_ways(api: Client, series: list[Series], text: str) -> None:
    answer = get(api, f"series/{series[4].pk}/points/", start=text, end="2026-01-02")
    assert answer["start"] == 1767225600


def test_strangers_see_nothing(device: Device, series: list[Series]) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody", password="x"))
    get(client, f"devices/{device.pk}/series/", 404)
    get(client, f"series/{series[0].pk}/points/", 404)
    get(client, "series/points/", 404, id=series[0].pk)
    assert Client().get(f"/api/v1/series/{series[0].pk}/points/").status_code in {401, 403}


@pytest.mark.parametrize(
    ("places", "names"),
    [
        ([("if.in.octets", "ge1")], ["ge1 Received"]),
        ([("if.in.octets", "ge1"), ("if.out.octets", "ge1")], ["Received", "Sent"]),
        ([("disk.usage", "/"), ("disk.usage", "/var")], ["/", "/var"]),
        ([("if.in.octets", "ge1"), ("if.out.octets", "ge2")], ["ge1 Received", "ge2 Sent"]),
    ],
)
def test_lines_are_called_by_what_tells_them_apart(places: list[tuple[str, str]], names: list[str]) -> None:
    assert charts.labels([Series(metric=metric, instance=instance) for metric, instance in places]) == names
