"""The one write: what it answers, what it refuses, and the running cumulatives it leaves behind."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

import reporting
from reporting import acts
from reporting.acts import Receipt, locking, submit
from reporting.figures import rules
from reporting.figures.rules import MAX_CUMULATIVE
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


def test_figures_are_stored_in_two_files():
    """One report, or many at one go: nothing else puts down a report, a revision or a cumulative."""
    signs = r"INTO reporting_re|UPDATE reporting_re|Re(port|vision)\.objects\.(bulk_)?(create|update)|report\.save\(|"
    signs += r"\.update\((installs|cumulative)="
    package = Path(reporting.__file__).parent
    files = [path for path in package.rglob("*.py") if "migrations" not in path.parts]
    storing = {str(path.relative_to(package)) for path in files if re.search(signs, path.read_text(encoding="utf-8"))}
    assert storing == {"acts/write.py", "acts/bulk.py"}


def test_first_report_writes_the_opening_and_the_day(cast):
    receipt = send(
        cast.commune, installs=88, opening=3412, households_visited=46, note="Mưa", by=cast.officer, source=""
    )
    opening, report = Report.objects.filter(unit=cast.commune).order_by("day")
    assert (opening.day, opening.kind, opening.installs, opening.cumulative) == (OPENING_DAY, "opening", 3412, 3412)
    assert (opening.received_at, opening.version, opening.note) == (NOON, 1, "")
    assert (report.day, report.kind, report.installs, report.cumulative) == (DAY, "daily", 88, 3500)
    assert (report.received_at, report.version, report.note) == (NOON, 1, "Mưa")
    assert report.households_visited == 46
    assert receipt == Receipt(report, report.revisions.get(), is_repeat=False)
    kept = [
        (revision.kind, revision.number, revision.installs, revision.delta, revision.by, revision.by_name)
        for revision in Revision.objects.order_by("report__day")
    ]
    assert kept == [
        ("opening", 1, 3412, 3412, cast.officer, "Nguyễn Thị Hà"),
        ("own", 1, 88, 88, cast.officer, "Nguyễn Thị Hà"),
    ]


@pytest.mark.parametrize("moment", [NOON, EVENING, at("2020-09-30 08:00")])
@pytest.mark.parametrize("base_version", [0, 1, 7])
@pytest.mark.parametrize("figures", [{"installs": 30}, {"cumulative": 130}, {"installs": 30, "opening": 100}])
def test_same_figures_again_get_the_receipt_again(moment, base_version, figures, cast):
    first = send(cast.commune, moment=MORNING, installs=30, opening=100)
    before = history()
    again = send(cast.commune, moment=moment, base_version=base_version, **figures)
    assert again == Receipt(first.report, first.revision, is_repeat=True)
    assert history() == before


def refuse(outcome, unit, **figures):
    """The act raises `outcome`, and nothing is written."""
    before = history()
    with pytest.raises(outcome) as refusal:
        send(unit, **figures)
    assert history() == before
    return refusal.value


@pytest.mark.parametrize("base_version", [0, 1, 3])
def test_older_version_is_a_conflict_with_the_figures_that_stand(base_version, cast):
    make_report(cast.commune, installs=30)
    report = send(cast.commune, installs=42, base_version=1).report
    refusal = refuse(acts.Conflict, cast.commune, installs=50, base_version=base_version)
    assert (refusal.report, refusal.report.installs) == (report, 42)


def test_same_figures_with_another_opening_are_no_repeat(cast):
    report = make_report(cast.commune, installs=5, opening=100)
    assert refuse(acts.Conflict, cast.commune, installs=5, opening=90, base_version=1).report == report


@pytest.mark.parametrize(("installs", "opening"), [(19749, 0), (0, 19749), (19749, 19749)])
def test_more_installs_than_people_are_refused(installs, opening, cast):
    refusal = refuse(acts.LimitExceeded, cast.commune, installs=installs, opening=opening)
    assert refusal.population == 19748


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


def test_limit_without_a_known_population_is_what_the_columns_hold(cast):
    unit = make_unit("11999", parent=cast.district)
    most = MAX_CUMULATIVE
    for installs, opening in ((most + 1, 0), (0, most + 1), (1, most)):
        assert refuse(acts.LimitExceeded, unit, installs=installs, opening=opening).population == most
    assert send(unit, installs=1, opening=most - 1).report.cumulative == most


@pytest.mark.parametrize("figures", [{"installs": None}, {"installs": 1, "cumulative": 1}])
def test_neither_or_both_numbers_are_a_mistake_of_the_caller(figures, cast):
    refuse(ValueError, cast.commune, **figures)


def test_total_so_far_gives_the_days_installs(cast):
    make_report(cast.commune, DAYS[-2], installs=20, opening=100)
    report = send(cast.commune, cumulative=150).report
    assert (report.installs, report.cumulative) == (30, 150)
    report = send(cast.commune, cumulative=120, base_version=1).report
    assert (report.installs, report.cumulative) == (0, 120)


def test_total_so_far_holds_the_adjustment_of_the_day(cast):
    make_report(cast.commune, installs=20, opening=100)
    Report.objects.filter(unit=cast.commune, day=DAY).update(adjustment=-5, cumulative=115)
    report = send(cast.commune, cumulative=140, base_version=1).report
    assert (report.installs, report.adjustment, report.cumulative) == (45, -5, 140)


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
