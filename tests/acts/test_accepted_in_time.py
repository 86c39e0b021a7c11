"""What an extension, an exempt day and a downtime accept by themselves: what an officer could have sent unasked."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.figures import rollup
from reporting.models import Downtime, ExemptDay

from .. import factories as f

pytestmark = pytest.mark.sql

ASKED, SET = f.at("2020-08-21 17:20"), f.at("2020-08-21 17:30")


@pytest.fixture
def reporting(cast):
    """A commune with a week of reports of five installs a day."""
    for days in range(7, 0, -1):
        f.make_report(cast.commune, f.DAY - timedelta(days=days), installs=5, opening=1000)
    return cast


def extend(cast):
    until = f.at("2020-08-21 18:00")
    acts.extend(unit=cast.city, day=f.DAY, until=until, reason="mất điện", **f.stamp(cast.city_clerk, SET))


def exempt(cast):
    day = ExemptDay(unit=cast.city, day=f.DAY, reason="bão", by=cast.city_clerk)
    acts.record_setting(day, top=cast.city, now=lambda: SET)


def excuse(cast):
    away = {"starts_at": f.at("2020-08-21 16:30"), "ends_at": f.at("2020-08-21 17:01"), "reason": "Mất điện"}
    acts.record_setting(Downtime(**away, by=cast.city_clerk), top=cast.city, now=lambda: SET)


def ask(cast, **figures):
    return f.ask(cast.commune, cast.officer, at=ASKED, **{"opening": None, **figures})


def decision(asked):
    asked.refresh_from_db()
    return asked.decision


MOVES = [extend, exempt, excuse]


@pytest.mark.parametrize("move", MOVES)
def test_first_report_is_accepted(reporting, move):
    asked = ask(reporting, installs=6)
    move(reporting)
    assert (decision(asked), asked.decided_by) == ("accepted", reporting.city_clerk)
    assert rollup.rows(reporting.commune, f.DAY).own.installs == 6


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("version", [0, 1])
def test_adjustment_waits_for_the_superior(reporting, move, version):
    if version:
        f.make_report(reporting.commune, installs=5)
    asked = ask(reporting, installs=None, adjustment=500, base_version=version)
    move(reporting)
    assert (decision(asked), rollup.rows(reporting.commune, f.DAY).own.adjustment) == ("", 0)


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("figures", [{"installs": 888}, {"installs": None, "cumulative": 9000}])
def test_figures_that_a_form_asks_about_wait_for_the_superior(reporting, move, figures):
    asked = ask(reporting, **figures)
    move(reporting)
    assert (decision(asked), rollup.rows(reporting.commune, f.DAY).own.installs) == ("", None)


@pytest.mark.parametrize("move", [extend, exempt])
@pytest.mark.parametrize(("installs", "decided"), [(7, "accepted"), (888, "")])
def test_correction_is_accepted_if_the_officer_could_have_sent_it_unasked(reporting, move, installs, decided):
    f.make_report(reporting.commune, installs=5)
    asked = ask(reporting, installs=installs, base_version=1)
    move(reporting)
    assert decision(asked) == decided
    assert rollup.rows(reporting.commune, f.DAY).own.installs == (installs if decided else 5)
