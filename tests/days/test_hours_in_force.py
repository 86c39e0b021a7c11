"""The hours in force: everything that was recorded for some days, in two queries, as of now or of an instant."""

from datetime import date, timedelta

import pytest

from reporting.days import hours_in_force
from reporting.hours.hours import Away, Exempted, Extended
from reporting.models import ExemptDay

from ..factories import DAY, FIRST_DAY, at, make_directive, make_downtime, make_exempt_day, make_extension

BEFORE = DAY - timedelta(days=1)
NOON, EVENING = at("2020-08-21 12:00"), at("2020-08-21 18:30")


@pytest.fixture
def recorded(cast):
    """An extension, an exempt day and a downtime of the day; an extension and an exempt day of others."""
    make_extension(cast.commune, recorded_at=at("2020-08-21 17:40"))
    make_extension(cast.city, day=BEFORE, until=at("2020-08-20 19:00"), reason="Bão")
    make_exempt_day(cast.district, DAY, reason="Lễ hội")
    make_exempt_day(cast.city, DAY + timedelta(days=1))
    make_downtime(recorded_at=at("2020-08-21 18:00"))
    return cast


def test_day_has_what_was_recorded_for_it(recorded):
    found = hours_in_force.of_day(DAY)
    assert found.extended == (Extended("31/306/11416/", at("2020-08-21 18:00"), "Mất điện"),)
    assert found.exempted == (Exempted("31/306/", "Lễ hội"),)
    assert found.away == (Away(at("2020-08-21 16:30"), at("2020-08-21 17:10")),)
    assert (found.order.number, found.campaign_start) == ("1/CV", FIRST_DAY)


def test_days_keep_their_order_and_their_own_hours(recorded):
    found = hours_in_force.of_days([DAY, BEFORE, FIRST_DAY])
    assert list(found) == [DAY, BEFORE, FIRST_DAY]
    closes = [hours.closes_at(recorded.commune.path) for hours in found.values()]
    assert closes == [at("2020-08-21 18:00"), at("2020-08-20 19:00"), at("2020-08-06 17:00")]
    assert [len(hours.exempted) for hours in found.values()] == [1, 0, 0]


@pytest.mark.parametrize(
    ("as_of", "extended", "away"),
    [("2020-08-21 17:39:59", 0, 0), ("2020-08-21 17:40", 1, 0), ("2020-08-21 18:00", 1, 1)],
)
def test_look_back_knows_what_was_recorded_by_then(as_of, extended, away, recorded):
    found = hours_in_force.of_day(DAY, at(as_of))
    assert (len(found.extended), len(found.away), len(found.exempted)) == (extended, away, 1)


def test_look_back_knows_the_exempt_days_recorded_by_then(cast):
    make_exempt_day(cast.city, DAY)
    ExemptDay.objects.create(unit=cast.district, day=DAY, reason="Lễ hội", recorded_at=NOON)
    found = [hours_in_force.of_day(DAY, as_of) for as_of in (at("2020-08-21 11:59"), NOON, None)]
    assert [len(hours.exempted) for hours in found] == [1, 2, 2]


def test_order_that_was_withdrawn_is_in_force_until_then(cast):
    make_directive(BEFORE, number="2/CV", report_deadline="16:30", withdrawn_at=NOON)
    numbers = [hours_in_force.of_day(DAY, as_of).order.number for as_of in (None, at("2020-08-21 11:59"), NOON)]
    assert numbers == ["1/CV", "2/CV", "1/CV"]


def test_days_before_any_order_have_none(recorded):
    eve = FIRST_DAY - timedelta(days=1)
    for day in (eve, date.min):
        found = hours_in_force.of_day(day)
        assert (found.order, found.campaign_start, found.closes_at(recorded.city.path)) == (None, FIRST_DAY, None)
    assert hours_in_force.of_days([]) == {}


@pytest.mark.parametrize("days", [1, 40])
def test_three_queries_however_many_days(days, recorded, django_assert_num_queries):
    with django_assert_num_queries(3):
        hours_in_force.of_days([DAY - timedelta(days=back) for back in range(days)])


def test_each_day_is_corrected_for_as_long_as_its_own_order_says(cast, django_assert_num_queries):
    make_directive(date(2020, 8, 19), number="2/CV", correction_days=1)
    with django_assert_num_queries(2):
        found = hours_in_force.of_corrections(NOON)
    assert [day.day for day in found] == [21, 20, 18, 17, 16, 15, 14]
    assert {day: hours.day for day, hours in found.items()} == {day: day for day in found}
    with django_assert_num_queries(1):
        assert hours_in_force.days_of_corrections(NOON) == list(found)
