"""Doubtful figures of the ministry: one that falls, or has a digit too many."""

from datetime import date

import pytest

from reporting.ministry import figures
from reporting.models import Metric

from .. import factories as f

KNOWN = {date(2020, 8, 19): 1000, date(2020, 8, 20): 1479, date(2020, 8, 23): 2000}
DAY = date(2020, 8, 21)


@pytest.mark.parametrize(
    ("value", "metric", "found"),
    [
        (1479, Metric.DOWNLOADS, {}),
        (2000, Metric.DOWNLOADS, {}),
        (1478, Metric.DOWNLOADS, {"falling": "1.479"}),
        (2001, Metric.ACCOUNTS, {"falling": "2.000"}),
        (1000, Metric.DEVICES, {}),  # phones in use may become fewer
        (14789, Metric.DEVICES, {}),
        (14790, Metric.DEVICES, {"tenfold": "1.479"}),
    ],
)
def test_doubts_beside_the_days_around(value, metric, found):
    asked = figures.figure_doubts(value, DAY, metric, KNOWN)
    assert asked.keys() == found.keys()
    assert all(other in asked[doubt] for doubt, other in found.items())


def test_small_figures_and_first_ones_are_not_tenfold():
    assert figures.figure_doubts(900, DAY, Metric.DOWNLOADS, {date(2020, 8, 20): 50}) == {}
    assert figures.figure_doubts(900, DAY, Metric.DOWNLOADS, {}) == {}


def test_figure_of_a_day_is_what_was_recorded_last_of_each_day(cast):
    f.make_official(cast.city, 100)
    f.make_official(cast.city, 200, recorded_at=f.at("2020-08-22 08:00"))
    f.make_official(cast.city, 5, metric=Metric.DEVICES)
    f.make_official(cast.district, 7)
    found = figures.figures_by_day([cast.city])
    assert {key: {day: figure.value for day, figure in days.items()} for key, days in found.items()} == {
        (cast.city.pk, Metric.DOWNLOADS): {f.DAY: 200},
        (cast.city.pk, Metric.DEVICES): {f.DAY: 5},
    }
