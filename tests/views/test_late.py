"""Late reports, missed days and requested corrections: the officer's side."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts
from reporting.models import LateRequest, Report

from .. import factories as f
from .visits import errors

LATE = f.at("2020-08-21 17:05")
DAY_BEFORE = f.DAY - timedelta(days=1)


@pytest.fixture
def late(client, cast):
    """The officer five minutes after the deadline; the day before is reported."""
    f.make_report(cast.commune, DAY_BEFORE, 20, opening=100, by=cast.officer)
    client.force_login(cast.officer)
    with time_machine.travel(LATE, tick=False):
        yield client


def address(unit, day=f.DAY, name="late_request"):
    return reverse(f"reporting:{name}", args=[unit.code, day])


def ask(client, unit, day=f.DAY, **typed):
    figures = {"installs": "88", "households_visited": "46", "note": "mưa", "base_version": "0", "reason": "mất điện"}
    return client.post(address(unit, day), {**figures, **typed})


def requests():
    return list(LateRequest.objects.waiting().values_list("day", "installs", "adjustment", "reason"))


def test_report_refused_by_the_hour_offers_a_late_report(late, cast):
    page = late.post(reverse("reporting:report", args=[cast.commune.code, f.DAY]), {"installs": "88"})
    form = page.text[page.text.index('<form class="report"') :].split("</form>")[0]
    assert page.status_code == 422
    assert f'action="{address(cast.commune)}"' in form
    assert 'name="installs" value="88"' in form
    assert (form.count('name="reason"'), form.count("<option")) == (1, 3)


def test_request_waits_and_does_not_count(late, cast):
    page = ask(late, cast.commune)
    assert page.url == f"{reverse('reporting:unit', args=[cast.commune.code])}?day=2020-08-21"
    assert not Report.objects.filter(day=f.DAY).exists()
    asked = LateRequest.objects.get()
    assert (asked.installs, asked.households_visited, asked.note) == (88, 46, "mưa")
    assert (asked.received_at, asked.by, asked.base_version) == (LATE, cast.officer, 0)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"installs": "1,5"}, "installs"),
        ({"installs": ""}, "installs"),
        ({"installs": "19.749"}, "installs"),
        ({"opening": "7"}, "__all__"),
    ],
)
def test_bad_request_comes_back_with_the_figures(late, cast, typed, field):
    page = ask(late, cast.commune, **typed)
    assert (page.status_code, list(errors(page)), requests()) == (422, [field], [])
    assert page.context["form"]["note"].value() == "mưa"


def test_reason_is_kept_and_a_doubtful_number_left_to_the_superior(late, cast):
    ask(late, cast.commune, reason="từ 15h", installs="5.000")
    assert requests() == [(f.DAY, 5000, 0, "từ 15h")]


def test_request_before_the_hour_is_an_ordinary_report(late, cast):
    with time_machine.travel(f.at("2020-08-21 16:00"), tick=False):
        shown, sent = late.get(address(cast.commune)), ask(late, cast.commune)
    report = reverse("reporting:report", args=[cast.commune.code, f.DAY])
    assert (shown.status_code, f'action="{report}"' in shown.text) == (200, True)
    assert (sent.status_code, Report.objects.get(day=f.DAY).installs, requests()) == (302, 88, [])


@pytest.mark.parametrize("day", [f.DAY + timedelta(days=1), f.FIRST_DAY, f.FIRST_DAY - timedelta(days=1)])
def test_day_that_may_not_be_asked_for_says_why(late, cast, day):
    shown, sent = late.get(address(cast.commune, day)), ask(late, cast.commune, day)
    assert (shown.status_code, sent.status_code, requests()) == (200, 422, [])
    assert shown.context["form"].why_not
    assert '<form class="report"' not in shown.text


def test_day_beyond_the_corrections_accuses_nobody_who_has_reported(client, cast):
    f.make_report(cast.commune, f.DAY, 20, opening=100, by=cast.officer)
    client.force_login(cast.officer)
    with time_machine.travel(LATE + timedelta(days=30), tick=False):
        pages = [client.get(address(cast.commune, name=name)) for name in ("report", "late_request")]
    for page in pages:
        assert "Đã khóa sổ lúc 17h00 ngày 21/08/2020; báo cáo của đơn vị đã được tính." in page.text
        assert "Đã hết hạn" not in page.text


def test_missed_day_is_sent_later(late, cast):
    missed = f.DAY - timedelta(days=3)
    page = ask(late, cast.commune, missed, installs="7", covers="day_only")
    assert (page.status_code, [request[:2] for request in requests()]) == (302, [(missed, 7)])


def test_first_report_of_a_unit_asks_for_the_opening_number(client, cast):
    client.force_login(cast.neighbour_officer)
    with time_machine.travel(LATE, tick=False):
        without, with_it = ask(client, cast.neighbour), ask(client, cast.neighbour, opening="50")
    assert (list(errors(without)), with_it.status_code) == (["opening"], 302)
    assert LateRequest.objects.get().opening == 50


def test_request_covers_the_days_missed_before(client, cast):
    f.make_report(cast.commune, f.DAY - timedelta(days=3), 20, opening=100)
    client.force_login(cast.officer)
    with time_machine.travel(LATE, tick=False):
        assert errors(ask(client, cast.commune)) == {"covers": ["covers"]}
        ask(client, cast.commune, covers=str(f.DAY - timedelta(days=2)))
    assert LateRequest.objects.get().covers_from == f.DAY - timedelta(days=2)


# Corrections.


def test_correction_of_a_report_that_is_there(late, cast):
    page = ask(late, cast.commune, DAY_BEFORE, installs="25", base_version="1", reason="gõ nhầm")
    assert page.status_code == 302
    asked = LateRequest.objects.get()
    assert (asked.installs, asked.adjustment, asked.base_version) == (25, 0, 1)
    assert Report.objects.get(day=DAY_BEFORE).installs == 20


def test_correction_that_changes_nothing_gets_the_receipt_again(late, cast):
    same = {"installs": "20", "households_visited": "", "note": "", "base_version": "1", "reason": "tính hai lần"}
    page = late.post(address(cast.commune, DAY_BEFORE), same, follow=True)
    assert (page.status_code, requests()) == (200, [])
    assert "Số liệu này đã được tiếp nhận" in page.text


def test_report_changed_meanwhile_shows_both(late, cast):
    late_by = {"by": cast.district_clerk, "at": LATE, "now": lambda: LATE, "reason": "điện thoại"}
    acts.enter(unit=cast.commune, day=f.DAY, installs=80, **late_by)
    page = ask(late, cast.commune, reason="số của tổ 5")
    assert (page.status_code, requests()) == (409, [])
    assert page.context["form"].standing.report.installs == 80
    assert page.context["form"]["base_version"].value() == "1"
    assert ask(late, cast.commune, reason="gõ nhầm", base_version="1").status_code == 302


# A waiting request.


def test_same_request_twice_is_one(late, cast):
    assert [ask(late, cast.commune).status_code for _ in range(2)] == [302, 302]
    assert len(requests()) == 1


def test_same_total_twice_is_one_request_whatever_it_gives_for_the_day(late, cast):
    total = {"installs": "", "cumulative": "208"}
    assert ask(late, cast.commune, **total).status_code == 302
    changed = {"installs": 25, "base_version": 1, "reason": "điện thoại", "now": lambda: LATE}
    acts.enter(unit=cast.commune, day=DAY_BEFORE, by=cast.district_clerk, at=LATE, **changed)
    assert ask(late, cast.commune, **total).status_code == 302
    assert ask(late, cast.commune, installs="88").status_code == 409  # the number that the total gave then
    assert [(one.installs, one.cumulative) for one in LateRequest.objects.all()] == [(88, 208)]


def test_same_first_total_twice_is_one_request(client, cast):
    """The total of a unit that never reported holds all days since the campaign began."""
    client.force_login(cast.neighbour_officer)
    total = {"installs": "", "cumulative": "60", "opening": "40"}
    with time_machine.travel(LATE, tick=False):
        pages = [ask(client, cast.neighbour, **total) for _ in range(2)]
    asked = LateRequest.objects.get()
    assert ([page.status_code for page in pages], asked.covers_from is None) == ([302, 302], False)


def test_second_request_is_refused_and_may_replace_the_first(late, cast):
    ask(late, cast.commune)
    first = LateRequest.objects.get()
    page = ask(late, cast.commune, installs="96")
    assert (page.status_code, [request[1] for request in requests()]) == (409, [88])
    assert f'name="replaces" value="{first.pk}"' in page.text
    assert page.context["form"]["installs"].value() == "96"
    assert ask(late, cast.commune, installs="96", replaces=first.pk).status_code == 302
    assert [request[1] for request in requests()] == [96]
    first.refresh_from_db()
    assert first.withdrawn_at == LATE


def test_waiting_request_is_shown_and_withdrawn(late, cast):
    ask(late, cast.commune)
    form = late.get(address(cast.commune))
    assert (form.context["form"].waiting.installs, '<form class="report"' in form.text) == (88, False)
    unit = late.get(reverse("reporting:unit", args=[cast.commune.code]))
    withdraw = address(cast.commune, name="late_withdraw")
    assert f'action="{withdraw}"' in form.text
    assert f'action="{withdraw}"' in unit.text
    assert late.post(withdraw, {"shown": f.shown_request(cast.commune)}).url == address(cast.commune)
    assert requests() == []
    again = late.get(address(cast.commune)).context["form"]
    assert (again["installs"].value(), again["note"].value()) == ("88", "mưa")


def test_total_is_shown_as_it_was_typed_and_offered_again(late, cast):
    ask(late, cast.commune, installs="", cumulative="208")
    pages = [late.get(reverse("reporting:unit", args=[cast.commune.code])), late.get(address(cast.commune))]
    assert ["lũy kế 208, số hộ mới đến vận động: 46" in page.text for page in pages] == [True, True]
    late.post(address(cast.commune, name="late_withdraw"), {"shown": f.shown_request(cast.commune)})
    again = late.get(address(cast.commune)).context["form"]
    assert (again["installs"].value(), again["cumulative"].value(), again.has_more) == (None, "208", True)


def test_head_of_the_page_says_what_was_typed_too(late, cast):
    ask(late, cast.commune, installs="", cumulative="208")
    void = {"reason": "nhầm", "base_version": 1, **f.stamp(cast.district_clerk, LATE)}
    acts.void(unit=cast.commune, day=DAY_BEFORE, **void)  # the day's number is not the 88 of the request any more
    head = late.get(reverse("reporting:unit", args=[cast.commune.code])).text.split("</h1>")[1].split("</div>")[0]
    assert ("lũy kế 208" in head, "88" in head) == (True, False)


# What other pages say.


def test_days_list_offers_the_missed_days(late, cast):
    page = late.get(reverse("reporting:unit", args=[cast.commune.code]))
    offered = [
        f.DAY - timedelta(days=back)
        for back in range(9)
        if address(cast.commune, f.DAY - timedelta(days=back)) in page.text
    ]
    assert offered == [f.DAY, *(f.DAY - timedelta(days=back) for back in range(2, 8))]
