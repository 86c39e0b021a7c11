"""A question answered after the deadline: the last figure sent before it is confirmed; no other can be chosen."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from reporting import acts, imports
from reporting.models import Report, Revision, UnconfirmedReport, User
from tests.factories import DAY, FIRST_DAY, at, make_cover, make_exempt_day, make_report, make_user, stamp
from tests.sheets import workbook

from .. import clerk
from .visits import errors, frozen, look, send, send_again, status_of, written

pytestmark = pytest.mark.sql

YESTERDAY = DAY - timedelta(days=1)
REFUSED, CONFLICT, STORED = 422, 409, 302
LATE = {"__all__": ["after_deadline"]}
ANSWER = {"confirm": "on", "explanation": "Khu công nghiệp"}
ASKED_IN_TIME = {"opening": "100", "installs": "80", "households_visited": "8"}
BEFORE, AFTER = "2020-08-21 16:59:50", "2020-08-21 17:00:14"


def ask(user, unit, moment=BEFORE, **typed):
    """Send a doubtful figure: nothing is stored as a report."""
    page = send(user, unit, moment, **{**ASKED_IN_TIME, **typed})
    assert errors(page) == {"confirm": ["confirm"]}
    return page


def answer(user, unit, moment=AFTER, **typed):
    return send(user, unit, moment, **{**ASKED_IN_TIME, **ANSWER, **typed})


def is_late(page):
    """Whether it becomes a late request, with the figure kept."""
    return page.status_code == REFUSED and errors(page) == LATE and page.context["form"].asks_reason


def test_confirmed_figure_is_in_time_and_says_when_it_was_confirmed(cast):
    page = send_again(cast.officer, cast.commune, ask(cast.officer, cast.commune), AFTER, **ANSWER)
    revision = Revision.objects.get(kind="own")
    assert (page.status_code, status_of(cast.commune)) == (STORED, "on_time")
    assert (revision.received_at, revision.confirmed_at) == (at(BEFORE), at(AFTER))
    for person in (cast.officer, cast.district_clerk):
        receipt = look(person, "report_detail", cast.commune.code, DAY, moment="2020-08-21 17:05")
        assert "xác nhận lúc 17:00:14" in receipt.text
    review = look(cast.district_clerk, "review", cast.district.code, DAY, moment="2020-08-21 17:05")
    assert "xác nhận lúc 17:00:14" in review.text


def test_figure_answered_before_the_hour_is_an_ordinary_one(cast):
    page = answer(cast.officer, cast.commune, BEFORE)
    assert (page.status_code, Revision.objects.get(kind="own").confirmed_at) == (STORED, None)


# Attempts that once succeeded, each over HTTP.


def test_figure_that_met_a_newer_report_before_the_hour_is_not_taken_after_it(cast):
    make_report(cast.commune, installs=7)
    assert send(cast.officer, cast.commune, BEFORE, installs="19").status_code == CONFLICT
    page = send(cast.officer, cast.commune, "2020-08-21 17:00:20", installs="19", base_version="1")
    assert (is_late(page), Report.objects.get(day=DAY).installs) == (True, 7)
    assert UnconfirmedReport.objects.count() == 0


def test_number_that_was_not_offered_as_a_total_is_not_read_as_one_after_the_deadline(cast):
    make_report(cast.commune, YESTERDAY, 88, opening=3324)
    page = ask(cast.officer, cast.commune, opening="", installs="3.000")
    before = written()
    chosen = send_again(cast.officer, cast.commune, page, AFTER, as_cumulative="on")
    assert (chosen.status_code, written()) == (REFUSED, before)
    assert send_again(cast.officer, cast.commune, page, AFTER, **ANSWER).status_code == STORED
    assert Report.objects.get(day=DAY).installs == 3000


def test_total_is_confirmed_as_it_was_typed_whatever_happens_to_an_earlier_day(cast):
    make_report(cast.commune, YESTERDAY, 88, opening=3324)
    page = ask(cast.officer, cast.commune, opening="", installs="", cumulative="7.000")
    clerk = {"by": cast.district_clerk, "at": at(BEFORE)}
    acts.void(unit=cast.commune, day=YESTERDAY, reason="nhập nhầm", base_version=1, **clerk)
    assert send_again(cast.officer, cast.commune, page, AFTER, installs="", **ANSWER).status_code == STORED
    report = Report.objects.get(unit=cast.commune, day=DAY)
    assert (report.installs, report.cumulative, report.covers_from) == (7000 - 3324, 7000, FIRST_DAY)


def test_what_a_figure_covers_is_not_chosen_after_the_hour(cast):
    make_report(cast.commune, YESTERDAY - timedelta(days=1), 10, opening=100)
    page = send(cast.officer, cast.commune, BEFORE, opening="", installs="20")
    assert errors(page) == {"covers": ["covers"]}
    for choice in (str(YESTERDAY), "day_only"):
        assert is_late(send_again(cast.officer, cast.commune, page, AFTER, covers=choice))


def test_each_further_account_or_cover_of_a_unit_adds_no_option(cast):
    colleague = make_user("11416-2", cast.commune)
    make_cover(cast.commune, cast.neighbour_officer, cast.district_clerk)
    people = {cast.officer: "80", colleague: "90", cast.neighbour_officer: "95"}
    for person, installs in people.items():
        ask(person, cast.commune, installs=installs)
    for person, installs in list(people.items())[:2]:
        assert is_late(answer(person, cast.commune, installs=installs))
    assert is_late(answer(cast.officer, cast.commune, installs="95"))  # the last figure, sent by another person
    assert answer(cast.neighbour_officer, cast.commune, installs="95").status_code == STORED


# Only that figure, and only once.


@pytest.mark.parametrize(
    "change",
    [
        {"installs": "81"},
        {"installs": "", "cumulative": "80"},
        {"installs": "", "cumulative": "180"},
        {"opening": "101"},
        {"households_visited": "9"},
        {"note": "Mạng yếu ở thôn 3"},
    ],
)
def test_other_figures_are_late(change, cast):
    ask(cast.officer, cast.commune)
    assert (is_late(answer(cast.officer, cast.commune, **change)), written()) == (True, (0, 0))


@pytest.mark.parametrize(
    "later", [{"installs": "81"}, {"installs": "1,5"}, {"installs": "99.999"}, {"installs": "3", "base_version": "1"}]
)
def test_each_sending_before_the_deadline_replaces_the_last(later, cast):
    """Whether a question, a refusal or a conflict followed."""
    ask(cast.officer, cast.commune)
    send(cast.officer, cast.commune, BEFORE, **{**ASKED_IN_TIME, **later})
    assert (is_late(answer(cast.officer, cast.commune)), written()) == (True, (0, 0))


def test_sending_after_the_hour_takes_no_ones_place(cast):
    ask(cast.officer, cast.commune)
    assert is_late(answer(cast.officer, cast.commune, installs="81"))
    assert answer(cast.officer, cast.commune).status_code == STORED


def test_same_figures_sent_again_after_the_hour_are_asked_about_again(cast):
    page = ask(cast.officer, cast.commune)
    page = send_again(cast.officer, cast.commune, page, "2020-08-21 17:00:01")
    assert errors(page) == {"confirm": ["confirm"]}
    page = send_again(cast.officer, cast.commune, page, "2020-08-21 17:03", confirm="on")
    assert errors(page) == {"explanation": ["required"]}
    assert send_again(cast.officer, cast.commune, page, "2020-08-21 17:08", **ANSWER).status_code == STORED


@pytest.mark.parametrize(("moment", "is_in_time"), [("2020-08-21 17:09:50", True), ("2020-08-21 17:09:50.001", False)])
def test_figure_is_confirmed_within_ten_minutes(moment, is_in_time, cast):
    ask(cast.officer, cast.commune)
    assert (answer(cast.officer, cast.commune, moment).status_code == STORED) is is_in_time


def test_figure_asked_about_after_the_hour_is_late(cast):
    for _again in range(2):
        assert is_late(answer(cast.officer, cast.commune, "2020-08-21 17:00"))


def test_figure_is_confirmed_once_and_not_over_a_report(cast):
    ask(cast.officer, cast.commune)
    answer(cast.officer, cast.commune)
    void = {"unit": cast.commune, "day": DAY, "reason": "sai", "base_version": 1, "by": cast.district_clerk}
    acts.void(**void, at=at("2020-08-21 17:02"), now=lambda: at("2020-08-21 17:02"))
    assert is_late(answer(cast.officer, cast.commune, "2020-08-21 17:03", opening="", base_version="2"))


def test_figure_is_not_confirmed_over_what_the_superior_has_entered(cast):
    ask(cast.officer, cast.commune)
    told = {"installs": 60, "opening": 100, "reason": "điện thoại", "by": cast.district_clerk}
    acts.enter(unit=cast.commune, day=DAY, **told, at=at("2020-08-21 17:01"), now=lambda: at("2020-08-21 17:01"))
    page = answer(cast.officer, cast.commune, "2020-08-21 17:02", opening="", base_version="1")
    assert (is_late(page), Report.objects.get(day=DAY).installs) == (True, 60)


def entered(cast, moment):
    acts.enter(unit=cast.commune, day=DAY, installs=5, opening=100, **stamp(cast.district_clerk, moment))


def imported(cast, moment):
    data = workbook(["Mã đơn vị", "Ngày", "Số máy cài mới", "Số máy đã cài trước đợt"], ["11416", DAY, 5, 100])
    table, source = clerk.read_table(imports.KINDS["reports"], data, "a.xlsx")
    given = imports.Sent(by=cast.district_clerk, at=moment, source=source)
    imports.apply(imports.KINDS["reports"], table, given, now=lambda: moment)


@pytest.mark.parametrize("overtake", [entered, imported])
def test_figure_that_another_has_overtaken_is_not_confirmed_after_that_is_voided(overtake, cast):
    ask(cast.officer, cast.commune, "2020-08-21 16:58")
    overtake(cast, at("2020-08-21 16:59"))
    assert Report.objects.get(unit=cast.commune, day=DAY).installs == 5
    void = stamp(cast.district_clerk, at("2020-08-21 17:01"))
    acts.void(unit=cast.commune, day=DAY, reason="nhập nhầm", base_version=1, **void)
    page = answer(cast.officer, cast.commune, "2020-08-21 17:02", opening="", base_version="2")
    assert (is_late(page), UnconfirmedReport.objects.count()) == (True, 0)


@pytest.mark.parametrize("sealed", ["before", "while it is checked"])
def test_figure_is_not_confirmed_after_the_seal(sealed, cast, monkeypatch):
    make_report(cast.neighbour, installs=5)
    ask(cast.officer, cast.commune)
    submit, moment = acts.submit, "2020-08-21 17:03"

    def seal():
        acts.seal(unit=cast.city, day=DAY, reason="Sớm", by=cast.city_clerk, at=at("2020-08-21 17:02"))

    def sealed_before(**given):
        seal()
        return submit(**given)

    if sealed == "before":
        with frozen("2020-08-21 17:02"):
            seal()
    else:
        monkeypatch.setattr(acts, "submit", sealed_before)
    page = answer(cast.officer, cast.commune, moment)
    assert (is_late(page), Report.objects.filter(unit=cast.commune).exists()) == (True, False)
    said = re.search('<div class="summary".*?</div>', page.text, re.DOTALL)[0]
    assert ("Gửi báo cáo trễ hạn" in said, "Chưa gửi: đề nghị kiểm tra lại" in page.text) == (True, False)
    assert 'value="80"' in page.text


@pytest.mark.parametrize("where", ["other unit", "other day"])
def test_figure_asked_about_elsewhere_is_late(where, cast):
    make_exempt_day(cast.city, YESTERDAY)
    ask(cast.officer, cast.commune, day=YESTERDAY if where == "other day" else DAY)
    if where == "other unit":
        User.objects.filter(pk=cast.officer.pk).update(unit=cast.neighbour)
        cast.officer.refresh_from_db()  # the session of the other unit has ended
    assert (is_late(answer(cast.officer, cast.officer.unit)), written()) == (True, (0, 0))


# The superior's grid.


def enter(cast, moment, **typed):
    client = Client()
    with frozen(moment):
        client.force_login(cast.district_clerk)
        row = {"installs": "80", "opening": "100", **typed}
        sent = {f"{cast.commune.code}-{name}": value for name, value in row.items()}
        return client.post(reverse("reporting:entry", args=[cast.district.code, DAY]), sent)


def test_row_is_confirmed_after_the_hour_without_a_reason(cast):
    assert enter(cast, BEFORE).status_code == REFUSED
    assert enter(cast, AFTER, confirm="on").status_code == STORED
    assert (status_of(cast.commune), Revision.objects.get(kind="on_behalf").confirmed_at) == ("on_time", at(AFTER))


def test_row_and_report_take_one_anothers_place(cast):
    ask(cast.officer, cast.commune)
    assert enter(cast, BEFORE, installs="85").status_code == REFUSED
    assert is_late(answer(cast.officer, cast.commune))
    ask(cast.officer, cast.commune)
    assert (enter(cast, AFTER, installs="85", confirm="on").status_code, written()) == (REFUSED, (0, 0))
