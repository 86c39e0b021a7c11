"""The hours in force: everything that was recorded for some days, in two queries, as of now or of an instant."""

from datetime import date, time, timedelta

import pytest

from reporting import acts
from reporting.days import hours_in_force
from reporting.hours import deadline
from reporting.hours.hours import Away, Exempted, Extended, Lapsed, UnitOrder
from reporting.models import ExemptDay

from .. import factories as f

BEFORE = f.DAY - timedelta(days=1)
NOON, EVENING = f.at("2020-08-21 12:00"), f.at("2020-08-21 18:30")


@pytest.fixture
def recorded(cast):
    """An extension, an exempt day and a downtime of the day; an extension and an exempt day of others."""
    f.make_extension(cast.commune, recorded_at=f.at("2020-08-21 17:40"))
    f.make_extension(cast.city, day=BEFORE, until=f.at("2020-08-20 19:00"), reason="Bão")
    f.make_exempt_day(cast.district, f.DAY, reason="Lễ hội")
    f.make_exempt_day(cast.city, f.DAY + timedelta(days=1))
    f.make_downtime(recorded_at=f.at("2020-08-21 18:00"))
    return cast


def test_day_has_what_was_recorded_for_it(recorded):
    found = hours_in_force.of_day(f.DAY)
    assert found.extended == (Extended("31/306/11416/", f.at("2020-08-21 18:00"), "Mất điện"),)
    assert found.exempted == (Exempted("31/306/", "Lễ hội"),)
    assert found.away == (Away(f.at("2020-08-21 16:30"), f.at("2020-08-21 17:10")),)
    assert (found.order.number, found.campaign_start) == ("1/CV", f.FIRST_DAY)


def test_days_keep_their_order_and_their_own_hours(recorded):
    found = hours_in_force.of_days([f.DAY, BEFORE, f.FIRST_DAY])
    assert list(found) == [f.DAY, BEFORE, f.FIRST_DAY]
    closes = [hours.closes_at(recorded.commune.path) for hours in found.values()]
    assert closes == [f.at("2020-08-21 18:00"), f.at("2020-08-20 19:00"), f.at("2020-08-06 17:00")]
    assert [len(hours.exempted) for hours in found.values()] == [1, 0, 0]


@pytest.mark.parametrize(
    ("as_of", "extended", "away"),
    [("2020-08-21 17:39:59", 0, 0), ("2020-08-21 17:40", 1, 0), ("2020-08-21 18:00", 1, 1)],
)
def test_look_back_knows_what_was_recorded_by_then(as_of, extended, away, recorded):
    found = hours_in_force.of_day(f.DAY, f.at(as_of))
    assert (len(found.extended), len(found.away), len(found.exempted)) == (extended, away, 1)


def test_look_back_knows_the_exempt_days_recorded_by_then(cast):
    f.make_exempt_day(cast.city, f.DAY)
    ExemptDay.objects.create(unit=cast.district, day=f.DAY, reason="Lễ hội", recorded_at=NOON)
    found = [hours_in_force.of_day(f.DAY, as_of) for as_of in (f.at("2020-08-21 11:59"), NOON, None)]
    assert [len(hours.exempted) for hours in found] == [1, 2, 2]


def test_order_that_was_withdrawn_is_in_force_until_then(cast):
    f.make_directive(BEFORE, number="2/CV", report_deadline="16:30", withdrawn_at=NOON)
    numbers = [hours_in_force.of_day(f.DAY, as_of).order.number for as_of in (None, f.at("2020-08-21 11:59"), NOON)]
    assert numbers == ["1/CV", "2/CV", "1/CV"]


def test_days_before_any_order_have_none(recorded):
    eve = f.FIRST_DAY - timedelta(days=1)
    for day in (eve, date.min):
        found = hours_in_force.of_day(day)
        assert (found.order, found.campaign_start, found.closes_at(recorded.city.path)) == (None, f.FIRST_DAY, None)
    assert hours_in_force.of_days([]) == {}


def test_each_day_is_corrected_for_as_long_as_its_own_order_says(cast, django_assert_num_queries):
    f.make_directive(date(2020, 8, 19), number="2/CV", correction_days=1)
    with django_assert_num_queries(2):
        found = hours_in_force.of_corrections(NOON)
    assert [day.day for day in found] == [21, 20, 18, 17, 16, 15, 14]
    assert {day: hours.day for day, hours in found.items()} == {day: day for day in found}
    with django_assert_num_queries(1):
        assert hours_in_force.days_of_corrections(NOON) == list(found)


