"""The history once more, revision by revision in the order in which they counted, stopping wherever a table was fixed.

What a rollup as of an instant sums anew for each table (`query.AS_OF`) is kept here as it grows: for thousands of
tables one pass over the revisions. `tests/figures/test_replay.py` holds the two beside each other.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Min, Q
from django.db.models.functions import Coalesce

from ...days import hours_in_force
from ...days.status import SENT_ITSELF, day_status
from ...hours.hours import DayHours
from ...models import BaseFigure, LateRequest, Report, Revision, Unit, UnitName
from .. import fields, rollup
from ..query import Figure, was_opened
from ..rollup import DayRollup

OF_DAY, BASES = [one.column for one in fields.OF_DAY], [one.column for one in fields.BASES]
NOTHING = [one.nothing for one in fields.OF_DAY]
Step = tuple  # number, and in the order of `fields.OF_DAY` what the report says after it


@dataclass(slots=True)
class _Unit:
    """A unit, and what had counted of it by the instant that the replay has come to."""

    pk: int
    code: str
    level: str
    path: str
    opened_on: date | None
    closed_on: date | None
    successor_id: int | None
    split_from_id: int | None
    handed_over: int
    known_from: datetime | None
    bases: list[tuple] = field(default_factory=list)  # recorded, withdrawn at, effective on, numbers; newest first
    days: list[date] = field(default_factory=list)  # of which anything had counted, in order
    deltas: dict[date, int] = field(default_factory=lambda: defaultdict(int))  # of these days
    total: int = 0  # of all of them
    said: dict[date, Step] = field(default_factory=dict)  # the last step of the daily reports
    arrived: dict[date, datetime] = field(default_factory=dict)  # when each of them arrived
    own_arrivals: dict[date, datetime] = field(default_factory=dict)  # of what the unit first sent itself
    requests: dict[date, list[tuple]] = field(default_factory=lambda: defaultdict(list))  # received, ended at

    def say(self, day: date, step: Step, kind: str, received_at: datetime) -> None:
        """Take a step of the day's report: its arrival is settled as `acts.write` does."""
        number, installs, *_rest = step
        if installs is not None:
            if kind in SENT_ITSELF:
                self.own_arrivals.setdefault(day, received_at)
            if day not in self.said or self.said[day][1] is None:
                self.arrived[day] = self.own_arrivals.get(day, received_at)
        if day not in self.said or self.said[day][0] < number:
            self.said[day] = step

    def is_waiting(self, day: date, at: datetime) -> bool:
        return any(since <= at and (until is None or until > at) for since, until in self.requests.get(day, ()))

    def count(self, day: date, delta: int) -> None:
        if day not in self.deltas:
            insort(self.days, day)
        self.deltas[day] += delta
        self.total += delta

    def cumulative(self, day: date) -> int | None:
        """Up to the day: mostly it is the last."""
        if not self.days or self.days[0] > day:
            return None
        counted, place = self.total, len(self.days) - 1
        while self.days[place] > day:
            counted -= self.deltas[self.days[place]]
            place -= 1
        return counted

    def base(self, day: date, at: datetime) -> tuple:
        """The base figures in force on the day, as they were known then."""
        for recorded_at, withdrawn_at, since, numbers in self.bases:
            if since <= day and recorded_at <= at and (withdrawn_at is None or withdrawn_at > at):
                return numbers
        return (None,) * len(BASES)


