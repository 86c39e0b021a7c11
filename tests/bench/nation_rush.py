"""The minutes before the hour in a country: so many officers a minute as would bring its 10,600 communes in ten.

Each asks for the form and sends it, every fifth presses twice; meanwhile the country, a city and a district look at
their pages. gunicorn is as the office runs it, the officers are a process of their own on the same cores.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path

import time_machine
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from reporting.figures import country as kept
from reporting.hours import deadline
from reporting.models import Report, Unit, User
from reporting.pages import dashboard

from .. import served
from . import country, rush
from .data import PASSWORD
from .measures import Measure

WITHIN = 10  # minutes for all of them
P99 = 1  # second
SUPERIORS = (country.TOP, "1", "1-1")


def measures(today, *, minutes: float) -> Iterator[Measure]:
    """Of `minutes` of the ten; the day is the one after the history, of which nobody has reported."""
    day, seconds = today + timedelta(days=1), minutes * 60
    clock = datetime.combine(day, datetime.min.time(), tzinfo=deadline.ZONE) + timedelta(hours=16, minutes=40)
    people = _accounts()
    communes = list(Unit.objects.filter(level=Unit.Level.COMMUNE).order_by("pk").values_list("code", flat=True))
    step = max(WITHIN / minutes, 1)
    officers = [communes[int(number * step)] for number in range(int(len(communes) / step))]
    with time_machine.travel(clock):
        sessions = _sessions([people[code] for code in (*officers, *SUPERIORS)])
    found, spent = _rush(clock, sessions, officers, seconds)
    rate = len(officers) / seconds
    statuses = ", ".join(f"{n} x {status}" for status, n in found["statuses"])
    note = f"{len(officers)} officers; form {found['form']}, p99 {found['form_p99']:.2f} s; {statuses}"
    yield Measure(
        f"rush of a country, {rate:.1f} officers a second: last receipt", found["seconds"], unit=" s", note=note
    )
    yield Measure("rush of a country: sending, p99", found["p99"], P99, " s", f"median {found['median']:.2f} s")
    for address, (times, median, p99) in found["looks"].items():
        yield Measure(f"read meanwhile: {address}", p99, unit=" s", note=f"p99 of {times}, median {median:.2f} s")
    for whose, used in spent.items():
        yield Measure(f"CPU of {whose}, share of one core", used / found["seconds"], note=f"{used:.0f} s")
    reports = Report.objects.filter(day=day, kind=Report.Kind.DAILY)
    once = sum(number == 1 for number in reports.values_list("version", flat=True))
    lost = len(officers) - min(reports.count(), once) + found["failed"]
    yield Measure("rush of a country: lost, stored twice or not 302", lost, 0.5, note=f"{once} stored once")
    with open(os.devnull, "w") as quiet:
        call_command("verify", since=day, stdout=quiet)  # exits where anything differs


def _accounts() -> dict[str, User]:
    """One for every commune, by user name, which is the unit's code."""
    password = make_password(PASSWORD)
    without = Unit.objects.filter(level=Unit.Level.COMMUNE).exclude(code__in=User.objects.values("username"))
    User.objects.bulk_create(User(username=unit.code, unit=unit, password=password) for unit in without)
    return {user.username: user for user in User.objects.all()}


def _sessions(people: list[User]) -> dict[str, str]:
    """By user name, as signing in makes them, by the server's key."""
    with override_settings(SECRET_KEY=served.environment("")["SECRET_KEY"]):
        client = Client()
        client.force_login(people[0])
        like, sessions = dict(client.session.items()), {}
        store = import_module(settings.SESSION_ENGINE).SessionStore
        made = []
        for user in people:
            session = store()
            session._session_key = session._get_new_session_key()
            session.update(like)
            session[SESSION_KEY] = str(user.pk)
            session[HASH_SESSION_KEY] = user.get_session_auth_hash()
            assert BACKEND_SESSION_KEY in session
            made.append(session.create_model_instance(session._session))
            sessions[user.username] = session.session_key
        Session.objects.bulk_create(made)
    return sessions


def _rush(
    clock: datetime, sessions: dict[str, str], officers: list[str], seconds: float
) -> tuple[dict, dict[str, float]]:
    """What came of it, and the seconds that each kind of process computed."""
    day = clock.date()
    readers = [
        (country.TOP, f"/units/{country.TOP}/", 30),
        (country.TOP, f"/units/{country.TOP}/board/{day}/", 30),
        ("1", "/units/1/", 10),
        ("1", f"/units/1/board/{day}/", 10),
        ("1-1", "/units/1-1/", 10),
        ("1-1", f"/units/1-1/board/{day}/", 10),
    ]
    with (
        tempfile.TemporaryDirectory() as folder,
        served.server(
            served.Database(rush.address(), sessions),
            clock=clock,
            log=Path(folder) / "log",
            DJANGO_SETTINGS_MODULE="tests.bench.served_settings",
        ) as server,
    ):
        before = rush.cpu(server.workers()), _cpu_of_tree(_postgres())
        with _rounds(clock):
            found = rush.sent_by_another(
                [server.port], day.isoformat(), sessions, seconds=seconds, officers=officers, readers=readers
            )
        spent = {
            "gunicorn": rush.cpu(server.workers()) - before[0],  # a worker may have begun meanwhile
            "the database": _cpu_of_tree(_postgres()) - before[1],
            "the officers": found["cpu"],
        }
    return found, spent


@contextlib.contextmanager
def _rounds(clock: datetime) -> Iterator[None]:
    """Every minute the round works out the country's day, as `manage.py deliver` does, in a thread of this process."""
    is_over, began = threading.Event(), time.monotonic()

    def rounds():
        try:
            while not is_over.is_set():
                kept.keep(clock + timedelta(seconds=time.monotonic() - began), dashboard.days_read)
                is_over.wait(60)
        finally:
            connection.close()

    thread = threading.Thread(target=rounds)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _postgres() -> int | None:
    """The server's first process, whose children serve the connections; None where it cannot be seen."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _cpu_of_tree(pid: int | None) -> float:
    """Of a process and its children, those that have ended among them."""
    if pid is None:
        return 0.0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ended = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[13:15]
    return rush.cpu({pid, *map(int, children)}) + sum(map(int, ended)) / os.sysconf("SC_CLK_TCK")
