"""What is measured: two ways of doing something in turns within one run, so that the machine's moods cancel out."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as hour
from pathlib import Path
from unittest import mock

from django.conf import global_settings, settings
from django.contrib.auth.hashers import make_password
from django.db import connections
from django.test import Client, override_settings

from reporting import acts, clock, imports
from reporting.acts import locking
from reporting.figures import rollup, standings, verification
from reporting.hours import deadline
from reporting.models import Report, Revision, Seal, SignOff, Unit, User
from reporting.people import accounts

from .. import sheets
from ..files import hostile as shapes
from ..files.test_spreadsheets import BAD
from . import data, hostile

ROOT = Path(__file__).resolve().parent.parent.parent
CITY, DISTRICT_OF_37 = "31", "311"  # Hai Phong; Thuỷ Nguyên
YEAR = timedelta(days=365)
PEOPLE = 300  # who get accounts on one day


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


def compare(slow: Callable[[int], object], fast: Callable[[int], object], *, pairs: int) -> tuple[float, str]:
    """The median of slow/fast over numbered pairs of calls in alternating order, and both medians in words."""
    times = {slow: [], fast: []}
    for number in range(pairs):
        for act in (slow, fast) if number % 2 else (fast, slow):
            start = time.perf_counter()
            act(number)
            times[act].append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(times[slow], times[fast], strict=True))
    return ratio, " : ".join(f"{statistics.median(times[act]) * 1000:.1f} ms" for act in (slow, fast))


@contextlib.contextmanager
def history_of(alias: str) -> Iterator[None]:
    """The product sees another database in place of its only one."""
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

    for warm in (after_years, after_a_month):
        warm(0)
    ratio, note = compare(after_years, after_a_month, pairs=60)
    return Measure("rollup of a day after 3 years : after 30 days", ratio, 1.2, note=note)


def city_page() -> Iterator[Measure]:
    """Against the password page, the barest one that a person who signed in opens, and against the error page 404."""
    client = signed_in(CITY)

    def page(number):
        visit(client, f"/units/{CITY}/")

    def password_page(number):
        visit(client, "/accounts/password_change/")

    def error_page(number):
        visit(client, "/no-such-page/", status=404)

    with history_of("years"):
        for warm in (page, password_page, error_page):
            warm(0)
        ratio, note = compare(page, password_page, pairs=60)
        yield Measure("city page : bare signed-in page (password change)", ratio, 6, note=note)
        ratio, note = compare(page, error_page, pairs=60)
        yield Measure("city page : error page 404, signed in", ratio, note=note)


def page_as_of(today) -> Measure:
    """The city's page of a day as it stood that evening, against the same page as of now."""
    day = today - timedelta(days=1)
    client = signed_in(CITY, "year")

    def as_of(number):
        visit(client, f"/units/{CITY}/?day={day}&as_of={day}T18:00")

    def now(number):
        visit(client, f"/units/{CITY}/?day={day}")

    with history_of("year"):
        for warm in (as_of, now):
            warm(0)
        ratio, note = compare(as_of, now, pairs=20)
    return Measure("city page as of an instant : page of now, 1 year", ratio, 5, note=note)


def nightly_check() -> Measure:
    """`manage.py verify` of a year, against reading every revision once."""
    with history_of("year"):
        start = time.perf_counter()
        problems = [problem for _title, check in verification.CHECKS.values() for problem in check()]
        seconds = time.perf_counter() - start
        assert problems == []
        start = time.perf_counter()
        read = sum(1 for _revision in Revision.objects.values_list().iterator())
        plain = time.perf_counter() - start
        fixed = Seal.objects.count() + SignOff.objects.count()
    note = f"{seconds:.0f} s : {plain:.2f} s; {read} revisions, {read / seconds:.0f}/s; {fixed} fixed tables"
    return Measure("verify, 1 year : plain read of all revisions", seconds / plain, note=note)


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
    table, source = imports.read(kind, data, "bench.xlsx")
    locked, lock_all = [], locking.lock_all

    def noted(top):
        lock_all(top)
        locked.append(time.perf_counter())

    with mock.patch.object(locking, "lock_all", noted):
        sent = imports.Sent(by=None, at=clock.now(), source=source, options={"reason": "bench"}, explanation="bench")
        plan = imports.apply(kind, table, sent)
    seconds = time.perf_counter() - locked[-1]
    return Measure(
        "import of 14 days of the city: under the lock", seconds, 1, unit=" s", note=f"{len(plan.rows)} figures"
    )


