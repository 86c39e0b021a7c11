"""What a supervisor sees: whether the process is alive and ready, and why not; and who may see the details."""

import shutil
import socketserver
import ssl
import sys
import threading
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from reporting import clock, outbox
from reporting.operation import readiness

from ..factories import DAY, at, make_seal
from ..outbox.test_outbox import choose
from ..proxied import _make_certificate
from ..views.visits import frozen

GIB = 1024**3
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def state(settings, tmp_path):
    settings.STATE_FOLDER = tmp_path
    return tmp_path


def ready(**headers):
    """Status and verdicts by part, as this machine may see them."""
    response = Client().get("/readyz", headers=headers)
    lines = [line.partition(":")[0].split(" ") for line in response.text.splitlines()]
    return response.status_code, {name: verdict for verdict, name in lines}


def test_alive_and_ready_are_answered_before_the_host_is_looked_at(db, state):
    foreign = {"host": "evil.example"}
    assert Client().get("/livez", headers=foreign).text == "ok\n"
    status, verdicts = ready(**foreign)
    assert (status, set(verdicts)) == (
        200,
        {*("static", "disk", "certificate", "database", "migrations"), *("clock", "seal", "mails", "backup", "verify")},
    )
    assert [Client().post(path).status_code for path in ("/livez", "/readyz")] == [405, 405]


def test_alive_asks_no_database(db, monkeypatch, state):
    def away(self):
        raise OperationalError("at 10.0.0.5")

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "cursor", away)
        assert Client().get("/livez").status_code == 200
        found = ready()
        assert "10.0.0.5" not in Client().get("/readyz").text
    assert found == (
        503,
        {"static": "ok", "disk": "ok", "certificate": "ok", "database": "failed"}
        | {"backup": "warning", "verify": "warning"},
    )


def test_not_ready_with_a_migration_that_waits_or_is_of_a_newer_release(db):
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("sessions", "0001_initial")
    assert ready()[1]["migrations"] == "failed"
    recorder.record_applied("sessions", "0001_initial")
    recorder.record_applied("reporting", "9998_of_an_old_release_put_together_since")
    recorder.migration_qs.filter(name="9998_of_an_old_release_put_together_since").update(id=0)
    assert ready()[1]["migrations"] == "ok"
    recorder.record_applied("reporting", "9999_of_a_newer_release")
    status, verdicts = ready()
    assert (status, verdicts["migrations"]) == (503, "failed")


def test_not_ready_on_a_full_disk(db, settings, monkeypatch):
    settings.FREE_AT_LEAST = 1024
    much, ok, warns = GIB + GIB // 2, (200, "ok"), (200, "warning")
    for free, expected in ((much, ok), (much - 1, warns), (GIB, warns), (GIB - 1, (503, "failed"))):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: Usage(9 * GIB, 0, free))
        status, verdicts = ready()
        assert (status, verdicts["disk"]) == expected


@pytest.mark.sql
@pytest.mark.parametrize(("apart", "verdict"), [(1, "ok"), (-1, "ok"), (90, "failed"), (-90, "failed")])
def test_not_ready_with_another_clock_than_the_databases(apart, verdict, db, monkeypatch):
    if connection.vendor == "sqlite":
        verdict = "ok"  # the database is a file of this machine
    machine = clock.machine
    monkeypatch.setattr(clock, "machine", lambda: machine() + timedelta(seconds=apart))
    monkeypatch.setattr(readiness, "_error_by_ntp", lambda: timedelta(milliseconds=5))
    assert ready()[1]["clock"] == verdict


@pytest.mark.parametrize(("seconds", "verdict"), [(0.5, "ok"), (2, "ok"), (2.1, "warning"), (None, "warning")], ids=str)
def test_clock_that_no_program_has_set_for_an_hour_is_a_warning(seconds, verdict, db, monkeypatch):
    error = None if seconds is None else timedelta(seconds=seconds)
    monkeypatch.setattr(readiness, "_error_by_ntp", lambda: error)
    assert ready()[1]["clock"] == verdict


@pytest.mark.parametrize(("answer", "error"), [(0, timedelta(seconds=1)), (5, None), (-1, None)])
def test_kernel_is_asked_how_well_the_clock_is_set(answer, error, monkeypatch):
    class Kernel:
        @staticmethod
        def adjtimex(timex):
            timex[24:32] = (10**6).to_bytes(8, sys.byteorder)  # maxerror, in microseconds
            return answer

    monkeypatch.setattr(readiness.ctypes, "CDLL", lambda _none: Kernel)
    assert readiness._error_by_ntp() == error


@pytest.mark.sql
@pytest.mark.parametrize(
    ("copies", "verdict"),
    [
        ("NULL, NULL, 0", "ok"),
        ("false, 5, 0", "ok"),
        ("true, NULL, 0", "warning"),
        ("NULL, 1e9, 0", "warning"),
        ("NULL, NULL, 1", "warning"),
    ],
)
def test_log_that_is_not_archived_or_replayed_is_a_warning(copies, verdict, db, monkeypatch):
    if connection.vendor == "sqlite":
        verdict = "ok"
    monkeypatch.setattr(readiness, "COPIES_OF_THE_LOG", f"SELECT {copies}")
    status, verdicts = ready()
    assert (status, verdicts["database"], verdicts["migrations"]) == (200, verdict, "ok")


