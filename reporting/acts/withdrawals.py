"""What was set up is taken back, with a reason: the record stays, and so does what stood by it while it stood."""

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
    ExemptDay,
    Extension,
    LateRequest,
    Reorganisation,
    Report,
    Seal,
    SignOff,
    Unit,
    UnitHour,
    UnitName,
    User,
)
from ..models.campaign import Record
from ..people import access
from . import errors, locking
from .campaign import may_set

# What can be withdrawn, by its name in an address.
KINDS = {
    "directive": Directive,
    "exempt_day": ExemptDay,
    "extension": Extension,
    "downtime": Downtime,
    "unit_hour": UnitHour,
    "reorganisation": Reorganisation,
    "base_figure": BaseFigure,
}


def kind_of(record: Record | Reorganisation | BaseFigure) -> str:
    return next(name for name, model in KINDS.items() if isinstance(record, model))


def withdraw(
    *, record: Record | Reorganisation | BaseFigure, reason: str, by: User, at: datetime, now: Now = clock.now
) -> Record | Reorganisation | BaseFigure:
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
        may = may_set(by, unit) if unit else by.unit is not None and access.is_sealing_clerk(by, by.unit)
        if not may:
            raise errors.NotAllowed(Act.EXTEND, Situation.NOT_DUE)
        if not reason.strip():
            raise errors.ReasonMissing
        record = type(record)._base_manager.get(pk=record.pk)
        if record.is_withdrawn:
            raise errors.AlreadyWithdrawn
        end = {"withdrawn_at": locking.known_from(now()), "withdrawn_by": by, "withdrawal_reason": reason}
        before = hours_in_force.of_day(deadline.reporting_day(at))
        if isinstance(record, Reorganisation):
            _undo(record, end, at)
        elif isinstance(record, BaseFigure):
            _refuse_needed(record)
        elif isinstance(record, Directive):
            _refuse_without_order(record)
        for name, value in end.items():
            setattr(record, name, value)
        record.save(update_fields=list(end))
        if isinstance(record, Record):
            _refuse_while_running(unit.path if unit else "", before, at)
        return record


def why_not(
    *, record: Record | Reorganisation | BaseFigure, by: User, at: datetime, now: Now = clock.now
) -> errors.NotWritten | None:
    """What `withdraw` would refuse at that moment, if anything; nothing of it is kept."""
    try:
        with transaction.atomic():
            withdraw(record=record, reason="-", by=by, at=at, now=now)
            transaction.set_rollback(True)
    except errors.NotWritten as error:
        return error
    return None


def _refuse_needed(base: BaseFigure) -> None:
    """One that came with a reorganisation goes with it alone; a unit keeps its only one."""
    if base.reorganisation_id:
        raise errors.OfReorganisation
    others = BaseFigure.objects.filter(unit=base.unit_id, effective_on__lte=base.effective_on).exclude(pk=base.pk)
    if not others.exists():
        raise errors.OnlyBaseFigure


def span(record: Directive | UnitHour | Downtime | Extension | ExemptDay, at: datetime) -> tuple[date, date]:
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
        raise errors.WithoutOrder(len(left))


def _refuse_while_running(path: str, before: DayHours, at: datetime) -> None:
    """No act of anybody shortens a unit's right to its hour."""
    after = hours_in_force.of_day(before.day)
    if after.order is None:
        return
    open_units = Unit.objects.filter(path__startswith=path).open_on(before.day)
    for below in open_units.values_list("path", flat=True):
        closes_at = before.closes_at(below)
        if closes_at and at < closes_at and after.is_over(below, at):
            raise errors.StillRunning(closes_at)


def _undo(record: Reorganisation, end: dict, at: datetime) -> None:
    """Put the units back as they were: what the reorganisation made is withdrawn before it ever was in force."""
    day = record.effective_on
    if day <= deadline.reporting_day(max(at, end["withdrawn_at"])):
        raise errors.HasBegun
    later = Q(recorded_at__gt=record.recorded_at) | Q(recorded_at=record.recorded_at, pk__gt=record.pk)
    later &= Q(withdrawn_at=None, effective_on__gte=deadline.reporting_day(at))
    below = Unit.objects.filter(parent__opened_by=record).exclude(opened_by=record)
    # A unit below a new one was put there by a file or by the administrator.
    if Reorganisation.objects.filter(later).exists() or any(not unit.was_never_open for unit in below):
        raise errors.BuiltUpon
    renamed = list(Unit.objects.filter(names__reorganisation=record).distinct())
    for made in (UnitName, BaseFigure):
        made.objects.filter(reorganisation=record).update(**end)
    Unit.objects.filter(closed_by=record).update(closed_on=None, successor=None, closed_by=None)
    Unit.objects.filter(opened_by=record).update(closed_on=day)
    for unit in renamed:
        unit.follow_newest_name()
