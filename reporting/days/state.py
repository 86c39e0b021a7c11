"""Whether a day is open for a unit, and if not, why, since when, and who can open it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import F
from django.utils.translation import gettext as _

from .. import deadline, read_cache, site
from ..deadline import DayHours, Phase, Setting
from ..models import Reopening, Report, Seal, SignOff, Unit
from ..text import formatting
from ..text.status_marks import downtime_words
from . import hours_in_force
from .other_records import OtherRecords, other_records
from .status import DayStatus, day_status


class DayCode(StrEnum):
    OPEN = "open"
    REOPENED = "reopened"
    UNIT_CLOSED = "unit_closed"
    NOT_REPORTING = "not_reporting"
    BEFORE_CAMPAIGN = "before_campaign"
    AFTER_CAMPAIGN = "after_campaign"
    FUTURE_DAY = "future_day"
    AFTER_DEADLINE = "after_deadline"


def excuse_words(hours: DayHours, path: str) -> str:
    """What excuses a late or missing report, in words; empty if nothing does or the day is exempt."""
    if hours.exemption(path) or not hours.is_excused(path):
        return ""
    away = hours.downtime_in_last_hour(path)
    if away is None:
        return _("no report was due when the deadline passed")
    return downtime_words(away.starts_at, away.ends_at, away.reason)


@dataclass(frozen=True)
class DayState:
    """A unit's day, for its own officer, at one instant."""

    code: DayCode
    hours: DayHours
    path: str = ""  # of the unit
    campaign_start: date | None = None  # or the first day of a unit that opened later
    reopening: Reopening | None = None
    sign_off: SignOff | None = None  # the superior's, in force
    seal: Seal | None = None
    phase: Phase = Phase.NOT_DUE
    closed_on: date | None = None  # the first day without the unit, if it has closed

    @property
    def day(self) -> date:
        return self.hours.day

    @property
    def is_open(self) -> bool:
        return self.code in (DayCode.OPEN, DayCode.REOPENED)

    @property
    def closes_at(self) -> datetime | None:
        """The first instant at which the day is closed; on an exempt day the end of its corrections."""
        return self.hours.open_until(self.path)

    @property
    def exempt(self) -> Setting | None:
        return self.hours.exemption(self.path)

    @property
    def extension(self) -> Setting | None:
        return self.hours.extension(self.path)

    @property
    def owes_nothing(self) -> bool:
        """Whether no report is due: the day is exempt, or was at its deadline."""
        return self.hours.is_exempt(self.path)

    @property
    def is_returned(self) -> bool:
        """Whether the superior has returned the report, to be corrected or explained."""
        return self.reopening is not None and self.reopening.is_return

    @property
    def open_until(self) -> datetime | None:
        """The first instant at which an open day is closed: the deadline, or the end of the reopening."""
        return self.reopening.until if self.reopening and self.code is DayCode.REOPENED else self.closes_at

    @property
    def opening_day(self) -> date:
        """The day of the opening report: the day before the campaign, or before this day if there is no campaign."""
        return (self.campaign_start or self.day) - timedelta(days=1)

    @property
    def excuse(self) -> str:
        return excuse_words(self.hours, self.path)

    def is_late(self, at: datetime) -> bool:
        """Whether a first report that arrives at `at` is late."""
        return self.hours.is_late(self.path, at)

    def status(self, report: Report | None, *, is_waiting: bool, at: datetime) -> DayStatus | None:
        """The status of the unit's day, seen at `at`. `report` is None without one."""
        received_at = report.received_at if report else None
        return day_status(self.hours, self.path, received_at=received_at, is_waiting=is_waiting, at=at)

    def explained(self, *, is_reported: bool = False) -> str:
        """Why the day is closed, in the officer's words; empty while it is open. A reported unit missed no deadline."""
        day = formatting.day(self.day)
        match self.code:
            case DayCode.UNIT_CLOSED:
                words = _("The unit does not exist on %(day)s: it has been closed or was not yet open.") % {"day": day}
                if self.closed_on is None:
                    return words
                return f"{words} " + _("It was closed on %(day)s.") % {"day": formatting.day(self.closed_on)}
            case DayCode.NOT_REPORTING:
                return _("This unit does not report for itself: its figures are the sum of its subordinate units.")
            case DayCode.BEFORE_CAMPAIGN:
                if self.campaign_start is None:
                    return _("No directive is in force yet: reporting has not begun.")
                start = formatting.day(self.campaign_start)
                return _("%(day)s is before the campaign, which began on %(start)s.") % {"day": day, "start": start}
            case DayCode.AFTER_CAMPAIGN:
                return _("No directive is in force on %(day)s: the campaign is over.") % {"day": day}
            case DayCode.FUTURE_DAY:
                return _("%(day)s is in the future: you can report a day from 00h00 on that day.") % {"day": day}
            case DayCode.AFTER_DEADLINE if self.closes_at:
                return self._after_deadline(day, self.closes_at, is_reported=is_reported)
        return ""

    def _after_deadline(self, day: str, closes_at: datetime, *, is_reported: bool) -> str:
        if is_reported:
            words = _("Reporting closed at %(hour)s on %(day)s; the unit’s report is counted.")
            words %= {"hour": formatting.hour(closes_at), "day": formatting.day(deadline.reporting_day(closes_at))}
        else:
            words = _("The deadline has passed: the report for %(day)s was due before %(moment)s.")
            words %= {"day": day, "moment": formatting.moment(closes_at)}
        about, also = {"top": site.current().top}, ""
        if self.phase is Phase.OVER:
            also = _("The days for corrections are over too: only the %(top)s can open the day.")
        elif self.seal:
            also, about["moment"] = _("The %(top)s sealed the day at %(moment)s."), formatting.moment(self.seal.at)
        elif self.sign_off:
            also = _("The superior unit confirmed the day at %(moment)s.")
            about["moment"] = formatting.moment(self.sign_off.at)
        return f"{words} {also % about}".rstrip()


