"""The days before a day, in its tree: a merger across districts moves no cumulative and is named on its day."""

from datetime import timedelta

from django.db.models import Q

from reporting.figures import query, rollup
from reporting.figures.history import history
from tests.prepared import prepared

from .. import factories as f
from ..views.visits import look
from .whole import differing

BEFORE, AFTER = f.DAY - timedelta(days=1), f.DAY + timedelta(days=1)
DAYS = [f.DAY - timedelta(days=back) for back in (3, 2, 1, 0)]


@prepared
def merged(cast):
    """Cát Bi, of Hải An, ends in Núi Đèo, of Thuỷ Nguyên, on the day; Đằng Hải alone reports it."""
    for number, unit in enumerate((cast.commune, cast.neighbour, cast.stranger)):
        for back, day in enumerate(DAYS[:3]):
            f.make_report(unit, day, installs=10 * number + back, opening=1000 * number + 500, households_visited=2)
    cast.neighbour.close(on=f.DAY, into=cast.stranger)
    f.make_base(cast.stranger, population=19_350, effective_on=f.DAY)
    f.make_report(cast.commune, f.DAY, installs=40)
    return cast


def test_days_before_a_merger_are_in_the_tree_of_the_day_for_every_unit(merged):
    assert differing(f.DAY) == []
    for unit, cumulatives in (
        (merged.city, [4530, 4563, 4599, 4639]),
        (merged.district, [500, 501, 503, 543]),
        (merged.other_district, [4030, 4062, 4096, 4096]),
    ):
        now = rollup.rows(unit, f.DAY)
        found = history(unit, now, DAYS)
        assert [past.cumulative for past in found.days] == cumulatives
        assert [then.own.cumulative for then in (*rollup.earlier(unit, now, DAYS[:3]), now)] == cumulatives
        assert_same_below(unit)


def assert_same_below(unit, day=f.DAY):
    """The shares that a superior's history has for the units right below are those of their own."""
    now = rollup.rows(unit, day)
    below = {child.code: child for child in unit.children.all()}
    shares = {
        row.code: [past.share for past in history(below[row.code], rollup.rows(below[row.code], day), DAYS).days]
        for row in now.children
    }
    assert history(unit, now, DAYS).below == shares


def test_installs_handed_over_count_once_the_source_has_reported(cast):
    """Đằng Hải, new itself, reports first the day before, and hands over 30 of its 520 to another district's unit."""
    cast.commune.opened_on = BEFORE
    cast.commune.save()
    f.make_report(cast.stranger, DAYS[0], installs=4, opening=100)
    f.make_report(cast.commune, BEFORE, installs=20, opening=500)
    split = {"opened_on": f.DAY, "split_from": cast.commune, "handed_over": 30, "population": 900}
    new = f.make_unit("11417", parent=cast.other_district, **split)
    f.make_report(new, installs=2)
    assert differing(f.DAY) == []
    for superior in (cast.city, cast.district, cast.other_district):
        assert_same_below(superior)
    cumulatives = {}
    for unit in (cast.city, cast.district, cast.other_district, cast.commune, new):
        found = history(unit, rollup.rows(unit, f.DAY), DAYS)
        cumulatives[unit.code] = [past.cumulative for past in found.days]
        assert found.is_restated is (unit is not cast.city)
    assert cumulatives == {
        "31": [104, 604, 624, 626],
        "306": [None, 470, 490, 490],
        "311": [104, 134, 134, 136],
        "11416": [None, 470, 490, 490],
        "11417": [None, 30, 30, 32],
    }


def test_page_of_a_successor_explains_its_lines_and_its_chart(merged):
    words = "Mỗi dòng ghi số liệu như tại ngày đó; biểu đồ tính mọi ngày theo địa bàn hiện nay"
    shown = [look(merged.city_clerk, "unit", code, moment="2020-08-21 18:00").text for code in ("11470", "11416")]
    assert [words in text for text in shown] == [True, False]
    assert ["Các ngày đều được tính theo" in text for text in shown] == [True, False]


def test_units_owed_and_sent_as_many_as_there_were_then(merged):
    """Three of four had sent, though only three units are left now: the island has sent nothing."""
    days = history(merged.city, rollup.rows(merged.city, f.DAY), DAYS).days
    assert ([past.due for past in days], [past.reported for past in days]) == ([4, 4, 4, 3], [3, 3, 3, 1])
    for commune in (merged.commune, merged.stranger):
        commune.close(on=AFTER, into=merged.district)
    later = history(merged.district, rollup.rows(merged.district, AFTER), [*DAYS[1:], AFTER]).days
    assert ([past.due for past in later], [past.reported for past in later]) == ([3, 3, 2, 1], [3, 3, 1, 0])


def test_what_was_not_owed_is_not_among_what_was_reported(merged):
    f.make_exempt_day(merged.district, DAYS[1])
    days = history(merged.district, rollup.rows(merged.district, f.DAY), DAYS).days
    assert ([past.due for past in days], [past.reported for past in days]) == ([1, 0, 1, 1], [1, 0, 1, 1])


def test_reports_of_several_days_have_one_order_now_and_as_of_an_instant(cast):
    units = sorted([cast.commune, cast.neighbour, cast.stranger], key=lambda unit: unit.code)
    for unit in reversed(units):
        f.make_report(unit, installs=6, covers_from=BEFORE)
    found = [query.spans(Q(day=f.DAY), as_of) for as_of in (None, f.at("2020-08-22 08:00"))]
    assert found == [[(unit.code, BEFORE, f.DAY, 6) for unit in units]] * 2