def import_of_people(today) -> Iterator[Measure]:
    """Three hundred new accounts beside as many bare hashes, made by the same pool; officers report meanwhile."""
    codes = itertools.cycle(Unit.objects.filter(level=Unit.Level.COMMUNE).values_list("code", flat=True))
    lines = [[next(codes), f"Nguyễn Văn {number}", f"09{number:08}"] for number in range(PEOPLE)]
    data = sheets.workbook(["Mã đơn vị", "Họ và tên", "Điện thoại"], *lines)
    kind = imports.KINDS["people"]
    table, source = imports.read(kind, data, "bench.xlsx")
    locked, lock_all = [], locking.lock_all

    def noted(top):
        lock_all(top)
        locked.append(time.perf_counter())

    with override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS):
        bare = _seconds_of_hashing(PEOPLE // 2)
        idle = [_timed_report(today, number) for number in range(20)]
        with ThreadPoolExecutor(1) as officers, mock.patch.object(locking, "lock_all", noted):
            is_over = threading.Event()
            reported = officers.submit(_reports_until, is_over, today)
            start = time.perf_counter()
            sent = imports.Sent(by=None, at=clock.now(), source=source, options={"reissue": False})
            done = imports.apply(kind, table, sent)
            end = time.perf_counter()
            is_over.set()
            meanwhile = reported.result()
        bare += _seconds_of_hashing(PEOPLE // 2)  # half before and half after: the machine's moods cancel out
    assert len(done.slips) == PEOPLE
    note = f"{end - start:.1f} s : {bare:.1f} s, {os.cpu_count()} cores"
    yield Measure(f"import of {PEOPLE} accounts : as many bare hashes", (end - start) / bare, 1.2, note=note)
    yield Measure(f"import of {PEOPLE} accounts: under the lock", end - locked[-1], 1, unit=" s")
    medians = [f"{statistics.median(times) * 1000:.0f} ms" for times in (meanwhile, idle)]
    note = f"median {medians[0]} of {len(meanwhile)}, before {medians[1]}"
    yield Measure("longest report meanwhile", max(meanwhile) * 1000, unit=" ms", note=note)


def _seconds_of_hashing(count: int) -> float:
    start = time.perf_counter()
    accounts.hashes([accounts.one_time_password() for _number in range(count)])
    return time.perf_counter() - start


def _timed_report(today, number: int) -> float:
    """One figure of one commune changed once more; how long it took."""
    units = Unit.objects.filter(level=Unit.Level.COMMUNE).order_by("code")
    unit = units[number % 200]
    standing = standings.standing(unit, today)
    start = time.perf_counter()
    send(unit, today, 1000 + number, base_version=standing.version)
    return time.perf_counter() - start


def _reports_until(is_over: threading.Event, today) -> list[float]:
    """Two a second, as when the whole city reports within two minutes."""
    try:
        found = []
        while not is_over.wait(0.5):
            found.append(_timed_report(today, 20 + len(found)))
        return found
    finally:
        connections.close_all()


def hostile_files() -> Iterator[Measure]:
    """CPU of each in a process of its own, whose growth is its memory."""
    made = {name: BAD[name][0] for name in hostile.NAMES} | shapes.REFUSED | shapes.HARMLESS
    for name, make in made.items():
        command = [sys.executable, "-m", "tests.bench.hostile"]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, input=make())
        seconds, grown, said = json.loads(done.stdout)
        assert (said == "read") == (name in shapes.HARMLESS), name
        yield Measure(f"a hostile file: {name}", seconds, 5, unit=" s", note=f"{grown:.0f} MiB; {said}")


def sign_ins() -> Iterator[Measure]:
    with override_settings(PASSWORD_HASHERS=global_settings.PASSWORD_HASHERS):
        User.objects.filter(username=CITY).update(password=make_password(data.PASSWORD))
        workers, each = os.cpu_count() or 1, 8
        start, cpu = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(_sign_in, [each] * workers))
        seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    yield Measure("sign-ins a second, production hasher", workers * each / seconds, unit="/s", note=f"{workers} cores")
    yield Measure("CPU of one sign-in", cpu_seconds / (workers * each) * 1000, unit=" ms")


def _sign_in(times: int) -> None:
    try:
        for _ in range(times):
            fields = {"username": CITY, "password": data.PASSWORD}
            assert Client().post("/accounts/login/", fields, headers={"host": "localhost"}).status_code == 302
    finally:
        connections.close_all()


def suite() -> Measure:
    """The suite on SQLite without the browser."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "TEST_DB")}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "TEST_DB": str(settings.BENCH_FOLDER / "bench-suite.sqlite3"),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-m", "not browser"]
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env=environment, check=True)  # of a suite that fails the time says nothing
    return Measure("suite on SQLite, no browser", time.perf_counter() - start, 90, unit=" s")


def visit(client: Client, path: str, *, status: int = 200) -> str:
    response = client.get(path, headers={"host": "localhost"})
    assert response.status_code == status
    return response.content.decode()


def signed_in(username: str, history: str = "years") -> Client:
    """A browser signed in to the database with that history."""
    client = Client()
    with history_of(history):
        client.force_login(User.objects.get(username=username))
    return client
