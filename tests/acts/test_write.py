"""What the one write leaves behind: the revision word for word, the later sums, the confirmation taken back."""

from datetime import timedelta

import pytest
from django.utils import translation

from reporting import acts
from reporting.acts import submit
from reporting.acts.write import Stamp, sign_off_to_withdraw, store, write
from reporting.days import state
from reporting.figures.rules import Figures
from reporting.models import Reopening, Report, Revision, SignOff

from ..factories import DAY, at, make_reopening, make_report, make_seal, make_sign_off, make_unit, stamp

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
NOON, EVENING = at("2020-08-21 12:00"), at("2020-08-21 17:30")


def kept(revision):
    """The revision as it is stored, beside its figures."""
    names = ("kind", "reason", "source", "paper_ref", "paper_at", "by", "by_name", "received_at", "counted_at")
    return tuple(getattr(Revision.objects.get(pk=revision.pk), name) for name in names)


def change(report, stamp=None, counted_at=NOON, **changes):
    report.refresh_from_db()
    return write(report, changes, stamp or Stamp(by=None, at=NOON, source="test"), counted_at=counted_at)


def test_revision_keeps_the_paper_and_the_opening_does_not(cast):
    paper = {"reason": "Gọi điện", "paper_ref": "12/BC", "paper_at": EVENING}
    by, about = cast.district_clerk, {"unit": cast.commune, "day": DAY, "installs": 1, "opening": 5}
    receipt = acts.enter(**about, **paper, **stamp(by, NOON))
    signed = (by, by.display_name, NOON, NOON)
    assert kept(receipt.revision) == ("on_behalf", "Gọi điện", "", "12/BC", EVENING, *signed)
    assert kept(Revision.objects.get(report__kind="opening")) == ("opening", "", "", "", None, *signed)


def test_same_figures_answer_a_return_only_when_they_are_said_to_be_right(cast):
    make_report(cast.commune, installs=88, by=cast.officer)
    reopening = make_reopening(cast.commune, cast.district_clerk, is_return=True)
    sent = {"unit": cast.commune, "day": DAY, "by": cast.officer, "at": EVENING, "installs": 88, "base_version": 1}
    assert submit(**sent).is_repeat
    reopening.refresh_from_db()
    assert reopening.closed_at is None
    receipt = submit(**sent, affirms=True, reason="Đã kiểm tra", now=lambda: EVENING)
    assert (receipt.is_repeat, receipt.revision.number, receipt.revision.delta) == (False, 2, 0)
    reopening.refresh_from_db()
    assert reopening.closed_at == receipt.revision.counted_at == EVENING


def test_same_figures_are_affirmed_nowhere_but_in_a_return(cast):
    make_report(cast.commune, installs=88, by=cast.officer)
    sent = {"unit": cast.commune, "day": DAY, "by": cast.officer, "at": NOON, "installs": 88, "base_version": 1}
    assert submit(**sent, affirms=True).is_repeat
    make_reopening(cast.commune, cast.district_clerk)
    assert submit(**{**sent, "at": EVENING}, affirms=True).is_repeat


def test_adjustment_sent_is_stored_and_one_that_is_not_sent_stays(cast):
    make_report(cast.commune, installs=88, by=cast.officer)
    day_state, signed = state.day_state(cast.commune, DAY, at=NOON), Stamp(**stamp(cast.officer, NOON))
    sums = []
    for version, sent in enumerate([{"installs": 88, "adjustment": -3}, {"installs": 90}], start=1):
        report = store(cast.commune, day_state, Figures(**sent), signed, base_version=version).report
        report.refresh_from_db()
        sums.append((report.installs, report.adjustment, report.cumulative))
    assert sums == [(88, -3, 85), (90, -3, 87)]


def test_revision_keeps_what_stands_after_the_step(cast):
    report = make_report(cast.commune, installs=10, households_visited=3, note="Mưa")
    revision = change(report, installs=12, adjustment=-1)
    revision.refresh_from_db()
    assert (revision.number, revision.delta, revision.installs, revision.adjustment) == (2, 1, 12, -1)
    assert (revision.note, revision.households_visited) == ("Mưa", 3)
    report.refresh_from_db()
    assert (report.version, report.cumulative) == (2, 11)


def test_step_counts_from_now_and_after_the_step_before(cast):
    report = make_report(cast.commune, installs=10, now=lambda: NOON)
    stamp = Stamp(by=None, at=NOON, source="test", now=lambda: EVENING)
    assert change(report, stamp, counted_at=None, installs=11).counted_at == EVENING
    assert change(report, stamp, counted_at=NOON, installs=12).counted_at == EVENING
    assert change(report, stamp, counted_at=EVENING + timedelta(1), installs=13).counted_at == EVENING + timedelta(1)


