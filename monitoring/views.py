"""/api/v1/: series of a device, points of a series, lines of a chart."""

import math
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.access import visible
from inventory.models import Device
from monitoring import charts
from monitoring.charts import Range
from monitoring.models import Series

MOST_SERIES = 60
LONGEST = 5 * 366 * 86400.0
DAY = 86400.0
TIMES = [
    OpenApiParameter("start", OpenApiTypes.STR, description="ISO 8601 or seconds since 1970; a day ago"),
    OpenApiParameter("end", OpenApiTypes.STR, description="ISO 8601 or seconds since 1970; now"),
    OpenApiParameter("step", OpenApiTypes.FLOAT, description="Seconds between points, at least"),
]


def moment(query: Mapping[str, str], name: str, default: float) -> float:
    """A time of the query in seconds since 1970; ValidationError names the parameter."""
    text = query.get(name, "").strip()
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = _iso(text)
    if not 0 <= seconds < 1e11:
        raise ValidationError({name: ["A time is needed: ISO 8601, or seconds since 1970"]})
    return seconds


def _iso(text: str) -> float:
    try:
        found = datetime.fromisoformat(text.replace(" ", "+") if text.count("T") == 1 else text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return math.nan


def seconds(query: Mapping[str, str], name: str) -> float:
    """A number of seconds of the query, 0 where it is absent."""
    try:
        value = float(query.get(name) or 0)
    except ValueError:
        value = math.nan
    if not 0 <= value <= LONGEST:
        raise ValidationError({name: [f"A number of seconds is needed, at most {LONGEST:.0f}"]})
    return value


def span(query: Mapping[str, str], now: float) -> Range:
    """start, end and step of the query; the last day by default."""
    end = moment(query, "end", now)
    start = moment(query, "start", end - DAY)
    if not 0 < end - start <= LONGEST:
        raise ValidationError({"start": ["It must lie before end, at most five years"]})
    return Range(start, end, seconds(query, "step"))


class DeviceSeries(APIView):
    """What is measured on a device, with the newest values."""

    @extend_schema(responses=OpenApiTypes.OBJECT, parameters=[OpenApiParameter("metric", OpenApiTypes.STR)])
    def get(self, request: Request, pk: int) -> Response:
        device = get_object_or_404(visible(request.user, Device), pk=pk)
        rows = Series.objects.seen_by(request.user).filter(source__device=device).select_related("source")
        if metric := request.query_params.get("metric"):
            rows = rows.filter(metric=metric)
        found = list(rows)
        values = charts.current(found)
        return Response({"count": len(found), "results": [_described(one, values) for one in found]})


def _described(series: Series, values: dict[int, tuple[float | None, float]]) -> dict[str, Any]:
    value, at = values.get(series.pk, (None, None))
    return {
        "id": series.pk,
        "check": series.source_id,
        "metric": series.metric,
        "instance": series.instance,
        "label": charts.label(series),
        "unit": series.unit,
        "kind": series.kind,
        "value": value,
        "at": None if at is None else datetime.fromtimestamp(at, UTC).isoformat(),
    }


class SeriesPoints(APIView):
    """One series over time, at most 800 points."""

    @extend_schema(responses=OpenApiTypes.OBJECT, parameters=TIMES)
    def get(self, request: Request, pk: int) -> Response:
        rows = Series.objects.seen_by(request.user).select_related("source")
        series = get_object_or_404(rows, pk=pk)
        return Response(_chart([series], request))


class ChartPoints(APIView):
    """Several series on one axis of time: ?id=1&id=2; compare=604800 adds the week before."""

    @extend_schema(
        operation_id="chart_points",
        responses=OpenApiTypes.OBJECT,
        parameters=[
            OpenApiParameter("id", OpenApiTypes.INT, many=True, required=True),
            *TIMES,
            OpenApiParameter("compare", OpenApiTypes.FLOAT, description="Seconds to look back"),
        ],
    )
    def get(self, request: Request) -> Response:
        ids = _ids(request)
        rows = Series.objects.seen_by(request.user).select_related("source").in_bulk(ids)
        if missing := [one for one in ids if one not in rows]:
            raise NotFound(f"There is no series {missing[0]}")
        return Response(_chart([rows[one] for one in ids], request))


def _ids(request: Request) -> list[int]:
    texts = request.query_params.getlist("id")
    if not texts or len(texts) > MOST_SERIES or not all(one.isascii() and one.isdigit() for one in texts):
        raise ValidationError({"id": [f"One to {MOST_SERIES} numbers of series are needed"]})
    ids = list(dict.fromkeys(map(int, texts)))
    if max(ids) >= 2**63:
        raise NotFound(f"There is no series {max(ids)}")
    return ids


def _chart(series: list[Series], request: Request) -> dict[str, Any]:
    query, now = request.query_params, time.time()
    return charts.chart(series, span(query, now), now, seconds(query, "compare"))
