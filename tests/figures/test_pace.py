"""The pace never understates what is missing, in cases and over generated figures."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings, strategies as st

from reporting.figures import pace
from reporting.figures.pace import Kind, TargetDay
from reporting.figures.rates import Rate, Rates

from ..factories import make_day_rollup, make_figure

DAY = date(2020, 8, 21)
BEFORE = DAY - timedelta(days=1)
GENERATED = settings(max_examples=200, deadline=None, derandomize=True)
RATE = Rate(per_day=Fraction(100), reports=7, of_reports=7, known=1)


def make_pace(**fields):
    values = {
        "cumulative": 3412,
        "target": 11849,
        "target_date": date(2020, 9, 10),
        "day": DAY,
        "rate": RATE,
        "is_hour_over": True,
        **fields,
    }
    return pace.pace_of(**values)


@pytest.mark.parametrize(
    ("fields", "days_left", "needed"),
    [
        ({}, 20, 422),  # 22/08 to 10/09
        ({"rate": replace(RATE, to_come=Fraction(100))}, 20, 417),  # the silent units add their usual number today
        ({"target_date": DAY}, 0, None),
        ({"target_date": BEFORE}, 0, None),
        ({"target_date": None}, None, None),
        ({"cumulative": 11849}, 20, 0),
    ],
)
def test_days_left_are_those_after_the_day(fields, days_left, needed):
    found = make_pace(**fields)
    assert (found.days_left, found.needed_per_day) == (days_left, needed)


def test_pace_of_a_unit_without_a_target_is_not_known():
    assert make_pace(target=None) is None


def test_unit_that_never_reported_has_the_whole_target_before_it():
    found = make_pace(cumulative=None, rate=Rate(of_reports=7))
    assert (found.missing, found.mean, found.reached_on, found.kind) == (11849, None, None, Kind.UNKNOWN)


def test_report_that_sends_the_usual_number_moves_no_forecast():
    silent = make_pace(cumulative=3412, rate=replace(RATE, to_come=Fraction(100)))
    sent = make_pace(cumulative=3512)
    assert silent.missing == sent.missing + 100
    assert (silent.expected, silent.needed_per_day, silent.reached_on, silent.kind) == (
        sent.expected,
        sent.needed_per_day,
        sent.reached_on,
        sent.kind,
    )


def then(cumulative, **fields):
    return TargetDay(day=BEFORE, row=make_figure("31/", cumulative=cumulative, population=19_748), **fields)


@pytest.mark.parametrize(
    ("fields", "kind", "factor", "reached_on"),
    [
        ({"cumulative": 11849}, Kind.REACHED, None, None),
        ({"cumulative": 9849}, Kind.ON_PACE, None, date(2020, 9, 10)),
        ({"cumulative": 9848}, Kind.NOT_ENOUGH, "1.1", date(2020, 9, 11)),
        ({"cumulative": 7229}, Kind.NOT_ENOUGH, "2.4", date(2020, 10, 7)),  # 2,31
        ({"cumulative": 1849}, Kind.NOT_ENOUGH, "5.0", date(2020, 11, 29)),
        ({"rate": replace(RATE, per_day=Fraction())}, Kind.NOT_ENOUGH, None, None),
        ({"rate": replace(RATE, per_day=Fraction(1, 30))}, Kind.NOT_ENOUGH, None, None),
        ({"target_date": None}, Kind.UNDATED, None, date(2020, 11, 14)),
        # On the target date.
        ({"target_date": DAY}, Kind.MISSED, None, None),
        ({"target_date": DAY, "is_hour_over": False}, Kind.LAST_DAY, None, None),
        ({"target_date": DAY, "cumulative": 13000}, Kind.REACHED, None, None),
        # After it.
        (
            {"target_date": BEFORE, "cumulative": 11848, "then": then(11800)},
            Kind.MISSED,
            None,
            None,
        ),
        (
            {"target_date": BEFORE, "cumulative": 11800, "then": then(12000)},
            Kind.REACHED,
            None,
            None,
        ),
        (
            {"target_date": BEFORE, "cumulative": 11849, "then": then(11848, reached_on=DAY)},
            Kind.REACHED_LATE,
            None,
            None,
        ),
    ],
)
def test_class_says_whether_the_present_pace_gets_there(fields, kind, factor, reached_on):
    found = make_pace(**fields)
    assert (found.kind, found.factor, found.reached_on) == (kind, factor and Decimal(factor), reached_on)


# Over generated figures

rates = st.builds(
    Rate,
    per_day=st.fractions(0, 400, max_denominator=7),
    reports=st.integers(0, 7),
    of_reports=st.just(7),
    known=st.integers(0, 1),
    to_come=st.fractions(0, 400, max_denominator=7),
)
paces = st.fixed_dictionaries(
    {
        "cumulative": st.none() | st.integers(0, 30_000),
        "target": st.integers(1, 25_000),
        "target_date": st.integers(-3, 60).map(lambda ahead: DAY + timedelta(days=ahead)),
        "rate": rates,
    }
)


def lacking(found):
    """What the day, as it is expected to end, leaves to the days after it."""
    return max(found.missing - found.to_come, 0)


@GENERATED
@given(paces)
def test_needed_per_day_reaches_the_target_on_the_date_and_one_less_does_not(fields):
    found = make_pace(**fields)
    assert found.missing >= 0
    if found.needed_per_day is None:
        assert found.is_over
        return
    assert fields["target_date"] > DAY
    assert found.needed_per_day * found.days_left >= lacking(found)
    if lacking(found):
        assert (found.needed_per_day - 1) * found.days_left < lacking(found)


@GENERATED
@given(paces)
def test_projected_day_is_the_first_on_which_the_mean_reaches_the_target(fields):
    found = make_pace(**fields)
    if found.reached_on is None:
        assert not found.missing or not found.mean or lacking(found) / found.mean > pace.FARTHEST
        return
    days = (found.reached_on - DAY).days
    assert days * found.mean >= lacking(found)
    assert days == 0 or lacking(found) > (days - 1) * found.mean


@GENERATED
@given(paces)
def test_class_and_projected_day_agree(fields):
    found = make_pace(**fields)
    if found.kind is Kind.ON_PACE:
        assert found.expected >= fields["target"]
        assert found.reached_on <= found.target_date
    if found.kind is Kind.NOT_ENOUGH:
        assert found.expected < fields["target"]  # so its share prints below the target
        assert found.reached_on is None or found.reached_on > found.target_date
    assert (found.kind is Kind.REACHED) == (found.missing == 0)
    assert (found.kind is Kind.MISSED) == (fields["target_date"] <= DAY and found.missing > 0)


@GENERATED
@given(paces)
def test_needed_over_the_printed_mean_is_the_factor(fields):
    found = make_pace(**fields)
    if found.factor is not None:
        assert found.factor > 1
        grown = Fraction(found.factor) * pace.formatting.cut_mean(found.mean)
        assert grown >= found.needed_per_day > grown - pace.formatting.cut_mean(found.mean) / 10


# The projection: the needed path, the recent mean, and the slowest and fastest days.


def row(cumulative=3000, population=10_000):
    figure = make_figure("31/1/", level="commune", installs=1, cumulative=cumulative, population=population)
    return make_day_rollup(make_figure("31/"), figure).own


def made(rate=RATE, *, found=None, target_date=DAY + timedelta(days=20), is_hour_over=True):
    found = found or row()
    of_day = {"cumulative": found.cumulative, "target": found.target, "day": DAY, "is_hour_over": is_hour_over}
    rates = Rates(slowest=Fraction(0), fastest=Fraction(200)) if rate.mean else Rates()
    return pace.project(found, pace.pace_of(**of_day, target_date=target_date, rate=rate), rates)


def test_projection_goes_by_mean_slowest_and_fastest_to_the_date():
    ahead = made()
    assert (ahead.start, ahead.until) == (DAY, DAY + timedelta(days=20))
    assert (ahead.share, ahead.required) == (Fraction(3, 10), Fraction(6, 10))
    assert (ahead.slowest, ahead.expected, ahead.fastest) == (Fraction(3, 10), Fraction(1, 2), Fraction(7, 10))


def test_projection_starts_where_the_day_is_expected_to_end():
    ahead = made(replace(RATE, to_come=Fraction(500)))
    assert (ahead.share, ahead.expected) == (Fraction(35, 100), Fraction(55, 100))


def test_projection_ends_where_a_line_says_nothing_any_more():
    ahead = made(target_date=DAY + timedelta(days=100))
    assert ahead.until == DAY + timedelta(days=45)
    assert ahead.required == Fraction(3, 10) + Fraction(3, 10) * 45 / 100
    assert made(target_date=None).until == DAY + timedelta(days=14)


def test_nothing_is_projected_from_nothing_or_past_the_end():
    assert made(found=row(cumulative=6000)) is None  # reached
    assert [made(target_date=DAY, is_hour_over=is_over) for is_over in (True, False)] == [None, None]
    assert made(found=row(population=None)) is None
    assert pace.project(row(), None, Rates()) is None
    too_little = made(Rate(per_day=Fraction(100), reports=2, of_reports=7))
    assert (too_little.expected, too_little.slowest, too_little.fastest) == (None, None, None)
    assert too_little.required == Fraction(6, 10)
