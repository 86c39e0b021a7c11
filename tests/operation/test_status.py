"""What `status` tells the operator at 16:45: at most twelve lines; each says that all is well, or what to do."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from reporting.management.commands import status
from reporting.operation import readiness

from ..factories import make_report
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
    assert len(lines) <= 12
    return is_well, {name: (verdict, " ".join(rest)) for verdict, name, *rest in lines}


@pytest.fixture(autouse=True)
def _clock_of_the_database(monkeypatch):
    """The time is frozen here, but a database server's clock continues."""
    monkeypatch.setattr(readiness, "CLOCKS_APART", timedelta.max)


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


def test_every_part_has_something_to_do(cast, night):
    assert set(read_status()[1]) == set(status.WHAT_TO_DO)
