"""Reads the hours in force (orders, extensions, exempt days, downtimes) of some days, for the whole tree.

All deadlines come from here. It runs two queries, and one for each further kind with records, for any days and units.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import connection
from django.db.models import QuerySet

from .. import deadline, read_cache
from ..deadline import NEVER, DayHours, Kind, Setting
from ..models import Directive, Downtime, ExemptDay, Extension, UnitHour
from ..models.campaign import Record

R = TypeVar("R", bound=Record)

RECORDS: dict[Kind, QuerySet] = {
    Kind.UNIT_HOUR: UnitHour.objects.select_related("unit"),
    Kind.EXTENSION: Extension.objects.select_related("unit"),
    Kind.EXEMPT_DAY: ExemptDay.objects.select_related("unit"),
    Kind.DOWNTIME: Downtime.objects.all(),
}
# Usually there are only orders: one query finds which other kinds there are.
ANY_SQL = """
SELECT EXISTS (SELECT 1 FROM reporting_unithour),
    EXISTS (SELECT 1 FROM reporting_extension), EXISTS (SELECT 1 FROM reporting_exemptday),
    EXISTS (SELECT 1 FROM reporting_downtime)
"""
# By kind: the fields of `Setting` that the record has under another name, with that name.
ORDER = {"day": "effective_from", "last": "effective_until", "hour": "report_deadline"}
FIELDS = {Kind.ORDER: ORDER, Kind.UNIT_HOUR: ORDER, Kind.EXTENSION: {"extended_to": "until"}}


def hours_of_days(days: Collection[date], as_of: datetime | None = None) -> dict[date, DayHours]:
    """The hours of each day, in the given order: as known now, or as known at `as_of`."""
    orders = _all_orders()
    return deadline.hours_of(days, _not_withdrawn(orders, as_of), _settings(orders, as_of) if days else ())


def hours_of_day(day: date, as_of: datetime | None = None) -> DayHours:
    """The hours of one day."""
    return hours_of_days([day], as_of)[day]


def days_of_corrections(at: datetime) -> list[date]:
    """The days that may be corrected at `at`, newest first: the order in force on a day says for how long."""
    today, orders = deadline.reporting_day(at), _not_withdrawn(_all_orders(), None)
    longest = max([deadline.CORRECTION_DAYS, *(order.correction_days for order in orders)])
    longest = min(longest, deadline.CORRECTION_DAYS_AT_MOST)
    found = deadline.hours_of([today - timedelta(days=back) for back in range(longest + 1)], orders)
    return [day for day, day_hours in found.items() if not day_hours.is_past_corrections(at)]


def campaign_start() -> date | None:
    """The first day of all orders; None without orders."""
    return min((order.effective_from for order in _not_withdrawn(_all_orders(), None)), default=None)


def _not_withdrawn(orders: Iterable[Directive], as_of: datetime | None) -> list[Directive]:
    """The orders that are not withdrawn; with `as_of` those recorded and not withdrawn by then."""
    return [order for order in _known(orders, as_of) if _end(order.withdrawn_at, as_of) == NEVER]


def _known(records: Iterable[R], as_of: datetime | None) -> list[R]:
    return [record for record in records if as_of is None or record.recorded_at <= as_of]


def _end(withdrawn_at: datetime | None, as_of: datetime | None) -> datetime:
    """The moment when a record stops counting, or `NEVER`, as known at `as_of`."""
    return NEVER if withdrawn_at is None or (as_of is not None and as_of < withdrawn_at) else withdrawn_at


@read_cache.cached
def _all_orders() -> Sequence[Directive]:
    return tuple(Directive.objects.all())


def _setting(kind: Kind, record: Any, as_of: datetime | None) -> Setting:
    """The record as a setting. A field that its kind lacks keeps the default."""
    named = {name: name for name in ("recorded_at", "day", "starts_at", "ends_at", "reason")} | FIELDS.get(kind, {})
    found = {field: getattr(record, name) for field, name in named.items() if hasattr(record, name)}
    path = record.unit.path if hasattr(record, "unit") else ""
    return Setting(kind, path, ended_at=_end(record.withdrawn_at, as_of), **found)


@read_cache.cached
def _settings(orders: Sequence[Directive], as_of: datetime | None) -> Sequence[Setting]:
    found = [(Kind.ORDER, orders), *_records()]
    return [_setting(kind, record, as_of) for kind, records in found for record in _known(records, as_of)]


@read_cache.cached
def _records() -> Sequence[tuple[Kind, Sequence[Record]]]:
    """All records but orders, also withdrawn ones: a campaign has few. One query for each kind that has any."""
    with connection.cursor() as cursor:
        cursor.execute(ANY_SQL)
        is_any = dict(zip(RECORDS, cursor.fetchone(), strict=True))
    return [(kind, list(records.all())) for kind, records in RECORDS.items() if is_any[kind]]