class Replay:
    """Of the units at and below a path, and of the closed ones elsewhere that have a successor."""

    def __init__(self, path: str):
        self.units = _units(path)
        self.steps = _steps(path)
        self.next = next(self.steps, None)
        self.below = {}

    def rows(self, unit: Unit, day: date, at: datetime) -> DayRollup:
        """What `rollup.rows` gives as of the instant, but for names and what the day's table says nothing of.

        Instants are asked for in order.
        """
        while self.next is not None and self.next[0] <= at:
            self._take(*self.next[1:])
            self.next = next(self.steps, None)
        hours = hours_in_force.of_day(day, at)
        figures = [_figure(one, day, at, hours) for one in self._of(unit) if one.known_from and one.known_from <= at]
        return rollup.roll_up_day(unit, hours, figures, at)

    def _take(self, unit_id: int, day: date, kind: str, delta: int, said: tuple) -> None:
        unit, (step_kind, received_at, *step) = self.units[unit_id], said
        unit.count(day, delta)
        if kind == Report.Kind.DAILY:
            unit.say(day, tuple(step), step_kind, received_at)

    def _of(self, unit: Unit) -> list[_Unit]:
        if unit.path not in self.below:
            found = [
                one
                for one in self.units.values()
                if one.path.startswith(unit.path) or one.successor_id or one.handed_over
            ]
            self.below[unit.path] = found
        return self.below[unit.path]


def _units(path: str) -> dict[int, _Unit]:
    asked = Unit.objects.filter(Q(path__startswith=path) | Q(successor__isnull=False) | Q(handed_over__gt=0)).order_by(
        "path"
    )
    columns = ("pk", "code", "level", "path", "opened_on", "closed_on", "successor_id", "split_from_id", "handed_over")
    names = UnitName._base_manager.order_by().values_list("unit").annotate(Min("recorded_at"))
    known_from = dict(names)
    found = {record[0]: _Unit(*record, known_from.get(record[0])) for record in asked.values_list(*columns)}
    bases = BaseFigure._base_manager.filter(unit__in=asked.order_by()).order_by("-effective_on", "-id")
    since = ("recorded_at", "withdrawn_at", "effective_on")
    for unit_id, *moments in bases.values_list("unit_id", *since, *BASES):
        found[unit_id].bases.append((*moments[: len(since)], tuple(moments[len(since) :])))
    requests = LateRequest.objects.filter(unit__in=asked.order_by(), installs__isnull=False)
    ended = Coalesce("withdrawn_at", "decided_at")
    for unit_id, day, *moments in requests.values_list("unit_id", "day", "received_at", ended):
        found[unit_id].requests[day].append(tuple(moments))
    return found


def _steps(path: str) -> Iterator[tuple]:
    """Instant, unit, day and kind of the report, change and step, in the order in which they counted."""
    of_units = Q(report__unit__path__startswith=path) | Q(report__unit__successor__isnull=False)
    of_units |= Q(report__unit__handed_over__gt=0)
    place = ("counted_at", "report__unit_id", "report__day", "report__kind", "delta")
    steps = Revision.objects.filter(of_units).order_by("counted_at", "id")
    for record in steps.values_list(*place, "kind", "received_at", "number", *OF_DAY).iterator():
        yield *record[: len(place)], record[len(place) :]


def _figure(unit: _Unit, day: date, at: datetime, hours: DayHours) -> Figure:
    _number, *said = unit.said.get(day, (0, *NOTHING))
    numbers = (*said, unit.cumulative(day), *[0] * len(fields.SO_FAR), *unit.base(day, at))
    received_at = None if said[0] is None else unit.arrived[day]
    status = day_status(hours, unit.path, received_at=received_at, is_waiting=unit.is_waiting(day, at), at=at)
    is_closed = unit.closed_on is not None and unit.closed_on <= day
    return Figure(
        unit_id=unit.pk,
        code=unit.code,
        level=unit.level,
        path=unit.path,
        name=unit.code,
        sort_key=unit.code,
        is_open=(unit.opened_on is None or unit.opened_on <= day) and not is_closed,
        successor_id=unit.successor_id if is_closed else None,
        split_from_id=unit.split_from_id,
        handed_over=unit.handed_over if was_opened(day, unit.opened_on, unit.closed_on) else 0,
        is_owed=hours.is_due(unit.path),
        status=status,
        **dict(zip(fields.NAMES, numbers, strict=True)),
    )
