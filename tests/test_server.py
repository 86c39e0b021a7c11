"""Over HTTP, with gunicorn as in production: the deadline, the rush before it, a killed worker, wrong settings."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from . import served
from .factories import DAY, at
from .served import figures, finished, receipt_path, report_path

YESTERDAY = DAY - timedelta(days=1)
REVISIONS = """
    SELECT u.code, r.day, v.number, v.installs FROM reporting_revision v
    JOIN reporting_report r ON r.id = v.report_id JOIN reporting_unit u ON u.id = r.unit_id
    WHERE r.kind = 'daily' ORDER BY u.code, r.day, v.number
"""
REPORTS = """
    SELECT u.code, r.day, r.kind, r.installs, r.cumulative, r.version FROM reporting_report r
    JOIN reporting_unit u ON u.id = r.unit_id ORDER BY u.code, r.day
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with served.database(tmp_path_factory.mktemp("served"), vendor=connection.vendor) as database:
        yield database


@pytest.fixture(scope="module")
def server(database, tmp_path_factory):
    log = tmp_path_factory.mktemp("morning") / "log"
    with served.server(database, clock=at("2020-08-21 10:00"), log=log) as server:
        yield server


def post_at_once(server, posts):
    """Send all (code, day, fields) at the same time, each on its own connection; returns the answers in order."""
    start = threading.Barrier(len(posts))

    def send(post):
        code, day, fields = post
        connection = server.connect()
        start.wait(served.PATIENCE)
        return server.post(report_path(code, day), fields, by=code, connection=connection)

    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(send, posts))


def reports(database, code):
    """The unit's (day, kind, installs, cumulative, version), by day."""
    return [(str(row[1]), *row[2:]) for row in database.rows(REPORTS) if row[0] == code]


def history(database, code):
    """The (day, number, installs) of every revision of the unit's daily reports."""
    return [(str(row[1]), *row[2:]) for row in database.rows(REVISIONS) if row[0] == code]


@pytest.mark.matrix  # 16 s, most of them waiting for the deadline
def test_hour_cannot_be_held_open(database, tmp_path):
    """Three heads before the deadline: one body before it too, one after it, one that never comes."""
    whole, held, never = "318", "SYT", "C00"  # the rush below needs the other units as they were made
    bound = {"BODY_AT_MOST": "6"}
    with served.server(database, clock=at("2020-08-21 16:59:50"), log=tmp_path / "log", **bound) as server:
        server.wait_until(at("2020-08-21 16:59:58"))
        begun = {code: server.begin(report_path(code), figures(43), by=code) for code in (whole, held, never)}
        server.wait_until(at("2020-08-21 16:59:59"))
        answers = {whole: finished(*begun[whole])}
        server.wait_until(at("2020-08-21 17:00:00"))
        answers[held] = finished(*begun[held])
        answers[never] = served.answer_on(begun[never][0])

    assert (answers[whole].status, answers[whole].location) == (302, receipt_path(whole))
    assert history(database, whole) == [(str(DAY), 1, 43)]
    assert answers[held].status == 422  # the late form
    assert 'value="43"' in answers[held].body
    assert answers[never].status == 408
    assert history(database, held) == history(database, never) == []


@pytest.mark.matrix  # slow
def test_crowd_before_the_hour_is_counted_to_the_last_report(server, database):
    """200 at once, five for each of two days of 20 communes: first reports, three of them the same; where there is a
    report, two that repeat it and three changes."""
    first_reports = [figures(installs) for installs in (30, 30, 30, 31, 32)]
    edits = [figures(installs, base_version=1) for installs in (served.STANDING, served.STANDING, 31, 32, 33)]
    posts = [
        (code, day, fields)
        for codes, five in ((served.SILENT, first_reports), (served.REPORTED, edits))
        for code in codes
        for day in (YESTERDAY, DAY)
        for fields in five
    ]
    random.Random(200).shuffle(posts)

    answers = post_at_once(server, posts)

    assert len(answers) == 200
    assert {answer.status for answer in answers} == {302, 409}
    assert [answer.body for answer in answers if "database is locked" in answer.body] == []
    log = server.log.read_text()
    assert "database is locked" not in log
    assert "Traceback" not in log
    acknowledged = {
        (code, str(day), fields["installs"])
        for (code, day, fields), answer in zip(posts, answers, strict=True)
        if answer.status == 302
    }
    counted = [
        (code, str(day), installs)
        for code, day, _, installs in database.rows(REVISIONS)
        if code in served.SILENT + served.REPORTED
    ]
    assert len(counted) == len(set(counted)) == 20 + 40  # of each five exactly one was new
    assert acknowledged | {row for row in counted if row[2] == served.STANDING} == set(counted)
    for code in served.SILENT + served.REPORTED:
        (_, _, opening, _, _), (_, _, first, first_total, version), (_, _, second, total, _) = reports(database, code)
        assert (opening, first_total, total) == (served.OPENING, 100 + first, 100 + first + second)
        assert version == (1 if code in served.SILENT else 2)
        assert {(code, str(YESTERDAY), first), (code, str(DAY), second)} <= acknowledged


