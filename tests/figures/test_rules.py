"""Each rule of the figures as a table: what is known, what is sent, what is refused."""

from datetime import date

import pytest

from reporting.figures import doubts, rules
from reporting.figures.doubts import Doubt
from reporting.figures.rules import EarlierReport, KnownDay, LaterReport, SentFigures
from reporting.models import IncludedDays

LATER = LaterReport(day=date(2020, 8, 22))
LAST = EarlierReport(day=date(2020, 8, 18))
MOST = rules.MAX_CUMULATIVE


def described(refusals):
    """Each refusal with what it names."""
    common = ("text", "status", "field")
    return [
        (type(refusal).__name__, *(value for name, value in vars(refusal).items() if name not in common))
        for refusal in refusals
    ]


def known(**values):
    """A unit of 5.000 people that had 100 installs before the campaign and 120 up to the day before."""
    return KnownDay(**{"before": 120, "population": 5000, "opening": 100, **values})


@pytest.mark.parametrize("figures", [{}, {"installs": 1, "cumulative": 1}])
def test_figures_say_either_installs_or_the_total(figures):
    with pytest.raises(ValueError, match=r"^give either installs or cumulative$"):
        rules.day_installs(known(), SentFigures(**figures))


@pytest.mark.parametrize(
    ("before", "sent", "installs"),
    [
        (known(), {"installs": 7}, 7),
        (known(), {"cumulative": 150}, 30),
        (known(), {"cumulative": 120}, 0),
        (known(), {"cumulative": 119}, -1),
        (known(merged_sum=40), {"cumulative": 170}, 10),
        (known(adjustment=-5, installs=20), {"cumulative": 140}, 25),
        (known(opening=None, before=0), {"cumulative": 150, "opening": 110}, 40),
        (known(), {"cumulative": 150, "opening": 100}, 30),  # sent again: it is already in the sum
    ],
)
def test_installs_of_the_day(before, sent, installs):
    assert rules.day_installs(before, SentFigures(**sent)) == installs


@pytest.mark.parametrize(
    ("before", "sent", "refused"),
    [
        (known(), {"installs": 0}, []),
        (known(population=0), {"installs": 0}, []),
        (known(), {"installs": 5000}, []),
        (known(), {"installs": 5001}, [("LimitExceeded", 5000, "installs", False)]),
        (
            known(counts_staff=True, opening=None, before=0),
            {"installs": 5001, "opening": 5001},
            [("LimitExceeded", 5000, "installs", True), ("LimitExceeded", 5000, "opening", True)],
        ),
        (known(), {"cumulative": 5120}, []),
        (known(), {"cumulative": 5121}, [("LimitExceeded", 5000, "installs", False)]),
        (known(), {"installs": 1, "opening": 5001}, [("LimitExceeded", 5000, "opening", False)]),
        (known(opening=None, before=0), {"installs": 5000, "opening": 5000}, []),
        (
            known(opening=None, before=0),
            {"installs": 5001, "opening": 5001},
            [("LimitExceeded", 5000, "installs", False), ("LimitExceeded", 5000, "opening", False)],
        ),
        (known(), {"installs": 1, "households_visited": 5000}, []),
        (
            known(),
            {"installs": 1, "households_visited": 5001},
            [("LimitExceeded", 5000, "households_visited", False)],
        ),
        # Without a known population.
        (known(population=None), {"installs": MOST - 120}, []),
        (known(population=None), {"installs": MOST - 119}, [("LimitExceeded", MOST, "installs", False)]),
        (known(population=None), {"installs": 0, "opening": MOST + 1}, [("LimitExceeded", MOST, "opening", False)]),
        (known(population=None, opening=None, before=0), {"installs": 1, "opening": MOST - 1}, []),
        (
            known(population=None, opening=None, before=0),
            {"installs": 1, "opening": MOST},
            [("LimitExceeded", MOST, "installs", False)],
        ),
    ],
)
def test_more_than_the_unit_has_people(before, sent, refused):
    assert described(rules.refusals(before, SentFigures(**sent))) == refused


