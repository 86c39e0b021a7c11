"""A superior asks its units for their reports by an earlier hour, to have time to sum up: it decides nothing."""

from __future__ import annotations

from datetime import datetime, time

from django.db import transaction

from .. import clock
from ..clock import Now
from ..days import hours_in_force
from ..hours import deadline
from ..hours.permissions import Act, Situation
from ..models import AskedHour, Unit, User
from ..people import access
from . import locking
from .errors import NotAllowed, NotEarlier, NoTimeToReport


def ask_by(*, unit: Unit, hour: time | None, by: User, at: datetime, now: Now = clock.now) -> AskedHour | None:
    """The hour that the unit asks of those below it from now on, None for no other than the deadline.

    Returns None where that is what holds. Raises `NotAllowed`, `NotEarlier`, `NoTimeToReport`.
    """
    with transaction.atomic():
        locking.lock_all(unit)
        if not access.can_ask_hour(by, unit):
            raise NotAllowed(Act.REMIND, Situation.NOT_DUE)
        if hour == time.min:
            raise NoTimeToReport
        known_at = locking.known_from(now())
        hours = hours_in_force.of_day(deadline.reporting_day(max(at, known_at)))
        closes_at = hours.ordered_for(unit.path)
        if hour is not None and deadline.closes_at(hours.day, hour) >= closes_at:
            raise NotEarlier(closes_at)
        newest = AskedHour.objects.filter(unit=unit).first()
        if (newest and newest.hour) == hour:
            return None
        return AskedHour.objects.create(unit=unit, hour=hour, recorded_at=known_at, by=by)
