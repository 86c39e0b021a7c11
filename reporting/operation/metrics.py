"""The figures of /metrics: counts of requests in all workers; the day and /readyz as of the scrape."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from .. import clock, deadline
from ..figures import rollup
from ..models import Unit, WrongPasswords
from ..people.wrong_passwords import FORGOTTEN
from . import readiness

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # folder of the workers' counts; deploy/gunicorn.conf.py sets it
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
COUNTED = ("on_time", "late", "expected", "not_reported")  # of the units of a city

took = Histogram("bluezone_request_seconds", "Seconds from view to answer", ["view", "method"], buckets=SECONDS)
answered = Counter("bluezone_requests", "Answers", ["view", "method", "status"])


def count_answer(*, view: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request; the answer is sent even if the disk is full."""
    with suppress(OSError):
        took.labels(view, method).observe(seconds)
        answered.labels(view, method, str(status)).inc()


def page() -> bytes:
    """Returns the figures for Prometheus; without the database only those that do not need it."""
    gauges = CollectorRegistry()
    gauges.register(GaugeCollector())
    return generate_latest(counted()) + generate_latest(gauges)


def counted() -> CollectorRegistry:
    """Returns the counts of all workers, or of this process if there is no folder of counts."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)
    return registry


class GaugeCollector(Collector):
    """Yields the parts of /readyz, each city's reports and the refused sign-ins."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        at = clock.now()
        parts = list(readiness.parts())
        verdicts = GaugeMetricFamily("bluezone_part", "/readyz: 0 ok, 1 warning, 2 failed", labels=["part"])
        for part in parts:
            verdicts.add_metric([part.name], list(readiness.Verdict).index(part.verdict))
        yield verdicts
        if not readiness.can_read(parts):
            return
        yield from _day_gauges(at)
        noted = WrongPasswords.objects.filter(key__startswith="noted/", last_at__gt=at - FORGOTTEN, last_at__lte=at)
        lately = sum(noted.values_list("count", flat=True))  # not the records: one address leaves one a minute
        yield GaugeMetricFamily("bluezone_sign_in_failures", "Sign-ins refused in the last quarter of an hour", lately)


def cities_today(at: datetime) -> Iterator[tuple[str, dict[str, int], float | None]]:
    """Yields each city's code, its units today by state, and the minutes to the deadline."""
    day = deadline.reporting_day(at)
    for city in Unit.objects.sealing().open_on(day).order_by("path"):
        figures = rollup.rows(city, day, at=at)
        rows = [row for row in (figures.own, figures.agency_total) if row]
        counts = {name: sum(getattr(row, name) for row in rows) for name in COUNTED}
        closes_at = figures.hours.closes_at(city.path)
        yield city.code, counts, closes_at and (closes_at - at).total_seconds() / 60


def _day_gauges(at: datetime) -> Iterator[GaugeMetricFamily]:
    units = GaugeMetricFamily("bluezone_units", "Reporting units of today by state", labels=["city", "state"])
    silent = GaugeMetricFamily("bluezone_units_silent", "Units that owe today's report", labels=["city"])
    minutes = GaugeMetricFamily("bluezone_minutes_to_the_hour", "To today's hour; below 0 after it", labels=["city"])
    for code, counts, left in cities_today(at):
        silent.add_metric([code], counts.pop("not_reported"))
        for name, count in counts.items():
            units.add_metric([code, name.replace("_", " ")], count)
        if left is not None:
            minutes.add_metric([code], left)
    yield from (units, silent, minutes)
