"""The minutes before the deadline in five seconds: every officer of the city requests the form and sends it, some
twice. Meanwhile the districts and the city reload their pages.

The officers are a separate process on the same cores, `python -m tests.bench.rush`. It reads on its standard input what
to send, and prints the results.
"""

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

from .. import served

SECONDS, TWICE = 5, 5  # all come within these seconds; one of so many presses twice
RELOADS_EVERY = 5  # seconds
DONE_WITHIN, P99 = 7, 1  # seconds


def measures(today) -> Iterator:
    """With a month of history; on the day after it, which nobody has reported."""
    from django.core.management import call_command

    from reporting.models import Report, Unit

    from .measures import Measure

    superiors = [*Unit.objects.filter(level__in=(Unit.Level.CITY, Unit.Level.DISTRICT)).values_list("code", flat=True)]
    url, sessions = address(), sessions_of(superiors)
    day = today + timedelta(days=1)
    found, spent = _rush(url, sessions, [code for code in superiors if code in sessions], day)
    sessions = {code: key for code, key in sessions.items() if code not in superiors}
    reports = Report.objects.filter(day=day, kind=Report.Kind.DAILY)
    stored = reports.count()
    once = sum(report.revisions.count() == 1 for report in reports)
    lost = len(sessions) - min(stored, once) + found["failed"]
    words = f"{len(sessions)} officers; form {found['form']}; {found['pages']}; " + ", ".join(
        f"{n} x {s}" for s, n in found["statuses"]
    )
    yield Measure(
        "rush of 217 within 5 s: until all have their receipt", found["seconds"], DONE_WITHIN, unit=" s", note=words
    )
    yield Measure("rush: CPU of the workers, seconds of two cores", spent / 2, SECONDS, unit=" s", note="bounds it")
    yield Measure("rush: sending, p99", found["p99"], P99, unit=" s", note=f"median {found['median']:.2f} s")
    yield Measure("rush: lost, stored twice or answered 5xx", lost, 0.5, note=f"{stored} stored, {once} of them once")
    with open(os.devnull, "w") as quiet:
        call_command("verify", stdout=quiet)  # exits if anything differs


def address() -> str:
    from django.db import connection

    name = connection.settings_dict["NAME"]
    scheme = os.environ["DATABASE_URL"].rpartition("/")[0]
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else f"{scheme}/{name}"


def sessions_of(others: Sequence[str] = (), **only: str) -> dict[str, str]:
    """Sessions of every commune's officer (or `only` of one) and some others, signed with the server's key; by user
    name."""
    from django.db.models import F, Q
    from django.test import Client
    from django.test.utils import override_settings

    from reporting.models import Unit, User

    communes = Unit.objects.filter(level=Unit.Level.COMMUNE)
    sessions = {}
    with override_settings(SECRET_KEY=served.environment("")["SECRET_KEY"]):
        for user in User.objects.filter(
            Q(unit__in=communes, username=F("unit__code")) | Q(username__in=others), **only
        ):
            client = Client()
            client.force_login(user)
            sessions[user.username] = client.session.session_key
    return sessions


def _rush(url: str, sessions: dict, superiors: list[str], day) -> tuple[dict, float]:
    """The results, and the CPU seconds of the workers of a server that runs as in production."""
    from reporting import deadline

    clock = datetime.combine(day, datetime.min.time(), tzinfo=deadline.ZONE) + timedelta(hours=16, minutes=50)
    database = served.Database(url, sessions)
    settings = {"DJANGO_SETTINGS_MODULE": "tests.bench.served_settings"}  # without the checks of the suite
    with (
        tempfile.TemporaryDirectory() as folder,
        served.server(database, clock=clock, log=Path(folder, "log"), **settings) as server,
    ):
        workers = server.workers()
        before = _cpu(workers)
        told = json.dumps({"port": server.port, "day": day.isoformat(), "sessions": sessions, "superiors": superiors})
        command = [sys.executable, "-m", "tests.bench.rush"]
        done = subprocess.run(command, cwd=served.ROOT, input=told, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout), _cpu(workers) - before


def _cpu(workers: set[int]) -> float:
    """The CPU seconds of these processes, whatever else the machine does."""
    ticks = 0
    for pid in workers:
        numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(numbers[11]) + int(numbers[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Officers:
    """What each officer does, and the seconds it takes."""

    def __init__(self, port: int, day: str, sessions: dict[str, str], superiors: list[str]):
        self.server = served.Server(None, port, timedelta(), Path(), sessions)
        self.day, self.superiors, self.is_over = day, superiors, threading.Event()
        self.sessions = {code: key for code, key in sessions.items() if code not in superiors}
        self.pages: list[float] = []
        self.forms: list[float] = []
        self.sendings: list[float] = []
        self.statuses: Counter[int] = Counter()

    def rush(self) -> dict:
        chance = random.Random(60)
        moments = [(chance.uniform(0, SECONDS), code, n % TWICE == 0) for n, code in enumerate(self.sessions)]
        for code in [*self.sessions][:24]:
            self._ask(code)  # every thread has answered once
        self.forms.clear()
        reloading = [threading.Thread(target=self._reload, args=[code]) for code in self.superiors]
        for thread in reloading:
            thread.start()
        began, threads = time.perf_counter(), []
        for at, *whose in sorted(moments):
            time.sleep(max(began + at - time.perf_counter(), 0))
            threads.append(threading.Thread(target=self._report, args=whose))
            threads[-1].start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - began
        self.is_over.set()
        for thread in reloading:
            thread.join()
        pages = f"{len(self.pages)} pages of superiors: median {statistics.median(self.pages):.2f} s"
        return {
            "seconds": seconds,
            "pages": f"{pages}, longest {max(self.pages):.2f}",
            "p99": sorted(self.sendings)[int(len(self.sendings) * 0.99)],
            "median": statistics.median(self.sendings),
            "form": f"median {statistics.median(self.forms):.2f} s, longest {max(self.forms):.2f}",
            "statuses": sorted(self.statuses.items()),
            "failed": sum(n for status, n in self.statuses.items() if status != 302),
        }

    def _report(self, code: str, presses_twice: bool) -> None:
        self._ask(code)
        presses = [threading.Thread(target=self._send, args=[code]) for _press in range(1 + presses_twice)]
        for press in presses:
            press.start()
        for press in presses:
            press.join()

    def _reload(self, code: str) -> None:
        time.sleep(random.Random(code).uniform(0, RELOADS_EVERY / 2))
        while not self.is_over.is_set():
            began = time.perf_counter()
            self.server.get(f"/units/{code}/?day={self.day}", by=code)
            self.pages.append(time.perf_counter() - began)
            self.is_over.wait(RELOADS_EVERY)

    def _ask(self, code: str) -> None:
        began = time.perf_counter()
        answer = self.server.get(self._form(code), by=code)
        assert answer.status == 200, (answer.status, answer.location)
        self.forms.append(time.perf_counter() - began)

    def _send(self, code: str) -> None:
        fields = {"installs": 7, "base_version": 0, "covers": "day_only", "note": ""}
        began = time.perf_counter()
        self.statuses[self.server.post(self._form(code), fields, by=code).status] += 1
        self.sendings.append(time.perf_counter() - began)

    def _form(self, code: str) -> str:
        return f"/units/{code}/report/{self.day}/"


if __name__ == "__main__":
    print(json.dumps(Officers(**json.load(sys.stdin)).rush()))
