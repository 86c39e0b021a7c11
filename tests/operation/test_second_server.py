"""Two servers with one database behind the shipped proxy share sessions, lock and history; then one dies."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest
from django.db import connection

from .. import proxied, served
from ..factories import DAY, PASSWORD, at

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(not os.path.exists(proxied.NGINX), reason="apt-get install nginx-light"),
]
LOGIN = "/accounts/login/"
CODES = served.SILENT[:8]
SAYS = {"GUNICORN_CMD_ARGS": "--access-logfile -"}  # names in its log the server that answered


@pytest.fixture
def database(tmp_path):
    with served.database(tmp_path, vendor=connection.vendor) as database:
        yield database


@pytest.fixture
def pair(database, tmp_path):
    """The proxy in front of both, and the second server, minutes before the deadline."""
    said = {**proxied.SETTINGS, **SAYS}
    folder = tmp_path / "proxy"
    folder.mkdir()
    clock = at("2020-08-21 16:50")
    with (
        served.server(database, clock=clock, log=tmp_path / "second", **said) as second,
        proxied.server(database, clock=clock, folder=folder, also=(second,), **SAYS) as proxy,
    ):
        yield proxy, second


def history(database, code):
    return [(number, installs) for unit, number, installs in database.history() if unit == code]


def answered(log: Path, line: str) -> int:
    return sum(line in text for text in log.read_text().splitlines())


def at_once(acts):
    start = Barrier(len(acts))

    def act(one):
        start.wait(served.PATIENCE)
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))


def test_two_servers_are_one(pair, database):
    """A session, wrong passwords, six identical reports and two edits at once, whichever server they reach."""
    proxy, second = pair
    logs = (proxy.log, second.log)
    pages = [proxy.get("/units/C00/", by="C00").status for _ in range(8)]
    signed_in = proxy.post(LOGIN, {"username": "C01", "password": PASSWORD, "csrfmiddlewaretoken": served.CSRF}, by="")
    wrong = {"username": "C02", "password": "wrong", "csrfmiddlewaretoken": served.CSRF}
    locked = [proxy.post(LOGIN, wrong, by="").status for _ in range(6)]
    same = at_once([lambda: proxy.report("C03", 30)] * 6)
    edits = at_once([lambda installs=installs: proxy.report("C03", installs, 1) for installs in (31, 32)])

    assert (pages, signed_in.status, locked[-1]) == ([200] * 8, 302, 429)
    assert [answer.status for answer in same] == [302] * 6
    assert sorted(answer.status for answer in edits) == [302, 409]
    kept = 31 + [answer.status for answer in edits].index(302)
    assert history(database, "C03") == [(1, 30), (2, kept)]
    for line in ("GET /units/C00/ ", f"POST {LOGIN} ", f"POST /units/C03/report/{DAY}/ "):
        assert all(answered(log, line) for log in logs), line  # each of them had a share


def test_server_that_dies_before_the_hour_takes_no_other_report_with_it(pair, database):
    """Its clients get an error at once and send again; nobody waits for it, and nothing is stored twice."""
    proxy, second = pair
    half = Event()

    def line(code):
        told = []
        for number in range(16):
            if number == 6:
                half.set()
            told.append(proxy.report(code, 21 + number, number).status)
            while told[-1] != 302:
                told.append(proxy.report(code, 21 + number, number).status)
        return told

    with ThreadPoolExecutor(8) as pool:
        lines = [pool.submit(line, code) for code in CODES]
        half.wait(served.PATIENCE)
        for pid in (second.process.pid, *second.workers()):
            os.kill(pid, signal.SIGKILL)
        told = [status for one in lines for status in one.result()]

    assert set(told) <= {302, 502}
    assert told.count(502) <= 8  # requests that were running there
    for code in CODES:
        assert history(database, code) == [(number + 1, 21 + number) for number in range(16)]
    assert all(f"{received_at}" < f"{DAY} 10:00" for *_report, received_at, _at in database.rows(served.HISTORY))


def test_worker_that_dies_before_the_hour_takes_no_other_report_with_it(pair, database):
    """The other worker and server answer in the meantime; a new worker replaces it."""
    proxy, second = pair
    before = second.workers()
    one = min(before)
    with ThreadPoolExecutor(8) as pool:
        with database.held("SELECT 1 FROM reporting_unit WHERE code = '306' FOR UPDATE"):
            waiting = [pool.submit(proxy.report, code, 40) for code in CODES]
            other = proxy.get("/healthz").status
            os.kill(one, signal.SIGKILL)
        told = {code: answer.result().status for code, answer in zip(CODES, waiting, strict=True)}
    again = [proxy.report(code, 40).status for code in CODES if told[code] != 302]

    assert other == 200
    assert set(told.values()) <= {302, 502}
    assert list(told.values()).count(302) >= 4  # a worker has four threads
    assert set(again) <= {302}
    assert [history(database, code) for code in CODES] == [[(1, 40)]] * 8
    assert second.process.poll() is None
