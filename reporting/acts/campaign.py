"""The campaign's settings: the city records, withdraws and previews orders, exempt days, hours and others.

A withdrawal makes nobody late or missing who relied on the record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _, ngettext

from .. import clock, deadline
from ..clock import Now
from ..days import hours_in_force
from ..deadline import DayHours, Phase
from ..models import (
    BaseFigure,
    Directive,
    Downtime,
    ExemptDay,
    Extension,
    LateRequest,
    Office,
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
from ..permissions import Act, Role
from ..text import formatting
from . import base_figures, locking, refusals

# The models whose rows can be withdrawn, by their names in an address.
KINDS = {
    "directive": Directive,
    "exempt_day": ExemptDay,
    "extension": Extension,
    "downtime": Downtime,
    "unit_hour": UnitHour,
    "reorganisation": Reorganisation,
    "base_figure": BaseFigure,
}
Added = Directive | UnitHour | Extension | ExemptDay | Downtime | BaseFigure | Office
Withdrawn = Record | Reorganisation | BaseFigure
NOTICE = timedelta(minutes=30)  # after a withdrawal, a unit that relied on the record still has at least this long


def record_setting(added: Added, *, top: Unit, now: Now = clock.now) -> None:
    """Store a setting. It counts from now on. Confirmations and seals made earlier keep their tables.

    An order or a downtime applies to the whole tree. A waiting request that it makes on time goes on waiting for its
    superior; once accepted it is on time. Raises `Refusal`.
    """
    is_for_all = isinstance(added, Directive | Downtime)
    with transaction.atomic():
        locking.lock_all(Unit.objects.tops().get() if is_for_all else top)
        added.recorded_at = locking.known_from(now())
        check_setting(added, top)
        added.save(force_insert=True)


def check_setting(added: Added, top: Unit) -> None:
    """Raises `Refusal` if it cannot be added. Forms call this to show why; `record_setting` calls it in the lock."""
    if _is_recorded_already(added):
        raise refusals.Refusal(_("This is recorded already."))
    if isinstance(added, Directive | UnitHour) and added.report_deadline == time.min:
        words = _("With a deadline of 00h00 the day would be over before it begins. Choose a later hour.")
        raise refusals.Refusal(words, field="report_deadline")
    if isinstance(added, ExemptDay):
        if ExemptDay.objects.known(None).filter(unit=added.unit, day=added.day).exists():
            raise refusals.Refusal(_("This day is exempt already."))
    elif isinstance(added, Extension):
        if added.by is None or not may_set(added.by, added.unit):
            raise refusals.NotAllowed(Act.EXTEND, Phase.NOT_DUE)
        if not added.reason.strip():
            raise refusals.ReasonMissing
        current = hours_in_force.hours_of_day(added.day).closes_at(added.unit.path)
        if current is None or added.until <= current or deadline.reporting_day(added.until) != added.day:
            raise refusals.Refusal(_("Choose a time on the same day, later than the current deadline."), field="hour")
    elif isinstance(added, BaseFigure):
        base_figures.check_base_figures([added], top=top, today=deadline.reporting_day(added.recorded_at))
    elif isinstance(added, Directive):
        if added.correction_days > deadline.CORRECTION_DAYS_AT_MOST:
            raise refusals.Refusal(_("A day may be corrected for 366 days at most."), field="correction_days")
        if added.target_date and added.target_date < added.effective_from:
            raise refusals.Refusal(_("The target date is before the order takes effect."), field="target_date")
        is_first = hours_in_force.campaign_start() is None  # the first order may start in the past
        if not is_first and added.effective_from <= deadline.reporting_day(added.recorded_at):
            raise refusals.OrderNotLater
    elif isinstance(added, UnitHour) and added.effective_from <= deadline.reporting_day(added.recorded_at):
        raise refusals.OrderNotLater


def _is_recorded_already(added: Added) -> bool:
    """Whether the newest record of the kind, or the base figure in force, is the same: the button was pressed twice."""
    if isinstance(added, BaseFigure):
        return added.is_in_force
    if not isinstance(added, Directive | UnitHour | Downtime):
        return False
    last = type(added).objects.known(None).order_by("pk").last()
    typed = {field.attname for field in type(added)._meta.fields} - {field.attname for field in Record._meta.fields}
    return last is not None and all(getattr(last, name) == getattr(added, name) for name in typed - {"id"})


def may_set(by: User, unit: Unit) -> bool:
    """Whether the person may set the unit's hours: a clerk of the unit that seals it may."""
    return access.role(by, unit) is Role.CITY or access.is_sealing_clerk(by, unit)


