"""After the sending: the late, the silent and the wrong. The superior decides; history says who, when and why."""

from .city import extend, record, seal
from .confirmations import Confirmed, confirmed, sign_off, versions_below, withdraw_sign_off
from .corrections import adjust, enter, reopen, void
from .notices import Difficulty, difficulties, pass_up, remind
from .requests import decide, decide_all, request, withdraw_request
from .shared import (
    AlreadyDecided,
    AlreadyWaiting,
    BadMoment,
    Changed,
    Covered,
    NotAllowed,
    NotAllReported,
    NothingChanged,
    NothingThere,
    ReasonMissing,
    TooEarly,
)

__all__ = [
    "AlreadyDecided",
    "AlreadyWaiting",
    "BadMoment",
    "Changed",
    "Confirmed",
    "Covered",
    "Difficulty",
    "NotAllReported",
    "NotAllowed",
    "NothingChanged",
    "NothingThere",
    "ReasonMissing",
    "TooEarly",
    "adjust",
    "confirmed",
    "decide",
    "decide_all",
    "difficulties",
    "enter",
    "extend",
    "pass_up",
    "record",
    "remind",
    "reopen",
    "request",
    "seal",
    "sign_off",
    "versions_below",
    "void",
    "withdraw_request",
    "withdraw_sign_off",
]