@pytest.mark.parametrize(
    ("before", "sent", "refused"),
    [
        # A total less than what is there already.
        (known(), {"cumulative": 120}, []),
        (known(), {"cumulative": 119}, [("BelowCumulative", 120)]),
        (known(merged_sum=40), {"cumulative": 160}, []),
        (known(merged_sum=40), {"cumulative": 159}, [("BelowCumulative", 160)]),
        (known(adjustment=-20), {"cumulative": 100}, []),
        (known(adjustment=-20), {"cumulative": 99}, [("BelowCumulative", 100)]),
        (known(opening=None, before=0), {"cumulative": 9, "opening": 10}, [("BelowCumulative", 10)]),
        (known(), {"installs": -1}, [("BelowCumulative", 120)]),
        # Below zero on the day itself, including what the merged unit brought.
        (known(installs=30, adjustment=-140), {"installs": 20}, []),
        (known(installs=30, adjustment=-140), {"installs": 19}, [("BelowCumulative", 120)]),
        (known(installs=30, adjustment=-180, merged_sum=40), {"installs": 20}, []),
        (known(installs=30, adjustment=-180, merged_sum=40), {"installs": 19}, [("BelowCumulative", 160)]),
        # Below zero on a later day.
        (known(installs=30, lowest_later=10), {"installs": 20}, []),
        (known(installs=30, lowest_later=10), {"installs": 19}, [("BelowCumulative", 0)]),
        (known(installs=30, lowest_later=0), {"installs": 30}, []),
        (known(opening=None, before=0, installs=30, lowest_later=10), {"installs": 19, "opening": 1}, []),
        (
            known(opening=None, before=0, merged_sum=3, adjustment=-11),
            {"installs": 2, "opening": 5},
            [("BelowCumulative", 8)],  # with the opening number that is sent too
        ),
    ],
)
def test_below_the_cumulative_or_zero(before, sent, refused):
    assert described(rules.refusals(before, SentFigures(**sent))) == refused


@pytest.mark.parametrize(
    ("before", "sent", "refused"),
    [
        (known(opening=None), {"installs": 1}, [("OpeningMissing",)]),
        (known(opening=None), {"installs": 1, "opening": 0}, []),
        (known(opening=0), {"installs": 1}, []),
        (known(covered_by=LATER), {"installs": 1}, [("InLaterReport", LATER)]),
        (known(covered_by=LATER, installs=3), {"installs": 1}, []),
        (known(covered_by=LATER, installs=0), {"installs": 1}, []),
        # The most important refusal comes first: the act raises it.
        (
            known(opening=None, covered_by=LATER),
            {"installs": 5001},
            [("OpeningMissing",), ("InLaterReport", LATER), ("LimitExceeded", 5000, "installs", False)],
        ),
        (
            known(opening=None),
            {"cumulative": 9, "opening": 5001},
            [("BelowCumulative", 5121), ("LimitExceeded", 5000, "opening", False)],
        ),
    ],
)
def test_opening_owed_and_day_covered(before, sent, refused):
    assert described(rules.refusals(before, SentFigures(**sent))) == refused


@pytest.mark.parametrize(
    ("before", "adjustment", "refused"),
    [
        (known(), -120, []),
        (known(), -121, [("BelowCumulative", 120)]),
        (known(installs=30), -150, []),
        (known(installs=30), -151, [("BelowCumulative", 120)]),
        (known(installs=30, merged_sum=40), -190, []),
        (known(installs=30, merged_sum=40), -191, [("BelowCumulative", 160)]),
        (known(installs=30, lowest_later=10), -10, []),
        (known(installs=30, lowest_later=10), -11, [("BelowCumulative", 0)]),
        (known(installs=30, adjustment=-5, lowest_later=10), -15, []),
        (known(installs=30, adjustment=-5, lowest_later=10), -16, [("BelowCumulative", 0)]),
        (known(installs=30, adjustment=-5, lowest_later=0), 40, []),
        (known(opening=None, before=0), 3, []),
        # Limited by the population.
        (known(), 4880, []),
        (known(), 4881, [("LimitExceeded", 5000, "adjustment", False)]),
        (known(counts_staff=True), 4881, [("LimitExceeded", 5000, "adjustment", True)]),
        (known(installs=80), 4801, [("LimitExceeded", 5000, "adjustment", False)]),
        (known(merged_sum=80), 4801, [("LimitExceeded", 5000, "adjustment", False)]),
        (known(before=6000), 0, [("SameAdjustment",)]),
        (known(before=6000), -10, []),  # a unit above the limit may lower its number
        (known(before=6000, adjustment=-100), -99, [("LimitExceeded", 5000, "adjustment", False)]),
        (known(population=None), MOST - 120, []),
        (known(population=None), MOST - 119, [("LimitExceeded", MOST, "adjustment", False)]),
    ],
)
def test_adjustment(before, adjustment, refused):
    assert described(rules.refusals_of_adjustment(before, adjustment)) == refused


