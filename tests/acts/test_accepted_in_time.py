"""What an extension, an exempt day and a downtime accept by themselves: what an officer could have sent unasked."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from reporting import acts
from reporting.acts import late_requests, locking
from reporting.figures import rollup
from reporting.forms.campaign import ExtensionForm
from reporting.models import Downtime, ExemptDay, Extension, LateRequest, Report

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
    f.extend(unit=cast.city, day=f.DAY, until=until, reason="mất điện", **f.stamp(cast.city_clerk, SET))


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


@pytest.fixture
def all_asking(reporting):
    """The commune, its neighbour and a commune of another district have asked for 6 each."""
    for unit, officer in ((reporting.neighbour, reporting.neighbour_officer), (reporting.stranger, None)):
        f.make_report(unit, f.DAY - timedelta(days=1), installs=5, opening=1000)
        f.ask(unit, officer or reporting.stranger_officer, at=ASKED, installs=6, opening=None)
    ask(reporting, installs=6)
    return reporting


def deliver(hour):
    with time_machine.travel(f.at(f"2020-08-21 {hour}"), tick=False):
        call_command("deliver")


def test_killed_act_leaves_nothing_half_done_and_the_timer_accepts_the_rest(all_asking, monkeypatch):
    close, closed = late_requests.close_request, []

    def close_one(*args):
        if closed:
            raise KeyboardInterrupt
        closed.append(close(*args))

    monkeypatch.setattr(late_requests, "close_request", close_one)
    with pytest.raises(KeyboardInterrupt):
        extend(all_asking)
    assert (Extension.objects.count(), LateRequest.objects.waiting().count()) == (1, 2)
    assert Report.objects.filter(day=f.DAY).count() == 1
    monkeypatch.undo()
    deliver("17:31")
    assert (LateRequest.objects.waiting().count(), Report.objects.filter(day=f.DAY).count()) == (0, 3)
    assert set(LateRequest.objects.values_list("decided_by", flat=True)) == {all_asking.city_clerk.pk}
    assert rollup.rows(all_asking.city, f.DAY).own.on_time == 3


def test_request_that_meets_a_busy_lock_is_accepted_by_the_next(all_asking, monkeypatch):
    def refuse(*args):
        raise OperationalError

    monkeypatch.setattr(locking, "lock", refuse)
    extend(all_asking)
    monkeypatch.undo()
    assert LateRequest.objects.waiting().count() == 3
    deliver("17:31")
    assert LateRequest.objects.waiting().count() == 0


def test_request_sent_after_the_record_waits_for_the_superior(reporting):
    excuse(reporting)
    asked = f.ask(reporting.commune, reporting.officer, at=f.at("2020-08-21 17:40"), installs=6, opening=None)
    deliver("17:41")
    assert decision(asked) == ""


def foreseen(cast):
    typed = {"unit": cast.city.pk, "day": "21/08/2020", "hour": "18:00", "reason": "mất điện"}
    form = ExtensionForm({f"extension-{name}": value for name, value in typed.items()}, by=cast.city_clerk, at=SET)
    assert form.is_valid()
    with CaptureQueriesContext(connection) as queries:
        form.show()
    return form.foreseen, len(queries)


def test_preview_counts_what_would_be_accepted_and_accepts_nothing(reporting):
    """As many queries for three requests as for one."""
    ask(reporting, installs=6)
    few, queries_of_few = foreseen(reporting)
    for unit, officer, installs in (
        (reporting.neighbour, reporting.neighbour_officer, 7),
        (reporting.stranger, reporting.stranger_officer, 4000),  # doubtful
    ):
        f.make_report(unit, f.DAY - timedelta(days=1), installs=5, opening=1000)
        f.ask(unit, officer, at=ASKED, installs=installs, opening=None)
    more, queries_of_more = foreseen(reporting)
    assert [line for line in few if "chờ" in line] == ["1 báo cáo đang chờ được tiếp nhận."]
    assert [line for line in more if "chờ" in line] == ["2 báo cáo đang chờ được tiếp nhận."]
    assert (queries_of_more, LateRequest.objects.waiting().count()) == (queries_of_few, 3)
    extend(reporting)
    assert LateRequest.objects.waiting().count() == 1
