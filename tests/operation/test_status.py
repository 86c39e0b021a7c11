"""What `status` tells the operator at 16:45: a line for each part, that it works or what to do."""

import io
import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from reporting.management.commands import status
from reporting.operation import machine, readiness

from ..factories import at, make_report
from ..views.visits import frozen


def read_status(moment="2020-08-21 16:45"):
    """Whether everything works; and the verdict and the rest of each line by its name."""
    out = io.StringIO()
    with frozen(moment):
        try:
            call_command("status", stdout=out)
            is_well = True
        except CommandError:
            is_well = False
    lines = [line.split(maxsplit=2) for line in out.getvalue().splitlines()]
    return is_well, {name: (verdict, " ".join(rest)) for verdict, name, *rest in lines}


@pytest.fixture(autouse=True)
def _clock_of_the_database(monkeypatch):
    """The time is frozen here, but a database server's clock continues."""
    monkeypatch.setattr(readiness, "CLOCKS_APART", timedelta.max)
    monkeypatch.setattr(readiness, "_error_by_ntp", lambda: timedelta(0))


@pytest.fixture
def night(settings, tmp_path):
    """Both nightly jobs ended well."""
    settings.STATE_FOLDER = tmp_path
    with frozen("2020-08-21 02:45"):
        for job in (readiness.BACKUP, readiness.VERIFY):
            readiness.note(job, True, "7 rows")


def test_all_in_order_is_green(cast, night):
    make_report(cast.commune)
    is_well, lines = read_status("2020-08-21 16:30")
    assert (is_well, {verdict for verdict, _rest in lines.values()}) == (True, {"ok"})
    assert lines["today"][1] == "31: 1 of 5 reported, 30 minutes to the hour"


def test_what_is_wrong_says_what_to_do(cast, night):
    with frozen("2020-08-21 16:45"):
        readiness.note(readiness.BACKUP, False, "disk full")
    is_well, lines = read_status("2020-08-21 16:50")
    assert not is_well
    wrong = {name: rest for name, (verdict, rest) in lines.items() if verdict != "ok"}
    assert set(wrong) == {"today", "backup"}  # none of the five has reported ten minutes before the deadline
    assert wrong["backup"].endswith(" -> " + status.WHAT_TO_DO["backup"])


TIMERS = ("bluezone-report-backup", "bluezone-report-seal", "bluezone-archive")


class Installed:
    """A machine on which deploy/install.sh has run: what systemd, the site and the operator's mail say."""

    def __init__(self, folder, monkeypatch):
        self.folder = folder
        self.healthz = f"ok\n{settings.RELEASE}\n"
        self.units = {}
        for name in TIMERS:
            self.units[f"{name}.timer"] = {
                "UnitFileState": "disabled" if name == "bluezone-archive" else "enabled",
                "ActiveState": "inactive" if name == "bluezone-archive" else "active",
                "LastTriggerUSec": "Fri 2020-08-21 16:40:00 +07",
            }
            self.units[f"{name}.service"] = {"Result": "success"}
            (folder / f"{name}.timer").touch()
        (folder / "bluezone-report.service").touch()
        self.tell(0, True)
        for name, path in {"UNITS": folder, "CLOSED": folder / "closed", "OPERATOR": folder}.items():
            monkeypatch.setattr(machine, name, path)
        monkeypatch.setattr(machine, "_ask", lambda path: self.healthz.strip())
        monkeypatch.setattr(machine, "_states", lambda units: {unit: self.units[unit] for unit in units})

    def tell(self, days, is_well):
        outcome = {
            "at": f"{at('2020-08-21 09:00') - timedelta(days=days)}",
            "is_well": is_well,
            "detail": "by sendmail",
        }
        (self.folder / "operator.json").write_text(json.dumps(outcome))

    def said(self, name):
        verdict, rest = read_status()[1][name]
        assert verdict == "ok" or status.WHAT_TO_DO[name] in rest
        return verdict, rest.partition(" -> ")[0]


@pytest.fixture
def installed(tmp_path, monkeypatch):
    return Installed(tmp_path, monkeypatch)


def test_every_part_has_something_to_do(cast, night, installed):
    is_well, lines = read_status("2020-08-21 12:00")
    assert set(lines) == set(status.WHAT_TO_DO)
    assert is_well, lines


def test_site_that_does_not_answer_is_not_ok(cast, night, installed, monkeypatch, settings):
    installed.healthz = "ok\n0.1"
    assert installed.said("site")[0] == "failed"
    monkeypatch.setattr(machine, "_ask", lambda path: readiness.connect_to_proxy())
    monkeypatch.setattr(readiness, "PROXY", ("127.0.0.1", 1))
    settings.PROXY_CONFIGURATION, settings.ALLOWED_HOSTS = "/etc/nginx/site", ["none.invalid"]
    assert installed.said("site") == ("failed", "ConnectionRefusedError")
    settings.PROXY_CONFIGURATION = ""  # the proxy is elsewhere: it is asked by the site's name
    assert installed.said("site") == ("failed", "gaierror")
    (installed.folder / "closed").write_text("an upgrade to v9 is under way\n")
    assert installed.said("site") == ("failed", "closed: an upgrade to v9 is under way")


@pytest.mark.parametrize(
    ("unit", "wrong"),
    [
        ("bluezone-report-seal.timer", {"ActiveState": "inactive"}),
        ("bluezone-report-seal.timer", {"UnitFileState": "disabled"}),
        ("bluezone-report-backup.service", {"Result": "exit-code"}),
        ("bluezone-archive.timer", {"UnitFileState": "enabled"}),
    ],
)
def test_timer_that_does_not_run_or_whose_job_failed_is_not_ok(unit, wrong, cast, night, installed):
    installed.units[unit] |= wrong
    verdict, rest = installed.said("timers")
    assert (verdict, unit in rest) == ("failed", True)


def test_systemd_that_does_not_answer_is_not_ok(cast, night, installed, monkeypatch):
    monkeypatch.setattr(machine, "_states", lambda units: {})
    assert installed.said("timers")[0] == "failed"


@pytest.mark.parametrize(
    ("days", "is_well", "verdict"), [(34, True, "ok"), (36, True, "warning"), (0, False, "warning")]
)
def test_operator_whom_no_mail_reaches_is_not_ok(days, is_well, verdict, cast, night, installed):
    installed.tell(days, is_well)
    assert installed.said("operator")[0] == verdict
    (installed.folder / "operator.json").unlink()
    assert installed.said("operator") == ("warning", "never")


def test_second_server_says_only_its_own(cast, night, installed, monkeypatch):
    monkeypatch.setattr(readiness, "SECOND", installed.folder / "bluezone-report.service")
    _is_well, lines = read_status()
    assert set(lines) == {"site", "operator", "static", "disk", "database", "migrations", "clock"}
