"""Another hour of a unit, which the city orders: it decides."""

from datetime import time, timedelta

import pytest
from django.utils import translation

from reporting import acts
from reporting.days import hours_in_force, state
from reporting.figures import rollup
from reporting.models import Directive, UnitHour
from tests.prepared import undone

from .. import factories as f

NEXT = f.DAY + timedelta(days=1)
NOON = f.at("2020-08-21 12:00")


def order(cast, unit, hour, day=NEXT, moment=NOON):
    added = UnitHour(unit=unit, effective_from=day, report_deadline=hour, reason="CV 5", by=cast.city_clerk)
    acts.record(added, top=cast.city, at=moment, now=lambda: moment)
    return added


def is_open(unit, day, text):
    return state.day_state(unit, day, at=f.at(text)).is_open


def test_order_of_another_hour_decides_from_its_day_on(cast):
    order(cast, cast.district, time(16))
    assert is_open(cast.commune, f.DAY, "2020-08-21 16:59")
    assert not is_open(cast.commune, NEXT, "2020-08-22 16:00")
    assert is_open(cast.stranger, NEXT, "2020-08-22 16:59:59")
    words = state.day_state(cast.commune, NEXT, at=f.at("2020-08-22 16:00")).explanation
    assert "16h00 22/08/2020" in words
    f.make_report(cast.commune, NEXT, hour=time(15, 59))
    assert rollup.rows(cast.commune, NEXT).own.status == "on_time"


def test_order_takes_effect_on_a_later_day_and_is_the_citys_to_withdraw(cast):
    with pytest.raises(acts.errors.NotLater):
        order(cast, cast.district, time(18), day=f.DAY)
    later = order(cast, cast.district, time(18))
    with pytest.raises(acts.NotAllowed):
        acts.withdraw(record=later, reason="x", by=cast.district_clerk, at=NOON)
    running = f.at("2020-08-22 17:30")
    with pytest.raises(acts.StillRunning):
        acts.withdraw(record=later, reason="x", **f.stamp(cast.city_clerk, running))
    evening = f.at("2020-08-22 18:00")
    f.make_report(cast.commune, NEXT, hour=time(17, 40))
    acts.withdraw(record=later, reason="x", **f.stamp(cast.city_clerk, evening))
    assert hours_in_force.of_day(NEXT).closes_at(cast.commune.path) == f.at("2020-08-22 17:00")
    assert rollup.rows(cast.commune, NEXT).own.status == "on_time"  # by the hour that stood


def test_midnight_is_nobodys_hour(cast):
    """A day that is over before it begins leaves no moment to report it in."""
    with pytest.raises(acts.errors.NoTimeToReport), undone():
        order(cast, cast.district, time(0))
    directive = Directive(
        number="2/CV",
        issuer="UBND",
        title="Bluezone",
        issued_on=f.DAY,
        effective_from=NEXT,
        report_deadline=time(0),
        recorded_at=NOON,
    )
    with pytest.raises(acts.errors.NoTimeToReport) as refused, undone():
        acts.record(directive, top=cast.city, at=NOON, now=lambda: NOON)
    with translation.override("vi"):
        assert "00h00" in refused.value.words
    assert not UnitHour.objects.exists()
    assert Directive.objects.count() == 1
