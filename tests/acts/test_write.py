"""What the one write leaves behind: the revision word for word, the later sums, the confirmation taken back."""

from datetime import timedelta

import pytest
from django.utils import translation

from reporting.acts import submit
from reporting.acts.write import Stamp, sign_off_to_withdraw, write
from reporting.models import Reopening, Report, SignOff

from ..factories import DAY, at, make_reopening, make_report, make_seal, make_sign_off, make_unit

BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
NOON, EVENING = at("2020-08-21 12:00"), at("2020-08-21 17:30")


def change(report, stamp=None, counted_at=NOON, **changes):
    report.refresh_from_db()
    return write(report, changes, stamp or Stamp(by=None, at=NOON, source="test"), counted_at=counted_at)


def test_same_figures_are_affirmed_nowhere_but_in_a_return(cast):
    make_report(cast.commune, installs=88, by=cast.officer)
    sent = {"unit": cast.commune, "day": DAY, "by": cast.officer, "at": NOON, "installs": 88, "base_version": 1}
    assert submit(**sent, affirms=True).is_repeat
    make_reopening(cast.commune, cast.district_clerk)
    assert submit(**{**sent, "at": EVENING}, affirms=True).is_repeat


def test_step_counts_from_now_and_after_the_step_before(cast):
    report = make_report(cast.commune, installs=10, now=lambda: NOON)
    stamp = Stamp(by=None, at=NOON, source="test", now=lambda: EVENING)
    assert change(report, stamp, counted_at=None, installs=11).counted_at == EVENING
    assert change(report, stamp, counted_at=NOON, installs=12).counted_at == EVENING
    assert change(report, stamp, counted_at=EVENING + timedelta(1), installs=13).counted_at == EVENING + timedelta(1)


def first_report(unit, day=BEFORE):
    return Report.objects.get(unit=unit, day=day)


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
