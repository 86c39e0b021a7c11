"""The status of a unit's day: only its hours, its report's arrival and the instant decide."""

from datetime import time
from types import SimpleNamespace

import pytest

from reporting.days.status import day_status, report_arrival
from reporting.deadline import DayHours, Kind, Setting

from ..factories import DAY, FIRST_DAY, at

CITY, DISTRICT, COMMUNE = "31/", "31/306/", "31/306/11416/"
ORDER = SimpleNamespace(
    pk=1,
    effective_from=FIRST_DAY,
    effective_until=None,
    report_deadline=time(17),
    signoff_deadline=time(17, 30),
    correction_days=7,
)


def today(text):
    return at(f"2020-08-21 {text}")


ORDINARY, EXTENDED = [], [Setting(Kind.EXTENSION, DISTRICT, DAY, today("16:00"), today("18:30"))]
EXEMPT = [Setting(Kind.EXEMPT_DAY, CITY, DAY, today("08:00"))]
AWAY = [Setting(Kind.DOWNTIME, starts_at=today("16:59"), ends_at=today("17:00"))]
LAPSED, LAPSED_BEFORE = ([EXEMPT[0]._replace(ended_at=today(hour))] for hour in ("17:30", "16:30"))
PROMISED = [EXTENDED[0]._replace(ended_at=today("18:45"))]


@pytest.mark.parametrize(
    ("hours", "received", "is_waiting", "seen", "status"),
    [
        (ORDINARY, None, False, "16:59:59", "not_due_yet"),
        (ORDINARY, None, False, "17:00", "missing"),
        (ORDINARY, None, True, "17:10", "waiting"),
        (ORDINARY, "16:59:59", False, "17:10", "on_time"),
        (ORDINARY, "17:00", False, "17:10", "late"),
        (EXTENDED, None, False, "17:10", "not_due_yet"),
        (EXTENDED, "17:40", False, "19:00", "on_time"),
        (EXTENDED, "18:30", False, "19:00", "late"),
        (EXEMPT, None, False, "12:00", "exempt"),
        (EXEMPT, None, True, "19:00", "exempt"),
        (EXEMPT, "10:00", False, "19:00", "exempt"),  # it reported although nothing was due
        (AWAY, None, False, "16:30", "not_due_yet"),
        (AWAY, None, False, "19:00", "excused"),
        (AWAY, None, True, "19:00", "waiting"),
        (AWAY, "16:40", False, "19:00", "on_time"),
        (AWAY, "22:50", False, "23:00", "excused"),  # it makes nothing on time
        (LAPSED, None, False, "19:00", "excused"),
        (LAPSED, "17:20", False, "19:00", "excused"),
        (LAPSED_BEFORE, None, False, "19:00", "missing"),
        (PROMISED, None, False, "19:00", "missing"),
        (PROMISED, "18:29", False, "19:00", "on_time"),
        (PROMISED, "18:30", False, "19:00", "late"),
    ],
)
def test_status_of_a_day(hours, received, is_waiting, seen, status):
    found = DayHours(day=DAY, order=ORDER, settings=hours)
    received = received and today(received)
    assert day_status(found, COMMUNE, received_at=received, is_waiting=is_waiting, at=today(seen)) == status


def test_day_that_no_order_covers_has_no_status():
    found = DayHours(day=DAY, settings=EXEMPT)
    for received in (None, today("16:00")):
        assert day_status(found, COMMUNE, received_at=received, is_waiting=False, at=today("19:00")) is None


TAKEN_BACK = [("own", 5, "15:00"), ("own_void", None, "16:30")]


@pytest.mark.parametrize(
    ("steps", "arrived"),
    [
        ([], None),
        ([("adjustment", None, "12:00")], None),
        ([("own", 5, "15:00")], "15:00"),
        ([("adjustment", None, "12:00"), ("own", 5, "15:00")], "15:00"),
        ([("own", 5, "15:00"), ("correction", 6, "18:00")], "15:00"),
        ([("own", 5, "15:00"), ("void", None, "17:05"), ("on_behalf", 5, "17:10")], "15:00"),
        ([("on_behalf", 5, "15:00"), ("void", None, "17:05"), ("late", 5, "17:10")], "17:10"),
        ([("on_behalf", 5, "15:00"), ("own", 6, "16:00"), ("void", None, "17:05"), ("late", 6, "17:10")], "16:00"),
        ([("own", 5, "15:00"), ("void", None, "17:05")], "15:00"),
        ([("own", 5, "15:00"), ("own_void", None, "16:30"), ("late", 7, "17:30")], "17:30"),
        ([("own", 5, "15:00"), ("own_void", None, "16:30"), ("on_behalf", 7, "16:40")], "16:40"),
        ([*TAKEN_BACK, ("own", 6, "16:50"), ("void", None, "17:05"), ("late", 7, "17:30")], "16:50"),
        ([*TAKEN_BACK, ("on_behalf", 6, "16:50"), ("void", None, "17:05"), ("late", 7, "17:30")], "17:30"),
    ],
)
def test_arrival_of_a_report_by_its_steps(steps, arrived):
    """A superior's mistake makes no unit late, and his mistaken entry makes none on time.

    Nor does a report that the unit itself has taken back.
    """
    found = report_arrival((kind, installs, today(moment)) for kind, installs, moment in steps)
    assert found == (arrived and today(arrived))
