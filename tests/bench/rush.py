"""The minutes before the hour in five seconds: every officer of the city asks for the form and sends it, some twice.

The officers are a process of their own on the same cores, `python -m tests.bench.rush`, which is told on its standard
input what to send and prints what came of it.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from .. import served

SECONDS, TWICE = 5, 5  # within which all come; every how manyth presses twice
DONE_WITHIN, P99 = 7, 1  # seconds
CSRF = served.CSRF


def measures(today) -> Iterator:
    """Of a month of history; the days are the ones after it, of which nobody has reported."""
    from django.core.management import call_command

    from reporting.models import Report

    from .measures import Measure

    url, sessions = address(), _sessions()
    days = [today + timedelta(days=number) for number in (1, 2, 3)]
    found, spent = _rush(url, sessions, days[0])
    reports = Report.objects.filter(day=days[0], kind=Report.Kind.DAILY)
    stored = reports.count()
    once = sum(report.revisions.count() == 1 for report in reports)
    lost = len(sessions) - min(stored, once) + found["failed"]
    words = f"{len(sessions)} officers; form {found['form']}; " + ", ".join(f"{n} x {s}" for s, n in found["statuses"])
    yield Measure(
        "rush of 217 within 5 s: until all have their receipt", found["seconds"], DONE_WITHIN, unit=" s", note=words
    )
    yield Measure("rush: CPU of the workers, seconds of two cores", spent / 2, SECONDS, unit=" s", note="bounds it")
    yield Measure("rush: sending, p99", found["p99"], P99, unit=" s", note=f"median {found['median']:.2f} s")
    yield Measure("rush: lost, stored twice or answered 5xx", lost, 0.5, note=f"{stored} stored, {once} of them once")
    one, _spent = _rush(url, sessions, days[1], cores=[0])
    two, _spent = _rush(url, sessions, days[2], cores=[0, 1])
    words = f"{one['seconds']:.1f} : {two['seconds']:.1f} s, p99 {one['p99']:.1f} : {two['p99']:.1f} s"
    yield Measure("rush: one server of one core : two of them", one["seconds"] / two["seconds"], note=words)
    with open(os.devnull, "w") as quiet:
        call_command("verify", stdout=quiet)  # exits where anything differs


def address() -> str:
    from django.db import connection

    name = connection.settings_dict["NAME"]
    scheme = os.environ["DATABASE_URL"].rpartition("/")[0]
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{scheme}/{name}"


def _sessions() -> dict[str, str]:
    """Of every commune's officer, signed by the server's key; by user name, which is the unit's code."""
    from django.db.models import F
    from django.test import Client
    from django.test.utils import override_settings

    from reporting.models import Unit, User

    communes = Unit.objects.filter(level=Unit.Level.COMMUNE)
    sessions = {}
    with override_settings(SECRET_KEY=served.environment("")["SECRET_KEY"]):
        for user in User.objects.filter(unit__in=communes, username=F("unit__code")):
            client = Client()
            client.force_login(user)
            sessions[user.username] = client.session.session_key
    return sessions


def _rush(url: str, sessions: dict, day, cores: Sequence[int] = ()) -> tuple[dict, float]:
    """What came of it, and the seconds that the workers computed: of a server as the office runs it, or of one of a
    single worker for each of the cores, which has that core alone; the officers take turns with them."""
    from reporting.hours import deadline

    clock = datetime.combine(day, datetime.min.time(), tzinfo=deadline.ZONE) + timedelta(hours=16, minutes=50)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = {"DJANGO_SETTINGS_MODULE": "tests.bench.served_settings"}  # without the guards of the suite
        settings |= {"WEB_CONCURRENCY": "1"} if cores else {}
        servers = [
            stack.enter_context(
                served.server(served.Database(url, sessions), clock=clock, log=folder / f"log{number}", **settings)
            )
            for number in range(max(len(cores), 1))
        ]
        for server, core in zip(servers, cores, strict=False):
            for pid in server.workers():
                os.sched_setaffinity(pid, {core})
        workers = set().union(*(server.workers() for server in servers))
        before = cpu(workers)
        found = sent_by_another([server.port for server in servers], day.isoformat(), sessions)
        return found, cpu(workers) - before


