"""Two answers at once to one question: one of them counts from its first arrival, the other arrived when it did."""

from datetime import timedelta

import pytest

from reporting import acts
from reporting.acts import first_arrivals
from reporting.acts.first_arrivals import Sent
from reporting.figures import rollup
from reporting.models import FirstArrival, Report

from ..factories import DAY, at, make_cast, make_report
from ..threads import at_once, kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]

ASKED, ANSWERED = at("2020-08-21 16:59"), at("2020-08-21 17:02")
EARLIER = DAY - timedelta(days=2)


@pytest.fixture
def asked(db):
    """What the number includes was asked before the hour: either answer is one."""
    cast = make_cast()
    make_report(cast.commune, EARLIER, 10, opening=100)
    figures = {"installs": 20, "covers": ""}
    sent = Sent(cast.commune, DAY, cast.officer, 0, figures)
    first_arrivals.keep(sent, at=ASKED, asks_covers=True)
    assert first_arrivals.recall(sent, at=ANSWERED) == FirstArrival.objects.get()
    return cast


def answers(cast, day=DAY):
    first = FirstArrival.objects.get()
    by = {"unit": cast.commune, "day": day, "by": cast.officer, "at": ANSWERED, "now": lambda: ANSWERED}
    covers = (None, DAY - timedelta(days=1))
    return at_once(*(lambda c=c: acts.submit(**by, first=first, installs=20, covers_from=c) for c in covers))


def test_one_answer_counts_and_the_other_is_late(asked):
    assert sorted(kinds(answers(asked))) == ["DayClosed", "Receipt"]
    report = Report.objects.get(day=DAY)
    assert (report.received_at, report.version) == (ASKED, 1)
    assert rollup.rows(asked.commune, DAY).own.status == "on_time"
    assert FirstArrival.objects.count() == 0


def test_control_what_is_not_used_up_opens_the_day_for_both(asked, monkeypatch):
    monkeypatch.setattr(first_arrivals, "arrival", lambda first, unit, day, at: first.arrived_at)
    assert sorted(kinds(answers(asked))) == ["Conflict", "Receipt"]
