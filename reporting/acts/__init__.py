"""Acts: what people do to a day, always inside the lock. `permissions` decides who may do what.

The other rooms call the acts, and recognise refusals, by the names below (`acts.submit`); a test checks that. Locks,
bulk writes, and the registers of units and base figures are not offered: take them from their files.
"""

from ..figures.rules import (
    BelowCumulative,
    CoversReported,
    InLaterReport,
    LimitExceeded,
    OpeningMissing,
    StillNeeded,
)
from ..refusal import CONFLICT, REFUSED, Refusal
from .campaign import preview, record_setting, withdraw_setting
from .late_requests import decide, decide_all, send_late_request, sent_figures, withdraw_request
from .refusals import (
    AlreadyWaiting,
    AlreadyWithdrawn,
    Conflict,
    DayClosed,
    Doubted,
    NotAllowed,
    ReasonMissing,
    ReportsChanged,
    StillRunning,
)
from .reminders import (
    REMINDED_AGAIN_AFTER,
    Difficulty,
    SentUp,
    day_difficulties,
    last_sent_up,
    pass_up,
    remind,
)
from .reports import adjust, enter, reopen, submit, void
from .sign_off_and_seal import (
    UNDONE_WITHIN,
    Confirmations,
    confirmations,
    may_undo,
    seal,
    sign_off,
    undo_seal,
    unmark_late,
    versions_below,
    withdraw_sign_off,
)
from .store import Receipt, first_arrival
