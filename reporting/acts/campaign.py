"""What the city sets for the campaign: orders, days and hours; and what came within a later hour is made good."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from .. import clock
from ..clock import Now
from ..days import hours_in_force, state
from ..hours import deadline
from ..hours.permissions import Act, Role, Situation
from ..models import (
    BaseFigure,
    Directive,
    Downtime,
    ExemptDay,
    Extension,
    LateRequest,
    Report,
    Revision,
    Unit,
    User,
)
from ..people import access
from . import locking
from .errors import BadMoment, NotAllowed, NotWritten, ReasonMissing
from .late_requests import close, take_in
from .write import Stamp, write


def record(added: Directive | ExemptDay | Downtime | BaseFigure, *, top: Unit, now: Now = clock.now) -> None:
    """Add what the city sets. It is known from now on, and to no table that was fixed before.

    An order, and that the product was away, is the same for every city below a country.
    """
    is_for_all = isinstance(added, Directive | Downtime)
    with transaction.atomic():
        locking.lock_all(Unit.objects.tops().get() if is_for_all else top)
        added.recorded_at = locking.known_from(now())
        added.save(force_insert=True)


def extend(
    *, unit: Unit, day: date, until: datetime, reason: str, by: User, at: datetime, now: Now = clock.now
) -> Extension:
    """Move the hour of a day for a unit and all below it, before or after the fact. A reason is owed.

    Requests that wait and arrived inside the extension become reports in time, and late reports that arrived inside
    it are on time from now on. Raises `NotAllowed`, `ReasonMissing`, `BadMoment`.
    """
    with transaction.atomic():
        locking.lock_all(unit)
        if access.role(by, unit) is not Role.CITY and not access.is_sealing_clerk(by, unit):
            raise NotAllowed(Act.EXTEND, Situation.NOT_DUE)
        if not reason.strip():
            raise ReasonMissing
        current = hours_in_force.of_day(day).closes_at(unit.path)
        if current is None or until <= current or deadline.reporting_day(until) != day:
            raise BadMoment
        known_at = locking.known_from(now())
        extension = Extension.objects.create(
            unit=unit, day=day, until=until, reason=reason, recorded_at=known_at, by=by
        )
        _take_in_arrived(unit, day, by, at, now)
        _forgive(unit, day, reason, by, at, now)
        return extension


def _take_in_arrived(unit: Unit, day: date, by: User, at: datetime, now: Now) -> None:
    hours = hours_in_force.of_day(day)
    below = LateRequest.objects.waiting().filter(day=day, unit__path__startswith=unit.path)
    for waiting in below.select_related("unit"):
        if hours.is_late(waiting.unit.path, waiting.received_at):
            continue
        day_state = state.day_state(waiting.unit, day, at=at)
        try:
            with transaction.atomic():
                take_in(waiting, day_state, by, now)
        except NotWritten:
            continue  # changed meanwhile: it goes on waiting for the superior
        close(waiting, LateRequest.Decision.ACCEPTED, _arrived_within(), by, at)


def _forgive(unit: Unit, day: date, reason: str, by: User, at: datetime, now: Now) -> None:
    hours = hours_in_force.of_day(day)
    late = Report.objects.filter(day=day, is_late=True, unit__path__startswith=unit.path)
    stamp = Stamp(by=by, at=at, kind=Revision.Kind.CORRECTION, reason=reason, now=now)
    for report in late.select_related("unit"):
        if not hours.is_late(report.unit.path, report.received_at):
            write(report, {"is_late": False}, stamp)


def _arrived_within() -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return _("arrived within the extended hour")
