"""The one write: what it answers, what it refuses, and the running cumulatives it leaves behind."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from reporting import acts
from reporting.acts import locking, submit
from reporting.figures import rules
from reporting.figures.standings import standing_of
from reporting.models import Report, Revision

from ..factories import DAY, FIRST_DAY, at, make_base, make_exempt_day, make_report, make_unit, stamp
from ..players import played

OPENING_DAY = FIRST_DAY - timedelta(days=1)
MORNING, NOON, EVENING = at("2020-08-21 10:00"), at("2020-08-21 12:00"), at("2020-08-21 20:00")
DAYS = [DAY - timedelta(days=back) for back in (4, 3, 2, 1, 0)]


@pytest.fixture
def exempt_days(cast):
    """Five days on which nothing is due: all of them are still open at noon of the last."""
    for day in DAYS:
        make_exempt_day(cast.city, day)
    return cast


def send(unit, day=DAY, *, moment=NOON, **figures):
    figures = figures or {"installs": 10}
    return submit(**{"unit": unit, "day": day, **stamp(None, moment), "source": "test", **figures})


def history():
    """Everything that is stored of all reports."""
    return list(Revision.objects.values()) + list(Report.objects.values())


def cumulatives(unit):
    return dict(Report.objects.filter(unit=unit).order_by("day").values_list("day", "cumulative"))


def refuse(outcome, unit, **figures):
    """The act raises `outcome`, and nothing is written."""
    before = history()
    with pytest.raises(outcome) as refusal:
        send(unit, **figures)
    assert history() == before
    return refusal.value


def test_same_figures_with_another_opening_are_no_repeat(cast):
    report = make_report(cast.commune, installs=5, opening=100)
    assert refuse(acts.Conflict, cast.commune, installs=5, opening=90, base_version=1).report == report


def test_refusal_says_whose_people_are_too_few(cast):
    """An agency's are its staff; whoever shows the refusal, a form or an answer in a list, has the word from it."""
    said = {cast.agency: "Lớn hơn số CBCCVC, NLĐ của đơn vị", cast.commune: "Lớn hơn dân số của đơn vị"}
    for unit, words in said.items():
        refusal = refuse(acts.LimitExceeded, unit, installs=19749, opening=0)
        assert refusal.words.startswith(words)


def test_limit_is_the_population_of_the_day(cast):
    make_base(cast.commune, population=100, effective_on=DAY)
    assert refuse(acts.LimitExceeded, cast.commune, installs=101, opening=0).population == 100
    assert send(make_unit("11999", parent=cast.district), installs=999_999, opening=0).report.installs == 999_999


def test_total_so_far_is_understood_under_the_lock(cast, monkeypatch):
    """Another day's figures that arrive first, while this one waits for the lock, are in the cumulative it meets."""
    make_exempt_day(cast.city, DAYS[0])
    make_report(cast.commune, DAYS[1], installs=20, opening=100)
    lock = locking.lock

    def wait_for_the_other(unit):
        monkeypatch.setattr(locking, "lock", lock)
        send(cast.commune, DAYS[0], installs=7)
        lock(unit)

    monkeypatch.setattr(locking, "lock", wait_for_the_other)
    assert send(cast.commune, cumulative=150).report.installs == 23


def test_opening_moves_all_later_cumulatives(cast):
    for day, cumulative in ((DAYS[0], 3), (DAYS[1], 7)):  # as if imported: days without an opening report
        Report.objects.create(unit=cast.commune, day=day, installs=4, cumulative=cumulative, received_at=MORNING)
    send(cast.commune, installs=5, opening=100)
    assert cumulatives(cast.commune) == {OPENING_DAY: 100, DAYS[0]: 103, DAYS[1]: 107, DAY: 112}


def test_mean_is_of_the_last_seven_reported_days(cast):
    for back in range(1, 11):
        make_report(cast.commune, DAY - timedelta(days=back), installs=1000 if back > 8 else back)
    Report.objects.filter(unit=cast.commune, day=DAY - timedelta(days=3)).update(installs=None)  # voided
    assert standing_of(cast.commune, DAY).mean == (1 + 2 + 4 + 5 + 6 + 7 + 8) / 7


sendings = st.lists(
    st.tuples(st.sampled_from(DAYS), st.integers(0, 40), st.booleans(), st.integers(0, 2)), min_size=1, max_size=12
)


@played(20)
@given(opening=st.integers(0, 200), sendings=sendings)
def test_figures_hold_together_whatever_is_sent(opening, sendings, exempt_days):
    """Any sequence of days; as installs or as a total; now and then with a version that is not the newest."""
    commune, firsts = exempt_days.commune, {}
    with transaction.atomic():
        for minute, (day, installs, is_total, staleness) in enumerate(sendings):
            before = standing_of(commune, day)
            figures = {"cumulative": before.cumulative_before + installs} if is_total else {"installs": installs}
            if before.opening is None:
                figures["opening"] = opening
                if is_total:
                    figures["cumulative"] += opening
            moment = NOON + timedelta(minutes=minute)
            try:
                receipt = send(commune, day, moment=moment, base_version=max(before.version - staleness, 0), **figures)
            except acts.Conflict:
                assert staleness
            except rules.Covered:
                assert before.covered_by is not None  # a later total holds the day
            else:
                assert receipt.report.installs == installs
                firsts.setdefault(day, moment)
        running = 0
        for report in Report.objects.filter(unit=commune).order_by("day"):
            revisions = list(report.revisions.all())
            running += report.installs + report.adjustment
            assert report.cumulative == running
            assert [revision.number for revision in revisions] == list(range(1, report.version + 1))
            assert revisions[-1].installs == report.installs
            assert sum(revision.delta for revision in revisions) == report.contribution
            assert [revision.counted_at for revision in revisions] == sorted(r.counted_at for r in revisions)
            if not report.is_opening:
                assert report.received_at == firsts[report.day]
        assert Revision.objects.filter(report__unit=commune).aggregate(sum=Sum("delta"))["sum"] == running
        transaction.set_rollback(True)
