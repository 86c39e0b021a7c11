"""Our figures beside the ministry's, for the same unit, day and metric; only larger claims are marked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from reporting.deadline import DayHours
from reporting.figures import rollup
from reporting.ministry import figures as comparison
from reporting.ministry.figures import compare
from reporting.models import Directive, Metric, OfficialFigure
from tests.prepared import prepared

from .. import factories as f

BEFORE, LONG_BEFORE = f.DAY - timedelta(days=1), f.DAY - timedelta(days=15)
NOON, EVENING = f.at("2020-08-21 12:00"), f.at("2020-08-21 18:00")
GENERATED = settings(max_examples=300, deadline=None, derandomize=True)
COUNTS = st.one_of(st.none(), st.integers(0, 3_000_000))
THRESHOLDS = st.decimals(0, 1, places=4)


def official(value, metric=Metric.DOWNLOADS, day=f.DAY):
    return OfficialFigure(value=value, metric=metric, day=day, source="Cục Tin học hóa")


def line(claimed, counted, threshold="0.05", *, day=f.DAY, counted_day=f.DAY):
    """A commune that reports `claimed` on `day`; the ministry counted on `counted_day`."""
    figures = f.make_day_rollup(f.make_figure("31/"), f.make_figure("31/306/", cumulative=claimed), day=day)
    order = Directive(official_threshold=Decimal(threshold))
    figures = replace(figures, hours=DayHours(day=day, order=order))
    figure = None if counted is None else official(counted, day=counted_day)
    return compare(figures.by_code["306"], figure, {day: figures})


@pytest.mark.parametrize(
    ("claimed", "counted", "difference", "share", "is_marked"),
    [
        (1000, 1000, 0, "0", False),
        (1050, 1000, 50, "0.05", False),  # exactly the threshold is not more than it
        (1051, 1000, 51, "0.051", True),
        (949, 1000, -51, "-0.051", False),
        (0, 1000, -1000, "-1", False),
        (1, 0, 1, None, True),  # any claim exceeds 0 by more than the threshold
        (0, 0, 0, None, False),
        (None, 1000, None, None, False),
        (1000, None, None, None, False),  # our figure is shown without a ministry's figure
        (None, None, None, None, False),
    ],
)
def test_mark_is_for_who_claims_more_by_more_than_the_threshold(claimed, counted, difference, share, is_marked):
    found = line(claimed, counted)
    assert (found.claimed, found.difference, found.is_marked) == (claimed, difference, is_marked)
    assert found.difference_share == (None if share is None else Decimal(share))


def test_day_without_an_order_has_the_threshold_of_the_field():
    figures = f.make_day_rollup(f.make_figure("31/", cumulative=1100))
    assert compare(figures.own, official(1000), {f.DAY: figures}).threshold == Decimal("0.05")


def test_figure_of_an_earlier_day_is_never_set_beside_a_later_cumulative():
    found = line(1100, 1000, day=f.DAY, counted_day=BEFORE)
    assert (found.claimed, found.difference, found.is_marked) == (None, None, False)


@GENERATED
@given(claimed=COUNTS, counted=COUNTS, threshold=THRESHOLDS)
def test_mark_goes_one_way(claimed, counted, threshold):
    found = line(claimed, counted, str(threshold))
    if claimed is None or counted is None or claimed <= counted:
        assert not found.is_marked
    else:
        assert found.is_marked == (Decimal(claimed) - counted > threshold * counted)
    if found.is_marked:  # never marked in the other direction
        assert not line(counted, claimed, str(threshold)).is_marked


# From the database.


@prepared
def reported(cast):
    """1.000 in the commune and 500 in its neighbour; the day before 40 and 20 fewer; 250 on the island."""
    for unit, opening, installs in ((cast.commune, 950, (10, 40)), (cast.neighbour, 470, (10, 20))):
        f.make_report(unit, BEFORE, installs=installs[0], opening=opening)
        f.make_report(unit, installs=installs[1])
    f.make_report(cast.island, installs=0, opening=250)
    f.make_report(cast.agency, installs=3, opening=4000)
    return cast


def comparison_of(unit, metric=None, *, day=f.DAY, as_of=None):
    return comparison.day_comparison(unit, rollup.rows(unit, day, as_of), metric)


def comparison_rows(day_comparison):
    """Code, our figure, the ministry's, whether marked."""
    lines = [*day_comparison.below, day_comparison.own]
    return [(x.code, x.claimed, x.official and x.official.value, x.is_marked) for x in lines]


def test_agencies_stand_beside_nothing(reported):
    f.make_official(reported.city, 1600)
    f.make_official(reported.agency, 1)
    assert comparison_rows(comparison_of(reported.city)) == [
        ("318", 250, None, False),
        ("306", 1500, None, False),
        ("311", None, None, False),
        ("31", 1750, 1600, True),
    ]


def test_newest_ministrys_figure_is_compared_with_ours_of_its_own_day(reported):
    f.make_official(reported.commune, 900, LONG_BEFORE)
    f.make_official(reported.commune, 970, BEFORE)
    f.make_official(reported.commune, 1, f.DAY + timedelta(days=1))
    shown = comparison_of(reported.commune).own
    assert (shown.official.day, shown.claimed, shown.official.value) == (BEFORE, 960, 970)


def test_last_recorded_of_a_day_stands_whatever_was_counted_later(reported):
    f.make_official(reported.commune, 900, counted_at=f.at("2020-08-21 17:00"), recorded_at=f.at("2020-08-21 17:05"))
    f.make_official(reported.commune, 990, counted_at=f.at("2020-08-21 16:00"), recorded_at=f.at("2020-08-21 18:00"))
    f.make_official(reported.commune, 1, counted_at=f.at("2020-08-21 17:00"), recorded_at=f.at("2020-08-21 17:10"))
    assert comparison_of(reported.commune).own.official.value == 990


def test_metric_counted_last_is_shown_unless_one_is_chosen(reported):
    assert comparison_of(reported.commune).metric == Metric.DOWNLOADS
    f.make_official(reported.commune, 900, BEFORE, metric=Metric.DOWNLOADS)
    f.make_official(reported.commune, 900, f.DAY, metric=Metric.DEVICES)
    f.make_official(reported.commune, 900, f.DAY, metric=Metric.ACCOUNTS)
    assert comparison_of(reported.commune).metric == Metric.ACCOUNTS
    assert comparison_of(reported.commune, day=BEFORE).metric == Metric.DOWNLOADS


def test_threshold_is_that_of_the_day_compared(reported):
    f.make_directive(f.DAY, number="2/CV", official_threshold=Decimal("0.5"))
    f.make_official(reported.commune, 900, BEFORE)
    assert comparison_of(reported.commune).own.threshold == Decimal("0.05")
    f.make_official(reported.commune, 900, f.DAY)
    assert comparison_of(reported.commune).own.threshold == Decimal("0.5")
