"""An officer of several communes: a card each, one box each, one press, and a receipt for each."""

from datetime import timedelta

import pytest
from django.urls import reverse

from reporting.models import Report
from tests import factories as f
from tests.factories import DAY
from tests.views.visits import NOON, frozen, look, signed_in

YESTERDAY = DAY - timedelta(days=1)


@pytest.fixture
def officer(cast):
    f.make_cover(cast.neighbour, cast.officer, cast.district_clerk)
    f.make_report(cast.commune, YESTERDAY, installs=20, opening=3000)
    f.make_report(cast.neighbour, YESTERDAY - timedelta(days=1), installs=17, opening=2000)
    return cast.officer


def press(user, moment=NOON, **typed):
    shown = {"11407-covers": YESTERDAY.isoformat(), "typed_by": user.username}
    with frozen(moment):
        numbers = {f"{name[1:]}-installs": number for name, number in typed.items()}
        return signed_in(user).post(reverse("reporting:own_reports", args=[DAY]), shown | numbers, follow=True)


def recorded():
    found = Report.objects.filter(day=DAY, kind=Report.Kind.DAILY).order_by("unit__code")
    return [(report.unit.code, report.installs, report.covers_from) for report in found]


def test_one_press_sends_each_filled_box_and_leads_to_the_receipts(officer):
    page = look(officer, "own_reports", DAY)
    assert page.text.count("<section class=") == 2
    assert "đã gộp cả ngày 20/08" in page.text
    page = press(officer, _11416="24", _11407="")
    assert recorded() == [("11416", 24, None)]
    assert "Đã tiếp nhận 1 báo cáo." in page.text
    page = press(officer, _11407="31")
    assert recorded() == [("11407", 31, YESTERDAY), ("11416", 24, None)]
    for code in ("11407", "11416"):
        assert reverse("reporting:report_detail", args=[code, DAY]) in page.text
    assert 'name="11416-installs"' not in page.text  # a recorded number is corrected on the unit's own form


def test_what_is_asked_or_refused_stays_on_its_card_and_the_others_are_received(officer):
    page = press(officer, _11416="3020", _11407="31")
    assert (page.status_code, recorded()) == (422, [("11407", 31, YESTERDAY)])
    assert 'value="3020"' in page.text
    own = look(officer, "report", "11416", DAY)  # the question is open there
    assert 'value="3020"' in own.text or "3.020" in own.text
    assert press(officer, _11416="1o").status_code == 422
    assert press(officer, "2020-08-21 17:00", _11416="24").status_code == 422
    assert len(recorded()) == 1


def test_others_units_are_not_sent_for(cast, officer):
    press(cast.neighbour_officer, _11416="24")
    assert recorded() == []
    refused = [cast.leader, cast.admin, cast.city_clerk, cast.district_clerk]
    assert {look(person, "own_reports", DAY).status_code for person in refused} == {403}
