"""The city orders another deadline for a unit: that deadline decides."""

from datetime import time, timedelta

import pytest

from reporting import acts
from reporting.days import hours_in_force, state
from reporting.figures import rollup
from reporting.models import UnitHour

from .. import factories as f

NEXT = f.DAY + timedelta(days=1)
NOON = f.at("2020-08-21 12:00")


def order(cast, unit, hour, day=NEXT, moment=NOON):
    added = UnitHour(unit=unit, effective_from=day, report_deadline=hour, reason="CV 5", by=cast.city_clerk)
    acts.record_setting(added, top=cast.city, now=lambda: moment)
    return added


def is_open(unit, day, text):
    return state.day_state(unit, day, at=f.at(text)).is_open


def test_order_of_another_hour_decides_from_its_day_on(cast):
    order(cast, cast.district, time(16))
    assert is_open(cast.commune, f.DAY, "2020-08-21 16:59")
    assert not is_open(cast.commune, NEXT, "2020-08-22 16:00")
    assert is_open(cast.stranger, NEXT, "2020-08-22 16:59:59")
    words = state.day_state(cast.commune, NEXT, at=f.at("2020-08-22 16:00")).explained()
    assert "16h00 ngày 22/08/2020" in words
    f.make_report(cast.commune, NEXT, hour=time(15, 59))
    assert rollup.rows(cast.commune, NEXT).own.status == "on_time"


def test_order_takes_effect_on_a_later_day_and_is_the_citys_to_withdraw(cast):
    with pytest.raises(acts.refusals.OrderNotLater):
        order(cast, cast.district, time(18), day=f.DAY)
    later = order(cast, cast.district, time(18))
    with pytest.raises(acts.NotAllowed):
        acts.withdraw_setting(record=later, reason="x", by=cast.district_clerk, at=NOON)
    running = f.at("2020-08-22 17:30")
    with pytest.raises(acts.StillRunning):
        acts.withdraw_setting(record=later, reason="x", **f.stamp(cast.city_clerk, running))
    evening = f.at("2020-08-22 18:00")
    f.make_report(cast.commune, NEXT, hour=time(17, 40))
    acts.withdraw_setting(record=later, reason="x", **f.stamp(cast.city_clerk, evening))
    assert hours_in_force.hours_of_day(NEXT).closes_at(cast.commune.path) == f.at("2020-08-22 17:00")
    assert rollup.rows(cast.commune, NEXT).own.status == "on_time"  # by the deadline in force then


def test_order_pressed_twice_is_recorded_once_and_another_may_come_between(cast):
    order(cast, cast.district, time(16))
    with pytest.raises(acts.Refusal):
        order(cast, cast.district, time(16))
    order(cast, cast.district, time(18))
    assert order(cast, cast.district, time(16)).pk
