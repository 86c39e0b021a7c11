"""Is this day open for this unit; if not, why, since when, and who can open it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from . import deadline
from .models import Directive, ExemptDay, Unit


class Code(StrEnum):
    OPEN = "open"
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
    closes_at: datetime | None = None  # the first instant that is too late
    exempt: ExemptDay | None = None

    @property
    def is_open(self) -> bool:
        return self.code is Code.OPEN

    @property
    def is_exempt(self) -> bool:
        return self.exempt is not None

    @property
    def report_deadline(self) -> time:
        return self.directive.report_deadline if self.directive else deadline.REPORT_DEADLINE

    @property
    def opening_day(self) -> date | None:
        """The day that the opening report is kept under: the one before the campaign."""
        return self.campaign_start and self.campaign_start - timedelta(days=1)

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
                moment = f"{self.closes_at.astimezone(deadline.ZONE):%Hh%M %d/%m/%Y}"
                return _("The deadline has passed: the report for %(day)s was due before %(moment)s.") % {
                    "day": day,
                    "moment": moment,
                }
        return ""


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
    exempt = ExemptDay.objects.filter(day=day, unit__code__in=[*unit.ancestor_codes, unit.code]).first()
    closes_at = (
        deadline.end_of_corrections(day, directive.correction_days)  # never late: the day stays open
        if exempt
        else deadline.closes_at(day, directive.report_deadline)
    )
    if day > deadline.reporting_day(at):
        code = Code.FUTURE_DAY
    elif deadline.is_in_time(at, closes_at=closes_at):
        code = Code.OPEN
    else:
        code = Code.AFTER_DEADLINE
    return DayState(code, day, start, directive, closes_at, exempt)
