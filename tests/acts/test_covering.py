"""A missed day: what a report covers, what is asked about it, and what may still be sent for it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts
from reporting.figures import standings
from reporting.models import Report
from reporting.pages import unit_days

from .. import factories as f

NOON = f.at("2020-08-21 12:00")
TWO_BEFORE, DAY_BEFORE = f.DAY - timedelta(days=2), f.DAY - timedelta(days=1)


def opened(unit, *, last=f.DAY - timedelta(days=3)):
    """The unit's last reported day is `last`, with 100 installs before the campaign."""
    return f.make_report(unit, last, 10, opening=100)


def missed(unit, day=f.DAY):
    return standings.standing(unit, day).missed_before


def send(client, cast, *, moment=NOON, day=f.DAY, **typed):
    client.force_login(cast.officer)
    with time_machine.travel(moment, tick=False):
        return client.post(
            reverse("reporting:report", args=[cast.commune.code, day]), {"base_version": "0", "installs": "30", **typed}
        )


def covers(day=f.DAY):
    return Report.objects.get(unit__code="11416", day=day).covers_from


def test_missed_days_are_the_run_right_before(cast):
    opened(cast.commune)
    assert missed(cast.commune) == [TWO_BEFORE, DAY_BEFORE]


def test_nothing_is_missed_after_a_reported_day(cast):
    opened(cast.commune, last=DAY_BEFORE)
    assert missed(cast.commune) == []


def test_unit_that_never_reported_is_not_asked(cast):
    assert missed(cast.commune) == []


@pytest.mark.parametrize("above", ["city", "district", "commune"])
def test_exempt_day_is_not_missed(cast, above):
    opened(cast.commune)
    f.make_exempt_day(getattr(cast, above), DAY_BEFORE)
    assert (missed(cast.commune), missed(cast.commune, DAY_BEFORE)) == ([TWO_BEFORE], [TWO_BEFORE])


def test_covered_day_is_not_missed(cast):
    opened(cast.commune)
    f.make_report(cast.commune, covers_from=DAY_BEFORE)
    assert (missed(cast.commune), missed(cast.commune, DAY_BEFORE)) == ([TWO_BEFORE, DAY_BEFORE], [TWO_BEFORE])
    assert missed(cast.commune, f.DAY + timedelta(days=1)) == []


def test_missed_days_begin_with_the_campaign(cast):
    opened(cast.commune, last=f.FIRST_DAY)
    acts.void(
        unit=cast.commune, day=f.FIRST_DAY, reason="sai", base_version=1, by=cast.city_clerk, at=NOON, now=lambda: NOON
    )
    assert (missed(cast.commune)[0], len(missed(cast.commune))) == (f.FIRST_DAY, 15)


def test_standings_of_many_take_as_many_queries_as_of_one(cast, django_assert_num_queries):
    units = [cast.commune, *(f.make_unit(f"2{n:04d}", parent=cast.district, population=900) for n in range(12))]
    for unit in units:
        opened(unit)
    for some in (units[:1], units):
        with django_assert_num_queries(6):
            standings.standings(some, f.DAY)


def test_form_asks_what_the_number_covers(cast, client):
    opened(cast.commune)
    page = send(client, cast)
    assert (page.status_code, Report.objects.filter(day=f.DAY).count()) == (422, 0)
    assert [error.code for error in page.context["form"].errors.as_data()["covers"]] == ["covers"]
    assert page.context["form"]["installs"].value() == "30"


@pytest.mark.parametrize(("choice", "first"), [(str(TWO_BEFORE), TWO_BEFORE), ("day_only", None)])
def test_form_stores_what_the_number_covers(cast, client, choice, first):
    opened(cast.commune)
    assert send(client, cast, covers=choice).status_code == 302
    assert covers() == first


def test_form_does_not_ask_when_nothing_is_missed(cast, client):
    opened(cast.commune, last=DAY_BEFORE)
    assert send(client, cast).status_code == 302
    assert covers() is None


def test_total_includes_what_was_missed(cast, client):
    opened(cast.commune)
    assert send(client, cast, installs="", cumulative="140").status_code == 302
    report = Report.objects.get(day=f.DAY)
    assert (report.installs, report.covers_from) == (30, TWO_BEFORE)


def test_total_is_never_of_the_day_only(cast, client):
    opened(cast.commune)
    page = send(client, cast, installs="", cumulative="140", covers="day_only")
    assert (page.status_code, Report.objects.filter(day=f.DAY).exists()) == (422, False)
    assert "Tổng lũy kế gồm cả các ngày trước chưa báo cáo" in page.text
    assert send(client, cast, installs="30", cumulative="140", covers="day_only").status_code == 422
    assert send(client, cast, installs="", cumulative="140", covers=str(TWO_BEFORE)).status_code == 302
    assert covers() == TWO_BEFORE