TOTAL, TENFOLD, PEOPLE, UNUSUAL, *_OTHERS = Doubt


@pytest.mark.parametrize(
    ("before", "sent", "about", "asked"),
    [
        # 80 % of the installs so far, from 51 on.
        (known(), {"installs": 95}, {}, []),
        (known(), {"installs": 96}, {}, [TOTAL]),
        (known(), {"installs": 96}, {"is_total": True}, []),
        (known(), {"cumulative": 216}, {"is_total": True}, []),
        (known(before=62), {"installs": 50}, {}, []),
        (known(before=62), {"installs": 51}, {}, [TOTAL]),
        (known(before=0), {"installs": 500}, {}, []),
        (known(before=1), {"installs": 51}, {}, [TOTAL]),
        (known(before=0, opening=None), {"installs": 80, "opening": 100}, {}, [TOTAL]),
        (known(merged_sum=1), {"installs": 96}, {}, []),
        # A digit too many, without a mean to compare with.
        (known(), {"cumulative": 1199}, {"is_total": True}, []),
        (known(), {"cumulative": 1200}, {"is_total": True}, [TENFOLD]),
        (known(), {"cumulative": 1200}, {"is_total": True, "mean": 900}, []),
        (known(), {"installs": 1080}, {}, [TOTAL]),
        (known(before=50), {"cumulative": 500}, {"is_total": True}, []),
        # The total, compared with the people.
        (known(before=4990), {"installs": 10}, {}, []),
        (known(before=4990), {"installs": 11}, {}, [PEOPLE]),
        (known(before=4990, adjustment=-1), {"installs": 11}, {}, []),
        (known(before=4950, merged_sum=40), {"installs": 11}, {}, [PEOPLE]),
        (known(before=4990, population=None), {"installs": 11}, {}, []),
        # The first total of a unit that opened during the campaign, from 51 on.
        # Five times the mean of a day, from 11 on.
        (known(), {"installs": 50}, {"mean": 10}, []),
        (known(), {"installs": 51}, {"mean": 10}, [UNUSUAL]),
        (known(), {"installs": 51}, {"mean": 10, "days": 2}, []),
        (known(), {"installs": 10}, {"mean": 0}, []),
        (known(), {"installs": 11}, {"mean": 0}, [UNUSUAL]),
        (known(before=4990), {"installs": 4900}, {"mean": 10}, [TOTAL, PEOPLE, UNUSUAL]),
    ],
)
def test_doubts(before, sent, about, asked):
    assert [*doubts.questions(before, SentFigures(**sent), **{"mean": None, "mean_days": 7, **about})] == asked


@pytest.mark.parametrize(
    ("before", "is_refused"),
    [
        (known(installs=30), False),
        (known(installs=30, adjustment=-120), False),
        (known(installs=30, adjustment=-121), True),
        (known(installs=30, adjustment=-160, merged_sum=40), False),
        (known(installs=30, adjustment=-161, merged_sum=40), True),
        (known(installs=30, lowest_later=30), False),
        (known(installs=30, lowest_later=29), True),
        (known(installs=None, lowest_later=0), False),
    ],
)
def test_report_that_an_adjustment_takes_from_is_not_taken_back(before, is_refused):
    assert [type(refusal) is rules.StillNeeded for refusal in rules.refusals_of_void(before)] == [True] * is_refused


@pytest.mark.parametrize(
    ("last", "stands", "first", "refused"),
    [
        (LAST, None, None, []),
        (None, None, date(2020, 8, 18), []),
        (LAST, None, date(2020, 8, 19), []),
        (LAST, None, date(2020, 8, 18), [("CoversReported", LAST)]),
        (LAST, None, date(2020, 8, 17), [("CoversReported", LAST)]),
        (LAST, date(2020, 8, 16), date(2020, 8, 17), [("CoversReported", LAST)]),
        (LAST, date(2020, 8, 17), date(2020, 8, 17), []),  # already stored that way
    ],
)
def test_days_that_have_a_report_of_their_own_are_covered_by_no_other(last, stands, first, refused):
    before = known(last=last, included=IncludedDays(stands))
    assert described(rules.refusals(before, SentFigures(installs=1, covers_from=first))) == refused


