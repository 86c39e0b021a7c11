"""What the city sets for the campaign: orders, days and hours; and what came within a later hour is made good."""

from datetime import date, datetime, time

from django.db import transaction

from .. import clock
from ..clock import Now
from ..days import hours_in_force
from ..hours import deadline
from ..hours.permissions import Act, Role, Situation
from ..models import BaseFigure, Directive, Downtime, Emblem, ExemptDay, Extension, Office, Unit, UnitHour, User
from ..people import access
from . import base_figures, errors, locking
from .late_requests import take_in_arrived


def record(
    added: Directive | UnitHour | ExemptDay | Downtime | BaseFigure | Office | Emblem,
    *,
    top: Unit,
    at: datetime | None = None,
    now: Now = clock.now,
) -> None:
    """Add what the city sets. It is known from now on, and to no table that was fixed before.

    An order and a downtime are the same for every city below a country. What waits and is in time by an exempt day or a
    downtime that is declared after the hour is taken in. Raises `NotLater`, `AlreadyExempt`,
    `AlreadyInForce`, `NoTimeToReport`, `Doubted`.
    """
    is_for_all = isinstance(added, Directive | Downtime)
    with transaction.atomic():
        locking.lock_all(Unit.objects.tops().get() if is_for_all else top)
        added.recorded_at = locking.known_from(now())
        check(added, top)
        added.save(force_insert=True)
        at = at or added.recorded_at
        if isinstance(added, ExemptDay):
            take_in_arrived(path=added.unit.path, first=added.day, last=added.day, by=added.by, at=at, now=now)
        elif isinstance(added, Downtime):
            first, last = (deadline.reporting_day(moment) for moment in (added.starts_at, added.ends_at))
            take_in_arrived(path="", first=first, last=last, by=added.by, at=at, now=now)


def check(added: Directive | UnitHour | ExemptDay | Downtime | BaseFigure | Office | Emblem, top: Unit) -> None:
    """Why it cannot be added as things stand; a form asks to explain, the act inside the lock to decide."""
    if isinstance(added, Directive | UnitHour) and added.report_deadline == time.min:
        raise errors.NoTimeToReport
    if isinstance(added, ExemptDay):
        if ExemptDay.objects.known(None).filter(unit=added.unit, day=added.day).exists():
            raise errors.AlreadyExempt
    elif isinstance(added, BaseFigure):
        if added.is_in_force:
            raise errors.AlreadyInForce
        base_figures.check([added], top=top, today=deadline.reporting_day(added.recorded_at))
    elif isinstance(added, Directive):
        if added.correction_days > deadline.CORRECTION_DAYS_AT_MOST:
            raise errors.TooManyDays
        if added.target_date and added.target_date < added.effective_from:
            raise errors.TargetPassed
        is_first = hours_in_force.campaign_start() is None  # it may start a campaign that is already under way
        if not is_first and added.effective_from <= deadline.reporting_day(added.recorded_at):
            raise errors.NotLater
    elif isinstance(added, UnitHour) and added.effective_from <= deadline.reporting_day(added.recorded_at):
        raise errors.NotLater


def extend(
    *, unit: Unit, day: date, until: datetime, reason: str, by: User, at: datetime, now: Now = clock.now
) -> Extension:
    """Move the hour of a day for a unit and all below it, before or after the fact. A reason is owed.

    Requests that wait and arrived inside the extension become reports in time.
    Raises `NotAllowed`, `ReasonMissing`, `BadMoment`.
    """
    with transaction.atomic():
        locking.lock_all(unit)
        if not may_set(by, unit):
            raise errors.NotAllowed(Act.EXTEND, Situation.NOT_DUE)
        if not reason.strip():
            raise errors.ReasonMissing
        current = hours_in_force.of_day(day).closes_at(unit.path)
        if current is None or until <= current or deadline.reporting_day(until) != day:
            raise errors.BadMoment
        known_at = locking.known_from(now())
        extension = Extension.objects.create(
            unit=unit, day=day, until=until, reason=reason, recorded_at=known_at, by=by
        )
        take_in_arrived(path=unit.path, first=day, last=day, by=by, at=at, now=now)
        return extension


def may_set(by: User, unit: Unit) -> bool:
    """Whether the hours of the unit are the person's to set: a clerk's of the unit that seals it."""
    return access.role(by, unit) is Role.CITY or access.is_sealing_clerk(by, unit)