def cpu(workers: set[int]) -> float:
    """The seconds that these processes have computed, whatever else the machine does."""
    ticks = 0
    for pid in workers:
        numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(numbers[11]) + int(numbers[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def sent_by_another(ports: list[int], day: str, sessions: dict[str, str], **more) -> dict:
    command = [sys.executable, "-m", "tests.bench.rush"]
    told = json.dumps({"ports": ports, "day": day, "sessions": sessions, **more})
    patience = 300 + more.get("seconds", SECONDS)
    done = subprocess.run(
        command, cwd=served.ROOT, input=told, stdout=subprocess.PIPE, text=True, check=True, timeout=patience
    )
    return json.loads(done.stdout)


class Officers:
    """What each of them does, and the seconds that it took."""

    def __init__(self, ports, day: str, sessions: dict[str, str], seconds=SECONDS, officers=(), readers=()):
        """`officers` are those of the sessions who report within the seconds, all if none is named; `readers` are
        the pages that others look at meanwhile: whose, where, and after how many seconds again."""
        self.day, self.sessions, self.seconds = day, sessions, seconds
        self.officers, self.readers = officers or list(sessions), readers
        self.ports = dict(zip(sessions, itertools.cycle(ports), strict=False))  # by user name
        self.forms: list[float] = []
        self.sendings: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.looks: dict[str, list[float]] = {}  # by address of a page that is read meanwhile

    def rush(self) -> dict:
        chance = random.Random(60)
        of_all = enumerate(self.officers)
        moments = [(chance.uniform(0, self.seconds), code, number % TWICE == 0) for number, code in of_all]
        for code in self.officers[:24]:
            self._ask(self._line(code), code)  # every thread has served once
        self.forms.clear()
        began = time.perf_counter()
        threads = [threading.Thread(target=self._read, args=(began + self.seconds, *page)) for page in self.readers]
        for thread in threads:
            thread.start()
        for at, *whose in sorted(moments):
            time.sleep(max(began + at - time.perf_counter(), 0))
            threads.append(threading.Thread(target=self._report, args=whose))
            threads[-1].start()
        for thread in threads:
            thread.join()
        return {
            "seconds": time.perf_counter() - began,
            "p99": _p99(self.sendings),
            "median": statistics.median(self.sendings),
            "form": f"median {statistics.median(self.forms):.2f} s, longest {max(self.forms):.2f}",
            "form_p99": _p99(self.forms),
            "statuses": sorted(self.statuses.items()),
            "failed": sum(n for status, n in self.statuses.items() if status != 302),
            "looks": {page: [len(took), statistics.median(took), _p99(took)] for page, took in self.looks.items()},
            "cpu": time.process_time(),
        }

    def _read(self, until: float, whose: str, address: str, every: float) -> None:
        took = self.looks.setdefault(address, [])
        while (began := time.perf_counter()) < until:
            with contextlib.closing(self._line(whose)) as connection:
                connection.request("GET", address, headers=self._headers(whose))
                answer = connection.getresponse()
                answer.read()
            assert answer.status == 200, (address, answer.status)
            took.append(time.perf_counter() - began)
            time.sleep(max(min(began + every, until) - time.perf_counter(), 0))

    def _report(self, code: str, presses_twice: bool) -> None:
        connection = self._line(code)
        self._ask(connection, code)
        again = threading.Thread(target=self._send, args=(self._line(code), code))
        if presses_twice:
            again.start()
        self._send(connection, code)
        if presses_twice:
            again.join()

    def _line(self, code: str) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.ports[code], timeout=60)

    def _ask(self, connection, code: str) -> None:
        began = time.perf_counter()
        connection.request("GET", self._form(code), headers=self._headers(code))
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (answer.status, answer.headers.get("Location"))
        self.forms.append(time.perf_counter() - began)

    def _send(self, connection, code: str) -> None:
        fields = {"installs": 7, "base_version": 0, "covers": "day_only", "note": ""}
        headers = {**self._headers(code), "Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        with contextlib.closing(connection):
            connection.request("POST", self._form(code), body=urlencode(fields), headers=headers)
            answer = connection.getresponse()
            answer.read()
        self.statuses[answer.status] += 1
        self.sendings.append(time.perf_counter() - began)

    def _form(self, code: str) -> str:
        return f"/units/{code}/report/{self.day}/"

    def _headers(self, code: str) -> dict[str, str]:
        return {"Cookie": f"csrftoken={CSRF}; sessionid={self.sessions[code]}", "X-CSRFToken": CSRF}


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]


if __name__ == "__main__":
    print(json.dumps(Officers(**json.load(sys.stdin)).rush()))
