"""A missed day: which report covers it, what the form asks, and what can still be sent for it."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts
from reporting.figures import standings
from reporting.models import Report
from reporting.pages import receipts

from .. import factories as f

NOON = f.at("2020-08-21 12:00")
TWO_BEFORE, DAY_BEFORE = f.DAY - timedelta(days=2), f.DAY - timedelta(days=1)


def opened(unit, *, last=f.DAY - timedelta(days=3)):
    """The unit's last reported day is `last`, with 100 installs before the campaign."""
    return f.make_report(unit, last, 10, opening=100)


def missed(unit, day=f.DAY):
    return standings.standing_of(unit, day).missed_before


def send(client, cast, *, moment=NOON, day=f.DAY, **typed):
    client.force_login(cast.officer)
    with time_machine.travel(moment, tick=False):
        return client.post(
            reverse("reporting:report", args=[cast.commune.code, day]), {"base_version": "0", "installs": "30", **typed}
        )


def covers(day=f.DAY):
    return Report.objects.get(unit__code="11416", day=day).covers_from


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
    acts.void(unit=cast.commune, day=f.FIRST_DAY, reason="sai", base_version=1, **f.stamp(cast.city_clerk, NOON))
    assert (missed(cast.commune)[0], len(missed(cast.commune))) == (f.FIRST_DAY, 15)


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


def test_total_is_never_of_the_day_only(cast, client):
    opened(cast.commune)
    page = send(client, cast, installs="", cumulative="140", covers="day_only")
    assert (page.status_code, Report.objects.filter(day=f.DAY).exists()) == (422, False)
    assert "Tổng lũy kế gộp cả các ngày trước chưa báo cáo" in page.text
    assert send(client, cast, installs="30", cumulative="140", covers="day_only").status_code == 422
    assert send(client, cast, installs="", cumulative="140", covers=str(TWO_BEFORE)).status_code == 302
    assert covers() == TWO_BEFORE


def test_total_in_the_form_holds_exempt_days_and_none_that_waits(cast, client):
    opened(cast.commune)
    asked = acts.send_late_request(
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


def test_usual_number_is_multiplied_by_the_days_covered(cast, client):
    opened(cast.commune)
    assert send(client, cast, installs="100", covers="day_only").status_code == 422
    assert send(client, cast, installs="78", covers=str(TWO_BEFORE)).status_code == 302  # 26 a day, the mean is 10


def test_covered_day_says_so_and_offers_no_make_up(cast):
    opened(cast.commune)
    f.make_report(cast.commune, covers_from=DAY_BEFORE)
    lines = {line.day: line for line in receipts.day_lines(cast.commune, [f.DAY, DAY_BEFORE, TWO_BEFORE], at=NOON)}
    assert {day: line.covered_by for day, line in lines.items()} == {f.DAY: None, DAY_BEFORE: f.DAY, TWO_BEFORE: None}
    assert [line.day for line in lines.values() if line.row.not_reported] == [DAY_BEFORE, TWO_BEFORE]
    assert [line.day for line in lines.values() if line.may_make_up] == [TWO_BEFORE]
    [of_superior] = receipts.day_lines(cast.district, [TWO_BEFORE], at=NOON)
    assert (of_superior.row.not_reported > 0, of_superior.may_make_up) == (True, False)  # a superior sends no report


@pytest.mark.parametrize("reported", [DAY_BEFORE, TWO_BEFORE], ids=["the last", "the first of two"])
def test_day_reported_by_itself_is_in_no_later_number_too(reported, cast, client):
    """A number that includes earlier days is questioned again once those days have a report."""
    opened(cast.commune)
    f.make_report(cast.commune, reported, 60)  # between the form and its answer
    answer = send(client, cast, installs="100", covers=str(TWO_BEFORE))
    assert (answer.status_code, answer.context["form"]["installs"].value()) == (409, "100")
    assert "(60 máy cài mới) đã có báo cáo riêng: gộp vào số này sẽ bị tính hai lần" in answer.text
    assert not Report.objects.filter(unit=cast.commune, day=f.DAY).exists()
    assert send(client, cast, installs="40", covers="day_only").status_code == 302
    assert standings.standing_of(cast.commune, f.DAY + timedelta(days=1)).cumulative_before == 100 + 10 + 60 + 40
