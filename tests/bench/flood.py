"""Strangers flood the sign-in page of a real gunicorn with the production hasher; officers report meanwhile."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from .. import served
from ..factories import DAY, at
from .measures import Measure

STRANGERS, REPORTS = 12, 40  # connections at once; reports sent, one after the other
LOGIN = "/accounts/login/"


def sign_in_flood() -> Iterator[Measure]:
    """From one address, which is locked soon, and from another one with each try."""
    with tempfile.TemporaryDirectory() as folder, served.database(Path(folder), vendor=connection.vendor) as database:
        for name, are_many in (("one address", False), ("many addresses", True)):
            settings = {"DJANGO_SETTINGS_MODULE": "tests.bench.served_settings", "TRUSTED_PROXIES": "1"}
            log = Path(folder, f"{are_many}.log")
            with served.server(database, clock=at("2020-08-21 10:00"), log=log, **settings) as server:
                alone = reports(server, 0)
                tries, flooded = while_flooded(server, are_many)
            middle, usual = statistics.median(flooded), statistics.median(alone)
            note = f"median {middle:.0f} ms, without {usual:.0f}; {tries:.0f} tries/s"
            longest = max(flooded) / 1000
            yield Measure(f"slowest report in a flood of sign-ins from {name}", longest, 1, unit=" s", note=note)


def while_flooded(server: served.Server, are_many: bool) -> tuple[float, list[float]]:
    """Tries a second, and the milliseconds of each report meanwhile."""
    is_over, tries = threading.Event(), itertools.count()

    def flood(stranger: int) -> None:
        while not is_over.is_set():
            number = next(tries)
            address = f"203.0.{number // 250 % 250}.{number % 250}" if are_many else "203.0.113.66"
            fields = {"username": f"name{number}", "password": "wrong", "csrfmiddlewaretoken": served.CSRF}
            server.send(LOGIN, fields, {"X-Forwarded-For": address})

    threads = [threading.Thread(target=flood, args=(stranger,)) for stranger in range(STRANGERS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(3)  # until the flood is at its height
    taken = reports(server, 1)
    is_over.set()
    for thread in threads:
        thread.join()
    return next(tries) / (time.perf_counter() - started), taken


def reports(server: served.Server, turn: int) -> list[float]:
    """The milliseconds of reports of the form and its sending, of officers in turn."""
    taken = []
    for number in range(REPORTS):
        code = served.REPORTED[number % len(served.REPORTED)]
        path = f"/units/{code}/report/{DAY}/"
        fields = {"installs": 21 + turn * REPORTS + number, "base_version": 0, "note": "", "covers": "day_only"}
        start = time.perf_counter()
        assert server.post(path, fields, by=code).status in (302, 409, 422)
        taken.append((time.perf_counter() - start) * 1000)
    return taken
