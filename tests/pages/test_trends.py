"""The days before the day: the same rows as the tables, as of now or as known then; pace, rank, denominators."""

import re
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest

from reporting.figures import history, rollup
from reporting.figures.pace import Kind
from reporting.figures.rates import Rate
from reporting.models import Unit
from reporting.pages import trends
from tests.prepared import prepared

from .. import factories as f
from ..views.visits import look

DAYS = [f.DAY - timedelta(days=back) for back in range(9, -1, -1)]
ADDED = Rate.__add__
NOON, EVENING = f.at("2020-08-21 12:00"), f.at("2020-08-21 18:00")


@prepared
def reported(cast):
    """Ten days of the commune, nine of its neighbour; today the commune has not reported yet."""
    for number, day in enumerate(DAYS[:-1]):
        f.make_report(cast.commune, day, installs=10 + number, opening=1000, households_visited=5)
        if number != 4:
            f.make_report(cast.neighbour, day, installs=20 + number, opening=3000, households_visited=7)
    f.make_report(cast.neighbour, installs=40)
    return cast


def trend(unit, *, at=NOON, as_of=None, day=f.DAY):
    return trends.trend(unit, rollup.rows(unit, day, as_of, at=at), at=at)


def test_first_day_of_a_campaign_has_itself_alone(cast):
    found = trend(cast.city, day=f.FIRST_DAY)
    assert [(past.day, past.installs, past.cumulative) for past in found.recent.days] == [(f.FIRST_DAY, None, None)]
    assert (found.yesterday, found.pace.kind, found.pace.mean) == (None, Kind.UNKNOWN, None)


