"""What people do: every act on a day is written here, inside the one lock. The table of permissions decides who may."""

from .campaign import extend, record
from .corrections import adjust, enter, reopen, void
from .errors import (
    AlreadyDecided,
    AlreadyWaiting,
    BadMoment,
    BelowCumulative,
    Changed,
    Conflict,
    Covered,
    DayClosed,
    LimitExceeded,
    NotAllowed,
    NotAllReported,
    NothingChanged,
    NothingThere,
    NotWritten,
    OpeningMissing,
    ReasonMissing,
    ReportedAlone,
    TooEarly,
)
from .late_requests import decide, decide_all, request, withdraw_request
from .reminders import Difficulty, difficulties, pass_up, remind
from .seals import seal
from .sign_offs import Confirmed, confirmed, marked_by, sign_off, versions_below, withdraw_sign_off
from .submission import submit
from .write import Receipt

__all__ = [
    "AlreadyDecided",
    "AlreadyWaiting",
    "BadMoment",
    "BelowCumulative",
    "Changed",
    "Confirmed",
    "Conflict",
    "Covered",
    "DayClosed",
    "Difficulty",
    "LimitExceeded",
    "NotAllReported",
    "NotAllowed",
    "NotWritten",
    "NothingChanged",
    "NothingThere",
    "OpeningMissing",
    "ReasonMissing",
    "Receipt",
    "ReportedAlone",
    "TooEarly",
    "adjust",
    "confirmed",
    "decide",
    "decide_all",
    "difficulties",
    "enter",
    "extend",
    "marked_by",
    "pass_up",
    "record",
    "remind",
    "reopen",
    "request",
    "seal",
    "sign_off",
    "submit",
    "versions_below",
    "void",
    "withdraw_request",
    "withdraw_sign_off",
]
