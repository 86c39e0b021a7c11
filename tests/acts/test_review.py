"""Late requests, entry on behalf, returns, voids, sign-off, extension: what each act writes."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.days import hours_in_force, state
from reporting.deadline import Phase
from reporting.figures import rollup, sealed_table
from reporting.models import Downtime, Reopening, Report, Revision
from tests.prepared import undone

from .. import factories as f

LATE = f.at("2020-08-21 17:05")
EVENING = f.at("2020-08-21 19:00")


def ask(cast, **sent):
    return f.ask(cast.commune, cast.officer, **sent)


def status(cast):
    return rollup.rows(cast.commune, f.DAY).own.status


def accept(cast, waiting, at=EVENING, by=None, **about):
    about = {**f.stamp(by or cast.district_clerk, at), **about}
    return acts.decide(late_request=waiting, is_accepted=True, **about)


def adjust(cast, adjustment, base_version):
    act = {"unit": cast.commune, "day": f.DAY, "adjustment": adjustment, "base_version": base_version}
    return acts.adjust(**act, reason="Đếm trùng", **f.stamp(cast.district_clerk, LATE))


def excuse(cast):
    away = {"starts_at": f.at("2020-08-21 16:30"), "ends_at": f.at("2020-08-21 17:01"), "reason": "Mất điện"}
    acts.record_setting(Downtime(**away, by=cast.city_clerk), top=cast.city, now=lambda: EVENING)


def test_request_conflicts_with_a_step_that_its_superior_has_not_seen(cast):
    f.make_report(cast.commune, day=f.DAY - timedelta(days=1), opening=100)
    waiting = ask(cast, opening=None)
    adjust(cast, -3, 0)  # of a day without a report
    with pytest.raises(acts.Conflict):
        accept(cast, waiting)
    report = accept(cast, waiting, base_version=1).report
    assert (report.installs, report.adjustment, report.version, status(cast)) == (88, -3, 2, "late")
    correction = ask(cast, installs=96, opening=None, base_version=2)
    excuse(cast)  # not a step of the report
    report = accept(cast, correction).report
    assert (report.installs, report.adjustment, report.version, status(cast)) == (96, -3, 3, "excused")


def test_return_goes_on_counting_and_ends_by_the_answer(cast):
    f.make_report(cast.commune, installs=880, opening=100, by=cast.officer)
    assert reopen(cast, at=LATE).is_return
    assert rollup.rows(cast.commune, f.DAY).own.cumulative == 980
    answered = f.at("2020-08-21 17:30")
    acts.submit(unit=cast.commune, day=f.DAY, installs=88, base_version=1, **f.stamp(cast.officer, answered))
    report = Report.objects.get(unit=cast.commune, day=f.DAY)
    assert (report.installs, status(cast)) == (88, "on_time")  # it stays that way
    assert Reopening.objects.get().closed_at == answered
    assert state.day_state(cast.commune, f.DAY, at=answered).phase is Phase.TO_CONFIRM


def test_report_entered_again_after_a_void_keeps_the_units_arrival(cast):
    """A superior's mistake makes no unit late, and a mistaken entry on its behalf does not make it on time."""
    again = {"unit": cast.commune, "day": f.DAY, **f.stamp(cast.district_clerk, LATE)}
    sent, before = f.at("2020-08-21 15:00"), f.at("2020-08-21 15:30")
    with undone():
        f.make_report(cast.commune, installs=88, by=cast.officer, arrived_at=sent)
        acts.void(**again, reason="Nhầm đơn vị", base_version=1)
        report = acts.enter(**again, installs=88, reason="Nhập lại", base_version=2).report
        assert (report.received_at, status(cast)) == (sent, "on_time")
    entry = {"unit": cast.commune, "day": f.DAY, **f.stamp(cast.district_clerk, before)}
    acts.enter(**entry, installs=880, opening=100)
    acts.void(**again, reason="Nhầm đơn vị", base_version=1)
    report = accept(cast, ask(cast, opening=None, base_version=2)).report
    assert (report.received_at, status(cast)) == (LATE, "late")


def sign(cast, at=EVENING, **words):
    return f.confirm(cast.district, cast.district_clerk, at, **words)


def test_sign_off_that_waited_for_the_lock_has_the_table_of_its_own_time(cast):
    """A unit that still had time at the request is missing when the sign-off is written."""
    f.make_unit("QDA", parent=cast.district, level="agency", population=30)
    for unit in (cast.commune, cast.neighbour):
        f.make_report(unit, installs=8)
    hour = f.at("2020-08-21 17:00")
    versions = acts.versions_below(cast.district, f.DAY)
    asked = {"unit": cast.district, "day": f.DAY, "versions": versions, "by": cast.district_clerk}
    signed = acts.sign_off(**asked, at=hour - timedelta(seconds=1), now=lambda: hour)
    assert sealed_table.read_table(signed.table)["31/306/QDA/"]["status"] == "missing"
    assert sealed_table.check_table(signed, cast.district).is_right


def correct(cast):
    words = {"reason": "đếm trùng", "base_version": 1, **f.stamp(cast.district_clerk, EVENING)}
    acts.adjust(unit=cast.commune, day=f.DAY, adjustment=-3, **words)


def void(cast):
    words = {"reason": "nhầm đơn vị", "base_version": 1, **f.stamp(cast.district_clerk, EVENING)}
    acts.void(unit=cast.commune, day=f.DAY, **words)


def reopen(cast, at=EVENING, until=None, by=None):
    about = {"unit": cast.commune, "day": f.DAY, "reason": "kiểm tra lại", "base_version": 1}
    return acts.reopen(**about, until=until or at + timedelta(hours=1), by=by or cast.district_clerk, at=at)


def test_superior_reopens_for_no_longer_than_the_days_for_corrections(cast):
    f.make_report(cast.commune, installs=88, by=cast.officer)
    end = hours_in_force.hours_of_day(f.DAY).corrections_end
    later = end + timedelta(seconds=1)
    with pytest.raises(acts.Refusal) as refusal:
        reopen(cast, until=later)
    assert (refusal.value.field, Reopening.objects.count()) == ("until_day", 0)
    for allowed in ({"until": end}, {"until": later, "by": cast.city_clerk}):
        with undone():
            assert reopen(cast, **allowed).until == allowed["until"]


@pytest.mark.parametrize("is_sealed", [False, True])
@pytest.mark.parametrize("act", [correct, void, reopen])
def test_only_a_seal_keeps_the_sign_off_from_being_withdrawn(cast, act, is_sealed):
    """A seal freezes the table, not the records: the act is allowed, but signing and withdrawing are not."""
    f.make_report(cast.commune, installs=88, by=cast.officer)
    f.make_report(cast.neighbour, installs=8, by=cast.neighbour_officer)
    signed = sign(cast, at=LATE)
    f.make_seal(cast.city, cast.city_clerk, day=f.DAY if is_sealed else f.DAY - timedelta(days=1))
    act(cast)
    changes = (Revision.objects.filter(number=2).count(), Reopening.objects.count())
    assert changes == ((0, 1) if act is reopen else (1, 0))
    signed.refresh_from_db()
    assert (signed.withdrawn_at is None) is is_sealed
    assert (
        sealed_table.canonical_table(rollup.rows(cast.district, f.DAY, signed.at)) == signed.table
    )  # as it was, in both cases
