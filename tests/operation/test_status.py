"""What the operator is told at 16:45: twelve lines at most, green or what to do."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from prometheus_client import CollectorRegistry, Counter, Histogram

from reporting.management.commands import status
from reporting.operation import metrics, readiness

from ..factories import make_report
from ..views.visits import frozen


def said(moment="2020-08-21 16:45"):
    """Whether all is in order, and the verdict and the rest of each line by its name."""
    out = io.StringIO()
    with frozen(moment):
        try:
            call_command("status", "--seconds", "0", stdout=out)
            is_well = True
        except CommandError:
            is_well = False
    lines = [line.split(maxsplit=2) for line in out.getvalue().splitlines()]
    assert len(lines) <= 12
    return is_well, {name: (verdict, " ".join(rest)) for verdict, name, *rest in lines}


@pytest.fixture(autouse=True)
def _clock_of_the_database(monkeypatch):
    """The moment is frozen here, and a database server's clock runs on."""
    monkeypatch.setattr(readiness, "CLOCKS_APART", timedelta.max)


@pytest.fixture
def night(settings, tmp_path):
    """Both jobs of the night ended well."""
    settings.STATE_FOLDER = tmp_path
    with frozen("2020-08-21 02:45"):
        for job in (readiness.BACKUP, readiness.VERIFY):
            readiness.note(job, True, "7 rows")


@pytest.fixture
def server(monkeypatch, tmp_path):
    """What a server answers between the two looks: answers by status, and reports by their seconds."""
    answered, reports = {"302": 48}, {0.2: 40}

    def growing(folder):
        registry = CollectorRegistry()
        took = Histogram(
            "bluezone_request_seconds", "x", ["view", "method"], buckets=metrics.SECONDS, registry=registry
        )
        answers = Counter("bluezone_requests", "x", ["view", "method", "status"], registry=registry)
        if looks:
            for seconds, count in reports.items():
                for _report in range(count):
                    took.labels("reporting:report", "POST").observe(seconds)
            for status_, count in answered.items():
                answers.labels("reporting:report", "POST", status_).inc(count)
        looks.append(folder)
        return registry

    looks = []
    monkeypatch.setattr(status, "SERVER", tmp_path)
    monkeypatch.setattr(metrics, "counted", growing)
    return answered, reports


def test_all_in_order_is_green(cast, night, server):
    make_report(cast.commune)
    is_well, lines = said("2020-08-21 16:30")
    assert (is_well, {verdict for verdict, _rest in lines.values()}) == (True, {"ok"})
    assert lines["today"][1] == "31: 1 of 5 reported, 30 minutes to the hour"
    assert lines["requests"][1] == "48 in 0 s, 0 errors; reports take 0.25 s at most"


def test_what_is_wrong_says_what_to_do(cast, night, server):
    answered, reports = server
    answered["503"], reports[4] = 2, 8
    with frozen("2020-08-21 16:45"):
        readiness.note(readiness.BACKUP, False, "disk full")
    is_well, lines = said("2020-08-21 16:50")
    assert not is_well
    wrong = {name: rest for name, (verdict, rest) in lines.items() if verdict != "ok"}
    assert set(wrong) == {"today", "requests", "backup"}  # all five are silent ten minutes before the hour
    assert wrong["requests"].startswith("50 in 0 s, 2 errors; reports take 5 s at most -> ")
    assert wrong["backup"].endswith(" -> " + status.WHAT_TO_DO["backup"])


def test_every_part_has_something_to_do(cast, night, server):
    assert set(said()[1]) == set(status.WHAT_TO_DO)
