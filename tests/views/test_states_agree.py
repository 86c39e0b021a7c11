"""All pages agree on a day that is returned, waiting, closed, confirmed or looked back at."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts, imports
from reporting.imports import KINDS, Sent
from reporting.models import Reopening, Report, SignOff

from .. import clerk, factories as f, sheets
from .visits import words_of

DAY, EVE = f.DAY, f.DAY - timedelta(days=1)
EVENING = f.at("2020-08-21 18:00")


def get(client, user, name, *args, moment=EVENING, **query):
    client.force_login(user)
    with time_machine.travel(moment, tick=False):
        return client.get(reverse(f"reporting:{name}", args=args), query)


@pytest.fixture
def returned(cast):
    """Đằng Hải's 88 of 21/08, returned at 17:30 until 20:00."""
    f.make_report(cast.commune, installs=88, opening=100)
    about = {"unit": cast.commune, "day": DAY, "until": f.at("2020-08-21 20:00"), "reason": "thừa"}
    acts.reopen(**about, base_version=1, **f.stamp(cast.district_clerk, f.at("2020-08-21 17:30")))
    return cast


# A return ends with the answer to it, whoever writes that.


def entering(cast, version):
    acts.enter(
        unit=cast.commune, day=DAY, installs=8, reason="x", base_version=version, **f.stamp(cast.city_clerk, EVENING)
    )


def voiding(cast, version):
    acts.void(unit=cast.commune, day=DAY, reason="x", base_version=version, **f.stamp(cast.district_clerk, EVENING))


def importing(cast, version):
    data = sheets.workbook(["Mã đơn vị", "Ngày", "Số máy cài mới"], [cast.commune.code, DAY, 8])
    table, source = clerk.read_table(KINDS["reports"], data, "a.xlsx")
    given = Sent(by=cast.city_clerk, at=EVENING, source=source, options={"reason": "giấy"})
    plan = imports.preview(KINDS["reports"], table, given)
    ticked = replace(given, consents=frozenset(plan.consents))
    imports.apply(KINDS["reports"], table, ticked, now=lambda: EVENING)


@pytest.mark.parametrize("act", [entering, voiding, importing])
def test_return_ends_with_what_is_written(act, returned):
    act(returned, 1)
    assert Reopening.objects.get().closed_at == EVENING


def test_day_is_not_confirmed_over_a_return_that_is_not_named(returned, client):
    f.make_report(returned.neighbour, installs=1)
    sign = {"unit": returned.district, "day": DAY, "versions": acts.versions_below(returned.district, DAY)}
    with pytest.raises(acts.ReasonMissing):
        acts.sign_off(**sign, **f.stamp(returned.district_clerk, EVENING))
    page = get(client, returned.district_clerk, "review", "306", DAY)
    assert (page.context["review"].owes_reason, 'name="reason"' in page.text) == (True, True)
    acts.sign_off(**sign, reason="Đằng Hải đang sửa", **f.stamp(returned.district_clerk, EVENING))


# A confirmation stays when an earlier day moves its cumulative, and the page says so.


@pytest.fixture
def confirmed(cast):
    """The district has confirmed 21/08 with 190; then 290 more were found for 20/08."""
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, EVE, installs=45, opening=0)
        f.make_report(unit, DAY, installs=50)
    sign = {"unit": cast.district, "versions": acts.versions_below(cast.district, DAY)}
    acts.sign_off(day=DAY, **sign, **f.stamp(cast.district_clerk, EVENING))
    enter = {"unit": cast.commune, "day": EVE, "installs": 335, "reason": "sót", "base_version": 1}
    acts.enter(**enter, **f.stamp(cast.district_clerk, f.at("2020-08-21 18:10")))
    return cast


def test_confirmation_whose_cumulative_an_earlier_day_moved_says_so(confirmed, client):
    later = f.at("2020-08-21 18:30")
    assert SignOff.objects.in_force().get().cumulative == 190
    words = words_of(get(client, confirmed.district_clerk, "review", "306", DAY, moment=later))
    assert "Số lũy kế đã xác nhận là 190, nay là 480. Số liệu của một ngày trước đó đã thay đổi." in words