def kind_of(record: Withdrawn) -> str:
    return next(name for name, model in KINDS.items() if isinstance(record, model))


def withdraw_setting(*, record: Withdrawn, reason: str, by: User, at: datetime, now: Now = clock.now) -> Withdrawn:
    """Withdraw what the city has set, a base figure, or a reorganisation that has not begun. Requires a reason.

    From now on it does not count, except for those who relied on it: a report that came after it was recorded and was
    on time by it stays on time, and a unit that was exempt by it at the deadline owes no report. It is refused if a
    unit would be left less than NOTICE to report in, or if a day with reports would have no order. After a base figure
    is withdrawn the one before it counts again, for past days too; sealed tables stay. Raises `NotAllowed`,
    `ReasonMissing`, `AlreadyWithdrawn`, `StillRunning` and other refusals.
    """
    unit = getattr(record, "unit", None)
    with transaction.atomic():
        locking.lock_all(unit or Unit.objects.tops().get())
        may = may_set(by, unit) if unit else by.unit is not None and access.is_sealing_clerk(by, by.unit)
        if not may:
            raise refusals.NotAllowed(Act.EXTEND, Phase.NOT_DUE)
        if not reason.strip():
            raise refusals.ReasonMissing
        record = type(record)._base_manager.get(pk=record.pk)
        if record.is_withdrawn:
            raise refusals.AlreadyWithdrawn
        end = {"withdrawn_at": locking.known_from(now()), "withdrawn_by": by, "withdrawal_reason": reason}
        before = hours_in_force.hours_of_day(deadline.reporting_day(at))
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


def withdrawal_refusal(*, record: Withdrawn, by: User, at: datetime, now: Now = clock.now) -> refusals.Refusal | None:
    """The refusal that `withdraw_setting` would raise at that moment, if any: runs it and rolls back."""
    try:
        with transaction.atomic():
            withdraw_setting(record=record, reason="-", by=by, at=at, now=now)
            transaction.set_rollback(True)
    except refusals.Refusal as error:
        return error
    return None


def _refuse_needed(base: BaseFigure) -> None:
    """Refuse to withdraw a base figure of a reorganisation, or the unit's only one."""
    if base.reorganisation_id:
        words = _(
            "This figure belongs to a reorganisation and cannot be withdrawn alone. Record the right one instead."
        )
        raise refusals.Refusal(words)
    others = BaseFigure.objects.filter(unit=base.unit_id, effective_on__lte=base.effective_on).exclude(pk=base.pk)
    if not others.exists():
        raise refusals.Refusal(
            _("Without this figure the unit would have no population from that day on: record the right one instead.")
        )


def first_affected_day(record: Directive | UnitHour | Downtime | Extension | ExemptDay) -> date:
    """The first day whose hours the record affects."""
    if isinstance(record, Downtime):
        return deadline.reporting_day(record.starts_at)
    return record.effective_from if isinstance(record, Directive | UnitHour) else record.day


def _refuse_without_order(order: Directive) -> None:
    """Refuse if days with reports would have no order: no page would show them."""
    others = [other for other in Directive.objects.known(None) if other.pk != order.pk]
    covered = {"day__gte": order.effective_from}
    if order.effective_until:
        covered["day__lte"] = order.effective_until
    sent = (Report.objects.filter(kind=Report.Kind.DAILY), LateRequest.objects.waiting(), SignOff.objects, Seal.objects)
    days = {day for rows in sent for day in rows.filter(**covered).order_by().values_list("day", flat=True).distinct()}
    left = sum(deadline.order_in_force(others, day) is None for day in days)
    if left:
        words = ngettext(
            "This order cannot be withdrawn: %(n)s day with reports, a confirmation or a seal would have no order, and "
            "no page would show it. To replace this order, record a new one: it applies from its first day on.",
            "This order cannot be withdrawn: %(n)s days with reports, confirmations or seals would have no order, and "
            "no page would show them. To replace this order, record a new one: it applies from its first day on.",
            left,
        )
        raise refusals.Refusal(words % {"n": formatting.number(left)})


