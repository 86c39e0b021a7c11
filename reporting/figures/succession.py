"""In which unit a closed one has ended, on each day: whose sums its figures are in, how low and how high these are.

A unit's own sum may be negative once it has taken over others, if something is found counted twice; its total may not:
its own sum, those of all that have ended in it, and what was handed over when units were split.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta

from ..models import BaseFigure, Report, Unit
from ..models.units import end_of_chain, moved_units
from .rules import MAX_CUMULATIVE, Full

Sums = Mapping[int, Sequence[tuple[date, int]]]  # by unit its own cumulatives, the days in order


class Succession:
    """The closed units and their successors, read once; units by primary key."""

    def __init__(self) -> None:
        closed, self.splits, _endings = moved_units()
        self.steps = {pk: (day, heir) for pk, day, heir in closed if heir is not None}
        self.families: dict[int, set[int]] = defaultdict(set)  # by the unit at which the chain ends, all that are in it
        for unit in {*self.steps, *(side for split in self.splits for side in (split.unit, split.source))}:
            self.families[self.holder(unit, date.max)] |= {unit, self.holder(unit, date.max)}

    def holder(self, unit: int, day: date) -> int:
        """The unit that the figures of another count under on the day: itself, while it is open."""

        def successor(one: int) -> int | None:
            closed_on, heir = self.steps.get(one, (day, None))
            return heir if closed_on <= day else None

        return end_of_chain(unit, successor) or unit

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
        """What the parts of the unit had up to the day before, and what it was handed over by the day."""
        eve = day - timedelta(days=1)
        return sum(_upto(sums.get(part, ()), eve) for part in self.parts(unit, day)) + self.handed_over(unit, day)

    def handed_over(self, unit: int, day: date) -> int:
        """What the unit and its parts were handed of others' cumulatives by the day, less what they handed over."""
        return sum(
            split.installs * ((self.holder(split.unit, day) == unit) - (self.holder(split.source, day) == unit))
            for split in self.splits
            if split.day <= day
        )

    def lowest(self, unit: int, after: date, sums: Sums) -> int | None:
        """The smallest total, on any later day with a report, that holds what the unit counts on the day `after`."""
        days = {day for member in self.family(unit) for day, _own in sums.get(member, ()) if day > after}
        days |= {split.day for split in self.splits if split.day > after and split.source in self.family(unit)}
        return min((self._total(self.holder(unit, day), day, sums) for day in days), default=None)

    def stored_sums(self, units: Iterable[int]) -> Sums:
        """The cumulatives, as they are stored, of all that a merger puts together with any of the units."""
        found: dict[int, list[tuple[date, int]]] = defaultdict(list)
        if members := set().union(*map(self.family, units)):
            stored = Report.objects.filter(unit__in=members).order_by("day")
            for unit, day, cumulative in stored.values_list("unit_id", "day", "cumulative"):
                found[unit].append((day, cumulative))
        return found

    def fullest_later(self, units: Iterable[int], day: date, sums: Sums) -> dict[int, Full]:
        """Of those of the units that a merger touches the later total that comes nearest the people it is of.

        On every later day with a report, and on every one on which units go on together: by the population of that
        day, of the unit that holds what is counted on the day `day`.
        """
        families = {unit: self.family(unit) for unit in units if self.family(unit)}
        people = _people(set().union(*families.values())) if families else {}
        found = {}
        for unit, family in families.items():
            days = {on for member in family for on, _own in sums.get(member, ())}
            days |= {self.steps[member][0] for member in family if member in self.steps}
            full = [self._full(self.holder(unit, on), on, sums, people) for on in days if on > day]
            if full:
                found[unit] = min(full, key=_left)
        return found

    def _full(self, unit: int, day: date, sums: Sums, people: Sums) -> Full:
        population = next((count for since, count in reversed(people.get(unit, ())) if since <= day), None)
        return Full(total=self._total(unit, day, sums), population=population)

    def _total(self, unit: int, day: date, sums: Sums) -> int:
        members = {unit, *self.parts(unit, day)}
        return sum(_upto(sums.get(member, ()), day) for member in members) + self.handed_over(unit, day)


def _people(units: Collection[int]) -> dict[int, list[tuple[date, int]]]:
    """Their populations, each with the day from which it counts, in that order."""
    found = defaultdict(list)
    bases = BaseFigure.objects.filter(unit__in=units).order_by("effective_on", "id")
    for unit, since, population in bases.values_list("unit_id", "effective_on", "population"):
        found[unit].append((since, population))
    return found


def _left(full: Full) -> int:
    return (MAX_CUMULATIVE if full.population is None else full.population) - full.total


def _upto(sums: Sequence[tuple[date, int]], day: date) -> int:
    return next((own for on, own in reversed(sums) if on <= day), 0)
