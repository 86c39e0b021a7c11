"""The hours in force: orders, extensions, exempt days and downtimes, read once for some days of the whole tree.

Two queries, three where anything but orders was recorded, however many the days and units. Everything that names an
hour asks what comes out of here.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import CharField, DateField, DateTimeField, QuerySet, TimeField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from .. import reading
from ..hours import deadline, hours
from ..hours.hours import Away, DayHours, Exempted, Extended, Lapsed, Promised, UnitOrder
from ..models import Directive, Downtime, ExemptDay, Extension, UnitHour


class Kind(StrEnum):
    EXTENSION = "extension"
    EXEMPT_DAY = "exempt_day"
    DOWNTIME = "downtime"
    UNIT_HOUR = "unit_hour"


NO_TEXT = Value("", output_field=CharField())
NO_DAY, NO_MOMENT, NO_HOUR = (Cast(Value(None), field()) for field in (DateField, DateTimeField, TimeField))
AROUND = 31  # days
# Usually nothing but orders makes the hours of the days asked for: that is found out before all kinds are read.
ANY_SQL = """
SELECT EXISTS (SELECT 1 FROM reporting_unithour) OR EXISTS (SELECT 1 FROM reporting_downtime)
    OR EXISTS (SELECT 1 FROM reporting_extension WHERE day BETWEEN %s AND %s)
    OR EXISTS (SELECT 1 FROM reporting_exemptday WHERE day BETWEEN %s AND %s)
