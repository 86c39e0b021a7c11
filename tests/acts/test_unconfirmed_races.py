"""Two confirmations at once: one confirms what was sent before the deadline, the other is late."""

import pytest

from reporting import acts
from reporting.acts import unconfirmed
from reporting.figures import rollup
from reporting.figures.rules import SentFigures
from reporting.models import Report, UnconfirmedReport

from ..factories import DAY, at, make_cast
from ..threads import at_once, kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]

SENT, ANSWERED = at("2020-08-21 16:59"), at("2020-08-21 17:02")


@pytest.fixture
def asked(db):
    cast = make_cast()
    unconfirmed.store_unconfirmed(cast.commune, DAY, cast.officer, [SentFigures(installs=20, opening=100)], at=SENT)
    return cast


def answer(cast, reason):
    """Each confirmation has its own reason, so one receipt cannot belong to both."""
    about = {"unit": cast.commune, "day": DAY, "by": cast.officer, "at": ANSWERED, "now": lambda: ANSWERED}
    return acts.submit(**about, installs=20, opening=100, reason=reason)


def test_one_answer_confirms_and_the_other_finds_its_receipt(asked):
    receipts = at_once(*(lambda reason=reason: answer(asked, reason) for reason in "ab"))
    assert kinds(receipts) == ["Receipt", "Receipt"]
    assert sorted(receipt.is_repeat for receipt in receipts) == [False, True]
    report = Report.objects.get(day=DAY)
    revision = report.revisions.get()
    assert (report.received_at, revision.confirmed_at) == (SENT, ANSWERED)
    assert rollup.rows(asked.commune, DAY).own.status == "on_time"
    assert UnconfirmedReport.objects.count() == 0


def test_answer_and_another_figure_at_once_are_one_report(asked):
    about = {"unit": asked.commune, "day": DAY, "by": asked.officer, "at": ANSWERED, "now": lambda: ANSWERED}
    answers = at_once(lambda: answer(asked, "a"), lambda: acts.submit(**about, installs=21, opening=100))
    assert kinds(answers) == ["Receipt", "DayClosed"]


def test_control_what_is_not_looked_at_in_the_lock_opens_the_day_for_both(asked, monkeypatch):
    monkeypatch.setattr(unconfirmed, "find_sent", lambda *about, at: UnconfirmedReport(sent_at=SENT, pk=0))
    about = {"unit": asked.commune, "day": DAY, "by": asked.officer, "at": ANSWERED, "now": lambda: ANSWERED}
    answers = at_once(lambda: answer(asked, "a"), lambda: acts.submit(**about, installs=21, opening=100))
    assert sorted(kinds(answers)) == ["Conflict", "Receipt"]
