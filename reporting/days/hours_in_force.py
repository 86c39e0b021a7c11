"""The hours in force: orders, extensions, exempt days and downtimes, read once for some days of the whole tree.

Two queries, however many the days and units: everything that names an hour asks what comes out of here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import CharField, DateField, DateTimeField, QuerySet, Value

from ..hours import deadline, hours
from ..hours.hours import Away, DayHours, Exempted, Extended, Lapsed
from ..models import Directive, Downtime, ExemptDay, Extension


class Kind(StrEnum):
    """What a record makes of a day."""

    EXTENDED = "extended"
    EXEMPTED = "exempted"
    LAPSED = "lapsed"
    AWAY = "away"


NO_DAY, NO_MOMENT = Value(None, output_field=DateField()), Value(None, output_field=DateTimeField())
THE_TREE = Value("", output_field=CharField())


def of_days(days: Collection[date], as_of: datetime | None = None) -> dict[date, DayHours]:
    """The hours of each of the days, in their order: as they are known now, or as they were at an instant."""
    return _of_days(days, list(Directive.objects.known(as_of)), as_of)


def of_day(day: date, as_of: datetime | None = None) -> DayHours:
    """The hours of one day."""
    return of_days([day], as_of)[day]


def of_corrections(at: datetime) -> dict[date, DayHours]:
    """The hours of the days of which corrections are made at `at`, newest first: today and those before it."""
    orders = list(Directive.objects.known(None))
    return _of_days(_correctable(orders, at), orders, None)


def days_of_corrections(at: datetime) -> list[date]:
    """These days alone, in one query."""
    return _correctable(list(Directive.objects.known(None)), at)


def _correctable(orders: Sequence[Directive], at: datetime) -> list[date]:
    """Of each day the order that is in force on it says how long it is corrected."""
    today = deadline.reporting_day(at)
    longest = max([deadline.CORRECTION_DAYS, *(order.correction_days for order in orders)])
    found = hours.of_days([today - timedelta(days=back) for back in range(longest + 1)], orders)
    return [day for day, day_hours in found.items() if not day_hours.is_beyond(at)]


def _of_days(days: Collection[date], orders: Sequence[Directive], as_of: datetime | None) -> dict[date, DayHours]:
    extended, exempted, lapsed, away = [], [], [], []
    for kind, path, day, since, until, reason in _recorded(days, as_of) if days else []:
        match kind:
            case Kind.EXTENDED:
                extended.append((day, Extended(path, until, reason)))
            case Kind.EXEMPTED:
                exempted.append((day, Exempted(path, reason)))
            case Kind.LAPSED:
                lapsed.append((day, Lapsed(path, since, until)))
            case Kind.AWAY:
                away.append(Away(since, until))
    return hours.of_days(days, orders, extended=extended, exempted=exempted, lapsed=lapsed, away=away)


def _recorded(days: Collection[date], as_of: datetime | None) -> QuerySet:
    """Kind, path, day, since, until and reason of what was recorded for the days: one query reads them all."""
    of_the_days = {"day__range": (min(days), max(days))}
    extensions = Extension.objects.known(as_of).filter(**of_the_days).order_by()
    downtimes = Downtime.objects.known(as_of).order_by()
    exempt_days = ExemptDay.objects.filter(**of_the_days).order_by()
    lapsed = exempt_days.exclude(withdrawal=None)
    if as_of is not None:
        lapsed = lapsed.filter(withdrawal__recorded_at__lte=as_of)
    return _columns(extensions, Kind.EXTENDED, "unit__path", "day", NO_MOMENT, "until").union(
        # Second, since PostgreSQL takes a column that is empty in the first two for text.
        _columns(lapsed, Kind.LAPSED, "unit__path", "day", "recorded_at", "withdrawal__recorded_at"),
        _columns(exempt_days.known(as_of), Kind.EXEMPTED, "unit__path", "day", NO_MOMENT, NO_MOMENT),
        _columns(downtimes, Kind.AWAY, THE_TREE, NO_DAY, "starts_at", "ends_at"),
        all=True,
    )


def _columns(records: QuerySet, kind: Kind, *columns: str | Value) -> QuerySet:
    return records.values_list(Value(kind.value, output_field=CharField()), *columns, "reason")