def test_after_a_merger_the_district_whose_confirmed_day_moved_is_told(confirmed, client):
    """Cát Bi joins a ward of another district; then its report of 20/08 is corrected, which counted for Hải An."""
    f.make_report(confirmed.stranger, DAY, installs=5, opening=0)
    sign = {"unit": confirmed.other_district, "versions": acts.versions_below(confirmed.other_district, DAY)}
    acts.sign_off(day=DAY, reason="thiếu", **sign, **f.stamp(confirmed.other_clerk, EVENING))
    merged = {"effective_on": DAY + timedelta(days=1), "at": f.at("2020-08-21 19:00")}
    f.reorganise("action,code,into\nmerge,11407,11470", by=confirmed.city_clerk, **merged)
    enter = {"unit": confirmed.neighbour, "day": EVE, "installs": 40, "reason": "thừa", "base_version": 1}
    acts.enter(**enter, **f.stamp(confirmed.city_clerk, f.at("2020-08-22 09:00")))
    told = [
        words_of(get(client, confirmed.city_clerk, "review", code, DAY, moment=f.at("2020-08-22 10:00")))
        for code in ("306", "311")
    ]
    assert ["đã xác nhận là" in words for words in told] == [True, False]
    assert "Số lũy kế đã xác nhận là 190, nay là 475." in told[0]


# Looking back.


@pytest.fixture
def corrected(cast):
    """Đằng Hải sent 88 at 10:00, and later nothing; at 18:00 it was corrected to 96, and 20/08 was entered."""
    f.make_report(cast.commune, EVE - timedelta(days=1), installs=1, opening=100)
    f.make_report(cast.commune, DAY, installs=88)
    correct = {"unit": cast.commune, "day": DAY, "installs": 96, "reason": "sót", "base_version": 1}
    acts.enter(**correct, **f.stamp(cast.district_clerk, EVENING))
    acts.enter(unit=cast.commune, day=EVE, installs=7, reason="sót", **f.stamp(cast.district_clerk, EVENING))
    return cast


NOON, NIGHT = "2020-08-21T12:00", f.at("2020-08-21 20:00")


def test_receipt_as_it_stood(corrected, client):
    page = get(client, corrected.officer, "report_detail", "11416", DAY, moment=NIGHT, as_of=NOON)
    assert (page.context["report"].installs, page.context["row"].cumulative) == (88, 189)
    assert "không phải số hiện tại" in words_of(page)
    assert ("Lịch sử thay đổi" in words_of(page), "96" in words_of(page)) == (False, False)
    now = get(client, corrected.officer, "report_detail", "11416", DAY, moment=NIGHT)
    assert (now.context["report"].installs, now.context["row"].cumulative) == (96, 204)
    assert get(client, corrected.officer, "report_detail", "11416", EVE, moment=NIGHT, as_of=NOON).status_code == 404
    assert Report.objects.get(unit=corrected.commune, day=DAY).installs == 96


def test_days_of_a_unit_as_they_stood(corrected, client):
    page = get(client, corrected.officer, "report_list", "11416", moment=NIGHT, day=str(DAY), as_of=NOON)
    lines = {line.day: line.row for line in page.context["lines"]}
    assert (lines[DAY].installs, lines[EVE].installs, str(lines[EVE].status)) == (88, None, "missing")
    assert f'href="{reverse("reporting:report_detail", args=["11416", DAY])}?as_of=' in page.text
    assert "không phải số hiện tại" in words_of(page)
    now = get(client, corrected.officer, "report_list", "11416", moment=NIGHT)
    assert {line.day: line.row.installs for line in now.context["lines"]}[EVE] == 7
    assert (
        get(client, corrected.officer, "report_list", "11416", moment=NIGHT, as_of="2020-08-22T00:00").status_code
        == 422
    )


def test_discipline_as_it_was_known(corrected, client):
    span = {"from": str(EVE), "to": str(DAY)}
    page = get(client, corrected.officer, "discipline", "11416", moment=NIGHT, as_of=NOON, **span)
    own = page.context["lateness"].own
    assert (own.on_time, own.late, own.missing) == (1, 0, 1)
    assert "không phải số hiện tại" in words_of(page)
    assert get(client, corrected.officer, "discipline", "11416", moment=NIGHT, as_of="seal", **span).status_code == 422
    own = get(client, corrected.officer, "discipline", "11416", moment=NIGHT, **span).context["lateness"].own
    assert (own.on_time, own.late, own.missing) == (1, 1, 0)


def test_look_back_says_why_the_hour_was_moved(cast, client):
    f.make_extension(cast.commune, until=f.at("2020-08-21 18:30"), recorded_at=f.at("2020-08-21 09:00"))
    for query in ({}, {"as_of": "2020-08-21T10:30"}):
        page = get(client, cast.officer, "unit", "11416", moment=f.at("2020-08-21 11:00"), day=str(DAY), **query)
        assert "Gia hạn đến 18h30" in words_of(page)