"""
COLUMNS: dict[str, str | Combinable] = {
    "path": "unit__path",
    "day": "day",
    "since": "recorded_at",
    "until": NO_MOMENT,
    "hour": NO_HOUR,
    "last": NO_DAY,
    "withdrawn_at": "withdrawn_at",
    "reason": "reason",
}


def of_days(days: Collection[date], as_of: datetime | None = None) -> dict[date, DayHours]:
    """The hours of each of the days, in their order: as they are known now, or as they were at an instant."""
    return _of_days(days, _all_orders(), as_of)


def of_day(day: date, as_of: datetime | None = None) -> DayHours:
    """The hours of one day."""
    return of_days([day], as_of)[day]


def of_corrections(at: datetime) -> dict[date, DayHours]:
    """The hours of the days of which corrections are made at `at`, newest first: today and those before it."""
    orders = _all_orders()
    return _of_days(_correctable(_standing(orders, None), at), orders, None)


def days_of_corrections(at: datetime) -> list[date]:
    """These days alone, in one query."""
    return _correctable(_standing(_all_orders(), None), at)


def campaign_start() -> date | None:
    """The first day that any order asks a report for."""
    return min((order.effective_from for order in _standing(_all_orders(), None)), default=None)


def _standing(orders: Iterable[Directive], as_of: datetime | None) -> list[Directive]:
    """Those that stand; at an instant those that were recorded and not withdrawn by then."""
    return [
        order
        for order in orders
        if (as_of is None or order.recorded_at <= as_of) and not _is_withdrawn(order.withdrawn_at, as_of)
    ]


def _is_withdrawn(withdrawn_at: datetime | None, as_of: datetime | None) -> bool:
    return withdrawn_at is not None and (as_of is None or withdrawn_at <= as_of)


@reading.once
def _all_orders() -> Sequence[Directive]:
    return tuple(Directive.objects.all())


def _of_all(orders: Iterable[Directive], as_of: datetime | None) -> list[UnitOrder]:
    """Those recorded by the instant, withdrawn or not."""
    return [
        UnitOrder(
            "",
            order.report_deadline,
            order.effective_from,
            order.effective_until,
            order.recorded_at,
            order.withdrawn_at if _is_withdrawn(order.withdrawn_at, as_of) else None,
        )
        for order in orders
        if as_of is None or order.recorded_at <= as_of
    ]


def _promised(days: Collection[date], orders: Sequence[UnitOrder]) -> Iterable[tuple[date, Promised]]:
    """The hours of withdrawn orders on the days of which they were in force: what arrived by them is in time."""
    for order in orders:
        if order.ended_at is None:
            continue
        for day in days:
            if order.covers(day) and not any(_outranks(other, order, day) for other in orders):
                hour = deadline.closes_at(day, order.hour)
                yield day, Promised(order.path, hour, order.recorded_at, order.ended_at, is_ordered=True)


def _outranks(one: UnitOrder, other: UnitOrder, day: date) -> bool:
    """Whether the one was in force on the day in the place of the other, up to the end of that one."""
    stood = one.ended_at is None or (other.ended_at is not None and one.ended_at >= other.ended_at)
    is_newer = (one.first, one.recorded_at) > (other.first, other.recorded_at)
    return stood and one.path == other.path and is_newer and one.covers(day)


def _correctable(orders: Sequence[Directive], at: datetime) -> list[date]:
    """Of each day the order that is in force on it says how long it is corrected."""
    today = deadline.reporting_day(at)
    longest = max([deadline.CORRECTION_DAYS, *(order.correction_days for order in orders)])
    longest = min(longest, deadline.CORRECTION_DAYS_AT_MOST)
    found = hours.of_days([today - timedelta(days=back) for back in range(longest + 1)], orders)
    return [day for day, day_hours in found.items() if not day_hours.is_beyond(at)]


def _of_days(days: Collection[date], orders: Sequence[Directive], as_of: datetime | None) -> dict[date, DayHours]:
    found: dict[str, list] = defaultdict(list)
    ordered = _of_all(orders, as_of)
    for kind, path, day, since, until, hour, last, withdrawn_at, reason in _held(days, as_of) if days else []:
        match kind, _is_withdrawn(withdrawn_at, as_of):
            case Kind.EXTENSION, False:
                found["extended"].append((day, Extended(path, until, reason)))
            case Kind.EXTENSION, True:
                found["promised"].append((day, Promised(path, until, since, withdrawn_at)))
            case Kind.EXEMPT_DAY, False:
                found["exempted"].append((day, Exempted(path, reason)))
            case Kind.EXEMPT_DAY, True:
                found["lapsed"].append((day, Lapsed(path, since, withdrawn_at)))
            case Kind.DOWNTIME, False:
                found["away"].append(Away(since, until, reason))
            case Kind.UNIT_HOUR, False:
                found["unit_orders"].append(UnitOrder(path, hour, day, last, since))
            case Kind.UNIT_HOUR, True:
                ordered.append(UnitOrder(path, hour, day, last, since, withdrawn_at))
    ordered += found["unit_orders"]
    found["promised"] += _promised(days, ordered)
    return hours.of_days(days, _standing(orders, as_of), **found)


def _held(days: Collection[date], as_of: datetime | None) -> Iterable[tuple]:
    """What was recorded for the days and, as it hardly costs more, for those that are asked for next: read once."""
    held = reading.request_cache()
    if held is None:
        return _recorded(min(days), max(days), as_of)
    first, last, recorded = held.get((_recorded, as_of), (date.max, date.min, ()))
    if min(days) < first or last < max(days):
        first, last = min(first, _moved(min(days), -AROUND)), max(last, _moved(max(days), AROUND))
        recorded = list(_recorded(first, last, as_of))
        held[_recorded, as_of] = first, last, recorded
    return recorded


def _moved(day: date, days: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def _is_any(first: date, last: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ANY_SQL, [first, last, first, last])
        return bool(cursor.fetchone()[0])


def _recorded(first: date, last: date, as_of: datetime | None) -> Iterable[tuple]:
    """Kind and `COLUMNS` of what was recorded, also of what was withdrawn since, in one query."""
    if not _is_any(first, last):
        return ()
    known = {} if as_of is None else {"recorded_at__lte": as_of}
    of_the_days = {**known, "day__range": (first, last)}
    unit_hours = UnitHour.objects.filter(**known, effective_from__lte=last)
    return (
        _columns(unit_hours, Kind.UNIT_HOUR, day="effective_from", hour="report_deadline", last="effective_until")
        .union(
            _columns(Extension.objects.filter(**of_the_days), Kind.EXTENSION, until="until"),
            _columns(ExemptDay.objects.filter(**of_the_days), Kind.EXEMPT_DAY),
            _columns(
                Downtime.objects.filter(**known),
                Kind.DOWNTIME,
                path=NO_TEXT,
                day=NO_DAY,
                since="starts_at",
                until="ends_at",
            ),
            all=True,
        )
        .order_by()
    )  # from Django 6.1 on a union would keep the order of the first model's Meta


def _columns(records: QuerySet, kind: Kind, **named: str | Combinable) -> QuerySet:
    columns = {**COLUMNS, **named}
    return records.order_by().values_list(Value(kind.value, output_field=CharField()), *columns.values())
