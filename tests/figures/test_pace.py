"""The pace never understates what is missing, in cases and over generated figures."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.utils import translation
from hypothesis import given, settings, strategies as st

from reporting.figures import pace
from reporting.figures.pace import Kind, PastDay, RecentDays

from ..factories import make_day_rollup, make_figure, make_recent

DAY = date(2020, 8, 21)
GENERATED = settings(max_examples=200, deadline=None, derandomize=True)


def make_pace(**fields):
    values = {
        "cumulative": 3412,
        "target": 11849,
        "target_date": date(2020, 9, 10),
        "day": DAY,
        "recent": make_recent(*[100] * 7, until=DAY - timedelta(days=1)),
        "is_day_open": False,
        "is_hour_over": True,
        **fields,
    }
    return pace.pace_of(**values)


# Days left


@pytest.mark.parametrize(
    ("fields", "days_left", "needed"),
    [
        ({}, 20, 422),  # 22/08 to 10/09
        ({"is_day_open": True}, 21, 402),  # the day itself can still add its part
        ({"is_day_open": True, "cumulative": 3500, "recent": make_recent(88)}, 20, 418),  # it has added it
        ({"target_date": DAY}, 0, None),
        ({"target_date": DAY, "is_day_open": True}, 1, None),  # its date has come
        ({"target_date": DAY - timedelta(days=3)}, 0, None),
        ({"target_date": None}, None, None),
        ({"cumulative": 11849}, 20, 0),
    ],
)
def test_days_left_are_those_still_to_report(fields, days_left, needed):
    found = make_pace(**fields)
    assert (found.days_left, found.needed_per_day) == (days_left, needed)


def test_pace_of_a_unit_without_a_target_is_not_known():
    assert make_pace(target=None) is None


def test_unit_that_never_reported_has_the_whole_target_before_it():
    found = make_pace(cumulative=None, recent=make_recent(*[None] * 7))
    assert (found.missing, found.mean, found.reached_on, found.kind) == (11849, None, None, Kind.UNKNOWN)


# The mean


BEFORE = DAY - timedelta(days=1)


@pytest.mark.parametrize(
    ("recent", "mean"),
    [
        (make_recent(None), None),
        (make_recent(0), 0),
        (make_recent(10, 20), 15),
        (make_recent(10, None, 20), 15),  # over the reported days
        (make_recent(900, *[7] * 7), 7),
        (make_recent(900, *[7] * 3, None, *[7] * 3), 7),
        (make_recent(None, None, 90, spans=[(DAY - timedelta(days=2), DAY, 90)]), 30),
        (make_recent(*[None] * 6, 90, spans=[(DAY - timedelta(days=8), DAY, 90)]), 10),  # two of them before
        (make_recent(10, *[None] * 6), 10),
        (make_recent(10, *[None] * 7), None),  # nothing within seven days
        (make_recent(10, until=DAY + timedelta(days=1)), None),
    ],
)
def test_mean_is_over_the_reported_of_the_last_seven_days(recent, mean):
    assert pace.mean_of(recent.by_day(DAY)) == mean


def test_mean_leaves_an_open_day_out():
    recent = make_recent(100, 100, 100, 3)
    assert make_pace(recent=recent, is_day_open=True).mean == 100
    assert make_pace(recent=recent).mean == Fraction(303, 4)


def test_days_on_which_nobody_reports_do_not_move_the_forecast():
    before = make_pace(recent=make_recent(*[100] * 5))
    after = make_pace(recent=make_recent(*[100] * 5, None, None))
    assert (after.mean, after.reached_on, after.kind) == (before.mean, before.reached_on, before.kind)
    with translation.override("en"):
        assert before.mean_words == "on average 100 a day over the last 5 days"
        assert after.mean_words == "on average 100 a day over the 5 of the last 7 days with enough reports"


def of_units(*numbers, due=11):
    """Seven days on which so many of eleven units have reported, together 100."""
    first = DAY - timedelta(days=6)
    days = [
        PastDay(day=first + timedelta(days=place), installs=100 if count else None, due=due, reported=count)
        for place, count in enumerate(numbers)
    ]
    return RecentDays(days)


LACKS = "too little for a forecast "
NONE = LACKS + "(no day with enough reports in the last 7 days)"
FEW = LACKS + "(only %s of the last %s days have enough reports)"


@pytest.mark.parametrize(
    ("recent", "words"),
    [
        (of_units(*[11] * 7), None),
        (of_units(*[0] * 4, 11, 9, 9), None),
        (of_units(*[0] * 4, 11, 9, 8), FEW % (2, 7)),  # 8 of 11 are less than three quarters
        (of_units(*[0] * 6, 4), NONE),
        (of_units(*[0] * 7), NONE),
        (make_recent(5), LACKS + "(only 1 day so far, with enough reports)"),
        (make_recent(5, 5), LACKS + "(only 2 days so far, with enough reports)"),
        (make_recent(*[None] * 4, 5, 5, 5), None),
        (make_recent(*[None] * 6, 90, spans=[(DAY - timedelta(days=6), DAY, 90)]), None),  # all seven days are known
        (of_units(*[3] * 7, due=0), NONE),  # exempt days, though some reported
    ],
)
def test_forecast_from_too_few_reported_days_is_none_and_says_what_it_lacks(recent, words):
    found = make_pace(recent=recent, cumulative=3412, target=3500)
    if words is None:
        assert found.kind == Kind.ON_PACE
        return
    assert (found.kind, found.mean, found.reached_on, found.factor) == (Kind.UNKNOWN, None, None, None)
    with translation.override("en"):
        assert found.words == words
        assert found.rate_words == "Needed: 5 a day until 10 Sep"


# Classes, words, the day

NOT_ENOUGH = "the current pace is not enough to reach the target"
MISSED = "the target of %s is not reached: %s are missing"
MISSED_BEFORE = "the target of 20 Aug 2020 was not reached: on 21 Aug 2020 1 are missing"
LAST_DAY = "the target date 21 Aug 2020 is not over: 8,437 are still missing"


@pytest.mark.parametrize(
    ("fields", "kind", "words", "reached_on"),
    [
        ({"cumulative": 11849}, Kind.REACHED, "target reached", None),
        ({"cumulative": 9849}, Kind.ON_PACE, "on pace", date(2020, 9, 10)),
        ({"cumulative": 9848}, Kind.MULTIPLY, "has to grow 1.1-fold", date(2020, 9, 11)),
        ({"cumulative": 7229}, Kind.MULTIPLY, "has to grow 2.4-fold", date(2020, 10, 7)),  # 2,31
        ({"cumulative": 1849}, Kind.MULTIPLY, "has to grow 5.0-fold", date(2020, 11, 29)),
        ({"cumulative": 1848}, Kind.NOT_ENOUGH, NOT_ENOUGH, date(2020, 11, 30)),
        # From the target date on.
        ({"target_date": DAY}, Kind.MISSED, MISSED % ("21 Aug 2020", "8,437"), None),
        ({"target_date": DAY, "is_day_open": True, "is_hour_over": False}, Kind.LAST_DAY, LAST_DAY, None),
        ({"target_date": BEFORE, "cumulative": 11848}, Kind.MISSED, MISSED_BEFORE, None),
        ({"target_date": BEFORE, "cumulative": 11849}, Kind.REACHED, "target reached", None),
        ({"target_date": DAY, "cumulative": 13000}, Kind.REACHED, "target reached, 1,151 more", None),
        ({"recent": make_recent(0, 0, 0)}, Kind.NOT_ENOUGH, NOT_ENOUGH, None),
        ({"target_date": None}, Kind.UNDATED, "expected on 14 Nov 2020 at the current pace", date(2020, 11, 14)),
        (
            {"target_date": None, "recent": make_recent(None, None, 1)},
            Kind.UNKNOWN,
            FEW % (1, 3),
            None,
        ),
        (
            {"target_date": None, "recent": make_recent(*[None] * 6, 1, spans=[(DAY - timedelta(days=30), DAY, 1)])},
            Kind.NOT_ENOUGH,
            NOT_ENOUGH,
            None,
        ),
    ],
)
def test_class_says_whether_the_present_pace_gets_there(fields, kind, words, reached_on):
    found = make_pace(**fields)
    assert (found.kind, found.reached_on) == (kind, reached_on)
    with translation.override("en"):
        assert found.words == words


# Over generated figures

histories = st.lists(st.none() | st.integers(0, 400), min_size=1, max_size=12).map(lambda counts: make_recent(*counts))
paces = st.fixed_dictionaries(
    {
        "cumulative": st.none() | st.integers(0, 30_000),
        "target": st.integers(1, 25_000),
        "target_date": st.integers(-3, 60).map(lambda ahead: DAY + timedelta(days=ahead)),
        "recent": histories,
        "is_day_open": st.booleans(),
    }
)


@GENERATED
@given(paces)
def test_needed_per_day_reaches_the_target_on_the_date_and_one_less_does_not(fields):
    found = make_pace(**fields)
    assert found.missing >= 0
    if found.needed_per_day is None:
        assert found.is_over
        return
    assert fields["target_date"] > DAY
    assert found.needed_per_day >= 0
    if found.missing:
        assert found.needed_per_day * found.days_left >= found.missing
        assert (found.needed_per_day - 1) * found.days_left < found.missing


@GENERATED
@given(paces)
def test_projected_day_is_the_first_on_which_the_mean_reaches_the_target(fields):
    found = make_pace(**fields)
    if found.reached_on is None:
        assert not found.missing or not found.mean or found.missing / found.mean > pace.FARTHEST
        return
    is_day_left = fields["is_day_open"] and not fields["recent"].has_report(DAY)
    days = (found.reached_on - DAY).days + is_day_left
    assert days * found.mean >= found.missing > (days - 1) * found.mean


@GENERATED
@given(paces)
def test_class_and_projected_day_agree(fields):
    found = make_pace(**fields)
    if found.kind is Kind.ON_PACE:
        assert found.reached_on <= found.target_date
    if found.kind is Kind.MULTIPLY:
        assert found.reached_on is None or found.reached_on > found.target_date
    assert (found.kind is Kind.REACHED) == (found.missing == 0)
    assert (found.kind is Kind.MISSED) == (fields["target_date"] <= DAY and found.missing > 0)


@GENERATED
@given(paces)
def test_factor_never_understates(fields):
    found = make_pace(**fields)
    if found.factor is not None:
        grown = Fraction(found.factor) * found.mean * found.days_left
        assert grown >= found.missing
        assert grown - found.mean * found.days_left / 10 < found.missing


# The projection: the needed path, the recent mean, and the slowest and fastest days.


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
    """A report of 700 for seven days counts a hundred on each: no day is slower or faster."""
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
    assert sum(recent.by_day(DAY)) / 7 == pace.mean_of(recent.by_day(DAY))
