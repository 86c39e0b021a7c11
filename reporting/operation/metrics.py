"""The figures of /metrics: what requests take, counted over all workers; and how the day stands, read at the asking."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from .. import clock
from ..figures import rollup
from ..hours import deadline
from ..models import AccessRecord, LateRequest, Unit
from . import readiness

FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where workers of one server add up; deploy/gunicorn.conf.py sets it
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LATELY = timedelta(minutes=15)
COUNTED = ("on_time", "late", "expected", "not_reported")  # of the units of a city
FIGURES = {  # of the parts of /readyz that are a number too
    "disk": ("bluezone_disk_free_bytes", "Least of the disks of database, state and /tmp"),
    "certificate": ("bluezone_certificate_seconds", "Until the proxy's certificate ends"),
    "mails": ("bluezone_mails_oldest_seconds", "How long the oldest mail has been waiting"),
}
LOCKS = ("BEGIN IMMEDIATE", "FOR NO KEY UPDATE", "FOR UPDATE")  # the statements that wait for another act

took = Histogram("bluezone_request_seconds", "Seconds from view to answer", ["view", "method"], buckets=SECONDS)
answered = Counter("bluezone_requests", "Answers", ["view", "method", "status"])
waited = Histogram("bluezone_lock_wait_seconds", "Seconds that a request waited for locks", ["view"], buckets=SECONDS)


def answer(*, view: str, method: str, status: int, seconds: float, waited_for: float) -> None:
    """Count a request that was answered; a full disk counts nothing, and costs nobody his answer."""
    with suppress(OSError):
        took.labels(view, method).observe(seconds)
        answered.labels(view, method, str(status)).inc()
        if waited_for:
            waited.labels(view).observe(waited_for)


@contextmanager
def lock_waits() -> Iterator[list[float]]:
    """The seconds that each statement which may wait for a lock took, of what is done inside."""
    found: list[float] = []

    def timed(execute, sql, params, many, context):
        if not any(words in sql for words in LOCKS):
            return execute(sql, params, many, context)
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            found.append(time.perf_counter() - began)

    with connection.execute_wrapper(timed):
        yield found


def page() -> bytes:
    """All of it, as Prometheus reads it; without the database what needs it is left out."""
    gauges = CollectorRegistry()
    gauges.register(Standing())
    return generate_latest(counted()) + generate_latest(gauges)


def counted(folder: str | None = None) -> CollectorRegistry:
    """What requests took, of all workers of the server with that folder, or of this one's; or of this process alone."""
    folder = folder or os.environ.get(FOLDER)
    if not folder:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)
    return registry


class Standing(Collector):
    """The parts of /readyz, how the day of every unit that seals stands, what waits."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        at = clock.now()
        info = GaugeMetricFamily("bluezone_info", "1, of the release that runs", labels=["release"])
        info.add_metric([settings.RELEASE], 1)
        yield info
        parts = list(readiness.parts())
        yield from _of_the_parts(parts)
        if not readiness.can_read(parts):
            return
        yield from _the_day(at)
        waiting = LateRequest.objects.waiting().count()
        yield GaugeMetricFamily("bluezone_late_requests_waiting", "Late reports to be decided", waiting)
        lately = AccessRecord.objects.filter(kind=AccessRecord.Kind.REFUSED, at__gt=at - LATELY, at__lte=at).count()
        yield GaugeMetricFamily("bluezone_sign_in_failures", "Sign-ins refused in the last quarter of an hour", lately)


def _of_the_parts(parts: list[readiness.Part]) -> Iterator[GaugeMetricFamily]:
    verdicts = GaugeMetricFamily("bluezone_part", "0 in order, 1 to be seen to, 2 failed: /readyz", labels=["part"])
    for part in parts:
        verdicts.add_metric([part.name], list(readiness.Verdict).index(part.verdict))
        if part.name in FIGURES and part.figure is not None:
            yield GaugeMetricFamily(*FIGURES[part.name], part.figure)
    yield verdicts


def cities_today(at: datetime) -> Iterator[tuple[str, dict[str, int], float | None]]:
    """The code of each city, how many of its units have reported today or owe it, and how many minutes are left."""
    day = deadline.reporting_day(at)
    for city in Unit.objects.sealing().open_on(day).order_by("path"):
        figures = rollup.rows(city, day, at=at)
        rows = [row for row in (figures.own, figures.agency_total) if row]
        counts = {name: sum(getattr(row, name) for row in rows) for name in COUNTED}
        closes_at = figures.hours.closes_at(city.path)
        yield city.code, counts, closes_at and (closes_at - at).total_seconds() / 60


def _the_day(at: datetime) -> Iterator[GaugeMetricFamily]:
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
