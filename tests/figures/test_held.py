"""Which of the days before a total nobody had reported: of its unit, and of the closed ones that have ended in it."""

from datetime import date

import pytest

from reporting.figures import held
from reporting.models import Report, Unit


def day(number):
    return date(2020, 8, number)


START = day(6)


def heir(opened_on=None):
    return Unit(pk=1, opened_on=opened_on)


def part(closed_on, opened_on=None):
    return Unit(pk=2, opened_on=opened_on, closed_on=closed_on)


def reported(number, *, covers_from=None, holds_from=None, installs=5):
    return Report(
        day=day(number),
        installs=installs,
        covers_from=covers_from and day(covers_from),
        holds_from=holds_from and day(holds_from),
    )


@pytest.mark.parametrize(
    ("reports", "until", "missing"),
    [
        ([], 6, None),  # the first day has none before it
        ([], 7, 6),
        ([reported(6)], 7, None),
        ([reported(6)], 9, 7),
        ([reported(7)], 9, 6),
        ([reported(8), reported(6)], 9, 7),  # in whatever order
        ([reported(6), reported(8)], 8, 7),
        ([reported(8, covers_from=6)], 9, None),
        ([reported(8, covers_from=7)], 9, 6),
        ([reported(8, holds_from=6)], 9, None),
        ([reported(8, covers_from=8, holds_from=6)], 9, None),
        ([reported(8, covers_from=6), reported(7)], 10, 9),  # one within the other
        ([reported(6), reported(7, installs=None)], 9, 7),  # taken back: nothing is there
        ([reported(6, installs=0)], 7, None),  # none is a figure
    ],
)
def test_first_day_that_nobody_reported(reports, until, missing):
    assert held.missing_from(day(until), START, {heir(): reports}) == (missing and day(missing))


def test_unit_owes_nothing_from_before_it_opened():
    assert held.missing_from(day(12), START, {heir(opened_on=day(10)): []}) == day(10)
    assert held.missing_from(day(10), START, {heir(opened_on=day(10)): []}) is None
    assert held.missing_from(day(12), START, {heir(opened_on=day(1)): []}) == START


def test_days_of_a_closed_unit_count_until_it_ended():
    own = [reported(number) for number in range(6, 15)]
    assert held.missing_from(day(15), START, {heir(): own, part(day(10)): []}) == START
    assert held.missing_from(day(15), START, {heir(): own, part(day(10)): [reported(6), reported(7)]}) == day(8)
    whole = [reported(number) for number in range(6, 10)]
    assert held.missing_from(day(15), START, {heir(): own, part(day(10)): whole}) is None
    assert held.missing_from(day(15), START, {heir(): own, part(day(10), opened_on=day(8)): whole[2:]}) is None
    assert held.missing_from(day(8), START, {heir(): own, part(day(10)): whole[:2]}) is None  # of days before alone


@pytest.mark.parametrize(
    ("total", "missing"),
    [
        (reported(12, holds_from=8), None),  # it holds what the closed unit owed
        (reported(12, covers_from=8), None),
        (reported(10, holds_from=8), None),  # on the first day without it
        (reported(12, holds_from=9), 8),
        (reported(12), 8),  # of its own day alone
        (reported(9, holds_from=8), 8),  # of before the end, when the closed one reported for itself
    ],
)
def test_total_of_the_heir_holds_the_days_of_the_closed_unit(total, missing):
    closed = part(day(10))
    own = [reported(number) for number in range(6, 15) if number != total.day.day]
    found = held.missing_from(day(15), START, {heir(): [*own, total], closed: [reported(6), reported(7)]})
    assert found == (missing and day(missing))


def test_first_of_what_a_report_is_said_to_be_of():
    assert held.span(reported(9)) == (day(9), day(9))
    assert held.span(reported(9, covers_from=8, holds_from=6)) == (day(6), day(9))
    assert held.first_of(day(7), day(6), day(8)) == day(7)
    assert held.first_of(day(8), day(6), day(8)) == day(8)
    assert held.first_of(day(9), day(6), day(8)) == day(6)
    assert held.first_of(None, day(6), day(8)) == day(6)
    assert held.first_day(heir(), None) is None
