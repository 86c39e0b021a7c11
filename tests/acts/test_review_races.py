"""Concurrent acts on one day: the second sees the first, and a control shows that each test fails without the lock.

In each race both acts pause between reading and writing. Under the lock they cannot pause together: the first waits for
a moment and goes on. Without the lock they do, and the controls show the result: a wrong outcome or a database error on
PostgreSQL; "database is locked" on SQLite, where the transaction is the lock and the control begins it DEFERRED.
"""

import pytest
from django.db import connection, transaction

from reporting import acts
from reporting.acts import locking, sign_off_and_seal, store
from reporting.days import state
from reporting.figures import rollup, sealed_table, standings
from reporting.models import LateRequest, Report, Revision, SignOff

from .. import factories as f
from ..threads import BLOCKED, TIMEOUT, at_once, is_locked_out, kinds, pause_together

pytestmark = pytest.mark.django_db(transaction=True)

IN_TIME = f.at("2020-08-21 16:42")
LATE = f.at("2020-08-21 17:05")
EVENING = f.at("2020-08-21 19:00")


class Round:
    """A new district: one commune, its officer, two clerks of the district."""

    def __init__(self, cast, number):
        self.city_clerk = cast.city_clerk
        self.district = f.make_unit(f"9{number:03}", parent=cast.city, level="district", kind="quận")
        self.commune = f.make_unit(f"8{number:03}", parent=self.district, kind="phường", population=9000)
        self.officer = f.make_user(self.commune.code, self.commune)
        self.clerks = [f.make_user(f"{self.district.code}-{place}", self.district) for place in (1, 2)]

    def report(self, installs=88):
        f.make_report(self.commune, installs=installs, opening=100, by=self.officer)
        return self

    def ask(self, installs=88):
        self.late_request = self.asking(installs)()
        return self

    # What people do; each is a function to be called in a thread of its own.

    def editing(self, installs=96):
        return lambda: acts.submit(
            unit=self.commune, day=f.DAY, installs=installs, base_version=1, **f.stamp(self.officer, IN_TIME)
        )

    def signing(self):
        return lambda: acts.sign_off(
            unit=self.district, day=f.DAY, versions={self.commune.code: 1}, **f.stamp(self.clerks[0], IN_TIME)
        )

    def deciding(self, place, is_accepted):
        return lambda: acts.decide(
            late_request=self.late_request, is_accepted=is_accepted, **f.stamp(self.clerks[place], EVENING)
        )

    def asking(self, installs=88):
        about = {"unit": self.commune, "day": f.DAY, "installs": installs, "opening": 100, "reason": "Mất điện"}
        return lambda: acts.send_late_request(**about, by=self.officer, at=LATE)

    def entering(self, place, installs, base_version=0):
        figures = {"installs": installs, "opening": None if base_version else 100, "base_version": base_version}
        about = {"unit": self.commune, "day": f.DAY, "reason": "điện thoại", **f.stamp(self.clerks[place], EVENING)}
        return lambda: acts.enter(**about, **figures)

    # What must hold afterwards, whoever came first.

    def check_histories(self):
        for report in Report.objects.filter(unit=self.commune):
            assert report.version == report.revisions.count()
            assert report.revisions.last().installs == report.installs
        for signed in SignOff.objects.filter(unit=self.district):
            assert sealed_table.canonical_table(rollup.rows(self.district, f.DAY, signed.at)) == signed.table


@pytest.fixture
def cast(db):
    with transaction.atomic():
        return f.make_cast()


@pytest.fixture
def deferred(cast, monkeypatch):
    """SQLite without the lock: transactions begin with a read. The threads use the setting when they connect."""
    if connection.vendor == "sqlite":
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")


@pytest.fixture
def without_lock(deferred, monkeypatch):
    monkeypatch.setattr(locking, "lock", lambda unit: None)


# An edit in time and the confirmation of the day.

READ_BY_EDIT_AND_SIGN_OFF = [(standings, "stored_day"), (sign_off_and_seal, "versions_below")]


def check_edit_and_sign_off(table, answers):
    """The signed table contains the edit, or the edit withdrew the sign-off, or the sign-off was refused."""
    edit, signed = answers
    assert isinstance(edit, acts.Receipt), answers
    table.check_histories()
    standing = SignOff.objects.in_force().filter(unit=table.district).first()
    if isinstance(signed, SignOff):
        assert standing is None
        assert SignOff.objects.get(unit=table.district).withdrawn_by == table.officer
        assert edit.revision.counted_at > signed.at
    else:
        assert isinstance(signed, acts.ReportsChanged), answers
        assert not SignOff.objects.filter(unit=table.district).exists()