@read_cache.cached
def sign_offs(unit: int, day: date) -> list[SignOff]:
    """A superior's own confirmations of the day, withdrawn ones too, without their tables."""
    of_day = SignOff.objects.filter(unit=unit, day=day).select_related("unit", "by", "withdrawn_by")
    return list(of_day.defer("table").order_by("at", "id"))


def sign_off_in_force(unit: int, day: date, as_of: datetime | None = None) -> SignOff | None:
    """The confirmation in force now, or at `as_of`."""
    for one in sign_offs(unit, day):
        if as_of is None and one.withdrawn_at is None:
            return one
        if as_of is not None and one.at <= as_of and (one.withdrawn_at is None or one.withdrawn_at > as_of):
            return one
    return None


def day_state(unit: Unit, day: date, *, at: datetime) -> DayState:
    """The state of `day` for the unit's own officer whose request arrived at `at`."""
    return day_states([unit], day, at=at, records=other_records(unit, day, at=at))[unit.pk]


def day_states(
    units: Collection[Unit],
    day: date,
    *,
    at: datetime,
    hours: DayHours | None = None,
    records: OtherRecords | None = None,
) -> dict[int, DayState]:
    """`day_state` of several units, by primary key, in a fixed number of queries.

    `hours` are those of the day. With `records`, for a single unit, only records that exist are read.
    """
    hours = hours or hours_in_force.hours_of_day(day)
    superiors = [unit for unit in units if unit.is_superior_level]
    parents = set(Unit.objects.open_on(day).filter(parent__in=superiors).values_list("parent", flat=True))
    reopenings, sign_offs, seals = {}, {}, {}
    if records is None or records.is_reopened:
        reopened = Reopening.objects.filter(unit__in=units, day=day).in_force(at)
        reopenings = {one.unit_id: one for one in reopened}
    if records is None or records.is_signed:
        signed = SignOff.objects.filter(unit__in={unit.parent_id for unit in units} - {None}, day=day).in_force()
        sign_offs = {one.unit_id: one for one in signed.defer("table")}
    if records is None or records.is_sealed:
        sealed = Seal.objects.filter(unit__code__in={code for unit in units for code in unit.codes}, day=day)
        seals = {one.code: one for one in sealed.annotate(code=F("unit__code")).defer("table").order_by("at")}

    def of_unit(unit: Unit) -> DayState:
        start, path = hours.campaign_start, unit.path
        if not unit.is_open_on(day):
            return DayState(DayCode.UNIT_CLOSED, hours, path, start, closed_on=unit.closed_on)
        if unit.pk in parents:
            return DayState(DayCode.NOT_REPORTING, hours, path, start)
        if start is None or day < start:
            return DayState(DayCode.BEFORE_CAMPAIGN, hours, path, start)
        if hours.order is None:
            return DayState(DayCode.AFTER_CAMPAIGN, hours, path, start)
        start, reopening = max(start, unit.opened_on or start), reopenings.get(unit.pk)
        sign_off = sign_offs.get(unit.parent_id)
        seal = next((seals[code] for code in unit.codes if code in seals), None)
        if day > deadline.reporting_day(at):
            return DayState(DayCode.FUTURE_DAY, hours, path, start)
        if hours.is_open_at(path, at):
            code, phase = DayCode.OPEN, Phase.EXEMPT if hours.is_over(path, at) else Phase.BEFORE
        elif reopening:
            code, phase = DayCode.REOPENED, Phase.REOPENED
        else:
            code = DayCode.AFTER_DEADLINE
            phase = hours.phase(path, at, is_confirmed=sign_off is not None, is_sealed=seal is not None)
            phase = Phase.OVER if hours.is_past_corrections(at) else phase
        return DayState(
            code,
            hours,
            path,
            start,
            reopening,
            sign_off=sign_off,
            seal=seal,
            phase=phase,
        )

    return {unit.pk: of_unit(unit) for unit in units}