def test_usual_at_most_is_the_largest_number_that_nothing_is_asked_about(subtests):
    for given, mean in [
        (known(before=3412, population=19748), 88.0),
        (known(before=3412, population=19748), None),
        (known(before=19700, population=19748), 88.0),
        (known(before=0, population=None), 1.0),
        (known(before=20, population=None), 400.0),
        (known(before=1, population=None), None),
        (known(before=101, population=None), None),  # four fifths of it are not a whole number
        (known(before=100, merged_sum=50, adjustment=-20, population=200), None),
        (known(before=200, population=200), None),
    ]:
        with subtests.test(given=given, mean=mean):
            most = doubts.usual_at_most(given, mean=mean)
            assert isinstance(most, int)
            assert not doubts.questions(given, rules.SentFigures(installs=most), mean=mean, mean_days=7)
            assert doubts.questions(given, rules.SentFigures(installs=most + 1), mean=mean, mean_days=7)
    assert doubts.usual_at_most(known(before=0, population=None), mean=None) is None


GAP, MISSING, SAID = date(2020, 8, 19), date(2020, 8, 10), date(2020, 8, 18)
HELD = date(2020, 8, 12)


@pytest.mark.parametrize(
    ("stands", "sent", "covers", "holds"),
    [
        ({}, {"cumulative": 150}, GAP, MISSING),
        ({}, {"cumulative": 150, "covers_from": SAID}, SAID, MISSING),
        ({}, {"cumulative": 150, "covers_from": date(2020, 8, 20)}, GAP, MISSING),
        ({"gap": None}, {"cumulative": 150}, None, MISSING),
        ({}, {"installs": 30, "covers_from": SAID}, SAID, None),
        ({}, {"installs": 30}, None, None),
        # With a stored report: an equal total changes nothing.
        ({"installs": 30, "included": IncludedDays(SAID, HELD)}, {"cumulative": 150, "covers_from": SAID}, SAID, HELD),
        ({"installs": 30, "included": IncludedDays(SAID, HELD)}, {"cumulative": 150}, GAP, MISSING),
        ({"installs": 31, "included": IncludedDays(SAID)}, {"cumulative": 150, "covers_from": SAID}, SAID, MISSING),
        ({"installs": 30, "included": IncludedDays(None, HELD)}, {"installs": 40}, None, HELD),
    ],
)
def test_total_holds_all_that_nobody_has_reported(stands, sent, covers, holds):
    before = known(**{"gap": GAP, "missing_from": MISSING, **stands})
    figures = SentFigures(**sent)
    assert rules.included_days(before, figures) == IncludedDays(covers, holds)


@pytest.mark.parametrize(
    ("stands", "sent", "refused"),
    [
        ({}, {"cumulative": 150}, [("CoversReported", LAST)]),
        ({}, {"installs": 30}, []),
        ({"installs": 30}, {"cumulative": 150}, []),  # already stored that way
        ({"installs": 31}, {"cumulative": 150}, [("CoversReported", LAST)]),
    ],
)
def test_total_is_not_said_over_a_day_that_waits(stands, sent, refused):
    assert described(rules.refusals(known(waiting=LAST, **stands), SentFigures(**sent))) == refused


@pytest.mark.parametrize(
    ("before", "sent", "is_refused"),
    [
        ({"before": MOST - 10, "adjustment": 5}, {"installs": 5}, False),
        ({"before": MOST - 10, "adjustment": 6}, {"installs": 5}, True),
        ({"installs": 3, "highest_later": MOST - 7}, {"installs": 10}, False),
        ({"installs": 3, "highest_later": MOST - 7}, {"installs": 11}, True),
    ],
)
def test_no_total_is_beyond_what_the_columns_hold(before, sent, is_refused):
    refused = described(rules.refusals(known(population=None, **before), SentFigures(**sent)))
    assert refused == [("LimitExceeded", MOST, "installs", False)] * is_refused
