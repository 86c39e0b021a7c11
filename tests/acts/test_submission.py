"""The write: its receipt, its refusals, and its effect on revision, sums and sign-off."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import translation

from reporting import acts
from reporting.acts import locking, submit
from reporting.acts.store import Stamp, sign_off_to_withdraw, write_revision
from reporting.figures.standings import standing_of
from reporting.models import Reopening, Report, Revision, SignOff

from ..factories import (
    DAY,
    FIRST_DAY,
    at,
    make_base,
    make_exempt_day,
    make_reopening,
    make_report,
    make_seal,
    make_sign_off,
    make_unit,
    stamp,
)

OPENING_DAY = FIRST_DAY - timedelta(days=1)
MORNING, NOON, EVENING = at("2020-08-21 10:00"), at("2020-08-21 12:00"), at("2020-08-21 17:30")
BEFORE = DAY - timedelta(days=1)
DAYS = [DAY - timedelta(days=back) for back in (4, 3, 2, 1, 0)]


def send(unit, day=DAY, *, moment=NOON, **figures):
    figures = figures or {"installs": 10}
    return submit(**{"unit": unit, "day": day, **stamp(None, moment), "source": "test", **figures})


def history():
    """Everything that is stored of every report."""
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


def test_figures_are_stored_in_two_files():
    """One report, or many at once: nothing else writes a report, a revision or a cumulative."""
    writes = r"INTO reporting_re|UPDATE reporting_re|Re(port|vision)\.objects\.(bulk_)?(create|update)|report\.save\(|"
    writes += r"\.update\((installs|cumulative)="
    package = Path(acts.__file__).parent.parent
    files = [path for path in package.rglob("*.py") if "migrations" not in path.parts]
    storing = {str(path.relative_to(package)) for path in files if re.search(writes, path.read_text())}
    assert storing == {"acts/store.py", "acts/bulk.py"}


def test_same_figures_with_another_opening_are_no_repeat(cast):
    report = make_report(cast.commune, installs=5, opening=100)
    assert refuse(acts.Conflict, cast.commune, installs=5, opening=90, base_version=1).report == report


def test_refusal_says_whose_people_are_too_few(cast):
    """For an agency they are its staff; the refusal itself has the right word for every form and list."""
    said = {cast.agency: "Lớn hơn số CBCCVC, NLĐ của đơn vị", cast.commune: "Lớn hơn dân số của đơn vị"}
    for unit, words in said.items():
        refusal = refuse(acts.LimitExceeded, unit, installs=19749, opening=0)
        assert refusal.message.startswith(words)


def test_limit_is_the_population_of_the_day(cast):
    make_base(cast.commune, population=100, effective_on=DAY)
    assert refuse(acts.LimitExceeded, cast.commune, installs=101, opening=0).population == 100
    assert send(make_unit("11999", parent=cast.district), installs=999_999, opening=0).report.installs == 999_999


def test_total_so_far_is_understood_under_the_lock(cast, monkeypatch):
    """If another day's figures are written while this one waits for the lock, the cumulative includes them."""
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


def change(report, stamp=None, counted_at=NOON, **changes):
    report.refresh_from_db()
    return write_revision(report, changes, stamp or Stamp(by=None, at=NOON, source="test"), counted_at=counted_at)


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
    standing = set(Reopening.objects.in_force(EVENING).values_list("pk", flat=True))
    assert standing == {of_eve.pk, anothers.pk}
    assert mine.pk not in standing


def test_opening_of_a_new_unit_takes_nothing_back(signed):
    """It is stored on the day before the unit opened, and is in no table of that day."""
    new = make_unit("11420", parent=signed.district, opened_on=DAY)
    make_report(new, installs=1, opening=7)
    assert Report.objects.get(unit=new, kind="opening").day == BEFORE
    assert withdrawn() == {("306", DAY)}
