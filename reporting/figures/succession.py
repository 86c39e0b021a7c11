"""In which unit a closed one has ended, on each day: whose sums its figures are in, and how low these may fall.

A unit's own sum may be negative once it has taken over others, if something is found counted twice; its total may not:
its own sum and those of all that have ended in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

from ..models import Report, Unit

Sums = Mapping[int, Sequence[tuple[date, int]]]  # by unit its own cumulatives, the days in order


class Succession:
    """The closed units and their successors, read once; units by primary key."""

    def __init__(self):
        closed = Unit.objects.filter(closed_on__isnull=False, successor__isnull=False).order_by()
        self.steps = {pk: (day, heir) for pk, day, heir in closed.values_list("pk", "closed_on", "successor_id")}
        self.families = defaultdict(set)  # by the unit at which the chain ends, all that are in it
        for unit in self.steps:
            self.families[self.holder(unit, date.max)] |= {unit, self.holder(unit, date.max)}

    def holder(self, unit: int, day: date) -> int:
        """The unit that the figures of another count under on the day: itself, while it is open."""
        seen = set()
        while unit in self.steps and self.steps[unit][0] <= day and unit not in seen:
            seen.add(unit)
            unit = self.steps[unit][1]
        return unit

    def family(self, unit: int) -> set[int]:
        """All units that end where this one does; empty of a unit that has nothing to do with a merger."""
        return self.families.get(self.holder(unit, date.max), set())

    def parts(self, unit: int, day: date) -> set[int]:
        """The others whose sums the unit's total holds on the day."""
        return {other for other in self.family(unit) if other != unit and self.holder(other, day) == unit}

    def members(self, units: Iterable[Unit], day: date) -> dict[int, int]:
        """Whose reports count for which of the units: its own, and those of the closed ones that have ended in it."""
        found = {unit.pk: unit.pk for unit in units}
        ended = {closed: self.holder(closed, day) for closed in self.steps}
        return found | {closed: heir for closed, heir in ended.items() if heir != closed and heir in found}

    def brought_along(self, unit: int, day: date, sums: Sums) -> int:
        """What the parts of the unit had up to the day before."""
        return sum(_before(sums.get(part, ()), day) for part in self.parts(unit, day))

    def lowest(self, unit: int, after: date, sums: Sums) -> int | None:
        """The smallest total, on any later day with a report, that holds what the unit counts on the day `after`."""
        days = {day for member in self.family(unit) for day, _own in sums.get(member, ()) if day > after}
        return min((self._total(self.holder(unit, day), day, sums) for day in days), default=None)

    def lowest_later(self, units: Collection[int], day: date) -> dict[int, int | None]:
        """The same of those of the units that a merger touches, as it is stored."""
        touched = [unit for unit in units if self.family(unit)]
        sums = own_sums(set().union(*map(self.family, touched))) if touched else {}
        return {unit: self.lowest(unit, day, sums) for unit in touched}

    def _total(self, unit: int, day: date, sums: Sums) -> int:
        return sum(_upto(sums.get(member, ()), day) for member in {unit, *self.parts(unit, day)})


def own_sums(units: Collection[int]) -> dict[int, list[tuple[date, int]]]:
    """Their cumulatives as they are stored."""
    found = defaultdict(list)
    stored = Report.objects.filter(unit__in=units).order_by("day")
    for unit, day, cumulative in stored.values_list("unit_id", "day", "cumulative"):
        found[unit].append((day, cumulative))
    return found


def _before(sums: Sequence[tuple[date, int]], day: date) -> int:
    return next((own for on, own in reversed(sums) if on < day), 0)


def _upto(sums: Sequence[tuple[date, int]], day: date) -> int:
    return next((own for on, own in reversed(sums) if on <= day), 0)