def test_total_in_the_form_holds_exempt_days_and_none_that_waits(cast, client):
    opened(cast.commune)
    asked = acts.request(
        unit=cast.commune, day=TWO_BEFORE, installs=5, reason="x", by=cast.officer, at=f.at("2020-08-21 08:00")
    )
    page = send(client, cast, installs="", cumulative="140")
    assert (page.status_code, Report.objects.filter(day=f.DAY).exists()) == (409, False)
    assert "chờ tiếp nhận" in page.text
    withdrawn = {"unit": cast.commune, "day": TWO_BEFORE, "shown": asked.pk}
    acts.withdraw_request(**withdrawn, by=cast.officer, at=asked.received_at)
    f.make_exempt_day(cast.district, TWO_BEFORE)
    f.make_exempt_day(cast.district, DAY_BEFORE)
    assert send(client, cast, installs="", cumulative="140").status_code == 302
    assert covers() == TWO_BEFORE


def test_editing_keeps_what_is_covered(cast, client):
    opened(cast.commune)
    send(client, cast, covers=str(TWO_BEFORE))
    assert send(client, cast, installs="31", base_version="1").status_code == 302
    assert (covers(), Report.objects.get(day=f.DAY).installs) == (TWO_BEFORE, 31)


def test_form_shows_the_choice_that_stands(cast, client):
    opened(cast.commune)
    send(client, cast, covers=str(TWO_BEFORE))
    with time_machine.travel(NOON, tick=False):
        page = client.get(reverse("reporting:report", args=[cast.commune.code, f.DAY]))
    assert page.context["form"]["covers"].value() == str(TWO_BEFORE)


def test_same_figures_get_their_receipt_again_after_the_hour(cast, client):
    opened(cast.commune)
    send(client, cast, covers=str(TWO_BEFORE))
    again = send(client, cast, moment=f.at("2020-08-21 19:00"), covers=str(TWO_BEFORE))
    assert (again.status_code, Report.objects.get(day=f.DAY).version) == (302, 1)
    other = send(client, cast, moment=f.at("2020-08-21 19:00"), covers="day_only")
    assert (other.status_code, covers()) == (422, TWO_BEFORE)


def test_correction_by_the_superior_keeps_what_is_covered(cast):
    opened(cast.commune)
    f.make_report(cast.commune, covers_from=TWO_BEFORE)
    acts.enter(
        unit=cast.commune, day=f.DAY, installs=12, base_version=1, by=cast.district_clerk, at=NOON, now=lambda: NOON
    )
    assert covers() == TWO_BEFORE


def test_usual_number_is_multiplied_by_the_days_covered(cast, client):
    opened(cast.commune)
    assert send(client, cast, installs="100", covers="day_only").status_code == 422
    assert send(client, cast, installs="78", covers=str(TWO_BEFORE)).status_code == 302  # 26 a day, the mean is 10


def test_covered_day_says_so_and_offers_no_make_up(cast):
    opened(cast.commune)
    f.make_report(cast.commune, covers_from=DAY_BEFORE)
    lines = {line.day: line for line in unit_days.lines(cast.commune, [f.DAY, DAY_BEFORE, TWO_BEFORE], at=NOON)}
    assert {day: line.covered_by for day, line in lines.items()} == {f.DAY: None, DAY_BEFORE: f.DAY, TWO_BEFORE: None}
    assert [line.day for line in lines.values() if line.not_reported] == [DAY_BEFORE, TWO_BEFORE]
    assert [line.day for line in lines.values() if line.may_make_up] == [TWO_BEFORE]


def test_covered_day_cannot_be_asked_for(cast):
    opened(cast.commune)
    f.make_report(cast.commune, covers_from=DAY_BEFORE)
    ask = {"unit": cast.commune, "installs": 5, "reason": "x", "by": cast.officer, "at": NOON}
    with pytest.raises(acts.Covered):
        acts.request(day=DAY_BEFORE, **ask)
    assert acts.request(day=TWO_BEFORE, **ask).is_waiting


def test_covered_day_is_not_entered_until_the_later_report_is_of_its_day_alone(cast):
    opened(cast.commune)
    f.make_report(cast.commune, covers_from=DAY_BEFORE)
    entry = {"unit": cast.commune, "by": cast.district_clerk, "reason": "x", "at": NOON, "now": lambda: NOON}
    with pytest.raises(acts.Covered) as refusal:
        acts.enter(day=DAY_BEFORE, installs=5, **entry)
    assert (refusal.value.span.day, Report.objects.filter(day=DAY_BEFORE).count()) == (f.DAY, 0)
    acts.enter(day=f.DAY, installs=5, covers_from=None, base_version=1, **entry)
    assert acts.enter(day=DAY_BEFORE, installs=5, **entry).report.installs == 5


