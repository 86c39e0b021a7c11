"""Is this day open for this unit; if not, why, since when, and who can open it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.utils.translation import gettext as _

from ..hours import deadline
from ..hours.permissions import Situation
from ..models import Directive, ExemptDay, Extension, Reopening, Seal, SignOff, Unit
from ..models.campaign import in_force


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
    closed_on: date | None = None  # of a unit that is no more: the first day without it

    @property
    def is_open(self) -> bool:
        return self.code in (Code.OPEN, Code.REOPENED)

    @property
    def is_exempt(self) -> bool:
        return self.exempt is not None

    @property
    def is_returned(self) -> bool:
        """Whether the report that is there is to be corrected, or to be explained."""
        return self.reopening is not None and self.reopening.is_return

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
    def open_until(self) -> datetime | None:
        """The first instant at which an open day is closed: the hour, or the end of the reopening."""
        return self.reopening.until if self.code is Code.REOPENED else self.closes_at

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
                words = _("The unit does not exist on %(day)s: it has been closed or was not yet open.") % {"day": day}
                if self.closed_on is None:
                    return words
                return f"{words} " + _("It was closed on %(day)s.") % {"day": f"{self.closed_on:%d/%m/%Y}"}
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
    return day_states([unit], day, at=at)[unit.pk]


def day_states(units: Collection[Unit], day: date, *, at: datetime) -> dict[int, DayState]:
    """The same for several units, by primary key: as many queries for one as for forty."""
    records = _Records.read(units, day, at)
    return {unit.pk: _day_state(unit, day, at, records) for unit in units}


@dataclass(frozen=True)
class _Records:
    """What the state of a day hangs on."""

    start: date | None
    directive: Directive | None
    parents: set[int]  # units that do not report for themselves
    exempt: dict[str, ExemptDay]  # by code of the unit that it was recorded for
    extensions: dict[str, Extension]
    reopenings: dict[int, Reopening]
    sign_offs: dict[int, SignOff]  # by the unit that signed
    seals: dict[str, Seal]

    @classmethod
    def read(cls, units: Collection[Unit], day: date, at: datetime) -> _Records:
        codes = {code for unit in units for code in unit.codes}
        exempt = ExemptDay.objects.filter(day=day, unit__code__in=codes).select_related("unit")
        extensions = Extension.objects.filter(day=day, unit__code__in=codes).select_related("unit").order_by("until")
        sign_offs = SignOff.objects.filter(unit__in={unit.parent_id for unit in units} - {None}, day=day).standing()
        seals = Seal.objects.filter(unit__code__in=codes, day=day)
        return cls(
            start=Directive.objects.campaign_start(),
            directive=Directive.objects.in_force(day),
            parents=set(Unit.objects.open_on(day).filter(parent__in=units).values_list("parent_id", flat=True)),
            exempt={record.unit.code: record for record in exempt},
            extensions={record.unit.code: record for record in extensions},
            reopenings={r.unit_id: r for r in Reopening.objects.filter(unit__in=units, day=day).standing(at)},
            sign_offs={sign_off.unit_id: sign_off for sign_off in sign_offs},
            seals={seal.unit.code: seal for seal in seals.select_related("unit").order_by("at")},
        )


def _day_state(unit: Unit, day: date, at: datetime, records: _Records) -> DayState:
    start, directive = records.start, records.directive
    if not unit.is_open_on(day):
        return DayState(Code.UNIT_CLOSED, day, start, directive, closed_on=unit.closed_on)
    if unit.pk in records.parents:
        return DayState(Code.NOT_REPORTING, day, start, directive)
    if start is None or day < start:
        return DayState(Code.BEFORE_CAMPAIGN, day, start, directive)
    if directive is None:
        return DayState(Code.AFTER_CAMPAIGN, day, start)
    if unit.opened_on and unit.opened_on > start:
        start = unit.opened_on
    exempt = next((records.exempt[code] for code in unit.codes if code in records.exempt), None)
    granted = [records.extensions[code] for code in unit.codes if code in records.extensions]
    extension = max(granted, key=lambda extension: extension.until, default=None)
    closes_at = day_closes_at(day, directive, extension)
    if day > deadline.reporting_day(at):
        return DayState(Code.FUTURE_DAY, day, start, directive, closes_at, exempt, extension)
    corrections_end = deadline.end_of_corrections(day, directive.correction_days)
    if exempt:  # what is never late stays open for as long as corrections are made
        closes_at = corrections_end
    reopening = records.reopenings.get(unit.pk)
    if deadline.is_in_time(at, closes_at=closes_at):
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
        sign_off=records.sign_offs.get(unit.parent_id),
        seal=next((records.seals[code] for code in unit.codes if code in records.seals), None),
        is_beyond=at >= corrections_end,
    )


def extension_of(unit: Unit, day: date, as_of: datetime | None = None) -> Extension | None:
    """The latest hour granted for the day to the unit or to a unit above it."""
    return Extension.objects.known(as_of).filter(day=day, unit__code__in=unit.codes).order_by("-until").first()


def day_closes_at(day: date, directive: Directive, extension: Extension | None) -> datetime:
    """The day's first instant that is too late; an extension moves it back, never forward."""
    closes_at = deadline.closes_at(day, directive.report_deadline)
    return max(closes_at, extension.until) if extension else closes_at


