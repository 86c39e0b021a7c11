"""Is this day open for this unit; if not, why, since when, and who can open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from . import deadline
from .acts import Situation
from .models import Directive, ExemptDay, Extension, Reopening, Seal, SignOff, Unit


class Code(StrEnum):
    OPEN = "open"
    REOPENED = "reopened"
    UNIT_CLOSED = "unit_closed"
    NOT_REPORTING = "not_reporting"
    BEFORE_CAMPAIGN = "before_campaign"
    AFTER_CAMPAIGN = "after_campaign"
    FUTURE_DAY = "future_day"
    AFTER_DEADLINE = "after_deadline"


@dataclass(frozen=True)
class DayState:
    """A unit's day as its own officer meets it at one instant."""

    code: Code
    day: date
    campaign_start: date | None = None
    directive: Directive | None = None
    closes_at: datetime | None = None  # the first instant that is too late, extensions included
    exempt: ExemptDay | None = None
    extension: Extension | None = None
    reopening: Reopening | None = None
    sign_off: SignOff | None = None  # the superior's, standing
    seal: Seal | None = None
    is_beyond: bool = False  # more than correction_days back

    @property
    def is_open(self) -> bool:
        return self.code in (Code.OPEN, Code.REOPENED)

    @property
    def is_exempt(self) -> bool:
        return self.exempt is not None

    @property
    def situation(self) -> Situation:
        match self.code:
            case Code.REOPENED:
                return Situation.REOPENED
            case Code.OPEN:
                return Situation.OPEN
            case Code.AFTER_DEADLINE if self.is_beyond:
                return Situation.BEYOND
            case Code.AFTER_DEADLINE if self.seal:
                return Situation.SEALED
            case Code.AFTER_DEADLINE if self.sign_off:
                return Situation.SIGNED
            case Code.AFTER_DEADLINE:
                return Situation.AFTER_HOUR
        return Situation.NOT_DUE

    @property
    def report_deadline(self) -> time:
        return self.directive.report_deadline if self.directive else deadline.REPORT_DEADLINE

    @property
    def opening_day(self) -> date | None:
        """The day that the opening report is kept under: the one before the campaign."""
        return self.campaign_start and self.campaign_start - timedelta(days=1)

    def is_late(self, at: datetime) -> bool:
        """Whether a first report that arrives at `at` is late."""
        return not self.is_exempt and not deadline.is_in_time(at, closes_at=self.closes_at)

    @property
    def explanation(self) -> str:
        """Why the day is closed, in the officer's words; empty while it is open."""
        day = f"{self.day:%d/%m/%Y}"
        match self.code:
            case Code.UNIT_CLOSED:
                return _("The unit does not exist on %(day)s: it has been closed or was not yet open.") % {"day": day}
            case Code.NOT_REPORTING:
                return _("This unit does not report for itself: its figures are the sum of its subordinate units.")
            case Code.BEFORE_CAMPAIGN:
                if self.campaign_start is None:
                    return _("No directive is in force yet: reporting has not begun.")
                start = f"{self.campaign_start:%d/%m/%Y}"
                return _("%(day)s is before the campaign, which began on %(start)s.") % {"day": day, "start": start}
            case Code.AFTER_CAMPAIGN:
                return _("No directive is in force on %(day)s: the campaign is over.") % {"day": day}
            case Code.FUTURE_DAY:
                return _("%(day)s is still to come: a day is reported from 00h00 of that day.") % {"day": day}
            case Code.AFTER_DEADLINE:
                return self._after_deadline(day)
        return ""

    def _after_deadline(self, day: str) -> str:
        moment = f"{self.closes_at.astimezone(deadline.ZONE):%Hh%M %d/%m/%Y}"
        words = _("The deadline has passed: the report for %(day)s was due before %(moment)s.") % {
            "day": day,
            "moment": moment,
        }
        if self.is_beyond:
            return f"{words} " + _("The days for corrections are over too: only the city can open the day.")
        if self.seal:
            return f"{words} " + _("The city sealed the day at %(moment)s.") % {"moment": _moment(self.seal.at)}
        if self.sign_off:
            return f"{words} " + _("The superior unit confirmed the day at %(moment)s.") % {
                "moment": _moment(self.sign_off.at)
            }
        return words