@pytest.fixture
def three_days(cast):
    """The commune's 5, 3 and 2 after an opening of 0; her neighbour's 1 a day."""
    for day, installs in ((BEFORE, 5), (DAY, 3), (AFTER, 2)):
        make_report(cast.commune, day, installs=installs)
        make_report(cast.neighbour, day, installs=1)
    return cast


def sums(unit):
    return list(Report.objects.filter(unit=unit).order_by("day").values_list("cumulative", flat=True))


def first_report(unit, day=BEFORE):
    return Report.objects.get(unit=unit, day=day)


@pytest.mark.parametrize(
    ("day", "installs", "expected"),
    [
        (BEFORE, 6, [0, 6, 9, 11]),
        (BEFORE, 0, [0, 0, 3, 5]),
        (DAY, 4, [0, 5, 9, 11]),
        (AFTER, 0, [0, 5, 8, 8]),
        (BEFORE, 5, [0, 5, 8, 10]),
    ],
)
def test_change_moves_the_units_own_later_sums(day, installs, expected, three_days):
    change(first_report(three_days.commune, day), installs=installs)
    assert sums(three_days.commune) == expected
    assert sums(three_days.neighbour) == [0, 1, 2, 3]


def test_later_sum_may_fall_to_zero_and_no_further(three_days):
    report = first_report(three_days.commune)
    change(first_report(three_days.commune, AFTER), adjustment=-2)
    change(first_report(three_days.commune, DAY), adjustment=-3)
    assert sums(three_days.commune) == [0, 5, 5, 5]
    change(report, installs=0)
    assert sums(three_days.commune) == [0, 0, 0, 0]
    change(report, installs=1)
    change(first_report(three_days.commune, DAY), adjustment=-4)
    before = list(Revision.objects.values_list("pk", flat=True))
    with pytest.raises(acts.BelowCumulative) as refused:
        change(report, installs=0)
    assert refused.value.cumulative == 0
    assert list(Revision.objects.values_list("pk", flat=True)) == before


@pytest.fixture
def signed(cast):
    """Both districts have confirmed the day and the one before; the commune and the stranger have reported."""
    for unit, by in ((cast.district, cast.district_clerk), (cast.other_district, cast.other_clerk)):
        for day in (BEFORE, DAY):
            make_sign_off(unit, by, day=day)
    for unit in (cast.commune, cast.stranger):
        Report.objects.create(unit=unit, day=DAY, installs=88, cumulative=88, version=1, received_at=NOON)
    return cast


def withdrawn():
    return {(sign_off.unit.code, sign_off.day) for sign_off in SignOff.objects.filter(withdrawn_at__isnull=False)}


@pytest.mark.parametrize("language", ["vi", "en"])
def test_change_takes_back_the_confirmation_of_its_superior_and_day_in_vietnamese(language, signed):
    stamp = Stamp(by=signed.officer, at=NOON)
    with translation.override(language):
        revision = change(first_report(signed.commune, DAY), stamp, counted_at=EVENING, installs=1096)
    assert withdrawn() == {("306", DAY)}
    sign_off = SignOff.objects.get(unit=signed.district, day=DAY)
    assert (sign_off.withdrawn_at, sign_off.withdrawn_by) == (revision.counted_at, signed.officer)
    assert sign_off.withdrawal_reason == "Phường Đằng Hải cập nhật lúc 17h30 (88 → 1.096): cần xác nhận lại"


def test_change_counts_after_the_confirmation_whatever_the_clock_says(signed):
    """Or else the table that was confirmed would hold it."""
    confirmed = SignOff.objects.get(unit=signed.district, day=DAY).at
    early = confirmed - timedelta(minutes=5)
    report = first_report(signed.commune, DAY)
    revision = write(report, {"installs": 96}, Stamp(**stamp(signed.officer, early)))
    assert revision.counted_at > confirmed


def test_seal_of_another_city_keeps_no_confirmation(signed):
    elsewhere = make_unit("48", level="city", name="Đà Nẵng", kind="thành phố")
    make_seal(elsewhere, signed.city_clerk)
    assert sign_off_to_withdraw(signed.commune, DAY).get().unit == signed.district


def test_report_ends_the_reopening_of_its_own_unit_and_day(cast):
    mine, of_eve, anothers = (
        make_reopening(unit, cast.district_clerk, day=day)
        for unit, day in ((cast.commune, DAY), (cast.commune, BEFORE), (cast.neighbour, DAY))
    )
    make_report(cast.commune, opening=7, arrived_at=EVENING)
    standing = set(Reopening.objects.standing(EVENING).values_list("pk", flat=True))
    assert standing == {of_eve.pk, anothers.pk}
    assert mine.pk not in standing


def test_opening_of_a_new_unit_takes_nothing_back(signed):
    """It is kept under the day before the unit was there, in no table of that day."""
    new = make_unit("11420", parent=signed.district, opened_on=DAY)
    make_report(new, installs=1, opening=7)
    assert Report.objects.get(unit=new, kind="opening").day == BEFORE
    assert withdrawn() == {("306", DAY)}
