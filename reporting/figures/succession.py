"""Mergers and splits: the unit under which a closed one's figures count on each day, and what a total contains.

A total is a unit's own sum, the sums of all units merged into it, and what splits handed over. After a merger an own
sum may be negative, because something was counted twice; a total may not.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef

from ..models import Report, Revision, Unit
from ..models.units import end_of_chain, moved_units
from .rules import EarlierReport, LaterReport

Days = tuple[date, date]  # the first day that a report covers, and its own
Sums = Mapping[int, Sequence[tuple[date, int]]]  # a unit's own cumulatives in order of days, by unit


class Succession:
    """The closed units and their successors, read once; units by primary key."""

    def __init__(self) -> None:
        closed, self.splits, _endings = moved_units()
        self.steps = {pk: (day, heir) for pk, day, heir in closed if heir is not None}
        self.families: dict[int, set[int]] = defaultdict(set)  # all units of a chain, by the unit at its end
        for unit in {*self.steps, *(side for split in self.splits for side in (split.unit, split.source))}:
            self.families[self.holder(unit, date.max)] |= {unit, self.holder(unit, date.max)}

    def holder(self, unit: int, day: date) -> int:
        """The unit under which the unit's figures count on the day: itself while it is open, then a successor."""

        def successor(one: int) -> int | None:
            closed_on, heir = self.steps.get(one, (day, None))
            return heir if closed_on <= day else None

        return end_of_chain(unit, successor) or unit

    def family(self, unit: int) -> set[int]:
        """The unit and all others whose successors end in the same unit; empty without mergers and splits."""
        return self.families.get(self.holder(unit, date.max), set())

    def parts(self, unit: int, day: date) -> set[int]:
        """The other units whose sums are in the unit's total on the day."""
        return {other for other in self.family(unit) if other != unit and self.holder(other, day) == unit}

    def members(self, units: Iterable[Unit], day: date) -> dict[int, int]:
        """Maps each unit whose reports count to the one of `units` under which they do: itself or its successor."""
        found = {unit.pk: unit.pk for unit in units}
        return found | {closed: heir for closed, heir in Unit.objects.heirs(day).items() if heir in found}

    def merged_sum(self, unit: int, day: date, sums: Sums) -> int:
        """The sums of the unit's parts up to the day before, and what splits gave it by the day."""
        eve = day - timedelta(days=1)
        return sum(_upto(sums.get(part, ()), eve) for part in self.parts(unit, day)) + self.handed_over(unit, day)

    def handed_over(self, unit: int, day: date) -> int:
        """What splits gave the unit and its parts by the day, less what they handed over."""
        return sum(
            split.installs * ((self.holder(split.unit, day) == unit) - (self.holder(split.source, day) == unit))
            for split in self.splits
            if split.day <= day
        )

    def lowest(self, unit: int, after: date, sums: Sums) -> int | None:
        """The smallest later total that includes the unit's figures of the day `after`, on any day with a report."""
        days = {day for member in self.family(unit) for day, _own in sums.get(member, ()) if day > after}
        days |= {split.day for split in self.splits if split.day > after and split.source in self.family(unit)}
        return min((self._total(self.holder(unit, day), day, sums) for day in days), default=None)

    def stored_sums(self, units: Iterable[int]) -> Sums:
        """The stored cumulatives of all units that a merger joins with any of these."""
        found: dict[int, list[tuple[date, int]]] = defaultdict(list)
        if members := set().union(*map(self.family, units)):
            stored = Report.objects.filter(unit__in=members).order_by("day")
            for unit, day, cumulative in stored.values_list("unit_id", "day", "cumulative"):
                found[unit].append((day, cumulative))
        return found

    def _total(self, unit: int, day: date, sums: Sums) -> int:
        members = {unit, *self.parts(unit, day)}
        return sum(_upto(sums.get(member, ()), day) for member in members) + self.handed_over(unit, day)