def closing_hour(unit: Unit, day: date, as_of: datetime | None = None) -> datetime | None:
    """When the day closes for the unit, extensions included; None on a day that no directive covers."""
    directive = in_force(Directive.objects.known(as_of), day)
    return directive and day_closes_at(day, directive, extension_of(unit, day, as_of))


SEAL_AFTER = timedelta(minutes=2)  # what arrived before the hour has been written by then


def sealing_opens(unit: Unit, day: date) -> datetime | None:
    """From when the city may seal the day: two minutes after its hour; None on a day that no directive covers."""
    closes_at = closing_hour(unit, day)
    return closes_at and closes_at + SEAL_AFTER


def signs_off_until(unit: Unit, day: date) -> datetime | None:
    """The first instant that is late for the superior's sign-off: it moves with an extension of the hour."""
    directive = Directive.objects.in_force(day)
    if directive is None:
        return None
    moved = day_closes_at(day, directive, extension_of(unit, day)) - deadline.closes_at(day, directive.report_deadline)
    return deadline.closes_at(day, directive.signoff_deadline) + moved


def superior_situation(unit: Unit, day: date, *, at: datetime) -> Situation:
    """Where a superior's own day stands: the day that it confirms for the units below.

    The unit that seals confirms nothing, and a unit without others below it has nobody to confirm.
    """
    return superior_days([unit], [day], at=at)[unit.pk, day].situation


@dataclass(frozen=True)
class SuperiorDay:
    """Where a superior's own day stands, and the last confirmation of it that was taken back."""

    situation: Situation
    is_exempt: bool
    withdrawn: SignOff | None


def superior_days(
    units: Collection[Unit], days: Collection[date], *, at: datetime
) -> dict[tuple[int, date], SuperiorDay]:
    """The days of several superiors, by primary key and day: as many queries for one as for all."""
    records = _SuperiorRecords.read(units, days)
    return {(unit.pk, day): records.of(unit, day, at) for unit in units for day in days}


@dataclass(frozen=True)
class _SuperiorRecords:
    directives: list[Directive]
    children: list[Unit]  # one for all that have parent and life in common
    exempt: set[tuple[str, date]]
    sealed: set[tuple[str, date]]
    signed: set[tuple[int, date]]
    withdrawn: dict[tuple[int, date], SignOff]  # the last
    extensions: dict[tuple[str, date], Extension]  # the latest hour

    @classmethod
    def read(cls, units: Collection[Unit], days: Collection[date]) -> _SuperiorRecords:
        above = {"unit__code__in": {code for unit in units for code in unit.codes}, "day__in": days}
        extensions = Extension.objects.filter(**above).select_related("unit").order_by("until")
        sign_offs = SignOff.objects.filter(unit__in=units, day__in=days).defer("table").order_by("at", "id")
        below = Unit.objects.filter(parent__in=units).order_by()
        spans = below.values_list("parent_id", "opened_on", "closed_on").distinct()  # a few for all the units
        return cls(
            directives=list(Directive.objects.known(None)),
            children=[Unit(parent_id=parent, opened_on=first, closed_on=end) for parent, first, end in spans],
            exempt=set(ExemptDay.objects.filter(**above).order_by().values_list("unit__code", "day")),
            sealed=set(Seal.objects.filter(**above).order_by().values_list("unit__code", "day")),
            signed={(found.unit_id, found.day) for found in sign_offs if found.withdrawn_at is None},
            withdrawn={(found.unit_id, found.day): found for found in sign_offs if found.withdrawn_at is not None},
            extensions={(found.unit.code, found.day): found for found in extensions},
        )

    def of(self, unit: Unit, day: date, at: datetime) -> SuperiorDay:
        is_exempt = any((code, day) in self.exempt for code in unit.codes)
        return SuperiorDay(self._situation(unit, day, at), is_exempt, self.withdrawn.get((unit.pk, day)))

    def _situation(self, unit: Unit, day: date, at: datetime) -> Situation:
        directive = in_force(self.directives, day)
        if directive is None or day > deadline.reporting_day(at) or not unit.is_open_on(day):
            return Situation.NOT_DUE
        has_children = any(child.parent_id == unit.pk and child.is_open_on(day) for child in self.children)
        if not unit.is_under_seal or not has_children:
            return Situation.NOT_DUE
        if any((code, day) in self.sealed for code in unit.codes):
            return Situation.SEALED
        if (unit.pk, day) in self.signed:
            return Situation.SIGNED
        if at >= deadline.end_of_corrections(day, directive.correction_days):
            return Situation.BEYOND
        granted = [self.extensions[code, day] for code in unit.codes if (code, day) in self.extensions]
        latest = max(granted, key=lambda extension: extension.until, default=None)
        closes_at = day_closes_at(day, directive, latest)
        return Situation.OPEN if deadline.is_in_time(at, closes_at=closes_at) else Situation.AFTER_HOUR