@pytest.mark.matrix  # acts/test_races.py has it without HTTP
def test_six_identical_posts_at_once_are_one_report_and_six_receipts(server, database):
    code = "11416"

    answers = post_at_once(server, [(code, DAY, figures(12))] * 6)

    assert [(answer.status, answer.location) for answer in answers] == [(302, receipt_path(code))] * 6
    assert reports(database, code) == [
        ("2020-08-05", "opening", 100, 100, 1),
        ("2020-08-21", "daily", 12, 112, 1),
    ]
    assert history(database, code) == [("2020-08-21", 1, 12)]


@pytest.mark.matrix
def test_acknowledged_report_survives_a_killed_worker(server, database):
    code = "11407"
    before = server.workers()
    assert len(before) == 2

    answer = server.post(report_path(code), figures(7), by=code)
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    assert (answer.status, answer.location) == (302, receipt_path(code))
    receipt = server.get(receipt_path(code), by=code)  # waits for the new workers
    assert receipt.status == 200
    assert f"{code}-20200821-1" in receipt.body
    for _ in range(200):  # the master has yet to hear of the second one's end
        if not before & server.workers():
            break
        time.sleep(0.05)
    assert not before & server.workers()
    assert history(database, code) == [("2020-08-21", 1, 7)]


def stopped(command, **settings):
    """How a start ends with only these settings."""
    unset = ("SECRET_KEY", "DATABASE_URL", "DEBUG", "DEMO", "DEMO_OFFSET")
    environment = {key: value for key, value in os.environ.items() if key not in unset}
    environment |= {"DJANGO_SETTINGS_MODULE": "bluezone_report.settings", **settings}
    ways = {"cwd": served.ROOT, "env": environment, "capture_output": True, "text": True, "timeout": served.PATIENCE}
    return subprocess.run(command, **ways)


GUNICORN = served.gunicorn("--bind", "127.0.0.1:0")


@pytest.mark.parametrize(
    ("command", "settings", "line"),
    [
        (
            [sys.executable, "manage.py", "check"],
            {},
            "SECRET_KEY is not set. Set it to a long random text, or DEBUG=1 for development.",
        ),
        (
            [sys.executable, "manage.py", "check"],
            {"SECRET_KEY": "x", "DEMO_OFFSET": "60"},
            "DEMO_OFFSET moves the clock and is refused outside a demonstration (DEMO=1).",
        ),
        (GUNICORN, {"SECRET_KEY": "x" * 49}, "SECRET_KEY has fewer than 50 characters: set it to a long random text."),
    ],
    ids=["no secret key", "offset outside a demonstration", "short secret key"],
)
def test_wrong_configuration_stops_the_start_with_one_line(command, settings, line):
    end = stopped(command, DATABASE_URL="sqlite:///nowhere.sqlite3", **settings)
    assert end.returncode > 0
    assert end.stdout + end.stderr == f"bluezone_report: {line}\n"


def test_database_that_does_not_answer_is_named_without_a_trace():
    end = stopped([sys.executable, "manage.py", "verify"], SECRET_KEY="k" * 50, DATABASE_URL="postgres://127.0.0.1:9/x")
    assert end.returncode == 1
    assert end.stderr.startswith("bluezone_report: the database of DATABASE_URL does not answer: connection to server")
    assert "Traceback" not in end.stderr


def test_without_a_database_nothing_is_served_and_no_file_is_made():
    was_there = (served.ROOT / "db.sqlite3").exists()
    end = stopped(GUNICORN, SECRET_KEY="k" * 50)
    words = "bluezone_report: DATABASE_URL is not set. Set it to postgres://..., or DEBUG=1 for development."
    assert (end.returncode > 0, end.stderr.splitlines()[-1].startswith(words)) == (True, True)
    assert (served.ROOT / "db.sqlite3").exists() == was_there


@pytest.mark.matrix  # 8 s
def test_lock_that_nobody_releases_hangs_neither_other_districts_nor_health(database, tmp_path):
    """Eight reports wait for it and get their figures back; SQLite has one lock for all writers."""
    stuck = served.SILENT[:8]

    def standing(code):
        return sum(row[-1] for row in reports(database, code) if row[:2] == (str(DAY), "daily"))

    with (
        served.server(database, clock=at("2020-08-21 10:00"), log=tmp_path / "log", LOCK_TIMEOUT="2") as server,
        ThreadPoolExecutor(8) as pool,
    ):
        with database.held("SELECT 1 FROM reporting_unit WHERE code = '306' FOR UPDATE"):
            answers = list(pool.map(lambda code: server.post(report_path(code), figures(47), by=code), stuck))
            elsewhere = figures(48, base_version=standing("11470"))
            other = server.post(report_path("11470"), elsewhere, by="11470")
            healthy = server.get("/healthz")
        again = server.post(report_path(stuck[0]), figures(47, base_version=standing(stuck[0])), by=stuck[0])

    assert {answer.status for answer in answers} == {503}
    assert all('name="installs" value="47"' in answer.body for answer in answers)
    assert healthy.status == 200
    assert other.status == (503 if connection.vendor == "sqlite" else 302)
    assert (again.status, history(database, stuck[0])[-1][2]) == (302, 47)
