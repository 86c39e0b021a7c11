"""Exact rows of a day, from the database up the tree."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from reporting.figures import rollup
from reporting.figures.rollup import DayStatus
from reporting.models import Report, Unit
from tests.prepared import prepared

from ..factories import (
    DAY,
    FIRST_DAY,
    at,
    make_day_rollup,
    make_directive,
    make_figure,
    make_report,
    make_unit,
)

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


@prepared
def reported(cast):
    """Commune 88; its neighbour reported only until yesterday; the stranger never; the island 0; the agency 30."""
    make_report(cast.commune, installs=88, opening=3412, households_visited=46)
    make_report(cast.neighbour, BEFORE, installs=20, opening=1000, households_visited=9)
    make_report(cast.island, installs=0, opening=100, households_visited=0)
    make_report(cast.agency, installs=30, opening=5000)
    return cast


def counts(row):
    return (row.expected, row.reported, row.on_time, row.late, row.carried_forward)


def sums(row):
    return (row.installs, row.adjustment, row.cumulative, row.households, row.population)


def cumulatives(unit, day):
    return {code: row.cumulative for code, row in rollup.rows(unit, day).by_code.items()}


def close(unit, on, successor=None):
    Unit.objects.filter(pk=unit.pk).update(closed_on=on, successor=successor)


def test_rows_of_the_city_are_exact(reported):
    by_code = rollup.rows(reported.city, DAY).by_code
    assert {code: (counts(row), sums(row)) for code, row in by_code.items()} == {
        "31": ((4, 2, 2, 0, 1), (88, 0, 4620, 46, 39722)),
        "306": ((2, 1, 1, 0, 1), (88, 0, 4520, 46, 34098)),
        "11416": ((1, 1, 1, 0, 0), (88, 0, 3500, 46, 19748)),
        "11407": ((1, 0, 0, 0, 1), (None, 0, 1020, None, 14350)),
        "311": ((1, 0, 0, 0, 0), (None, 0, None, None, 5000)),
        "11470": ((1, 0, 0, 0, 0), (None, 0, None, None, 5000)),
        "318": ((1, 1, 1, 0, 0), (0, 0, 100, 0, 624)),
        "SYT": ((1, 1, 1, 0, 0), (30, 0, 5030, None, 7420)),
    }


def test_carried_from_is_the_last_day_reported(reported):
    rows = [rollup.rows(reported.neighbour, day).own for day in (FIRST_DAY, BEFORE, DAY, AFTER)]
    assert [(row.carried_from, row.carries_opening, row.cumulative) for row in rows] == [
        (FIRST_DAY - timedelta(days=1), True, 1000),
        (None, False, 1020),
        (BEFORE, False, 1020),
        (BEFORE, False, 1020),
    ]


def test_carried_from_passes_over_a_voided_day(reported):
    make_report(reported.neighbour, DAY, installs=5)
    Report.objects.filter(unit=reported.neighbour, day=DAY).update(installs=None, cumulative=1020)
    row = rollup.rows(reported.neighbour, DAY).own
    assert (row.status, row.installs, row.cumulative, row.carried_from) == (DayStatus.MISSING, None, 1020, BEFORE)
    assert (row.received_at, counts(row)) == (None, (1, 0, 0, 0, 1))


@pytest.mark.parametrize(
    ("population", "cumulative", "target", "missing_to_target"),
    [
        (2_028_514, 0, 1_217_109, 1_217_109),
        (319, 191, 192, 1),
        (319, 192, 192, 0),
        (320, 500, 192, 0),
        (1, 0, 1, 1),
        (5, None, 3, 3),
    ],
)
def test_target_is_rounded_up_from_the_own_population(population, cumulative, target, missing_to_target):
    row = make_day_rollup(make_figure("31/", population=population, cumulative=cumulative)).own
    assert (row.target, row.missing_to_target) == (target, missing_to_target)
    assert row.is_target_reached is (missing_to_target == 0)


def test_target_share_is_that_of_the_directive_in_force(reported):
    make_directive(DAY, number="2/CV", target_share=Decimal("0.5"))
    rows = [figures.own for figures in rollup.rows_of_days(reported.island, [BEFORE, DAY])]
    assert [(row.target_share, row.target) for row in rows] == [(Decimal("0.6"), 375), (Decimal("0.5"), 312)]


def test_day_before_the_campaign_owes_nothing(reported):
    day = FIRST_DAY - timedelta(days=1)
    figures = rollup.rows(reported.city, day)
    assert (figures.order, figures.not_reported, counts(figures.own)) == (None, [], (0, 0, 0, 0, 3))
    assert (figures.own.installs, figures.own.cumulative) == (None, 4512)
    assert [row.status for row in figures.below("306")] == [None, None]


@pytest.mark.parametrize(
    ("opened_on", "closed_on", "days"),
    [
        (None, None, [date(2020, 8, 8), date(2020, 8, 7), FIRST_DAY]),
        (date(2020, 8, 7), None, [date(2020, 8, 8), date(2020, 8, 7)]),
        (None, date(2020, 8, 8), [date(2020, 8, 7), FIRST_DAY]),
    ],
)
def test_campaign_days_are_those_of_the_unit_newest_first(opened_on, closed_on, days, cast):
    unit = make_unit("11999", parent=cast.district, opened_on=opened_on, closed_on=closed_on)
    assert rollup.campaign_days(unit, date(2020, 8, 8)) == days


def test_campaign_days_without_a_directive_are_none(db):
    assert rollup.campaign_days(make_unit("31", level="city"), DAY) == []


# As a page reads them: right below a unit, agencies separately, as of an instant.


@pytest.fixture
def city(cast):
    """Commune 88 and the agency 30 have reported; the agency has a department that has not."""
    make_unit("SYT1", parent=cast.agency, level="agency", name="Phòng Nghiệp vụ Y", population=100, smartphone_users=80)
    make_report(cast.commune, installs=88, opening=912)
    return cast


def day(cast):
    return rollup.rows(cast.city, DAY)


def codes(rows):
    return [row.code for row in rows]


def test_senders_are_the_reporting_units_that_the_row_is_the_sum_of(city):
    assert sorted(codes(day(city).senders)) == ["11407", "11416", "11470", "318"]
    assert codes(rollup.rows(city.agency, DAY).senders) == ["SYT1"]
    assert codes(day(city).reporting) == ["318", "11407", "11416", "11470", "SYT1"]


def test_units_of_one_name_come_by_their_codes(city):
    for code in ("11499", "11420"):
        make_unit(code, parent=city.district, name="Cát Bi", kind="phường")
    assert codes(day(city).below("306")) == ["11407", "11420", "11499", "11416"]


def test_not_reported_come_the_units_own_first_then_by_superior_and_agencies_last(city):
    make_unit("11499", parent=city.other_district, name="An Lư", kind="xã")
    figures = day(city)
    assert codes(figures.not_reported) == ["318", "11407", "11499", "11470", "SYT1"]
    assert [figures.parent_of(row).code for row in figures.not_reported] == ["31", "306", "311", "311", "SYT"]


def test_shares_are_of_the_people_and_of_those_with_a_smartphone(city):
    make_report(Unit.objects.get(code="SYT1"), installs=1, opening=19)
    agency = day(city).by_code["SYT1"]
    assert (agency.share, agency.smartphone_share) == (Decimal("0.2000"), Decimal("0.2500"))
    assert day(city).by_code["11416"].smartphone_share is None


def test_agencies_are_summed_with_the_target_of_the_order(city):
    total = day(city).agency_total
    assert (total.name, total.population, total.target, total.is_reporting) == ("Thành phố Hải Phòng", 100, 60, False)


def test_arrival_and_what_is_carried_are_told_of_units_that_report_alone():
    own = {"received_at": at("2020-08-21 10:00"), "carried_from": DAY, "carries_opening": True}
    found = make_day_rollup(make_figure("31/", **own), make_figure("31/306/", **own))
    told = [(row.received_at, row.carried_from, row.carries_opening) for row in found.by_code.values()]
    assert told == [(None, None, False), tuple(own.values())]