def superior_phase(unit: Unit, day: date, *, at: datetime) -> Phase:
    """The phase of the day that a superior confirms for the units below it.

    It is `NOT_DUE` for the unit that seals, which confirms nothing, and for a unit with none below it.
    """
    return superior_days([unit], [day], at=at)[unit.pk, day].phase


@dataclass(frozen=True)
class SuperiorDay:
    """The phase of a superior's own day, and its last withdrawn confirmation."""

    phase: Phase
    is_exempt: bool
    withdrawn: SignOff | None


def superior_days(
    units: Collection[Unit], days: Collection[date], *, at: datetime, has_units_below: bool = False
) -> dict[tuple[int, date], SuperiorDay]:
    """The days of several superiors, by primary key and day, in a fixed number of queries.

    With `has_units_below` the caller knows that each of them has units below it on each of the days.
    """
    children = [] if has_units_below else _children(tuple(unit.pk for unit in units))
    hours = hours_in_force.hours_of_days(days)
    sign_offs = SignOff.objects.filter(unit__in=units, day__in=days).defer("table").order_by("at", "id")
    signed = {(found.unit_id, found.day) for found in sign_offs if found.withdrawn_at is None}
    withdrawn = {(found.unit_id, found.day): found for found in sign_offs if found.withdrawn_at is not None}
    seals = Seal.objects.filter(unit__code__in={code for unit in units for code in unit.codes}, day__in=days)
    sealed = set(seals.order_by().values_list("unit__code", "day"))

    def superior_day(unit: Unit, day: date) -> SuperiorDay:
        is_sealed = any((code, day) in sealed for code in unit.codes)
        below = (child for child in children if child.parent_id == unit.pk)
        has_children = has_units_below or any(child.is_open_on(day) for child in below)
        is_there = has_children and unit.is_under_seal and unit.is_open_on(day) and day <= deadline.reporting_day(at)
        phase = hours[day].phase(unit.path, at, is_confirmed=(unit.pk, day) in signed, is_sealed=is_sealed)
        is_exempt, last = hours[day].is_exempt(unit.path), withdrawn.get((unit.pk, day))
        return SuperiorDay(phase if is_there else Phase.NOT_DUE, is_exempt, last)

    return {(unit.pk, day): superior_day(unit, day) for unit in units for day in days}


def has_units_below(unit: Unit, day: date) -> bool:
    """Whether any unit right below it is open on the day."""
    return any(child.is_open_on(day) for child in _children((unit.pk,)))


@read_cache.cached
def _children(units: tuple[int, ...]) -> list[Unit]:
    """Unsaved units that stand for all children with the same parent and open days, so that few rows are read."""
    below = Unit.objects.filter(parent__in=units).order_by()
    spans = below.values_list("parent_id", "opened_on", "closed_on").distinct()
    return [Unit(parent_id=parent, opened_on=first, closed_on=end) for parent, first, end in spans]
