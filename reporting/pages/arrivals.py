"""The arrivals of the day's reports by hour, compared with the day before."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from .. import deadline
from ..figures import rollup
from ..models import Report, Unit
from ..text import formatting

FIRST_HOUR = 6  # no report arrives earlier
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """How many reports had arrived by the end of an hour, or so far if it is not over."""

    ends_at: int  # 17: at 17h00
    today: int | None  # None before the hour begins
    before: int  # the day before
    is_over: bool
    is_due: bool = False  # the deadline lies in it


@dataclass(frozen=True, slots=True)
class Arrivals:
    hours: list[Hour]
    most: int  # the highest of their numbers
    words: str
    then_words: str  # how many had arrived at this hour of the day before


def arrivals(
    unit: Unit,
    day: date,
    received: Iterable[datetime | None],
    *,
    of_agencies: bool,
    at: datetime,
    closing_hour: int | None = None,
    as_of: datetime | None = None,
) -> Arrivals | None:
    """The arrivals below the unit, seen at `at`; None if neither day has any. `received` are the day's first arrivals.

    `hours` are the hours with a new report on either day, and that of the deadline.

    Counts agencies or the other units, never both. A report on an exempt day counts too. A report that arrives after
    the end of the day counts at its end. `closing_hour` is that of the deadline (`DayHours.closing_hour`). With `as_of`
    the day before is that known at the instant.
    """
    numbers = range(FIRST_HOUR, 25)
    seen_at = min(at, _hour(day, 24))
    moments = [*(min(at, _hour(day, number)) for number in numbers), seen_at, at]
    known = sorted(moment for moment in received if moment is not None)
    *today, now, arrived = [bisect_right(known, moment) for moment in moments]
    *before, then, arrived_before = _arrivals_before(unit, day - A_DAY, seen_at - A_DAY, of_agencies, as_of)
    if not arrived and not arrived_before:
        return None
    hours = [
        Hour(
            ends_at=number,
            today=of_today if _hour(day, number - 1) < seen_at else None,
            before=of_day_before,
            is_over=_hour(day, number) <= seen_at,
            is_due=number == closing_hour,
        )
        for number, of_today, of_day_before in zip(numbers, today, before, strict=True)
    ]
    shown = [
        hour
        for last, hour in pairwise([Hour(0, 0, 0, is_over=True), *hours])
        if hour.is_due or (hour.today or 0) > (last.today or 0) or hour.before > last.before
    ]
    counts = {"now": formatting.number(now), "then": formatting.number(then), "hour": formatting.hour(seen_at)}
    words = _("%(now)s reports by %(hour)s; %(then)s the day before.")
    if seen_at == _hour(day, 24):
        words = _("%(now)s reports in the whole day; %(then)s the day before.")
    most = max((max(hour.today or 0, hour.before) for hour in shown), default=0)
    then_words = _("%(then)s at this hour yesterday") % counts
    return Arrivals(hours=shown, most=most, words=words % counts, then_words=then_words)


def _arrivals_before(
    unit: Unit, day_before: date, at: datetime, of_agencies: bool, as_of: datetime | None
) -> list[int]:
    """How many reports of the day before came by each hour, by `at` and in all."""
    moments = [*(_hour(day_before, number) for number in range(FIRST_HOUR, 25)), at]
    if as_of is not None:
        rows = rollup.rows(unit, day_before, as_of).reporting
        received = sorted(row.received_at for row in rows if row.received_at and row.is_agency == of_agencies)
        return [*(bisect_right(received, moment) for moment in moments), len(received)]
    reports = Report.objects.filter(unit__path__startswith=unit.path, day=day_before, kind=Report.Kind.DAILY)
    is_agency = Q(unit__level=Unit.Level.AGENCY)
    reports = reports.filter(is_agency if of_agencies else ~is_agency, installs__isnull=False)
    counts = {f"number_{n}": Count("pk", filter=Q(received_at__lte=moment)) for n, moment in enumerate(moments)}
    numbers = reports.aggregate(**counts, in_all=Count("pk"))
    return [numbers[name] for name in (*counts, "in_all")]


def _hour(day: date, number: int) -> datetime:
    return datetime.combine(day, time(), tzinfo=deadline.ZONE) + timedelta(hours=number)