def _upto(sums: Sequence[tuple[date, int]], day: date) -> int:
    return next((own for on, own in reversed(sums) if on <= day), 0)


# The other days that a total contains: those that its unit, and the units merged into it, had not reported.


def missing_from(day: date, start: date, reports: Mapping[Unit, Iterable[Report]]) -> date | None:
    """The first day, from the campaign's `start` and before `day`, that no report of one of the units covers. Pure.

    `reports` are by unit: first the unit itself, then the closed ones merged into it.
    """
    own, *ended = reports
    covered = {
        unit: [(report.included.first or report.day, report.day) for report in of_unit if report.installs is not None]
        for unit, of_unit in reports.items()
    }
    for part in ended:  # days that the heir's totals contain
        after = [(first, on) for first, on in covered[own] if part.closed_on and part.closed_on <= on]
        covered[part] += [(first, on) for first, on in after if first < on]
    first = [
        _first_missing(max(start, unit.opened_on or start), min(day, unit.closed_on or day), spans)
        for unit, spans in covered.items()
    ]
    return min(filter(None, first), default=None)


def _first_missing(first: date, end: date, spans: Iterable[Days]) -> date | None:
    missing = first
    for start, day in sorted(spans):
        if start > missing:
            break
        missing = max(missing, day + timedelta(days=1))
    return missing if missing < end else None


def first_day(unit: Unit, start: date | None) -> date | None:
    """The first day that the unit had to report; None without a campaign."""
    return max(start, unit.opened_on or start) if start else None


def missing_before(unit: Unit, day: date, parts: Collection[int], start: date) -> date | None:
    """`missing_from` of stored reports; `parts` are the primary keys of the unit and the closed ones."""
    closed = Unit.objects.filter(pk__in=set(parts) - {unit.pk}) if len(parts) > 1 else ()
    found: dict[int, tuple[Unit, list[Report]]] = {part.pk: (part, []) for part in (unit, *closed)}
    reported = Report.objects.filter(unit__in=found, day__lt=day, installs__isnull=False).order_by()
    for report in reported.only("unit_id", "day", "installs", "covers_from", "holds_from"):
        found[report.unit_id][1].append(report)
    return missing_from(day, start, dict(found.values()))


def included_by_successors(units: Iterable[int], day: date, succession: Succession) -> dict[int, LaterReport]:
    """By closed unit: the first report of a successor whose total contains the closed unit's figures of the day."""
    ends = {closed_on for closed_on, _heir in succession.steps.values()}
    chains = {unit: {succession.holder(unit, on) for on in ends} - {unit} for unit in units}  # its successors
    totals = Report.objects.filter(day__gt=day, holds_from__lte=day, installs__isnull=False).order_by("day")
    found: dict[int, Report] = {}
    for report in totals.filter(unit__in=set().union(*chains.values())):
        for unit, heirs in chains.items():
            if report.unit_id in heirs and succession.holder(unit, report.day) == report.unit_id:
                found.setdefault(unit, report)
    if not found:
        return {}
    last = max(report.day for report in found.values())
    named = Unit.objects.named(last).in_bulk([report.unit_id for report in found.values()])
    return {
        unit: LaterReport(
            day=report.day,
            installs=report.installs,
            code=named[report.unit_id].code,
            name=named[report.unit_id].full_name,
        )
        for unit, report in found.items()
    }


def reported_since(unit: Unit, day: date, first: date, moment: datetime) -> EarlierReport | None:
    """The first day, from `first` and before `day`, that was first reported after the moment; None if none was."""
    parts = Succession().members([unit], day)
    steps = Revision.objects.filter(report=OuterRef("pk"), installs__isnull=False, counted_at__lte=moment)
    reports = Report.objects.filter(~Exists(steps), unit__in=parts, day__gte=first, day__lt=day, installs__isnull=False)
    report = reports.exclude(kind=Report.Kind.OPENING).order_by("day").first()
    return EarlierReport(day=report.day, installs=report.installs) if report else None
