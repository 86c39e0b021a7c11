"""What is measured: two ways of doing something, in turns within one run, so that changes of the machine's load cancel
out."""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time as hour, timedelta
from unittest import mock

from django.db import connection, connections
from django.test import Client

from reporting import acts, clock, deadline, imports
from reporting.acts import locking
from reporting.figures import rollup
from reporting.models import Report, Unit, User

from .. import clerk, sheets

CITY, DISTRICT_OF_37 = "31", "311"  # Hai Phong; Thuỷ Nguyên
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Measure:
    """One line of the table; `figure` is a median of ratios unless `unit` says otherwise."""

    name: str
    figure: float
    goal: float | None = None
    unit: str = ""
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return "–"
        return "OK" if self.figure <= self.goal else "over"


def compare(
    slow: Callable[[int], object],
    fast: Callable[[int], object],
    *,
    pairs: int,
    warming_up: int = 0,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, str]:
    """The median of slow/fast over numbered pairs of calls in alternating order, and both medians in words."""
    times = {slow: [], fast: []}
    for number in range(-warming_up, pairs):
        for act in (slow, fast) if number % 2 else (fast, slow):
            start = clock()
            act(number)
            if number >= 0:
                times[act].append(clock() - start)
    ratio = statistics.median(a / b for a, b in zip(times[slow], times[fast], strict=True))
    return ratio, " : ".join(f"{statistics.median(times[act]) * 1000:.1f} ms" for act in (slow, fast))


@contextlib.contextmanager
def history_of(alias: str) -> Iterator[None]:
    """The product uses another database in place of its own."""
    month = connections["default"]
    connections["default"] = connections[alias]
    try:
        yield
    finally:
        connections["default"] = month


def rollup_after_years(today) -> Measure:
    city = Unit.objects.get(code=CITY)

    def after_years(number):
        with history_of("years"):
            rollup.rows(city, today)

    def after_a_month(number):
        rollup.rows(city, today)

    ratio, note = compare(after_years, after_a_month, pairs=60, warming_up=1)
    return Measure("rollup of a day after 3 years : after 30 days", ratio, 1.2, note=note)


def old_correction(today) -> Measure:
    year_ago = today - YEAR
    with history_of("years"):
        silent = [row.code for row in rollup.rows(Unit.objects.get(code=CITY), today).not_reported]
        pairs = list(
            zip(
                Unit.objects.filter(code__in=silent),
                Report.objects.filter(day=year_ago).select_related("unit"),
                strict=False,
            )
        )

        def correction(number):
            report = pairs[number][1]
            send(report.unit, year_ago, report.installs + 1, base_version=1)

        def todays(number):
            send(pairs[number][0], today, 3)

        ratio, note = compare(correction, todays, pairs=len(pairs))
    return Measure("correction of a year-old day : today's report", ratio, 5, note=note)


def send(unit, day, installs, *, base_version=0) -> None:
    arrived = datetime.combine(day, hour(10, 1), tzinfo=deadline.ZONE)
    receipt = acts.submit(
        unit=unit, day=day, installs=installs, base_version=base_version, by=None, source="bench", at=arrived
    )
    assert not receipt.is_repeat


def import_of_a_fortnight(today) -> Measure:
    """How long the lock is held while two weeks of the whole city are corrected from a file."""
    days = [today - timedelta(days=back) for back in range(14, 0, -1)]
    heads = ["Mã đơn vị", "Loại số liệu", *days]
    codes = [row.code for row in rollup.rows(Unit.objects.get(code=CITY), today).by_code.values() if row.is_reporting]
    data = sheets.workbook(heads, *([code, "mới", *[13] * len(days)] for code in codes))
    kind = imports.KINDS["reports"]
    table, source = clerk.read_table(kind, data, "bench.xlsx")
    locked, lock_all = [], locking.lock_all

    def noted(top):
        lock_all(top)
        locked.append(time.perf_counter())

    with mock.patch.object(locking, "lock_all", noted):
        told = {"explanation": "bench", "consents": frozenset(["overwrite", "doubts"])}
        sent = imports.Sent(by=None, at=clock.now(), source=source, options={"reason": "bench"}, **told)
        plan = imports.apply(kind, table, sent)
    seconds = time.perf_counter() - locked[-1]
    return Measure(
        "import of 14 days of the city: under the lock", seconds, 1, unit=" s", note=f"{len(plan.rows)} figures"
    )


def cpu_of_the_server() -> float:
    """Seconds that the connection's process has had; 0 where that is none of its own (SQLite) or cannot be seen."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    try:
        with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:  # in nanoseconds
            return int(file.read().split()[0]) / 1e9
    except OSError:
        return 0.0


def visit(client: Client, path: str, *, status: int = 200) -> str:
    response = client.get(path, headers={"host": "localhost"})
    assert response.status_code == status
    return response.content.decode(errors="replace")  # a workbook is no text


def signed_in(username: str, history: str = "years") -> Client:
    """A browser signed in to the database with that history."""
    client = Client()
    with history_of(history):
        client.force_login(User.objects.get(username=username))
    return client