def _refuse_while_running(path: str, before: DayHours, at: datetime) -> None:
    """Refuse if an open unit would get an earlier deadline, or owe a report, with less than NOTICE left."""
    after = hours_in_force.hours_of_day(before.day)
    open_units = Unit.objects.filter(path__startswith=path).open_on(before.day)
    for below in open_units.values_list("path", flat=True):
        had = before.closes_at(below)
        if had and after.takes_away(below, before, at, NOTICE):
            raise refusals.StillRunning(had)


def _undo(record: Reorganisation, end: dict, at: datetime) -> None:
    """Undo a reorganisation that has not taken effect: the units are as before."""
    day = record.effective_on
    if day <= deadline.reporting_day(max(at, end["withdrawn_at"])):
        raise refusals.Refusal(
            _("The reorganisation has taken effect and cannot be withdrawn. Record another one instead.")
        )
    later = Q(recorded_at__gt=record.recorded_at) | Q(recorded_at=record.recorded_at, pk__gt=record.pk)
    later &= Q(withdrawn_at=None, effective_on__gte=deadline.reporting_day(at))
    below = Unit.objects.filter(parent__opened_by=record).exclude(opened_by=record)
    # `below`: units that an import has since put below the new ones.
    if Reorganisation.objects.filter(later).exists() or any(not unit.was_never_open for unit in below):
        raise refusals.Refusal(
            _(
                "Later records depend on it: another reorganisation, which must be withdrawn first, "
                "or a unit added below."
            )
        )
    renamed = list(Unit.objects.filter(names__reorganisation=record).distinct())
    for made in (UnitName, BaseFigure):
        made.objects.filter(reorganisation=record).update(**end)
    Unit.objects.filter(closed_by=record).update(closed_on=None, successor=None, closed_by=None)
    Unit.objects.filter(opened_by=record).update(closed_on=day)
    for unit in renamed:
        unit.follow_newest_name()


@dataclass(frozen=True, kw_only=True)
class DaySummary:
    """The day's state for a unit and all below it."""

    units: frozenset[str]  # names of the reporting units
    due: int  # units that owe a report
    excused: int  # due units that do not count as late or missing
    lapsed: int  # units that owe no report, because they were exempt at their deadline
    late: int  # late reports
    closes_at: datetime | None  # the unit's own deadline
    target_share: Decimal | None  # by the order in force


@dataclass(frozen=True, kw_only=True)
class Preview:
    """The state of `day` before and after the act."""

    day: date
    before: DaySummary
    after: DaySummary
    reports: int  # the number of reports of the day; the act removes none
    is_of_all_later_days: bool = False  # true for an order


def preview(act: Callable[[], object], *, unit: Unit, day: date, is_of_all_later_days: bool = False) -> Preview:
    """Preview the day for `unit` and all below it: run `act` and roll back. Raises what `act` raises."""
    with transaction.atomic():
        before = _stand(unit, day)
        act()
        after = _stand(unit, day)
        reports = _reports(unit, day).count()
        transaction.set_rollback(True)
    return Preview(day=day, before=before, after=after, reports=reports, is_of_all_later_days=is_of_all_later_days)


def _stand(unit: Unit, day: date) -> DaySummary:
    known, below = hours_in_force.hours_of_day(day), Unit.objects.below(unit).open_on(day).named(day)
    superiors = {one.parent_id for one in below}
    reporting = [one for one in below if one.pk not in superiors]
    paths = [one.path for one in reporting]
    due = [path for path in paths if known.is_due(path)]
    return DaySummary(
        units=frozenset(one.full_name for one in reporting),
        due=len(due),
        excused=sum(known.is_excused(path) for path in due),
        lapsed=sum(map(known.was_exempt_at_the_hour, paths)),
        late=sum(known.is_late(*arrived) for arrived in _reports(unit, day).values_list("unit__path", "received_at")),
        closes_at=known.closes_at(unit.path),
        target_share=known.order.target_share if known.order else None,
    )


def _reports(unit: Unit, day: date) -> QuerySet[Report]:
    return Report.objects.filter(
        day=day, kind=Report.Kind.DAILY, installs__isnull=False, unit__path__startswith=unit.path
    )
