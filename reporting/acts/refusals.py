"""Refusals of acts, with their words for people, and the check of permissions that every act makes inside the lock.

A refused act writes nothing. Refusals of the figures themselves are in `figures.rules`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _, gettext_lazy

from .. import permissions, site
from ..days import state
from ..deadline import Phase
from ..figures.doubts import Doubtful
from ..models import Report, Unit, User
from ..people import access
from ..permissions import Act, Role
from ..refusal import CONFLICT, Refusal
from ..text.formatting import moment


class DayClosed(Refusal):
    """The day is not open for the unit: `day_state` says why."""

    def __init__(self, day_state: state.DayState):
        super().__init__(day_state.explained())
        self.day_state, self.code = day_state, day_state.code


@dataclass(eq=False)
class Conflict(Refusal):
    """Someone else saved meanwhile. `report` is the stored one, None if nothing is stored."""

    report: Report | None
    text = gettext_lazy("The report has changed meanwhile. Check it again, then decide.")
    status = CONFLICT


@dataclass(eq=False)
class NotAllowed(Refusal):
    """The table of permissions does not allow this person this act on the day in its present state."""

    act: Act
    phase: Phase
    day_state: state.DayState | None = None

    @property
    def message(self) -> str:
        if self.act is Act.WITHDRAW_SIGN and self.phase in (Phase.BEFORE, Phase.TO_CONFIRM):
            return _("The day has not been confirmed: there is nothing to withdraw.")
        top = {"top": site.current().top}
        match self.phase:
            case Phase.BEFORE:
                return _("The day is still open: send or change the report as usual.")
            case Phase.REOPENED:
                return _("The day is reopened for the unit: waiting for its report.")
            case Phase.OVER:
                return _("The time for corrections is over: only the %(top)s can still change this day.") % top
            case Phase.SEALED:
                return _("The %(top)s has sealed this day.") % top
            case Phase.CONFIRMED:
                return _("The day has been confirmed: withdraw the confirmation first.")
            case Phase.TO_CONFIRM | Phase.EXEMPT:
                return _("The deadline has passed.")
        return _("The unit cannot do this on this day.")


class TooEarly(NotAllowed):
    """The day cannot be sealed before `opens_at`."""

    def __init__(self, opens_at: datetime):
        super().__init__(Act.SEAL, Phase.BEFORE)
        self.opens_at = opens_at

    @property
    def message(self) -> str:
        return _("The day can be sealed from %(moment)s on.") % {"moment": moment(self.opens_at)}


class ReasonMissing(Refusal):
    text = gettext_lazy("A reason is required.")
    field = "reason"


class AlreadyWaiting(Refusal):
    text = gettext_lazy("A request for this day is already waiting. Withdraw it to send another.")
    status = CONFLICT


class AlreadyDecided(Refusal):
    text = gettext_lazy("The request has been decided or withdrawn meanwhile.")
    status = CONFLICT


class Impossible(Refusal):
    """The act would break a constraint of the database that no other refusal names."""

    text = gettext_lazy("This conflicts with what is recorded. Nothing was changed. Check what you entered.")


class AlreadyWithdrawn(Refusal):
    text = gettext_lazy("It has been withdrawn meanwhile.")
    status = CONFLICT


class StillRunning(Refusal):
    """Units rely on the record to be withdrawn until `until`: too little time would be left to report."""

    def __init__(self, until: datetime):
        words = _("Units rely on it, and would have less than half an hour left. Withdraw it from %(moment)s on.")
        super().__init__(words % {"moment": moment(until)})
        self.until = until


class Doubted(Refusal):
    """A doubtful population without an explanation; `asked` are the doubts."""

    def __init__(self, asked: Sequence[Doubtful]):
        super().__init__(" ".join(one.question for one in asked))
        self.asked = asked


class OrderNotLater(Refusal):
    text = gettext_lazy("An order must take effect on a day after it is recorded.")
    field = "effective_from"


class ReportsChanged(Refusal):
    """Reports differ from the page; `differences`: by code, the posted and the stored version."""

    status = CONFLICT

    def __init__(self, differences: dict[str, tuple[int, int]]):
        words = _("These reports have changed since you opened the page: %(codes)s. Check them again, then confirm.")
        super().__init__(words % {"codes": ", ".join(sorted(differences))})
        self.differences = differences


def ensure_may(by: User | None, unit: Unit, act: Act, day_state: state.DayState, *, reason: str | None = None) -> None:
    """Raises `NotAllowed` if `by` is None or may not do it; `ReasonMissing` if `reason` is blank."""
    refusal = refusal_to(by, unit, act, day_state)
    if refusal:
        raise refusal
    if reason is not None and not reason.strip():
        raise ReasonMissing


def ensure_clerk_may(by: User, superior: Unit, act: Act, phase: Phase) -> None:
    """Raises `NotAllowed` unless `by` is the superior's own clerk and may do the act in this phase."""
    if not (access.is_clerk_of(by, superior) and permissions.may(Role.SUPERIOR, act, phase)):
        raise NotAllowed(act, phase)


def refusal_to(by: User | None, unit: Unit, act: Act, day_state: state.DayState) -> NotAllowed | None:
    if by and permissions.may(access.role(by, unit), act, day_state.phase):
        return None
    return NotAllowed(act, day_state.phase, day_state)
