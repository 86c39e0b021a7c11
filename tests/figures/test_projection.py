"""Where the share goes from here: what the target needs, the mean of late, and the slowest and fastest of its days."""

from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.figures import pace

from ..factories import DAY, make_day_rollup, make_figure, make_recent

GENERATED = settings(max_examples=200, deadline=None, derandomize=True)


def row(cumulative=3000, population=10_000):
    figure = make_figure("31/1/", level="commune", installs=1, cumulative=cumulative, population=population)
    return make_day_rollup(make_figure("31/"), figure).own


def made(recent, *, found=None, target_date=DAY + timedelta(days=20), is_day_open=False):
    found = found or row()
    of_day = {"cumulative": found.cumulative, "target": found.target, "day": DAY}
    of_day |= {"is_day_open": is_day_open, "is_hour_over": not is_day_open}
    return pace.project(found, pace.pace_of(**of_day, target_date=target_date, recent=recent))


def test_projection_goes_by_mean_slowest_and_fastest_to_the_date():
    ahead = made(make_recent(100, 50, 0, 100, 200, 150, 100))
    assert (ahead.start, ahead.until) == (DAY, DAY + timedelta(days=20))
    assert (ahead.share, ahead.required) == (Fraction(3, 10), Fraction(6, 10))
    assert (ahead.slowest, ahead.expected, ahead.fastest) == (Fraction(3, 10), Fraction(1, 2), Fraction(7, 10))


def test_days_of_a_report_of_several_days_are_alike():
    """Of 700 in a report of seven days each of them has brought a hundred: none was slow, none was fast."""
    spans = [(DAY - timedelta(days=6), DAY, 700)]
    ahead = made(make_recent(None, None, None, None, None, None, 700, spans=spans))
    assert ahead.slowest == ahead.expected == ahead.fastest == Fraction(1, 2)


def test_projection_ends_where_a_line_says_nothing_any_more():
    ahead = made(make_recent(*[100] * 7), target_date=DAY + timedelta(days=100))
    assert ahead.until == DAY + timedelta(days=45)
    assert ahead.required == Fraction(3, 10) + Fraction(3, 10) * 45 / 100
    assert made(make_recent(*[100] * 7), target_date=None).until == DAY + timedelta(days=14)


def test_nothing_is_projected_from_nothing_or_past_the_end():
    full = make_recent(*[100] * 7)
    assert made(full, found=row(cumulative=6000)) is None  # reached
    assert [made(full, target_date=DAY, is_day_open=is_open) for is_open in (False, True)] == [None, None]
    assert made(full, found=row(population=None)) is None
    assert pace.project(row(), None) is None
    too_little = made(make_recent(100, 100))
    assert (too_little.expected, too_little.slowest, too_little.fastest) == (None, None, None)
    assert too_little.required == Fraction(6, 10)


@GENERATED
@given(st.lists(st.integers(0, 500), min_size=7, max_size=7), st.integers(0, 6), st.integers(0, 700))
def test_days_spread_evenly_have_the_mean_of_the_days(installs, first, several):
    recent = make_recent(*installs, spans=[(DAY - timedelta(days=first), DAY, min(several, installs[-1]))])
    assert sum(recent.by_day(DAY)) / 7 == recent.mean(DAY)
