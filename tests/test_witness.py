"""The witness on another machine sees a fault as an officer would, and tells it: when, what, and that it has gone."""

import os
import signal
from datetime import timedelta
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import SimpleNamespace

import pytest
from django.db import connection

from . import proxied, served
from .factories import at

UNIT = served.SILENT[0]
MORNING = at("2020-08-21 10:00")


@pytest.fixture
def witness(monkeypatch, tmp_path):
    """Its program, and the operator's mails as (moment, subject)."""
    loader = SourceFileLoader("witness", str(served.ROOT / "deploy" / "witness" / "witness"))
    program = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(program)
    day = SimpleNamespace(program=program, now=MORNING, mails=[], folder=tmp_path / "witness")
    day.folder.mkdir()

    def wait(minutes, job="minute"):
        for _minute in range(minutes):
            said = program.watch(job, day.now.timestamp(), day.folder)
            day.now += timedelta(minutes=1)
        return said

    day.wait = wait
    monkeypatch.setattr(program, "tell", lambda subject, _text: day.mails.append((f"{day.now:%H:%M}", subject)))
    return day


@pytest.mark.matrix
@pytest.mark.skipif(not os.path.exists(proxied.NGINX), reason="apt-get install nginx-light")
def test_day_with_five_faults(witness, monkeypatch, tmp_path):
    program, folder = witness.program, tmp_path / "proxy"
    folder.mkdir()
    with (
        served.database(tmp_path, vendor=connection.vendor) as database,
        proxied.server(database, clock=MORNING, folder=folder) as site,
    ):
        settings = {"SITE": f"https://localhost:{site.port}", "CERTIFICATES": str(site.certificate), "UNIT": UNIT}
        for name, value in {**settings, "USERNAME": UNIT, "PASSWORD": proxied.PASSWORD}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(program, "CERTIFICATE_LASTS", 86400)  # it lasts two days here
        assert witness.wait(3) == "ok"
        assert [row[1:] for row in database.history() if row[0] == UNIT] == [(1, 0)]  # the same receipt three times

        for worker in site.workers():
            os.kill(worker, signal.SIGSTOP)
        monkeypatch.setattr(program, "SECONDS", 2)
        witness.wait(3)
        for worker in site.workers():
            os.kill(worker, signal.SIGCONT)
        monkeypatch.setattr(program, "SECONDS", 20)
        assert witness.wait(1) == "ok"

        with monkeypatch.context() as ahead:
            now = program.time.time
            ahead.setattr(program, "time", SimpleNamespace(time=lambda: now() - 60))
            witness.wait(3)
        assert witness.wait(1) == "ok"

        with monkeypatch.context() as untrusted:
            (tmp_path / "other").mkdir()
            proxied._make_certificate(tmp_path / "other")
            untrusted.setenv("CERTIFICATES", str(tmp_path / "other" / "certificate.pem"))
            witness.wait(3)
        assert witness.wait(1) == "ok"

        with monkeypatch.context() as ending:
            ending.setattr(program, "CERTIFICATE_LASTS", 14 * 86400)
            witness.wait(3)
        assert witness.wait(1) == "ok"

        database.change(f"UPDATE reporting_user SET is_active = false WHERE username = '{UNIT}'")
        witness.wait(3)
    told = [(moment, subject.partition(":")[0].split(" ")[0]) for moment, subject in witness.mails]
    subjects = [subject for _moment, subject in witness.mails]
    assert [moment for moment, _subject in told] == [
        *("10:05", "10:06", "10:09", "10:10"),
        *("10:13", "10:14", "10:17", "10:18", "10:21"),
    ]
    assert subjects[1::2] == ["works again"] * 4
    for words, subject in zip(
        ("timed out", "clock is +", "CERTIFICATE_VERIFY_FAILED", "certificate ends in", "/accounts/login/"),
        subjects[::2],
        strict=True,
    ):
        assert words in subject


def test_night_takes_in_restores_and_verifies_the_newest_backup(witness, monkeypatch, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    monkeypatch.setenv("SITE", "https://bluezone.example.vn")
    monkeypatch.setenv("FETCH", f"cp -r {there}/.")
    monkeypatch.setenv("RESTORE", "grep -q whole")
    assert witness.wait(1, "night") == "no backup came in"
    for moment, text in (("20200819T010000Z", "whole"), ("20200821T010000Z", "cut off")):
        for beside in ("", ".ledger", ".sha256"):
            (there / f"bluezone-{moment}.pgdump.age{beside}").write_text(text)
    assert "was not restored" in witness.wait(1, "night")
    (there / "bluezone-20200821T010000Z.pgdump.age").write_text("whole")
    assert witness.wait(1, "night") == "ok"
    witness.now += timedelta(days=1)
    assert witness.wait(1, "night") == "the newest backup is of 2020-08-21 01:00 UTC"
    assert [subject for _moment, subject in witness.mails] == [
        "no backup came in",
        "works again",
        "the newest backup is of 2020-08-21 01:00 UTC",
    ]
