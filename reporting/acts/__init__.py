"""What people do: every act on a day is written here, inside the one lock. The table of permissions decides who may."""

from ..figures.rules import (
    CONFLICT,
    REFUSED,
    BelowCumulative,
    Collision,
    Covered,
    LimitExceeded,
    Needed,
    NotWritten,
    OpeningMissing,
    ReportedAlone,
)
from .campaign import extend, record
from .corrections import adjust, enter, reopen, void
from .errors import (
    Adjusted,
    AlreadyWaiting,
    AlreadyWithdrawn,
    BadMoment,
    Changed,
    Conflict,
    DayClosed,
    Doubted,
    NotAllowed,
    ReasonMissing,
    StillRunning,
)
from .foreseen import foresee
from .late_requests import Weighed, adjusted_since, decide, decide_all, request, withdraw_request
from .reminders import Difficulty, PassedOn, heard, pass_up, passed_on, remind, take_up
from .seals import UNDONE_WITHIN, may_undo, seal, undo_seal, yet_to_confirm
from .sign_offs import Confirmed, confirmed, marked_by, sign_off, versions_below, withdraw_sign_off
from .submission import submit
from .withdrawals import withdraw
from .write import Receipt, first_arrival
