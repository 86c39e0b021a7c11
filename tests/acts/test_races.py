"""Concurrent writers: the lock keeps cumulatives right, and a control shows that each test fails without it.

The tests make writers pause together between reading and writing. Under the lock they cannot: the first waits for a
moment and goes on. Without the lock they do, and the controls show the result: wrong figures on PostgreSQL; "database
is locked" on SQLite, where the transaction is the lock and the control begins it DEFERRED.
"""

from contextlib import nullcontext
from datetime import datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from reporting import acts, deadline, triggers
from reporting.acts import locking, store
from reporting.figures import standings
from reporting.models import Report, Revision

from ..factories import DAY, make_cast, make_report, stamp
from ..threads import BLOCKED, TIMEOUT, at_once, is_locked_out, kinds, pause_together

pytestmark = pytest.mark.django_db(transaction=True)

READ = [(standings, "stored_day")]
DAYS = [DAY - timedelta(days=back) for back in (3, 2, 1, 0)]
ONCE = next(c for c in Report._meta.constraints if c.name == "report_once_for_a_unit_and_day")


@pytest.fixture
def commune(db):
    """100 phones before the campaign and 10 on the first of the days."""
    commune = make_cast().commune
    make_report(commune, DAYS[0], 10, opening=100)
    return commune


@pytest.fixture
def without_lock(commune, monkeypatch):
    if connection.vendor == "postgresql":
        monkeypatch.setattr(locking, "lock", lambda unit: None)
    else:  # read by the threads when they connect
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "transaction_mode", "DEFERRED")


@pytest.fixture
def without_constraint(commune, monkeypatch):
    with monkeypatch.context() as patch, connection.schema_editor() as editor:
        patch.setattr(Report._meta, "constraints", [c for c in Report._meta.constraints if c is not ONCE])
        editor.remove_constraint(Report, ONCE)  # SQLite makes the table again from the model
    yield
    triggers.remove()  # as for a flush: rows that break the constraint must go before it comes back
    Revision.objects.all().delete()
    Report.objects.all().delete()
    with connection.schema_editor() as editor:
        editor.add_constraint(Report, ONCE)
    triggers.install()


def sending(unit, day, installs, *, base_version=0):
    arrived = datetime.combine(day, time(10), tzinfo=deadline.ZONE)

    def send():
        return acts.submit(
            unit=unit, day=day, installs=installs, base_version=base_version, **stamp(None, arrived), source="test"
        )

    return send


def four_days(commune):
    """Corrects the first day from 10 to 15 and reports the others."""
    first, *others = DAYS
    return [
        sending(commune, first, 15, base_version=1),
        *(sending(commune, day, installs) for day, installs in zip(others, [1, 2, 4], strict=True)),
    ]


def cumulatives(unit):
    return list(Report.objects.filter(unit=unit, kind="daily").order_by("day").values_list("cumulative", flat=True))


def test_different_days_of_a_unit_at_once_keep_its_cumulatives(commune, monkeypatch):
    pause_together(monkeypatch, 4, after=READ, patience=BLOCKED)

    answers = at_once(*four_days(commune))

    assert kinds(answers) == ["Receipt"] * 4
    assert cumulatives(commune) == [115, 116, 118, 122]
    assert sorted(Revision.objects.filter(report__kind="daily").values_list("delta", flat=True)) == [1, 2, 4, 5, 10]


def test_control_different_days_without_the_lock(commune, without_lock, monkeypatch):
    is_postgresql = connection.vendor == "postgresql"
    # On PostgreSQL all have written before anyone commits; SQLite does not let two write.
    pause_together(monkeypatch, 4, after=[(store, "write_revision")] if is_postgresql else READ, patience=TIMEOUT)

    answers = at_once(*four_days(commune))

    if is_postgresql:
        assert kinds(answers) == ["Receipt"] * 4
        assert cumulatives(commune) == [115, 111, 112, 114]  # each knows the 110 before it and none of the others
    else:
        assert is_locked_out(answers)


def test_different_figures_for_a_day_at_once_are_one_report_and_one_conflict(commune, monkeypatch):
    pause_together(monkeypatch, 2, after=READ, patience=BLOCKED)

    answers = at_once(sending(commune, DAY, 5), sending(commune, DAY, 7))

    assert sorted(kinds(answers)) == ["Conflict", "Receipt"]
    (receipt,) = [answer for answer in answers if isinstance(answer, acts.Receipt)]
    (conflict,) = [answer for answer in answers if isinstance(answer, acts.Conflict)]
    assert conflict.report == receipt.report  # the page shows him the stored figures
    report = Report.objects.get(unit=commune, day=DAY)
    assert (report.installs, report.version) == (receipt.report.installs, 1)
    assert cumulatives(commune) == [110, 110 + report.installs]


def test_control_different_figures_for_a_day_without_the_lock(commune, without_lock, monkeypatch):
    pause_together(monkeypatch, 2, after=READ, patience=TIMEOUT)

    answers = at_once(sending(commune, DAY, 5), sending(commune, DAY, 7))

    assert_stopped_by_the_database(answers)


def test_six_identical_sendings_at_once_are_one_report_and_six_receipts(commune, monkeypatch):
    pause_together(monkeypatch, 6, after=READ, patience=BLOCKED)

    answers = at_once(*[sending(commune, DAY, 5)] * 6)

    assert kinds(answers) == ["Receipt"] * 6
    assert sorted(answer.is_repeat for answer in answers) == [False] + [True] * 5
    report = Report.objects.get(unit=commune, day=DAY)
    assert {answer.report for answer in answers} == {report}
    assert {answer.revision for answer in answers} == {report.revisions.get()}
    assert cumulatives(commune) == [110, 115]


def test_control_six_identical_sendings_without_the_lock(commune, without_lock, monkeypatch):
    pause_together(monkeypatch, 6, after=READ, patience=TIMEOUT)

    answers = at_once(*[sending(commune, DAY, 5)] * 6)

    assert_stopped_by_the_database(answers)


def test_one_who_goes_round_the_lock_meets_the_constraint(commune, monkeypatch):
    go_round_the_lock(monkeypatch)
    pause_together(monkeypatch, 2, after=READ, patience=TIMEOUT)

    answers = at_once(*[sending(commune, DAY, 5)] * 2)

    assert sorted(kinds(answers)) == ["Impossible", "Receipt"]
    assert Report.objects.filter(unit=commune, day=DAY).count() == 1


def test_control_one_who_goes_round_the_lock_without_the_constraint(commune, without_constraint, monkeypatch):
    go_round_the_lock(monkeypatch)
    pause_together(monkeypatch, 2, after=READ, patience=TIMEOUT)

    answers = at_once(*[sending(commune, DAY, 5)] * 2)

    assert kinds(answers) == ["Receipt"] * 2
    assert Report.objects.filter(unit=commune, day=DAY).count() == 2


def go_round_the_lock(monkeypatch):
    """Lock no row and run each statement in its own transaction."""
    monkeypatch.setattr(locking, "lock", lambda unit: None)
    monkeypatch.setattr(locking, "transaction", SimpleNamespace(atomic=nullcontext))


def assert_stopped_by_the_database(answers):
    """Nothing wrong was written, but all except one writer got a database error."""
    if connection.vendor == "postgresql":
        assert sorted(kinds(answers)) == ["Impossible"] * (len(answers) - 1) + ["Receipt"]
    else:
        assert is_locked_out(answers)
