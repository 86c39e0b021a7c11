"""Long files read by several at once: behind a pool each part may be fetched in another session than the one before."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from reporting.figures import ranges

from .. import factories as f

FIRST = f.DAY - timedelta(days=9)


@pytest.mark.django_db(transaction=True)
def test_several_read_long_ranges_at_once(monkeypatch):
    monkeypatch.setattr(ranges, "PART", 1)
    cast = f.make_cast()
    for unit in (cast.commune, cast.neighbour, cast.stranger):
        for back in range(10):
            f.make_report(unit, f.DAY - timedelta(days=back), installs=back + 1)

    def read(_number):
        try:
            days = ranges.read(cast.city, FIRST, f.DAY, at=f.at("2020-08-21 20:00"))
            return [sum(line.installs or 0 for line in day.lines) for day in days]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as readers:
        found = list(readers.map(read, range(18)))
    assert found == [[3 * installs for installs in range(10, 0, -1)]] * 18