def test_form_of_a_reopened_day_that_is_covered_says_so(cast, client):
    opened(cast.commune)
    f.make_report(cast.commune, covers_from=DAY_BEFORE)
    f.make_reopening(cast.commune, cast.district_clerk, DAY_BEFORE, opened_at=NOON - timedelta(hours=1))
    page = send(client, cast, day=DAY_BEFORE, covers="day_only")
    assert (page.status_code, Report.objects.filter(day=DAY_BEFORE).count()) == (409, 0)
    assert page.context["form"].non_field_errors() == [
        "Số liệu ngày này đã gộp vào báo cáo ngày 21/08/2020 (10 máy cài mới, tính từ ngày 20/08/2020)."
    ]


def test_days_beyond_the_corrections_offer_no_make_up(cast):
    opened(cast.commune, last=f.FIRST_DAY)
    listed = [f.DAY - timedelta(days=back) for back in range(10)]
    lines = unit_days.lines(cast.commune, listed, at=f.at("2020-08-21 18:00"))
    assert [line.day for line in lines if line.may_make_up] == listed[1:8]  # today has its own box


def test_day_lines_take_as_many_queries_for_one_as_for_many(cast, django_assert_num_queries):
    opened(cast.commune, last=date(2020, 8, 10))
    for count in (1, 11):
        with django_assert_num_queries(5):
            unit_days.lines(cast.commune, [f.DAY - timedelta(days=back) for back in range(count)], at=NOON)


def test_later_day_never_falls_below_zero(cast):
    f.make_report(cast.commune, TWO_BEFORE, 100)
    f.make_report(cast.commune, DAY_BEFORE, 0)
    change = {"unit": cast.commune, "by": cast.city_clerk, "at": NOON, "now": lambda: NOON, "reason": "trùng"}
    acts.adjust(day=DAY_BEFORE, adjustment=-60, base_version=1, **change)
    with pytest.raises(acts.BelowCumulative):
        acts.adjust(day=TWO_BEFORE, adjustment=-50, base_version=1, **change)
    assert Report.objects.get(unit=cast.commune, day=DAY_BEFORE).cumulative == 40


@pytest.mark.parametrize("reported", [DAY_BEFORE, TWO_BEFORE], ids=["the last", "the first of two"])
def test_day_reported_by_itself_is_in_no_later_number_too(reported, cast, client):
    """The answer that the number includes the days before comes back as a question once they have a report."""
    opened(cast.commune)
    f.make_report(cast.commune, reported, 60)  # between the form and its answer
    answer = send(client, cast, installs="100", covers=str(TWO_BEFORE))
    assert (answer.status_code, answer.context["form"]["installs"].value()) == (409, "100")
    assert "(60 máy cài mới): gộp vào số này sẽ bị tính hai lần" in answer.text
    assert not Report.objects.filter(unit=cast.commune, day=f.DAY).exists()
    assert send(client, cast, installs="40", covers="day_only").status_code == 302
    assert standings.standing(cast.commune, f.DAY + timedelta(days=1)).cumulative_before == 100 + 10 + 60 + 40


def test_requests_that_hold_the_same_day_are_not_both_taken_in(cast):
    opened(cast.commune)
    evening = {"by": cast.officer, "at": f.at("2020-08-21 18:00"), "reason": "mất điện"}
    both = acts.request(unit=cast.commune, day=DAY_BEFORE, installs=100, covers_from=TWO_BEFORE, **evening)
    alone = acts.request(unit=cast.commune, day=TWO_BEFORE, installs=60, **evening)
    stamp = {"by": cast.district_clerk, "at": f.at("2020-08-21 18:30")}
    acts.decide(late_request=alone, is_accepted=True, **stamp)
    with pytest.raises(acts.ReportedAlone):
        acts.decide(late_request=both, is_accepted=True, **stamp)
    assert not Report.objects.filter(unit=cast.commune, day=DAY_BEFORE, installs__isnull=False).exists()


def test_cover_that_stands_is_left_when_other_figures_change(cast):
    opened(cast.commune)
    f.make_report(cast.commune, DAY_BEFORE, 100, covers_from=TWO_BEFORE)
    acts.enter(unit=cast.commune, day=DAY_BEFORE, installs=90, covers_from=TWO_BEFORE, base_version=1, reason="sai",
               by=cast.district_clerk, at=f.at("2020-08-21 18:30"))  # fmt: skip
    assert covers(DAY_BEFORE) == TWO_BEFORE


def test_day_reported_by_itself_is_in_no_number_of_the_grid_too(cast, client):
    opened(cast.commune)
    f.make_report(cast.commune, DAY_BEFORE, 60)
    client.force_login(cast.district_clerk)
    row = {"11416-installs": "100", "11416-covers": str(TWO_BEFORE), "11416-base_version": "0"}
    with time_machine.travel(NOON, tick=False):
        answer = client.post(reverse("reporting:entry", args=["306", f.DAY]), row)
    assert answer.status_code == 409
    assert ("tính hai lần" in answer.text, 'value="100"' in answer.text) == (True, True)
    assert not Report.objects.filter(unit=cast.commune, day=f.DAY).exists()
