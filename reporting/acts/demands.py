"""Who may: every act asks here, inside the lock."""

from datetime import datetime

from django.db.models import QuerySet

from ..days import state
from ..hours import permissions
from ..hours.permissions import Act, Role, Situation
from ..models import Seal, SignOff, Unit, User
from ..people import access
from .errors import NotAllowed, ReasonMissing


def demand(by: User | None, unit: Unit, act: Act, day_state: state.DayState, *, reason: str | None = None) -> None:
    """Raises `NotAllowed`, also for nobody (None), and `ReasonMissing` where a reason is owed and empty."""
    refusal = refusal_of(by, unit, act, day_state)
    if refusal:
        raise refusal
    if reason is not None and not reason.strip():
        raise ReasonMissing


def demand_own(by: User, superior: Unit, act: Act, situation: Situation) -> None:
    """The superior's own clerk, on the superior's own day."""
    if not (access.is_clerk_of(by, superior) and permissions.may(Role.SUPERIOR, act, situation)):
        raise NotAllowed(act, situation)


def refusal_of(by: User | None, unit: Unit, act: Act, day_state: state.DayState) -> NotAllowed | None:
    if by and permissions.may(access.role(by, unit), act, day_state.situation):
        return None
    return NotAllowed(act, day_state.situation, day_state)


def withdraw(records: QuerySet[SignOff] | QuerySet[Seal], reason: str, by: User, at: datetime) -> None:
    records.update(withdrawn_at=at, withdrawn_by=by, withdrawal_reason=reason)