def _moment(at: datetime) -> str:
    return f"{at.astimezone(deadline.ZONE):%Hh%M %d/%m/%Y}"


def day_state(unit: Unit, day: date, *, at: datetime) -> DayState:
    """The state of `day` for the unit's own officer whose request arrived at `at`."""
    start = Directive.objects.campaign_start()
    directive = Directive.objects.in_force(day)
    if not unit.is_open_on(day):
        return DayState(Code.UNIT_CLOSED, day, start, directive)
    if unit.children.open_on(day).exists():
        return DayState(Code.NOT_REPORTING, day, start, directive)
    if start is None or day < start:
        return DayState(Code.BEFORE_CAMPAIGN, day, start, directive)
    if directive is None:
        return DayState(Code.AFTER_CAMPAIGN, day, start)
    if unit.opened_on and unit.opened_on > start:
        start = unit.opened_on
    exempt = ExemptDay.objects.filter(day=day, unit__code__in=unit.codes).first()
    extension = extension_of(unit, day)
    corrections_end = deadline.end_of_corrections(day, directive.correction_days)
    # What is never late stays open for as long as corrections are made.
    closes_at = corrections_end if exempt else day_closes_at(day, directive, extension)
    reopening = Reopening.objects.filter(unit=unit, day=day).standing(at).first()
    if day > deadline.reporting_day(at):
        code = Code.FUTURE_DAY
    elif deadline.is_in_time(at, closes_at=closes_at):
        code = Code.OPEN
    elif reopening:
        code = Code.REOPENED
    else:
        code = Code.AFTER_DEADLINE
    return DayState(
        code,
        day,
        start,
        directive,
        closes_at,
        exempt,
        extension,
        reopening,
        sign_off=SignOff.objects.filter(unit_id=unit.parent_id, day=day).standing().first(),
        seal=Seal.objects.filter(unit__code=unit.codes[0], day=day).order_by("-at").first(),
        is_beyond=at >= corrections_end,
    )


def extension_of(unit: Unit, day: date) -> Extension | None:
    """The latest hour granted for the day to the unit or to a unit above it."""
    return Extension.objects.filter(day=day, unit__code__in=unit.codes).order_by("-until").first()


def day_closes_at(day: date, directive: Directive, extension: Extension | None) -> datetime:
    """The day's first instant that is too late; an extension moves it back, never forward."""
    closes_at = deadline.closes_at(day, directive.report_deadline)
    return max(closes_at, extension.until) if extension else closes_at


def closing_hour(unit: Unit, day: date) -> datetime | None:
    """When the day closes for the unit, extensions included; None on a day that no directive covers."""
    directive = Directive.objects.in_force(day)
    return directive and day_closes_at(day, directive, extension_of(unit, day))


def signs_off_until(unit: Unit, day: date) -> datetime | None:
    """The first instant that is late for the superior's sign-off: it moves with an extension of the hour."""
    directive = Directive.objects.in_force(day)
    if directive is None:
        return None
    moved = day_closes_at(day, directive, extension_of(unit, day)) - deadline.closes_at(day, directive.report_deadline)
    return deadline.closes_at(day, directive.signoff_deadline) + moved


def superior_situation(unit: Unit, day: date, *, at: datetime) -> Situation:
    """Where a superior's own day stands: the day that it confirms for the units below."""
    directive = Directive.objects.in_force(day)
    if directive is None or day > deadline.reporting_day(at) or not unit.is_open_on(day):
        return Situation.NOT_DUE
    if Seal.objects.filter(unit__code=unit.codes[0], day=day).exists():
        return Situation.SEALED
    if SignOff.objects.standing().filter(unit=unit, day=day).exists():
        return Situation.SIGNED
    if at >= deadline.end_of_corrections(day, directive.correction_days):
        return Situation.BEYOND
    closes_at = day_closes_at(day, directive, extension_of(unit, day))
    return Situation.OPEN if deadline.is_in_time(at, closes_at=closes_at) else Situation.AFTER_HOUR