def test_files_that_nobody_has_collected(db, collected):
    assert readiness._static()[0] is readiness.Verdict.OK
    (collected / "staticfiles.json").unlink()
    assert ready()[1]["static"] == "failed"


def test_job_of_the_night_that_failed_or_was_missed_is_a_warning(db, state, monkeypatch):
    now = clock.machine()
    for job in (readiness.BACKUP, readiness.VERIFY):
        for hours, is_well, verdict in ((25, True, "ok"), (27, True, "warning"), (0, False, "warning")):
            with monkeypatch.context() as patch:
                patch.setattr(clock, "machine", lambda hours=hours: now - timedelta(hours=hours))
                readiness.note(job, is_well, "7 rows")
            status, verdicts = ready()
            assert (status, verdicts[job]) == (200, verdict)
        (state / f"{job}.json").write_text("{")
        assert ready()[1][job] == "warning"


def test_day_not_sealed_fifteen_minutes_after_it_was_due_is_a_warning(cast):
    def verdict(moment):
        with frozen(moment):
            return ready()[1]["seal"]

    assert verdict("2020-08-22 09:00") == "ok"  # no seal yet
    make_seal(cast.city, cast.city_clerk, DAY - timedelta(days=1))
    assert [verdict(f"2020-08-21 {hour}") for hour in ("17:45", "17:46")] == ["ok", "warning"]
    with frozen("2020-08-22 18:00"):
        [detail] = [part.detail for part in readiness.parts() if part.name == "seal"]
    assert detail == "not sealed: 31 2020-08-21, 31 2020-08-22"
    make_seal(cast.city, cast.city_clerk)
    assert verdict("2020-08-22 09:00") == "ok"


def test_mail_that_waits_too_long_is_a_warning(cast, settings):
    settings.MAILS = True
    choice = choose(cast.city_clerk)
    outbox.write_messages("differs", [choice], cause="x", at=at("2020-08-21 16:00"), day=DAY)
    for moment, verdict in (("2020-08-21 16:15", "ok"), ("2020-08-21 16:16", "warning")):
        with frozen(moment):
            assert ready()[1]["mails"] == verdict


def test_certificate_that_is_served_and_ends_soon_is_a_warning(db, settings, monkeypatch, tmp_path):
    """The one that the proxy uses, whatever is in the file."""
    _make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    (tmp_path / "site").write_text(f"    ssl_certificate {tmp_path}/certificate.pem;\n")
    settings.PROXY_CONFIGURATION = str(tmp_path / "site")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(readiness, "PROXY", server.server_address)
        (tmp_path / "certificate.pem").write_text("another")
        machine = clock.machine
        for days, verdict in ((-30, "ok"), (0, "warning"), (3, "failed")):
            monkeypatch.setattr(clock, "machine", lambda days=days: machine() + timedelta(days=days))
            assert ready()[1]["certificate"] == verdict
        server.shutdown()
    assert ready()[1]["certificate"] == "failed"  # nobody serves it


def test_second_server_says_only_its_own(db, state, monkeypatch, tmp_path):
    (tmp_path / "network.conf").write_text("[Socket]\nListenStream=10.0.0.2:8000\n")
    monkeypatch.setattr(readiness, "SECOND", tmp_path / "network.conf")
    assert set(ready()[1]) == {"static", "disk", "database", "migrations", "clock"}


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_how_it_stands_is_told_to_this_machine_and_to_the_token(path, db, settings):
    settings.METRICS_TOKEN = "t" * 32
    asked = {
        "127.0.0.1": ({}, 200),
        "::1": ({}, 200),
        "": ({}, 404),
        "192.0.2.1": ({}, 404),
        "192.0.2.2": ({"authorization": f"Bearer {'t' * 32}"}, 200),
        "192.0.2.3": ({"authorization": f"Bearer {'u' * 32}"}, 404),
        "192.0.2.4": ({"authorization": "Bearer "}, 404),
    }
    for address, (headers, status) in asked.items():
        assert Client(REMOTE_ADDR=address).get(path, headers=headers).status_code == status, address


def test_proxy_that_nobody_has_declared_makes_nobody_local(db, settings):
    forwarded = {"x-forwarded-for": "127.0.0.1"}
    settings.TRUSTED_PROXIES = 0
    assert Client().get("/readyz", headers=forwarded).status_code == 404
    settings.TRUSTED_PROXIES = 1
    assert Client().get("/readyz", headers=forwarded).status_code == 200
    assert Client().get("/readyz", headers={"x-forwarded-for": "127.0.0.1, 192.0.2.1"}).status_code == 404
