"""The rows of a day as a page asks for them: seen from a unit below, right below a unit, agencies apart."""

from datetime import timedelta
from decimal import Decimal

import pytest

from reporting.figures import above, rollup
from reporting.models import Unit, map_place

from ..factories import (
    DAY,
    at,
    make_day_rollup,
    make_directive,
    make_extension,
    make_figure,
    make_report,
    make_unit,
)


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


def test_rows_within_a_district_are_its_own_and_those_below(city):
    within = day(city).within("306")
    assert (within.own.code, sorted(within.by_code), within.agency_total) == ("306", ["11407", "11416", "306"], None)
    assert (within.day, within.directive) == (DAY, day(city).directive)
    assert day(city).agency_total is not None


def test_senders_are_the_reporting_units_that_the_row_is_the_sum_of(city):
    assert sorted(codes(day(city).senders)) == ["11407", "11416", "11470", "318"]
    assert codes(rollup.rows(city.agency, DAY).senders) == ["SYT1"]
    assert codes(day(city).reporting) == ["318", "11407", "11416", "11470", "SYT1"]


def test_row_has_the_region_and_the_place_of_its_unit(city):
    Unit.objects.filter(pk=city.commune.pk).update(region="Ven biển", map_column=3, map_line=4)
    row, other = day(city).by_code["11416"], day(city).by_code["11407"]
    assert (row.region, row.place) == ("Ven biển", map_place.place(3, 4))
    assert (other.region, other.place) == ("", None)


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


def test_look_back_has_the_figures_of_then(city):
    noon, morning = at("2020-08-21 12:00"), at("2020-08-21 09:00")
    make_report(city.neighbour, installs=5, opening=10, now=lambda: noon)
    before, after = (rollup.rows(city.district, DAY, moment) for moment in (morning, noon))
    assert (before.as_of, after.as_of, rollup.rows(city.district, DAY).as_of) == (morning, noon, None)
    assert [found.by_code["11407"].cumulative for found in (before, after)] == [None, 15]
    told = [above.with_rows(city.neighbour, DAY, moment, at=noon)[1] for moment in (morning, noon)]
    assert [found.shares[0].share for found in told] == [None, Decimal("0.0297")]


@pytest.mark.parametrize(
    ("as_of", "seen_at", "until"),
    [
        (None, "2020-08-21 12:00", "2020-08-21 12:00"),
        (None, "2020-08-21 19:00", "2020-08-21 18:00"),
        ("2020-08-21 13:00", "2020-08-21 19:00", "2020-08-21 13:00"),
    ],
)
def test_figures_are_of_their_units_last_hour_or_of_the_moment_seen(as_of, seen_at, until, city):
    make_extension(city.commune)
    assert rollup.rows(city.district, DAY, as_of and at(as_of)).until(at(seen_at)) == at(until)
    hour = min(at(until), at("2020-08-21 17:00"))
    assert rollup.rows(city.other_district, DAY, as_of and at(as_of)).until(at(seen_at)) == hour


def test_arrival_and_what_is_carried_are_told_of_units_that_report_alone():
    own = {"received_at": at("2020-08-21 10:00"), "carried_from": DAY, "carries_opening": True}
    found = make_day_rollup(make_figure("31/", **own), make_figure("31/306/", **own))
    told = [(row.received_at, row.carried_from, row.carries_opening) for row in found.by_code.values()]
    assert told == [(None, None, False), tuple(own.values())]


def test_look_back_has_the_orders_of_then(city):
    noon = at("2020-08-21 12:00")
    make_directive(DAY, number="2/CV", target_share=Decimal("0.70"), recorded_at=noon)
    found = [rollup.rows(city.city, DAY, moment) for moment in (noon - timedelta(minutes=1), noon, None)]
    assert [rows.directive.number for rows in found] == ["1/CV", "2/CV", "2/CV"]
    assert [rows.own.target_share for rows in found] == [Decimal("0.6"), Decimal("0.7"), Decimal("0.7")]


@pytest.mark.parametrize(
    ("sources", "told"),
    [(("a", "a"), "a"), (("a", ""), "a"), (("", ""), ""), (("a", "b"), "")],
)
def test_source_of_the_people_is_told_where_all_that_name_one_agree(sources, told):
    parts = [make_figure(f"31/{n}/", population=1, population_source=source) for n, source in enumerate(sources)]
    assert make_day_rollup(make_figure("31/"), *parts).own.population_source == told
