"""A question answered after the hour counts from before it: the same figures, of the same person, once."""

import re
from datetime import timedelta

import pytest

from reporting import acts
from reporting.models import FirstArrival, Report, User
from tests.factories import DAY, at, make_exempt_day, make_report, make_user

from .visits import errors, frozen, send, status_of, written

pytestmark = pytest.mark.sql

YESTERDAY = DAY - timedelta(days=1)
REFUSED, CONFLICT, STORED = 422, 409, 302
ANSWER = {"confirm": "on", "confirm_reason": "Khu công nghiệp"}
ASKED_IN_TIME = {"opening": "100", "installs": "80", "households_visited": "8", "note": "Mạng yếu"}


@pytest.mark.parametrize(
    "change",
    [
        {"installs": "81"},
        {"installs": "", "cumulative": "80"},
        {"installs": "", "cumulative": "180"},
        {"opening": "101"},
        {"households_visited": "9"},
        {"note": "Mạng yếu ở thôn 3"},
        {"base_version": "1"},
    ],
)
def test_report_answered_with_other_figures_is_late(change, cast):
    send(cast.officer, cast.commune, "2020-08-21 16:59", **ASKED_IN_TIME)
    page = send(cast.officer, cast.commune, "2020-08-21 17:05", **{**ASKED_IN_TIME, **ANSWER, **change})
    assert (page.status_code in (REFUSED, CONFLICT), written()) == (True, (0, 0))


def test_control_report_answered_with_the_same_figures_is_on_time(cast):
    send(cast.officer, cast.commune, "2020-08-21 16:59", **ASKED_IN_TIME)
    page = send(cast.officer, cast.commune, "2020-08-21 17:05", **ASKED_IN_TIME, **ANSWER)
    assert (page.status_code, status_of(cast.commune)) == (STORED, "on_time")


def test_of_several_figures_asked_about_before_the_hour_only_the_last_can_be_answered_after_it(cast):
    for installs in (80, 81, 82, 83, 84):
        send(cast.officer, cast.commune, "2020-08-21 16:58", opening="100", installs=installs)
    for installs in (80, 81, 82, 83):
        page = send(cast.officer, cast.commune, "2020-08-21 17:05", opening="100", installs=installs, **ANSWER)
        assert (errors(page), written()) == ({"__all__": ["after_deadline"]}, (0, 0))
    page = send(cast.officer, cast.commune, "2020-08-21 17:05", opening="100", installs=84, **ANSWER)
    assert (page.status_code, written()) == (STORED, (2, 2))


@pytest.mark.parametrize("base_version", ["0", "7"], ids=["an old version", "one that never was"])
def test_figures_collected_before_the_hour_by_conflicts_are_not_used_in_turns_after_it(base_version, cast):
    """Nor is one that never was a conflict at all."""
    make_report(cast.commune, installs=30)
    sent = [{"opening": "", "installs": number, "base_version": base_version} for number in (40, 50, 60, 70, 80)]
    for figures in sent:
        assert send(cast.officer, cast.commune, "2020-08-21 16:58", **figures).status_code == CONFLICT
    for version in (1, 2):
        for figures in reversed(sent):
            again = {**figures, "base_version": str(version)}
            send(cast.officer, cast.commune, "2020-08-21 17:05", **again)
    report = Report.objects.get(unit=cast.commune, day=DAY)
    taken = (80, 2) if base_version == "0" else (30, 1)  # the last one, for a conflict that was one
    assert (report.installs, report.version) == taken


def test_answer_is_given_once(cast):
    for installs in ("80", "80"):
        send(cast.officer, cast.commune, "2020-08-21 16:58", opening="100", installs=installs)
    send(cast.officer, cast.commune, "2020-08-21 17:02", opening="100", installs="80", **ANSWER)
    make = {"opening": "", "base_version": "1"}
    assert send(cast.officer, cast.commune, "2020-08-21 17:03", installs="79", **make).status_code == REFUSED
    assert FirstArrival.objects.count() == 0


def test_answer_after_the_seal_is_late(cast):
    make_report(cast.neighbour, installs=5)
    send(cast.officer, cast.commune, "2020-08-21 16:58", opening="100", installs="80")
    with frozen("2020-08-21 17:02"):
        acts.seal(unit=cast.city, day=DAY, reason="Sớm", by=cast.city_clerk, at=at("2020-08-21 17:02"))
    page = send(cast.officer, cast.commune, "2020-08-21 17:03", opening="100", installs="80", **ANSWER)
    assert (page.status_code, Report.objects.filter(unit=cast.commune).exists()) == (REFUSED, False)
    assert_closed_is_said(page)


def test_seal_that_comes_while_the_answer_is_checked_is_said(cast, monkeypatch):
    make_report(cast.neighbour, installs=5)
    send(cast.officer, cast.commune, "2020-08-21 16:58", opening="100", installs="80")
    submit = acts.submit

    def sealed_before(**given):
        acts.seal(unit=cast.city, day=DAY, reason="Sớm", by=cast.city_clerk, at=at("2020-08-21 17:03"))
        return submit(**given)

    monkeypatch.setattr(acts, "submit", sealed_before)
    page = send(cast.officer, cast.commune, "2020-08-21 17:03", opening="100", installs="80", **ANSWER)
    assert Report.objects.filter(unit=cast.commune).exists() is False
    assert_closed_is_said(page)


def assert_closed_is_said(page):
    """Not the question again: what is to be done now, with the figures still in the form."""
    assert errors(page) == {"__all__": ["after_deadline"]}
    said = re.search('<div class="summary".*?</div>', page.text, re.DOTALL)[0]
    assert ("Gửi báo cáo trễ hạn" in said, "Chưa gửi: đề nghị kiểm tra lại" in page.text) == (True, False)
    assert 'value="80"' in page.text


def test_control_answer_before_the_seal_is_on_time(cast):
    send(cast.officer, cast.commune, "2020-08-21 16:58", opening="100", installs="80")
    page = send(cast.officer, cast.commune, "2020-08-21 17:03", opening="100", installs="80", **ANSWER)
    assert (page.status_code, status_of(cast.commune)) == (STORED, "on_time")


@pytest.mark.parametrize("who", ["colleague", "other unit", "other day"])
def test_report_with_a_question_asked_elsewhere_is_late(who, cast):
    asked = {"opening": "100", "installs": "80"}
    colleague = make_user("11416-2", cast.commune)
    make_exempt_day(cast.city, YESTERDAY)
    day = YESTERDAY if who == "other day" else DAY
    page = send(cast.officer, cast.commune, "2020-08-21 16:59", day=day, **asked)
    assert errors(page) == {"__all__": ["confirm"]}
    if who == "other unit":
        User.objects.filter(pk=cast.officer.pk).update(unit=cast.neighbour)
        cast.officer.refresh_from_db()  # the session of the other unit has ended
    user, unit = (colleague if who == "colleague" else cast.officer), cast.officer.unit
    page = send(user, unit, "2020-08-21 17:05", **asked, **ANSWER)
    assert (page.status_code, errors(page), written()) == (REFUSED, {"__all__": ["after_deadline"]}, (0, 0))
