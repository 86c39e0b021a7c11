"""What every act of the review needs: its refusals, the question who may, and the write in the words of the act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from .. import access, acts, state, submissions
from ..acts import Act, Role, Situation
from ..models import Report, Revision, SignOff, Unit, User
from ..submissions import NotWritten

Now = Callable[[], datetime]


class NotAllowed(NotWritten):
    """The table of acts does not allow this person this act on this day as it stands."""

    def __init__(self, act: Act, situation: Situation, day_state: state.DayState | None = None):
        super().__init__(f"{act} {situation}")
        self.act, self.situation, self.day_state = act, situation, day_state


class TooEarly(NotAllowed):
    """The day cannot be sealed before `opens_at`."""

    def __init__(self, opens_at: datetime):
        super().__init__(Act.SEAL, Situation.OPEN)
        self.opens_at = opens_at


class NothingChanged(NotWritten):
    """The table is the one that is sealed already."""


class ReasonMissing(NotWritten):
    """A reason is owed."""


class AlreadyWaiting(NotWritten):
    """One request waits for the unit and day already."""


class AlreadyDecided(NotWritten):
    """The request was decided or withdrawn meanwhile."""


class NothingThere(NotWritten):
    """There is nothing to take back or to withdraw."""


class Covered(NotWritten):
    """The day's figures are in the report of a later day already."""

    def __init__(self, day: date):
        super().__init__("covered")
        self.day = day


class BadMoment(NotWritten):
    """The moment given is not later than now, or not later than the hour it moves."""


class NotAllReported(NotWritten):
    """Before the hour a day is confirmed only when all have reported."""


@dataclass
class Changed(NotWritten):
    """Reports differ from what the page showed: codes with the version posted and the version that stands."""

    differences: dict[str, tuple[int, int]]


def demand(by: User, unit: Unit, act: Act, day_state: state.DayState) -> None:
    refusal = refusal_of(by, unit, act, day_state)
    if refusal:
        raise refusal


def demand_own(by: User, superior: Unit, act: Act, situation: Situation) -> None:
    """The superior's own clerk, on the superior's own day."""
    if not (access.is_clerk_of(by, superior) and acts.may(Role.SUPERIOR, act, situation)):
        raise NotAllowed(act, situation)


def refusal_of(by: User, unit: Unit, act: Act, day_state: state.DayState) -> NotAllowed | None:
    if acts.may(access.role(by, unit), act, day_state.situation):
        return None
    return NotAllowed(act, day_state.situation, day_state)


def write(report: Report, figures: dict, kind: str, at: datetime, now: Now, words: dict) -> Revision:
    stamp = {
        "kind": kind,
        "received_at": at,
        "counted_at": submissions.counted_from(report.unit, report.day, now()),
        "by_name": words["by"].display_name,
        **words,
    }
    return submissions.write(report, figures, stamp)


def withdraw(sign_offs: QuerySet[SignOff], reason: str, by: User, at: datetime) -> None:
    sign_offs.update(withdrawn_at=at, withdrawn_by=by, withdrawal_reason=reason)
