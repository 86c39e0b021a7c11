"""How the day's reports come in by the hour, beside those of the day before."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from ..hours import deadline
from ..models import Report, Unit
from ..text import formatting

FIRST = 6  # nothing comes before this hour
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hour:
    """How many had arrived when an hour had passed; None of a day of which it has not."""

    ends_at: int  # 17: at 17h00
    today: int | None
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    hours: Sequence[Hour]
    now: int  # that have arrived
    then: int  # that had at the same time the day before
    at: datetime
    is_whole_day: bool
    then_until: datetime | None  # from when on one more had; None where none was to come

    @property
    def words(self) -> str:
        """ "At 16h30 188 reports had arrived, 192 at that hour the day before"."""
        counts = {"now": formatting.number(self.now), "then": formatting.number(self.then)}
        if self.is_whole_day:
            return _("In the whole day %(now)s arrived, the day before %(then)s.") % counts
        return _("By %(hour)s %(now)s had arrived, the day before %(then)s.") % {
            "hour": formatting.hour(self.at),
            **counts,
        }


def arrivals(
    unit: Unit, day: date, received: Iterable[datetime | None], *, of_agencies: bool, at: datetime
) -> Arrivals | None:
    """Of the units below, `received` the first arrivals of the day, seen at `at`; None where neither day has any.

    They are of agencies or of the others, never of both. Later than the end of a day is as late as its end.
    """
    today = sorted(moment for moment in received if moment is not None and moment <= at)
    eve = day - A_DAY
    below = Report.objects.filter(unit__path__startswith=unit.path, day=eve, kind=Report.Kind.DAILY)
    level = Q(unit__level=Unit.Level.AGENCY)
    below = below.filter(level if of_agencies else ~level)
    before = sorted(below.filter(installs__isnull=False).values_list("received_at", flat=True))
    if not today and not before:
        return None
    seen_at = min(at, _hour(day, 24))
    hours = [
        Hour(
            ends_at=number,
            today=_by(today, _hour(day, number)) if _hour(day, number - 1) < seen_at else None,
            before=_by(before, _hour(eve, number)),
        )
        for number in range(FIRST, 25)
    ]
    return Arrivals(
        hours=hours,
        now=_by(today, seen_at),
        then=_by(before, seen_at - A_DAY),
        at=seen_at,
        is_whole_day=seen_at == _hour(day, 24),
        then_until=next((arrived + A_DAY for arrived in before if arrived > seen_at - A_DAY), None),
    )


def _hour(day: date, number: int) -> datetime:
    return datetime.combine(day, time(), tzinfo=deadline.ZONE) + timedelta(hours=number)


def _by(moments: Sequence[datetime], end: datetime) -> int:
    """How many of the sorted moments had passed at the end."""
    return bisect_right(moments, end)
