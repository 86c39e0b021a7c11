"""What was set up is taken back, with a reason: the record stays, and so does what stood by it while it stood."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from .. import clock
from ..clock import Now
from ..days import hours_in_force
from ..hours import deadline, hours
from ..hours.hours import DayHours
from ..hours.permissions import Act, Situation
from ..models import (
    BaseFigure,
    Directive,
    Downtime,
    LateRequest,
    Reorganisation,
    Report,
    Seal,
    SignOff,
    Unit,
    UnitHour,
    UnitName,
    User,
    Withdrawal,
)
from ..models.campaign import Record
from ..models.withdrawals import column_of, is_withdrawn
from ..people import access
from . import locking
from .campaign import may_set
from .errors import (
    AlreadyWithdrawn,
    BuiltUpon,
    HasBegun,
    NotAllowed,
    NotWritten,
    OfReorganisation,
    OnlyBaseFigure,
    ReasonMissing,
    StillRunning,
    WithoutOrder,
)
from .reorganisation_draft import BASE, MERGE, NEW, RENAME


def withdraw(
    *, record: Record | Reorganisation | BaseFigure, reason: str, by: User, at: datetime, now: Now = clock.now
) -> Withdrawal:
    """End what the city has set, a base figure, or a reorganisation that has not begun. A reason is owed.

    From now on it is as if it had never been, but for what relied on it: a report that arrived in time by it stays in
    time, and whose day it had made exempt when the hour passed owes nothing of that day. While units may send by it, it
    is not withdrawn, nor is an order that alone covers a day of which something was sent. Of a base figure the one
    before it counts again, for the days gone by too; what was sealed stays. Raises `NotAllowed`, `ReasonMissing`,
    `AlreadyWithdrawn`, `StillRunning`, `WithoutOrder`, `HasBegun`, `BuiltUpon`, `OnlyBaseFigure`, `OfReorganisation`.
    """
    unit = getattr(record, "unit", None)
    with transaction.atomic():
        locking.lock_all(unit or Unit.objects.tops().get())
        may = may_set(by, unit) if unit else by.unit_id is not None and access.is_sealing_clerk(by, by.unit)
        if not may:
            raise NotAllowed(Act.EXTEND, Situation.NOT_DUE)
        if not reason.strip():
            raise ReasonMissing
        if is_withdrawn(record):
            raise AlreadyWithdrawn
        known_at = locking.known_from(now())
        before = hours_in_force.of_day(deadline.reporting_day(at))
        withdrawal = Withdrawal(**{column_of(record): record}, reason=reason, recorded_at=known_at, by=by)
        if isinstance(record, Reorganisation):
            _undo(record, withdrawal, at)
            return withdrawal
        if isinstance(record, BaseFigure):
            _take_out(record, withdrawal)
            return withdrawal
        if isinstance(record, Directive):
            _refuse_without_order(record)
        withdrawal.save(force_insert=True)
        path = unit.path if unit else ""
        _refuse_while_running(path, before, at)
        return withdrawal


def why_not(
    *, record: Record | Reorganisation | BaseFigure, by: User, at: datetime, now: Now = clock.now
) -> NotWritten | None:
    """What `withdraw` would refuse at that moment, if anything; nothing of it is kept."""
    try:
        with transaction.atomic():
            withdraw(record=record, reason="-", by=by, at=at, now=now)
            transaction.set_rollback(True)
    except NotWritten as error:
        return error
    return None


def _take_out(base: BaseFigure, withdrawal: Withdrawal) -> None:
    if BaseFigure.objects.with_origin().filter(pk=base.pk, came_along=True).exists():
        raise OfReorganisation
    others = BaseFigure.objects.filter(unit=base.unit_id, effective_on__lte=base.effective_on).exclude(pk=base.pk)
    if not others.exists():
        raise OnlyBaseFigure
    withdrawal.save(force_insert=True)
    if not BaseFigure.objects.filter(pk=base.pk).update(withdrawal=withdrawal):
        raise AlreadyWithdrawn  # it went with a reorganisation meanwhile


def span(record: Record, at: datetime) -> tuple[date, date]:
    """The first and the last day whose hours the record says something of, up to now."""
    if isinstance(record, Directive | UnitHour):
        return record.effective_from, max(record.effective_from, deadline.reporting_day(at))
    if isinstance(record, Downtime):
        return deadline.reporting_day(record.starts_at), deadline.reporting_day(record.ends_at)
    return record.day, record.day


def _refuse_without_order(order: Directive) -> None:
    """A day that no order covers is before the campaign: what was sent of it would be out of every page's reach."""
    others = [other for other in Directive.objects.known(None) if other.pk != order.pk]
    covered = {"day__gte": order.effective_from}
    if order.effective_until:
        covered["day__lte"] = order.effective_until
    sent = (Report.objects.filter(kind=Report.Kind.DAILY), LateRequest.objects.waiting(), SignOff.objects, Seal.objects)
    days = {
        day for found in sent for day in found.filter(**covered).order_by().values_list("day", flat=True).distinct()
    }
    left = [day for day in days if hours.in_force(others, day) is None]
    if left:
        raise WithoutOrder(len(left))


def _refuse_while_running(path: str, before: DayHours, at: datetime) -> None:
    """No act of anybody shortens a unit's right to its hour."""
    after = hours_in_force.of_day(before.day)
    if after.order is None:
        return
    open_units = Unit.objects.filter(path__startswith=path).open_on(before.day)
    for below in open_units.values_list("path", flat=True):
        if after.is_over(below, at) and not before.is_over(below, at):
            raise StillRunning(before.closes_at(below))


def _undo(record: Reorganisation, withdrawal: Withdrawal, at: datetime) -> None:
    """Put the units back as if the lines had never been: what they name is out of force before it ever was in it."""
    day = record.effective_on
    if day <= deadline.reporting_day(max(at, withdrawal.recorded_at)):
        raise HasBegun
    later = Q(recorded_at__gt=record.recorded_at) | Q(recorded_at=record.recorded_at, pk__gt=record.pk)
    if Reorganisation.objects.filter(later, withdrawal=None, effective_on__gte=deadline.reporting_day(at)).exists():
        raise BuiltUpon
    lines = list(csv.DictReader(io.StringIO(record.table)))
    codes = {action: [line["code"] for line in lines if line["action"] == action] for action in (MERGE, NEW, RENAME)}
    below = Unit.objects.filter(parent__code__in=codes[NEW]).exclude(code__in=codes[NEW])
    if any(not unit.was_never_open for unit in below):  # put there by a file or by the administrator
        raise BuiltUpon
    withdrawal.save(force_insert=True)
    came_along = {"effective_on": day, "recorded_at": record.recorded_at}
    named = UnitName.objects.filter(**came_along, unit__code__in=codes[NEW] + codes[RENAME])
    renamed = list(Unit.objects.filter(names__in=named).distinct())
    named.update(withdrawal=withdrawal)
    counted = [line["code"] for line in lines if line["action"] in (BASE, NEW)] + [line.get("into") for line in lines]
    BaseFigure.objects.filter(**came_along, source=record.source, unit__code__in=counted).update(withdrawal=withdrawal)
    Unit.objects.filter(code__in=codes[MERGE], closed_on=day).update(closed_on=None, successor=None)
    Unit.objects.filter(code__in=codes[NEW], opened_on=day).update(closed_on=day)
    for unit in renamed:
        unit.follow_newest_name()
