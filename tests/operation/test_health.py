"""What a supervisor sees: whether the process is alive and ready, and why not; and who may see the details."""

import os
import shutil
import subprocess
import time
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from reporting import clock, outbox
from reporting.operation import readiness

from ..factories import DAY, at, make_seal
from ..outbox.test_outbox import choose
from ..served import ROOT
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


def test_not_ready_with_a_migration_that_waits(db):
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    status, verdicts = ready()
    assert (status, verdicts["migrations"]) == (503, "failed")


def test_not_ready_on_a_full_disk(db, settings, monkeypatch):
    settings.FREE_AT_LEAST = 1024
    for free, expected in ((GIB, (200, "ok")), (GIB - 1, (503, "failed"))):
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
    assert ready()[1]["clock"] == verdict


def test_clock_that_ntp_has_not_set_for_hours_is_a_warning(db, monkeypatch, tmp_path):
    def clock_part():
        [part] = [part for part in readiness.parts() if part.name == "clock"]
        return part.verdict.value, dict(part.figures)

    monkeypatch.setattr(readiness, "TIMESYNC", tmp_path / "timesync")
    assert clock_part() == ("ok", {})  # unknown
    (tmp_path / "timesync").mkdir()
    assert clock_part() == ("warning", {"clock_synchronised": False})
    file = tmp_path / "timesync" / "synchronized"
    for hours, expected in ((5, ("ok", True)), (7, ("warning", False))):
        file.touch()
        os.utime(file, 2 * (time.time() - hours * 3600,))
        assert clock_part() == (expected[0], {"clock_synchronised": expected[1]})


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
    outbox.write_messages("sealed", [choice], cause="x", at=at("2020-08-21 16:00"), day=DAY)
    for moment, verdict in (("2020-08-21 16:15", "ok"), ("2020-08-21 16:16", "warning")):
        with frozen(moment):
            assert ready()[1]["mails"] == verdict


def test_certificate_that_ends_soon_is_a_warning(db, settings, monkeypatch, tmp_path):
    file = tmp_path / "fullchain.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*made, "-days", "90", "-subj", "/CN=x", "-keyout", tmp_path / "key", "-out", file], check=True)
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    (tmp_path / "site").write_text(site.replace("/etc/bluezone-report/tls/fullchain.pem", str(file)))
    settings.PROXY_CONFIGURATION = str(tmp_path / "site")
    for days, verdict in ((0, "ok"), (70, "warning"), (91, "failed")):
        monkeypatch.setattr(clock, "machine", lambda days=days: timezone.now() + timedelta(days=days))
        assert ready()[1]["certificate"] == verdict


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