def test_pace_of_a_commune_before_and_after_the_hour(reported):
    f.make_directive(DAYS[-1], target_date=f.DAY + timedelta(days=9), number="2/CV")
    before, after = (trend(reported.commune, at=at).pace for at in (NOON, EVENING))
    missing = 11849 - (1000 + sum(range(10, 19)))
    needed = -(-(missing - 15) // 9)  # the usual fifteen are still to come today
    assert before.mean == sum(range(12, 19)) / 7 == 15
    for found in (before, after):  # the hour changes nothing: the commune is still silent
        assert (found.missing, found.days_left, found.needed_per_day) == (missing, 9, needed)


def test_installs_needed_are_not_said_while_others_have_never_reported(cast):
    """At 10:00 of the first day the city was said to need ten thousand installs a day more than at 17:00."""
    f.make_directive(f.FIRST_DAY, target_date=f.FIRST_DAY + timedelta(days=10), number="2/CV")
    f.make_report(cast.commune, f.FIRST_DAY, installs=8, opening=1841)
    first = {"day": f.FIRST_DAY, "at": f.at(f"{f.FIRST_DAY} 18:00")}
    early = "Chưa đủ số liệu để dự báo: chưa có báo cáo của các ngày trước."
    said = [trend(unit, **first).verdict.sentence() for unit in (cast.city, cast.commune)]
    assert said == [early, f"{early} Mỗi ngày cần 1.000 máy."]


def test_page_has_one_mean_of_seven_days(reported):
    """That of the days before: with the part of the open day in it, the chart had another than the forecast.

    By hand: 4,358 so far, 15 still to come today, and 9 days of 40.17 are 4,734 of 34,098.
    """
    f.make_directive(DAYS[-1], target_date=f.DAY + timedelta(days=9), number="2/CV")
    text = look(reported.district_clerk, "unit", "306", query="?state=result").text
    assert re.findall(r"Hiện nay</dt>\s*<dd><strong>(.*?)<", text) == ["40"]
    assert {" ".join(words.split()) for words in re.findall(r'(?i)bình quân[^<"]*', text)} == {
        "Bình quân 7 ngày liền trước 40 máy mỗi ngày (13/14 báo cáo)",
        "bình quân 7 ngày, đến ngày 30/08/2020 đạt 13,88%, trong khoảng 13,72% đến 14,03%.",
    }


def test_pages_of_an_incomplete_day_say_so_beside_the_share_and_in_the_picture(reported):
    """The city's, and the leader's."""
    for person, query in ((reported.city_clerk, "?state=result"), (reported.leader, "")):
        text = look(person, "unit", "31", query=query).text
        assert re.findall(r"Ngày 21/08/2020 đạt [^,]*,\d\d% ?([^<\"]*), chỉ tiêu 60%", text)[0] == "(tạm tính, 1/4)"
    page = look(reported.city_clerk, "unit", "31", query="?state=result").text
    assert ("is-hatched" in page, page.count('class="provisional">tạm tính, 1/4<')) == (True, 1)


def test_nothing_has_come_is_not_said_to_be_no_growth(reported):
    early, noon = (look(reported.leader, "unit", code, query="").text for code in ("311", "31"))
    assert ["so với 20/08" in text for text in (early, noon)] == [False, True]


def test_pace_divides_a_report_of_several_days_at_every_level(cast):
    """Of thirty installs in a report of ten days, each day has three, for the unit and for all above."""
    f.make_report(cast.commune, DAYS[0] - timedelta(days=1), installs=10, opening=0)
    f.make_report(cast.commune, DAYS[-1], installs=30, covers_from=DAYS[0])
    for unit in (cast.neighbour, cast.stranger, cast.island):
        for day in DAYS[-4:]:
            f.make_report(unit, day, installs=7, opening=0)
    tomorrow = {"at": f.at("2020-08-22 18:00"), "day": f.DAY + timedelta(days=1)}
    for unit, mean in ((cast.commune, 3), (cast.district, 3 + 7), (cast.city, 3 + 3 * 7)):
        for as_of in (None, f.at("2020-08-22 17:30")):
            assert trend(unit, as_of=as_of, **tomorrow).pace.mean == mean
    early = trend(cast.district, at=EVENING, as_of=f.at("2020-08-20 17:30"))
    assert early.recent.rates.by_code["306"].known == 1  # the neighbour's: the commune has not sent its total yet


def test_new_installs_of_several_days_are_said_to_be_so(cast):
    """On the page, in bulletin, paper and workbook; for the day alone, and as it was known."""
    f.make_report(cast.neighbour, DAYS[-2], installs=60, opening=0, covers_from=DAYS[-4])
    f.make_report(cast.commune, installs=30, opening=0, covers_from=DAYS[-3])
    f.make_report(cast.neighbour, installs=5)
    words = "trong đó 30 máy là số gộp nhiều ngày (1 đơn vị)"
    for unit in (cast.city, cast.district):
        assert trend(unit).recent.several_words() == words
        assert words in look(cast.city_clerk, "unit", unit.code, query="?state=result").text
        assert words in look(cast.city_clerk, "bulletin", unit.code, f.DAY).text
    assert trend(cast.neighbour).recent.several_words() == trend(cast.stranger).recent.several_words() == ""
    figures = rollup.rows(cast.city, f.DAY)
    assert [(row.code, first) for row, first in history.multi_day_reports(figures)] == [("11416", DAYS[-3])]
    assert history.multi_day_reports(rollup.rows(cast.city, f.DAY, f.at("2020-08-21 09:00"))) == []


def test_few_totals_of_many_units_are_no_pace(cast):
    """One unit of four has given its total, the others nothing: no date for the city, and the page says why."""
    f.make_directive(f.FIRST_DAY, target_date=f.DAY + timedelta(days=10), number="2/CV")
    f.make_report(cast.commune, DAYS[-2], installs=9000, opening=0, covers_from=f.FIRST_DAY)
    found = trend(cast.city, at=EVENING).pace
    assert (found.kind, found.mean, found.reached_on) == (Kind.UNKNOWN, None, None)
    text = look(cast.city_clerk, "unit", "31", moment="2020-08-21 18:00", query="?state=result").text
    assert "Chưa đủ số liệu để dự báo (7 ngày liền trước mới có 7/28 báo cáo)" in text
    assert "Kịp 60%" not in text


def test_pace_of_a_merged_unit_is_of_all_its_parts(cast):
    """Also on the days before: the successor's sum includes both units."""
    for day in DAYS[:-1]:
        for unit in (cast.commune, cast.neighbour, cast.stranger):
            f.make_report(unit, day, installs=10, opening=0)
    f.make_report(cast.commune, f.DAY, installs=20)
    Unit.objects.filter(pk=cast.neighbour.pk).update(closed_on=f.DAY, successor=cast.commune)
    assert trend(cast.commune, at=EVENING).pace.mean == 20
    assert trend(cast.district, at=EVENING).pace.mean == 20
    assert trend(cast.commune, at=EVENING, day=DAYS[-2]).pace.mean == 10
    Unit.objects.filter(pk=cast.neighbour.pk).update(successor=cast.stranger)
    assert trend(cast.district, at=EVENING).pace.mean == 10
    assert trend(cast.stranger, at=EVENING).pace.mean == 20


def test_chart_says_that_its_days_are_counted_with_other_units_or_people_than_then(reported):
    """Only for changes that reached the unit, and were known then."""
    reported.neighbour.close(on=DAYS[-3], into=reported.commune)
    f.make_unit("11999", parent=reported.district, name="Mới", opened_on=DAYS[-2])
    units = (reported.commune, reported.district, reported.city, reported.stranger)
    assert [trend(unit).recent.is_restated for unit in units] == [True, False, False, False]
    f.make_base(reported.commune, population=20_000, effective_on=f.DAY)
    assert [trend(unit).recent.is_restated for unit in units] == [True, True, True, False]
    assert not trend(reported.district, day=DAYS[-2]).recent.is_restated
    pages = [look(reported.city_clerk, "unit", unit.code, query="?state=result") for unit in units[1:3]]
    pages.append(look(reported.city_clerk, "bulletin", "306", f.DAY))
    assert [page.text.count("Các ngày đều được tính theo đơn vị và dân số") for page in pages] == [
        1,
        1,
        1,
    ]


def of_district(cast):
    return look(cast.district_clerk, "unit", "306", query="?state=result").text


def test_share_of_households_needs_every_base(reported):
    assert trend(reported.district).base_words == []
    for unit, households in ((reported.commune, 5000), (reported.neighbour, 4000)):
        f.make_base(unit, population=9999, effective_on=f.FIRST_DAY, households=households)
    found = trend(reported.district)
    assert found.figures.own.households_so_far == 9 * 5 + 8 * 7
    assert found.base_words == ["đã đến vận động 101/9.000 hộ (1,12%)"]
    assert trend(reported.city).base_words == []  # the stranger has no number of households
    assert "đã đến vận động 101/9.000 hộ (1,12%)" in of_district(reported)


def test_smartphone_users_are_a_denominator_only_where_every_unit_has_them(reported):
    assert "người sử dụng điện thoại thông minh" not in of_district(reported)
    for unit in (reported.commune, reported.neighbour):
        f.make_base(unit, population=9999, effective_on=f.FIRST_DAY, smartphone_users=8000)
    own = rollup.rows(reported.district, f.DAY).own
    words = f"{own.smartphone_share * 100:.2f}% trong số 16.000 người sử dụng điện thoại thông minh".replace(
        ".", ",", 1
    )
    assert words in of_district(reported)


@pytest.mark.parametrize("counts_the_silent", [True, False])
def test_forecast_hardly_moves_through_a_working_day(counts_the_silent, cast, monkeypatch):
    """Every ten minutes, of four communes. As it was, one report made the open day a whole one: a sawtooth."""
    f.make_directive(DAYS[-1], target_share="0.66", target_date=f.DAY + timedelta(days=20), number="2/CV")
    town = f.make_unit("11473", parent=cast.other_district, name="Minh Đức", kind="thị trấn", population=12_000)
    communes = {cast.commune: 230, cast.neighbour: 240, cast.stranger: 130, town: 140}
    for unit, usual in communes.items():
        for number, day in enumerate(DAYS[:-1]):
            f.make_report(unit, day, installs=usual + number % 3, opening=usual * 10)
    for hour, (unit, usual) in zip((8, 10, 14, 16), communes.items(), strict=True):
        f.make_report(unit, installs=usual * 9 // 10, hour=time(hour, 25))
    if not counts_the_silent:
        monkeypatch.setattr(Rate, "__add__", lambda own, other: replace(ADDED(own, other), to_come=Fraction()))
    moments = [f.at("2020-08-21 07:00") + timedelta(minutes=10 * number) for number in range(64)]
    shares = [trend(cast.city, at=at, as_of=at).subject.expected_share for at in moments]
    largest = max(abs(after - before) for before, after in pairwise(shares))
    print("largest move", largest * 100, "points")
    assert (largest < Decimal("0.003")) == counts_the_silent