def test_edit_and_sign_off_meeting(cast, monkeypatch):
    table = Round(cast, 0).report()
    pause_together(monkeypatch, after=READ_BY_EDIT_AND_SIGN_OFF, patience=BLOCKED)
    check_edit_and_sign_off(table, at_once(table.editing(), table.signing()))


def test_control_edit_and_sign_off_without_the_lock(cast, without_lock, monkeypatch):
    table = Round(cast, 0).report()
    is_postgresql = connection.vendor == "postgresql"
    # On PostgreSQL both have written before either commits; SQLite does not let two write.
    after = [(store, "write_revision"), READ_BY_EDIT_AND_SIGN_OFF[1]] if is_postgresql else READ_BY_EDIT_AND_SIGN_OFF
    pause_together(monkeypatch, after=after, patience=TIMEOUT)

    answers = at_once(table.editing(), table.signing())

    if not is_postgresql:
        assert is_locked_out(answers)
        return
    assert kinds(answers) == ["Receipt", "SignOff"]
    standing = SignOff.objects.in_force().get(unit=table.district)
    now = sealed_table.canonical_table(rollup.rows(table.district, f.DAY))
    assert standing.table != now  # confirmed without the edit, and the edit did not withdraw it


# Two clerks and one request.


def check_decisions(table, answers):
    """One decides and the other is refused; the stored decision is the first one's."""
    assert sorted(kinds(answers)) in (["AlreadyDecided", "NoneType"], ["AlreadyDecided", "Receipt"]), answers
    table.check_histories()
    decided = LateRequest.objects.get(pk=table.late_request.pk)
    is_taken_in = Report.objects.filter(unit=table.commune, day=f.DAY).exists()
    assert decided.decision == ("accepted" if is_taken_in else "declined")
    assert decided.decided_by == table.clerks[0 if is_taken_in else 1]


def test_two_clerks_decide_one_request_meeting(cast, monkeypatch):
    table = Round(cast, 0).ask()
    pause_together(monkeypatch, after=[(state, "day_state")], patience=BLOCKED)
    check_decisions(table, at_once(table.deciding(0, True), table.deciding(1, False)))


def test_control_two_clerks_without_the_lock(cast, without_lock, monkeypatch):
    table = Round(cast, 0).ask()
    pause_together(monkeypatch, after=[(state, "day_state")], patience=TIMEOUT)

    answers = at_once(table.deciding(0, True), table.deciding(1, False))

    if connection.vendor == "postgresql":
        # Both continue to decide; only the trigger on decided requests stops the second, without naming the first.
        assert sorted(kinds(answers)) in (["Impossible", "NoneType"], ["Impossible", "Receipt"])
    else:
        assert is_locked_out(answers)


# Two grids.


def check_entries(table, answers, version):
    """One is stored; the other is refused with the stored report and overwrites nothing."""
    assert sorted(kinds(answers)) == ["Conflict", "Receipt"], answers
    table.check_histories()
    (receipt,) = [answer for answer in answers if isinstance(answer, acts.Receipt)]
    (conflict,) = [answer for answer in answers if isinstance(answer, acts.Conflict)]
    report = Report.objects.get(unit=table.commune, day=f.DAY)
    assert (report.installs, report.version) == (receipt.report.installs, version)
    assert conflict.report == report


@pytest.mark.parametrize("version", [0, 1])
def test_two_grids_meeting(cast, monkeypatch, version):
    table = Round(cast, 0)
    if version:
        table.report()
    pause_together(monkeypatch, after=[(standings, "stored_day")], patience=BLOCKED)
    answers = at_once(table.entering(0, 5, version), table.entering(1, 7, version))
    check_entries(table, answers, version=version + 1)


@pytest.mark.parametrize("version", [0, 1])
def test_control_two_grids_without_the_lock(cast, without_lock, monkeypatch, version):
    table = Round(cast, 0)
    if version:
        table.report()
    before = Revision.objects.count()
    pause_together(monkeypatch, after=[(standings, "stored_day")], patience=TIMEOUT)

    answers = at_once(table.entering(0, 5, version), table.entering(1, 7, version))

    if connection.vendor == "postgresql":  # a constraint of the database stops the second, with an error
        assert sorted(kinds(answers)) == ["Impossible", "Receipt"]
        assert Revision.objects.count() == before + (1 if version else 2)
    else:
        assert is_locked_out(answers)
