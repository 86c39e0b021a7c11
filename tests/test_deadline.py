from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from reporting import deadline

from .factories import DAY, at


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
def test_reporting_day_is_the_day_in_hai_phong_wherever_the_server_stands(instant, day, elsewhere):
    assert deadline.reporting_day(instant) == day
