"""The hours in force on some days, in two queries, as known now or at an instant."""

from datetime import date, time, timedelta

from reporting import deadline
from reporting.days import hours_in_force

from .. import factories as f

BEFORE = f.DAY - timedelta(days=1)
NOON, EVENING = f.at("2020-08-21 12:00"), f.at("2020-08-21 18:30")


def test_each_day_is_corrected_for_as_long_as_its_own_order_says(cast, django_assert_num_queries):
    f.make_directive(date(2020, 8, 19), number="2/CV", correction_days=1)
    with django_assert_num_queries(1):
        found = hours_in_force.days_of_corrections(NOON)
    assert [day.day for day in found] == [21, 20, 18, 17, 16, 15, 14]


def test_hours_of_units_are_those_recorded_by_then(cast):
    f.make_unit_hour(cast.district, time(16), effective_until=f.DAY)
    f.make_unit_hour(cast.commune, time(18), recorded_at=NOON)
    orders = [("31/306/", time(16), f.DAY, f.DAY, f.RECORDED_AT), ("31/306/11416/", time(18), f.DAY, None, NOON)]

    def known(day, as_of=None):
        found = hours_in_force.hours_of_day(day, as_of).unit_orders
        return [(one.path, one.hour, one.day, one.last, one.recorded_at) for one in found]

    assert known(f.DAY) == orders
    assert known(f.DAY, f.at("2020-08-21 11:59")) == orders[:1]
    assert known(f.DAY + timedelta(days=1)) == orders[1:]
    assert known(BEFORE) == []


def test_hour_that_was_withdrawn_is_promised_to_whom_it_held_for(cast):
    """Not on a day with a newer order in force, and not for a unit with a nearer order."""
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
    found = hours_in_force.hours_of_day(f.DAY)
    assert {one.hour.hour for one in found.ended_deadlines} == {18, 20}
    paths = [cast.city.path, cast.district.path, cast.neighbour.path, cast.commune.path]
    lasts = ["17:59", "18:29", "18:29", "16:14"]  # withdrawn at 18:30
    for path, last in zip(paths, lasts, strict=True):
        arrived_at = f.at(f"2020-08-21 {last}")
        assert found.is_in_time(path, arrived_at)
        assert not found.is_in_time(path, arrived_at + timedelta(minutes=1))
    assert hours_in_force.hours_of_day(f.DAY, EVENING - timedelta(seconds=1)).ended_deadlines == []


def test_nothing_is_corrected_for_more_than_a_year(cast, monkeypatch):
    """Even if an old row says so; new orders are refused."""
    orders = [f.make_directive(f.FIRST_DAY - timedelta(days=600), number="0/CV")]
    orders[0].correction_days = 500
    today = deadline.reporting_day(NOON)
    monkeypatch.setattr(hours_in_force, "_all_orders", lambda: orders)
    found = hours_in_force.days_of_corrections(NOON)
    assert found[-1] == today - timedelta(days=deadline.CORRECTION_DAYS_AT_MOST)
    assert len(found) == 367
