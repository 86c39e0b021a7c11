"""The history once more, revision by revision in the order in which they counted, stopping wherever a table was fixed.

What a rollup as of an instant sums anew for each table (`query.AS_OF`) is kept here as it grows: for thousands of
tables one pass over the revisions. `tests/figures/test_replay.py` holds the two beside each other.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Min, Q
from django.db.models.functions import Coalesce

from ...days import hours_in_force
from ...days.status import arrival, day_status
from ...hours.hours import DayHours
from ...models import BaseFigure, LateRequest, Report, Revision, Unit, UnitName
from ...models.units import UnitQuerySet
from .. import fields, rollup
from ..query import Figure, was_opened
from ..rollup import DayRollup

OF_DAY, BASES = [one.column for one in fields.OF_DAY], [one.column for one in fields.BASES]
NOTHING = [one.nothing for one in fields.OF_DAY]


@dataclass(slots=True)
class _Counted:
    """A unit, and what had counted of it by the instant that the replay has come to."""

    unit: Unit
    known_from: datetime | None
    bases: list[tuple] = field(default_factory=list)  # recorded, withdrawn at, effective on, *numbers; newest first
    deltas: dict[date, int] = field(default_factory=lambda: defaultdict(int))  # by the day that something counted of
    said: dict[date, tuple] = field(default_factory=dict)  # number and `OF_DAY` of the last step of the daily reports
    steps: dict[date, list[tuple]] = field(default_factory=lambda: defaultdict(list))  # of all: what `arrival` goes by
    requests: dict[date, list[tuple]] = field(default_factory=lambda: defaultdict(list))  # received, ended at

    def is_waiting(self, day: date, at: datetime) -> bool:
        return any(since <= at and (until is None or until > at) for since, until in self.requests.get(day, ()))

    def cumulative(self, day: date) -> int | None:
        return fields.known([delta for on, delta in self.deltas.items() if on <= day])

    def base(self, day: date, at: datetime) -> list:
        """The base figures in force on the day, as they were known then."""
        for recorded_at, withdrawn_at, since, *numbers in self.bases:
            if since <= day and recorded_at <= at and (withdrawn_at is None or withdrawn_at > at):
                return numbers
        return [None] * len(BASES)


class Replay:
    """Of the units at and below a path, and of those elsewhere that may count there, as for `query.figures`."""

    def __init__(self, path: str):
        units = Unit.objects.filter(Q(path__startswith=path) | Q(successor__isnull=False) | Q(handed_over__gt=0))
        self.units = _counted(units.order_by("path"))
        self.steps = _steps(units)
        self.next = next(self.steps, None)

    def rows(self, unit: Unit, day: date, at: datetime) -> DayRollup:
        """What `rollup.rows` gives as of the instant, but for names and what the day's table says nothing of.

        Instants are asked for in order.
        """
        while self.next is not None and self.next[0] <= at:
            self._take(*self.next[1:])
            self.next = next(self.steps, None)
        hours = hours_in_force.of_day(day, at)
        figures = [
            _figure(one, day, at, hours)
            for one in self.units.values()
            if (one.unit.path.startswith(unit.path) or one.unit.successor_id or one.unit.handed_over)
            and one.known_from
            and one.known_from <= at
        ]
        return rollup.roll_up_day(unit, hours, figures, at)

    def _take(
        self, unit: int, day: date, report_kind: str, delta: int, kind: str, received_at: datetime, *step: int | None
    ) -> None:
        counted, (_number, installs, *_rest) = self.units[unit], step
        counted.deltas[day] += delta
        if report_kind == Report.Kind.DAILY:
            counted.steps[day].append((kind, installs, received_at))
            counted.said[day] = max(counted.said.get(day, step), step, key=lambda one: one[0])


def _counted(units: UnitQuerySet) -> dict[int, _Counted]:
    known_from = dict(UnitName._base_manager.order_by().values_list("unit").annotate(Min("recorded_at")))
    found = {unit.pk: _Counted(unit, known_from.get(unit.pk)) for unit in units}
    bases = BaseFigure._base_manager.filter(unit__in=units.order_by()).order_by("-effective_on", "-id")
    for pk, *base in bases.values_list("unit_id", "recorded_at", "withdrawn_at", "effective_on", *BASES):
        found[pk].bases.append(tuple(base))
    requests = LateRequest.objects.filter(unit__in=units.order_by(), installs__isnull=False)
    ended = Coalesce("withdrawn_at", "decided_at")
    for pk, day, *moments in requests.values_list("unit_id", "day", "received_at", ended):
        found[pk].requests[day].append(tuple(moments))
    return found


def _steps(units: UnitQuerySet) -> Iterator[tuple]:
    """Instant, unit, day and kind of the report, change and step, in the order in which they counted."""
    steps = Revision.objects.filter(report__unit__in=units.order_by()).order_by("counted_at", "id")
    of_report = ("report__unit_id", "report__day", "report__kind")
    return steps.values_list("counted_at", *of_report, "delta", "kind", "received_at", "number", *OF_DAY).iterator()


def _figure(one: _Counted, day: date, at: datetime, hours: DayHours) -> Figure:
    unit = one.unit
    _number, *said = one.said.get(day, (0, *NOTHING))
    numbers = (*said, one.cumulative(day), *[0] * len(fields.SO_FAR), *one.base(day, at))
    received_at = None if said[0] is None else arrival(one.steps[day])
    is_closed = unit.closed_on is not None and unit.closed_on <= day
    return Figure(
        unit_id=unit.pk,
        code=unit.code,
        level=unit.level,
        path=unit.path,
        name=unit.code,
        sort_key=unit.code,
        is_open=unit.is_open_on(day),
        successor_id=unit.successor_id if is_closed else None,
        split_from_id=unit.split_from_id,
        handed_over=unit.handed_over if was_opened(day, unit.opened_on, unit.closed_on) else 0,
        is_owed=hours.is_due(unit.path),
        status=day_status(hours, unit.path, received_at=received_at, is_waiting=one.is_waiting(day, at), at=at),
        **dict(zip(fields.NAMES, numbers, strict=True)),
    )
