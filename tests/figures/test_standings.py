"""What is known of a unit around a day: only its own reports and those of units merged into it."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.acts import submit
from reporting.figures import query, standings
from reporting.figures.standings import standing_of
from reporting.models import Report

from ..factories import DAY, at, make_directive, make_report, make_unit

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def days_before(*numbers):
    return [DAY - timedelta(days=number) for number in numbers]


@pytest.fixture
def reported(cast):
    """The commune has reports of two days before and one after; her neighbour has other figures."""
    for day, installs in ((BEFORE - timedelta(days=1), 5), (BEFORE, 7), (AFTER, 9)):
        make_report(cast.commune, day, installs=installs, opening=100)
    for day in (BEFORE, DAY, AFTER):
        make_report(cast.neighbour, day, installs=1, opening=3)
    return cast


@pytest.fixture
def merged(reported):
    """The neighbour is merged into the commune by the day."""
    reported.neighbour.close(on=DAY, into=reported.commune)
    return reported


def test_ended_units_bring_along_what_they_had_before_the_day(merged):
    assert [standings.stored_day(merged.commune, day).merged_sum for day in (BEFORE, DAY, AFTER)] == [0, 4, 5]
    assert standings.stored_day(merged.stranger, DAY).merged_sum == 0
    found = standing_of(merged.commune, DAY)
    assert (found.merged_sum, found.cumulative_before, found.before) == (4, 116, 112)
    assert (found.report, found.lowest_later) == (None, 121 + 6)
    assert found.mean == (5 + 7 + 1) / 2  # the sums of both units on a day
    yesterday = standing_of(merged.commune, BEFORE)
    assert (yesterday.merged_sum, yesterday.cumulative_before) == (0, 105)


# The days missed right before.


@pytest.fixture
def three_days_missed(cast):
    """The commune has not reported for three days; its neighbour never has."""
    make_report(cast.commune, DAY - timedelta(days=4), installs=5)
    return cast


def missed(unit):
    return standing_of(unit, DAY).missed_before


def test_day_that_waits_to_be_taken_in_is_not_missed(three_days_missed):
    ask = {
        "unit": three_days_missed.commune,
        "reason": "x",
        "by": three_days_missed.officer,
        "at": at("2020-08-21 18:00"),
    }
    asked = acts.send_late_request(day=DAY - timedelta(days=2), installs=3, **ask)
    assert missed(three_days_missed.commune) == days_before(1)
    last = standing_of(three_days_missed.commune, DAY).last
    assert (last.day, last.installs, last.is_waiting) == (DAY - timedelta(days=2), 3, True)
    own = {"unit": three_days_missed.commune, "day": asked.day, "shown": asked.pk}
    acts.withdraw_request(**own, by=three_days_missed.officer, at=at("2020-08-21 18:01"))
    assert missed(three_days_missed.commune) == days_before(3, 2, 1)


def test_missed_days_end_where_no_order_was_in_force(db):
    make_directive(effective_until=DAY - timedelta(days=3))
    make_directive(BEFORE, number="2/CV")
    city = make_unit("31", level="city")
    make_report(city, DAY - timedelta(days=4), installs=5)
    assert missed(city) == days_before(1)


def test_missed_days_end_where_the_unit_was_not_open(cast):
    later = make_unit("11000", parent=cast.district, opened_on=BEFORE)
    Report.objects.create(
        unit=later, day=DAY - timedelta(days=4), installs=1, cumulative=1, received_at="2020-08-17T10:00+07:00"
    )
    assert missed(later) == days_before(1)


# The days that a later report covers.


def test_covered_days_of_an_instant_are_those_of_the_revisions_that_counted_by_then(cast):
    noon, evening = at("2020-08-20 12:00"), at("2020-08-20 16:00")
    make_report(cast.commune, DAY - timedelta(days=5), installs=1, now=lambda: at("2020-08-16 10:00"))
    sent = {"by": cast.officer, "installs": 4, "at": at("2020-08-20 10:00")}
    for number, (moment, first) in enumerate([(noon, DAY - timedelta(days=4)), (evening, DAY - timedelta(days=3))]):
        submit(
            unit=cast.commune,
            day=BEFORE,
            covers_from=first,
            base_version=number,
            now=lambda moment=moment: moment,
            **sent,
        )
    days = days_before(5, 4, 3, 2, 1, 0)
    assert query.covered_days(cast.commune, days, noon - timedelta(minutes=1)) == {}
    assert query.covered_days(cast.commune, days, noon) == dict.fromkeys(days_before(4, 3, 2), BEFORE)
    assert query.covered_days(cast.commune, days, evening) == dict.fromkeys(days_before(3, 2), BEFORE)
    assert query.covered_days(cast.commune, days) == dict.fromkeys(days_before(3, 2), BEFORE)
    assert query.covered_days(cast.neighbour, days, evening) == {}
    assert query.covered_days(cast.commune, days_before(1, 0), evening) == {}


@pytest.mark.parametrize("covering", ["commune", "neighbour"])
def test_mean_of_merged_units_divides_a_day_by_the_longest_that_it_covers(covering, cast):
    for unit in (cast.commune, cast.neighbour):
        make_report(unit, BEFORE, installs=9)
    Report.objects.filter(unit=getattr(cast, covering), day=BEFORE).update(covers_from=DAY - timedelta(days=3))
    cast.neighbour.close(on=DAY, into=cast.commune)
    assert standing_of(cast.commune, DAY).mean == 18 / 3
