"""The hours in force: orders, extensions, exempt days and downtimes, read once for some days of the whole tree.

Two queries, three where anything but orders was recorded, however many the days and units. Everything that names an
hour asks what comes out of here.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import CharField, DateField, DateTimeField, QuerySet, TimeField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from .. import reading
from ..hours import deadline, hours
from ..hours.hours import NEVER, DayHours, Kind, Setting
from ..models import Directive, Downtime, ExemptDay, Extension, UnitHour

NO_TEXT = Value("", output_field=CharField())
NO_DAY, NO_MOMENT, NO_HOUR = (Cast(Value(None), field()) for field in (DateField, DateTimeField, TimeField))
AROUND = 31  # days
# Usually nothing but orders makes the hours of the days asked for: that is found out before all kinds are read.
ANY_SQL = """
SELECT EXISTS (SELECT 1 FROM reporting_unithour) OR EXISTS (SELECT 1 FROM reporting_downtime)
    OR EXISTS (SELECT 1 FROM reporting_extension WHERE day BETWEEN %s AND %s)
    OR EXISTS (SELECT 1 FROM reporting_exemptday WHERE day BETWEEN %s AND %s)
"""
# By the fields of `Setting` after its kind.
COLUMNS: dict[str, str | Combinable] = {
    "path": "unit__path",
    "day": "day",
    "since": "recorded_at",
    "until": NO_MOMENT,
    "hour": NO_HOUR,
    "last": NO_DAY,
    "ended_at": "withdrawn_at",
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
    return [order for order in _known(orders, as_of) if _end(order.withdrawn_at, as_of) == NEVER]


def _known(orders: Iterable[Directive], as_of: datetime | None) -> list[Directive]:
    return [order for order in orders if as_of is None or order.recorded_at <= as_of]


def _end(withdrawn_at: datetime | None, as_of: datetime | None) -> datetime:
    """When something ends that was withdrawn then, as was known at the instant."""
    return NEVER if withdrawn_at is None or (as_of is not None and as_of < withdrawn_at) else withdrawn_at


@reading.once
def _all_orders() -> Sequence[Directive]:
    return tuple(Directive.objects.all())


def _setting(order: Directive, as_of: datetime | None) -> Setting:
    return Setting(
        Kind.ORDER,
        day=order.effective_from,
        since=order.recorded_at,
        hour=order.report_deadline,
        last=order.effective_until,
        ended_at=_end(order.withdrawn_at, as_of),
    )


def _correctable(orders: Sequence[Directive], at: datetime) -> list[date]:
    """Of each day the order that is in force on it says how long it is corrected."""
    today = deadline.reporting_day(at)
    longest = max([deadline.CORRECTION_DAYS, *(order.correction_days for order in orders)])
    longest = min(longest, deadline.CORRECTION_DAYS_AT_MOST)
    found = hours.of_days([today - timedelta(days=back) for back in range(longest + 1)], orders)
    return [day for day, day_hours in found.items() if not day_hours.is_beyond(at)]


def _of_days(days: Collection[date], orders: Sequence[Directive], as_of: datetime | None) -> dict[date, DayHours]:
    ordered = [_setting(order, as_of) for order in _known(orders, as_of)]
    return hours.of_days(days, _standing(orders, as_of), [*ordered, *(_held(days, as_of) if days else [])])


def _held(days: Collection[date], as_of: datetime | None) -> Sequence[Setting]:
    """What was recorded for the days and, as it hardly costs more, for those that are asked for next: read once."""
    held = reading.request_cache()
    if held is None:
        return _recorded(min(days), max(days), as_of)
    first, last, recorded = held.get((_recorded, as_of), (date.max, date.min, ()))
    if min(days) < first or last < max(days):
        first, last = min(first, _moved(min(days), -AROUND)), max(last, _moved(max(days), AROUND))
        recorded = _recorded(first, last, as_of)
        held[_recorded, as_of] = first, last, recorded
    return recorded


def _moved(day: date, days: int) -> date:
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def _is_any(first: date, last: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(ANY_SQL, [first, last, first, last])
        return bool(cursor.fetchone()[0])


def _recorded(first: date, last: date, as_of: datetime | None) -> Sequence[Setting]:
    """What was recorded but orders, also what was withdrawn since, in one query."""
    if not _is_any(first, last):
        return ()
    known = {} if as_of is None else {"recorded_at__lte": as_of}
    of_the_days = {**known, "day__range": (first, last)}
    unit_hours = UnitHour.objects.filter(**known, effective_from__lte=last)
    recorded = (
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
    settings = (Setting(Kind(kind), *columns) for kind, *columns in recorded)
    return [one._replace(ended_at=_end(one.ended_at, as_of)) for one in settings]


def _columns(records: QuerySet, kind: Kind, **named: str | Combinable) -> QuerySet:
    columns = {**COLUMNS, **named}
    return records.order_by().values_list(Value(kind.value, output_field=CharField()), *columns.values())
