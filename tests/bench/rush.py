"""The minutes before the hour in five seconds: every officer of the city asks for the form and sends it, some twice.

The officers are a process of their own on the same cores, `python -m tests.bench.rush`, which is told on its standard
input what to send and prints what came of it.
"""

from __future__ import annotations

import contextlib
import http.client
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
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from .. import served

SECONDS, TWICE = 5, 5  # within which all come; every how manyth presses twice
DONE_WITHIN, P99 = 7, 1  # seconds
CSRF = served.CSRF


def measures(today) -> Iterator:
    """Of a month of history; the day is the one after it, of which nobody has reported."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.test.utils import override_settings

    from reporting.hours import deadline
    from reporting.models import Report, Unit, User

    from .measures import Measure

    day = today + timedelta(days=1)
    name = connection.settings_dict["NAME"]
    scheme = os.environ["DATABASE_URL"].rpartition("/")[0]
    url = f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{scheme}/{name}"
    communes = Unit.objects.filter(level=Unit.Level.COMMUNE)
    sessions = {}
    with override_settings(SECRET_KEY=served.environment(url)["SECRET_KEY"]):  # the server's: it signs the sessions
        for user in User.objects.filter(unit__in=communes):
            client = Client()
            client.force_login(user)
            sessions[user.username] = client.session.session_key
    clock = datetime.combine(day, datetime.min.time(), tzinfo=deadline.ZONE) + timedelta(hours=16, minutes=50)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        with served.server(served.Database(url, sessions), clock=clock, log=log) as server:
            before = _cpu(server.workers())
            found = _sent_by_another(server.port, day.isoformat(), sessions)
            spent = _cpu(server.workers()) - before
    reports = Report.objects.filter(day=day, kind=Report.Kind.DAILY)
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
    with open(os.devnull, "w") as quiet:
        call_command("verify", stdout=quiet)  # exits where anything differs


def _cpu(workers: set[int]) -> float:
    """The seconds that these processes have computed, whatever else the machine does."""
    ticks = 0
    for pid in workers:
        numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(numbers[11]) + int(numbers[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _sent_by_another(port: int, day: str, sessions: dict[str, str]) -> dict:
    command = [sys.executable, "-m", "tests.bench.rush"]
    told = json.dumps({"port": port, "day": day, "sessions": sessions})
    done = subprocess.run(
        command, cwd=served.ROOT, input=told, stdout=subprocess.PIPE, text=True, check=True, timeout=300
    )
    return json.loads(done.stdout)


class Officers:
    """What each of them does, and the seconds that it took."""

    def __init__(self, port: int, day: str, sessions: dict[str, str]):
        self.port, self.day, self.sessions = port, day, sessions
        self.forms: list[float] = []
        self.sendings: list[float] = []
        self.statuses: Counter[int] = Counter()

    def rush(self) -> dict:
        chance = random.Random(60)
        moments = [(chance.uniform(0, SECONDS), code, number % TWICE == 0) for number, code in enumerate(self.sessions)]
        for code in list(self.sessions)[:24]:
            self._ask(http.client.HTTPConnection("127.0.0.1", self.port), code)  # every thread has served once
        self.forms.clear()
        began = time.perf_counter()
        threads = [threading.Thread(target=self._report, args=(began + at, *whose)) for at, *whose in sorted(moments)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ordered = sorted(self.sendings)
        return {
            "seconds": time.perf_counter() - began,
            "p99": ordered[int(len(ordered) * 0.99)],
            "median": statistics.median(ordered),
            "form": f"median {statistics.median(self.forms):.2f} s, longest {max(self.forms):.2f}",
            "statuses": sorted(self.statuses.items()),
            "failed": sum(n for status, n in self.statuses.items() if status != 302),
        }

    def _report(self, at: float, code: str, presses_twice: bool) -> None:
        time.sleep(max(at - time.perf_counter(), 0))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._ask(connection, code)
        again = threading.Thread(target=self._send, args=(http.client.HTTPConnection("127.0.0.1", self.port), code))
        if presses_twice:
            again.start()
        self._send(connection, code)
        if presses_twice:
            again.join()

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


if __name__ == "__main__":
    print(json.dumps(Officers(**json.load(sys.stdin)).rush()))
