"""A day counts once: by its own report, or by a later one that covers it."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.figures import query, standings, verification
from reporting.models import IncludedDays, Reopening, Report

from .. import factories as f

DAY, EVE, BEFORE = f.DAY, f.DAY - timedelta(days=1), f.DAY - timedelta(days=2)
EVENING = f.at("2020-08-21 18:00")
NIGHT = f.at("2020-08-21 19:00")


@pytest.fixture
def silent(cast):
    """Đằng Hải: 100 before the campaign, 10 on 18/08, and nothing since."""
    f.make_report(cast.commune, BEFORE - timedelta(days=1), 10, opening=100)
    return cast


def ask(cast, day=EVE, installs=12, moment=EVENING, **figures):
    return acts.send_late_request(
        unit=cast.commune, day=day, installs=installs, reason="mất điện", by=cast.officer, at=moment, **figures
    )


def enter(cast, day, installs, **about):
    return acts.enter(
        unit=cast.commune,
        day=day,
        installs=installs,
        reason="điện thoại",
        **f.stamp(cast.district_clerk, EVENING),
        **about,
    )


def decide(cast, asked, **about):
    return acts.decide(late_request=asked, is_accepted=True, **f.stamp(cast.district_clerk, NIGHT), **about)


def total(cast):
    return standings.standing_of(cast.commune, DAY + timedelta(days=1)).cumulative_before


def spans(cast):
    """Each reported day with its number and the first day that it covers."""
    reports = Report.objects.filter(unit=cast.commune, day__gte=BEFORE, installs__isnull=False)
    return list(reports.order_by("day").values_list("day", "installs", "covers_from"))


def test_number_holds_no_day_that_waits_to_be_taken_in(silent):
    asked = ask(silent)
    for act in (lambda: enter(silent, DAY, 30, covers_from=EVE), lambda: ask(silent, DAY, 30, covers_from=EVE)):
        with pytest.raises(acts.CoversReported) as refusal:
            act()
        alone = refusal.value.earlier
        assert (alone.day, alone.installs, alone.is_waiting) == (EVE, 12, True)
    enter(silent, DAY, 30)
    decide(silent, asked)
    assert (total(silent), spans(silent)) == (152, [(EVE, 12, None), (DAY, 30, None)])


def test_of_two_requests_that_hold_one_day_the_second_goes_on_waiting(silent):
    first = ask(silent, DAY, 30, covers_from=EVE)
    second = ask(silent, EVE, 12, moment=EVENING + timedelta(minutes=1))
    accepted, left = [], []
    for day in (EVE, DAY):
        found = acts.decide_all(superior=silent.district, day=day, **f.stamp(silent.district_clerk, NIGHT))
        accepted += found[0]
        left += found[1]
    assert (accepted, [(one, type(error)) for one, error in left]) == ([second], [(first, acts.CoversReported)])
    assert (total(silent), spans(silent)) == (122, [(EVE, 12, None)])


def test_covered_day_has_a_report_of_its_own_once_the_later_number_is_of_its_own_day(silent):
    enter(silent, DAY, 30, covers_from=EVE)
    about = {"unit": silent.commune, "day": EVE, "until": f.at("2020-08-21 20:00"), "reason": "gửi lại"}
    for act in (lambda: acts.reopen(**about, **f.stamp(silent.district_clerk, NIGHT)), lambda: enter(silent, EVE, 12)):
        with pytest.raises(acts.InLaterReport):
            act()
    assert not Reopening.objects.exists()
    enter(silent, DAY, 30, covers_from=None, base_version=1)
    acts.reopen(**about, **f.stamp(silent.district_clerk, NIGHT))
    acts.submit(unit=silent.commune, day=EVE, installs=12, **f.stamp(silent.officer, f.at("2020-08-21 19:30")))
    assert (total(silent), spans(silent)) == (152, [(EVE, 12, None), (DAY, 30, None)])


def test_total_includes_all_unreported_days_whatever_was_chosen(silent):
    """Exempt days too: if one of them is reported later, it collides with the total that includes it."""
    f.make_exempt_day(silent.district, BEFORE)
    f.make_exempt_day(silent.district, EVE)
    enter(silent, DAY, None, cumulative=140, covers_from=None)
    assert (total(silent), spans(silent)) == (140, [(DAY, 30, BEFORE)])
    for day in (BEFORE, EVE):
        with pytest.raises(acts.InLaterReport):
            enter(silent, day, 12)
    enter(silent, DAY, None, cumulative=140, covers_from=BEFORE, base_version=1)  # the same figures again
    enter(silent, DAY, None, cumulative=141, covers_from=None, base_version=1)
    assert spans(silent) == [(DAY, 31, BEFORE)]


def test_total_counts_an_older_missing_day_too_which_stays_missing(silent):
    """A day is missing, the next has its own report, then comes a total: it contains both, yet is of one day."""
    enter(silent, EVE, 12)
    enter(silent, DAY, None, cumulative=150)
    assert spans(silent) == [(EVE, 12, None), (DAY, 28, None)]
    assert Report.objects.get(unit=silent.commune, day=DAY).included == IncludedDays(holds_from=f.FIRST_DAY)
    with pytest.raises(acts.InLaterReport):
        enter(silent, BEFORE, 5)
    after = standings.standing_of(silent.commune, DAY + timedelta(days=1))
    assert (query.covered_days(silent.commune, [BEFORE]), after.mean_days) == ({}, 3)
    assert [*verification.covers()] == []


def test_total_asked_for_late_holds_all_that_nobody_reported(silent):
    first = ask(silent, DAY, None, cumulative=140)
    assert (first.installs, first.covers_from) == (30, BEFORE)
    second = ask(silent, EVE, None, cumulative=122)
    assert (second.installs, second.covers_from) == (12, BEFORE)
    decide(silent, second)
    with pytest.raises(acts.CoversReported):
        decide(silent, first)
    assert (total(silent), spans(silent)) == (122, [(EVE, 12, BEFORE)])


def test_total_includes_no_day_with_a_waiting_request(silent):
    """Whether the total is of a later day, or corrects that day."""
    asked = ask(silent, BEFORE)
    for step in ("missing since", "reported since"):
        acts_of_total = (
            lambda: enter(silent, DAY, None, cumulative=140),
            lambda: ask(silent, DAY, None, cumulative=140),
        )
        for act in acts_of_total:
            with pytest.raises(acts.CoversReported) as refusal:
                act()
            assert (refusal.value.earlier.day, refusal.value.earlier.is_waiting) == (BEFORE, True), step
        if step == "missing since":
            enter(silent, EVE, 5)
    enter(silent, DAY, 30)
    enter(silent, DAY, None, cumulative=145, base_version=1)  # what is stored already is left alone
    decide(silent, asked)
    assert (total(silent), spans(silent)) == (157, [(BEFORE, 12, None), (EVE, 5, None), (DAY, 30, None)])


def test_late_total_stays_as_typed(silent):
    """Even if an earlier day changes in the meantime."""
    enter(silent, BEFORE, 5)
    enter(silent, EVE, 5)
    asked = ask(silent, DAY, None, cumulative=140)
    assert (asked.installs, asked.cumulative, asked.covers_from) == (20, 140, None)
    void = {"reason": "nhập nhầm", "base_version": 1}
    acts.void(unit=silent.commune, day=EVE, **void, **f.stamp(silent.district_clerk, EVENING))
    decide(silent, asked)
    assert (total(silent), spans(silent)) == (140, [(BEFORE, 5, None), (DAY, 25, EVE)])
