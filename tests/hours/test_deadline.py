from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from reporting.hours import deadline

from ..factories import DAY, at


@pytest.mark.parametrize(
    ("moment", "is_in_time"),
    [
        ("2020-08-20 17:00", True),
        ("2020-08-21 00:00", True),
        ("2020-08-21 16:59:59", True),
        ("2020-08-21 16:59:59.999", True),
        ("2020-08-21 16:59:59.999999", True),
        ("2020-08-21 17:00:00", False),
        ("2020-08-21 17:00:00.000001", False),
        ("2020-08-21 23:30", False),
        ("2020-08-22 00:30", False),
    ],
)
def test_in_time_is_strictly_before_the_hour(moment, is_in_time):
    assert deadline.is_in_time(at(moment), closes_at=deadline.closes_at(DAY)) is is_in_time


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (at("2020-08-21 00:00"), DAY),
        (at("2020-08-21 23:59:59.999"), DAY),
        (datetime(2020, 8, 20, 16, 59, 59, tzinfo=UTC), date(2020, 8, 20)),
        (datetime(2020, 8, 20, 17, 0, tzinfo=UTC), DAY),
        (datetime(2020, 8, 20, 12, 0, tzinfo=timezone(timedelta(hours=-5))), DAY),
        (datetime(2020, 12, 31, 17, 0, tzinfo=UTC), date(2021, 1, 1)),
    ],
)
def test_reporting_day_is_the_day_in_hai_phong(instant, day):
    assert deadline.reporting_day(instant) == day


def test_reporting_day_is_the_day_in_hai_phong_wherever_the_server_stands(elsewhere):
    assert deadline.reporting_day(datetime(2020, 8, 20, 17, 0, tzinfo=UTC)) == DAY