def test_hours_of_units_are_those_recorded_by_then(cast):
    f.make_unit_hour(cast.district, time(16), effective_until=f.DAY)
    f.make_unit_hour(cast.commune, time(18), recorded_at=NOON)
    orders = (
        UnitOrder("31/306/", time(16), f.DAY, f.DAY, f.RECORDED_AT),
        UnitOrder("31/306/11416/", time(18), f.DAY, None, NOON),
    )
    assert set(hours_in_force.of_day(f.DAY).unit_orders) == set(orders)
    assert hours_in_force.of_day(f.DAY, f.at("2020-08-21 11:59")).unit_orders == orders[:1]
    assert hours_in_force.of_day(f.DAY + timedelta(days=1)).unit_orders == orders[1:]
    assert hours_in_force.of_day(BEFORE).unit_orders == ()


def test_hour_that_was_withdrawn_is_promised_to_whom_it_held_for(cast):
    """Not on a day on which a newer order was in force, and to no unit that a nearer one gave another hour."""
    f.make_directive(
        f.FIRST_DAY - timedelta(days=1),
        number="0/CV",
        report_deadline=time(19),
        signoff_deadline=time(19),
        withdrawn_at=EVENING,
    )
    f.make_directive(BEFORE, number="2/CV", report_deadline=time(18), signoff_deadline=time(19), withdrawn_at=EVENING)
    mistaken = f.make_unit_hour(cast.district, time(20))
    f.withdraw(mistaken, EVENING)
    f.make_unit_hour(cast.commune, time(16))
    f.make_extension(cast.commune, until=f.at("2020-08-21 16:15"))
    found = hours_in_force.of_day(f.DAY)
    assert {one.hour.hour for one in found.promised} == {18, 20}
    paths = [cast.city.path, cast.district.path, cast.neighbour.path, cast.commune.path]
    lasts = ["17:59", "18:29", "18:29", "16:14"]  # withdrawn at half past six
    for path, last in zip(paths, lasts, strict=True):
        arrived_at = f.at(f"2020-08-21 {last}")
        assert found.is_in_time(path, arrived_at)
        assert not found.is_in_time(path, arrived_at + timedelta(minutes=1))
    assert hours_in_force.of_day(f.DAY, EVENING - timedelta(seconds=1)).promised == ()


def test_exempt_day_that_was_withdrawn_is_known_as_such_from_then_on(cast):
    day = f.make_exempt_day(cast.district, f.DAY)
    acts.withdraw(record=day, reason="Nhầm", by=cast.city_clerk, at=EVENING, now=lambda: EVENING)
    lapsed = (Lapsed("31/306/", f.RECORDED_AT, EVENING),)
    found = [hours_in_force.of_day(f.DAY, as_of) for as_of in (EVENING - timedelta(microseconds=1), EVENING, None)]
    assert [hours.lapsed for hours in found] == [(), lapsed, lapsed]
    assert [hours.exempted for hours in found] == [(Exempted("31/306/", "Quốc khánh"),), (), ()]
    assert hours_in_force.of_day(BEFORE).lapsed == ()


def test_what_was_recorded_alike_for_two_is_there_twice(cast):
    """As when the same hours are away twice."""
    f.make_downtime()
    f.make_downtime()
    assert len(hours_in_force.of_day(f.DAY).away) == 2


def test_start_of_the_campaign_is_that_of_the_first_order(cast):
    f.make_directive(f.DAY, number="2/CV")
    assert hours_in_force.campaign_start() == f.FIRST_DAY


def test_nothing_is_corrected_for_more_than_a_year(cast):
    """Whatever an older row says; what is typed today is refused."""
    orders = [f.make_directive(f.FIRST_DAY - timedelta(days=600), number="0/CV")]
    orders[0].correction_days = 500
    today = deadline.reporting_day(NOON)
    found = hours_in_force._correctable(orders, NOON)
    assert found[-1] == today - timedelta(days=deadline.CORRECTION_DAYS_AT_MOST)
    assert len(found) == 367
