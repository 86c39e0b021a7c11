"""Why an act was refused: each raises, and then nothing was written. `refusals` has the words for people.

What is refused of the figures themselves stands with the rules of them, in `figures.rules`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..days import state
from ..figures.base_doubts import Doubtful
from ..figures.rules import (
    BelowCumulative,
    Collision,
    Covered,
    LimitExceeded,
    Needed,
    NotWritten,
    OpeningMissing,
    ReportedAlone,
)
from ..hours.permissions import Act, Situation
from ..models import Report, Seal

__all__ = [
    "Adjusted",
    "AlreadyDecided",
    "AlreadyExempt",
    "AlreadyInForce",
    "AlreadyWaiting",
    "AlreadyWithdrawn",
    "AskedAnew",
    "BadMoment",
    "BelowCumulative",
    "BuiltUpon",
    "Changed",
    "Collision",
    "ConfirmedAnew",
    "Conflict",
    "Covered",
    "DayClosed",
    "Doubted",
    "HasBegun",
    "Impossible",
    "LimitExceeded",
    "Needed",
    "NoTimeToReport",
    "NotAllReported",
    "NotAllowed",
    "NotConfirmedAnyMore",
    "NotLater",
    "NotWritten",
    "NothingChanged",
    "NothingThere",
    "OfReorganisation",
    "OnlyBaseFigure",
    "OpeningMissing",
    "ReasonMissing",
    "ReportedAlone",
    "StillRunning",
    "TargetPassed",
    "TooEarly",
    "TooManyDays",
    "WithoutOrder",
]


class DayClosed(NotWritten):
    """The day is not open for the unit: `day_state` says why."""

    def __init__(self, day_state: state.DayState):
        super().__init__(day_state.code)
        self.day_state = day_state


class Conflict(NotWritten):
    """Someone else saved in between: `report` holds the figures that stand, None if there is no report."""

    def __init__(self, report: Report | None):
        super().__init__("conflict")
        self.report = report


class Adjusted(Collision):
    """Since a correction was asked for the cumulative has been adjusted: of one error, it would be corrected twice.

    The day's adjustment went from `before` to `stands`; asked for are `asked` installs in place of `installs`.
    """

    def __init__(self, *, before: int, stands: int, installs: int | None, asked: int):
        super().__init__("adjusted")
        self.before, self.stands, self.installs, self.asked = before, stands, installs, asked


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

    def __init__(self, seal: Seal):
        super().__init__("nothing changed")
        self.seal = seal


class ReasonMissing(NotWritten):
    """A reason is owed."""


class AlreadyWaiting(NotWritten):
    """One request waits for the unit and day already."""


class AlreadyDecided(NotWritten):
    """The request was decided or withdrawn meanwhile."""


class AskedAnew(NotWritten):
    """Another request waits than the one that the page showed."""


class ConfirmedAnew(NotWritten):
    """Another confirmation stands than the one that the page showed."""


class Impossible(NotWritten):
    """The database holds to a rule that the act would have broken, and that no other refusal names."""


class NothingThere(NotWritten):
    """There is nothing to take back or to withdraw."""


class BadMoment(NotWritten):
    """The moment given is not later than now, or not later than the hour it moves."""


class AlreadyExempt(NotWritten):
    """Nothing is due from the unit on that day as it is."""


class AlreadyInForce(NotWritten):
    """The very same base figure stands from that day on as it is: sent twice, it is not recorded twice."""


class AlreadyWithdrawn(NotWritten):
    """The record was withdrawn meanwhile."""


class NotConfirmedAnyMore(AlreadyWithdrawn):
    """The confirmation was withdrawn meanwhile, and none stands."""


class StillRunning(NotWritten):
    """Units may send by what is to be withdrawn at this moment, until `until`: no act shortens their hour."""

    def __init__(self, until: datetime):
        super().__init__("still running")
        self.until = until


class WithoutOrder(NotWritten):
    """So many days with reports, confirmations or a seal would be left without any order."""

    def __init__(self, days: int):
        super().__init__("without order")
        self.days = days


class HasBegun(NotWritten):
    """A reorganisation that has taken effect is not withdrawn: another one follows it."""


class OnlyBaseFigure(NotWritten):
    """Without it the unit would have no population from that day on."""


class OfReorganisation(NotWritten):
    """What a reorganisation brought goes with it, and not alone."""


class Doubted(NotWritten):
    """A population that is usually a mistake, and that nobody has explained; `asked` is what is doubted."""

    def __init__(self, population: int, asked: Sequence[Doubtful]):
        super().__init__("doubted")
        self.population, self.asked = population, asked


class BuiltUpon(NotWritten):
    """What was recorded later stands: another reorganisation, to be withdrawn first, or a unit put below."""


class TooManyDays(NotWritten):
    """An order lets days be corrected for a year at most."""


class TargetPassed(NotWritten):
    """The day on which the target must be reached is before the order takes effect."""


class NotLater(NotWritten):
    """An order takes effect on a later day than it is recorded."""


class NoTimeToReport(NotWritten):
    """A day whose hour is 00h00 is over before it begins."""


class NotAllReported(NotWritten):
    """Before the hour a day is confirmed only when all have reported."""


@dataclass
class Changed(NotWritten):
    """Reports differ from what the page showed: codes with the version posted and the version that stands."""

    differences: dict[str, tuple[int, int]]
