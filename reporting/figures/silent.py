"""Who is silent on a day below a country, and beside them only how many have reported: nobody reads ten thousand rows.

The rows are those that `rollup.rows` gives of whoever is silent, was reminded or asked to be heard late, and of their
superiors, as far as a unit's own day goes: what a superior adds up of those below it is not in them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, F, FilteredRelation, Max, OuterRef, Q

from ..days import hours_in_force
from ..hours.hours import DayHours
from ..models import Report, Unit
from ..models.levels import Level
from ..models.units import UnitQuerySet
from . import above, query, rollup
from .rollup import DayRollup, Total


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """All of one kind, "phường", that report right below a superior; agencies apart. Each of them owes a report."""

    path: str  # of the superior
    is_agency: bool
    kind: str
    units: int
    reported: int
    last_received_at: datetime | None


@dataclass(frozen=True)
class Silent:
    figures: DayRollup
    senders: Collection[Senders]


def below(unit: Unit, day: date) -> Silent | None:
    """None where the tree is to be rolled up whole: on a day on which not all owe a report, of a unit that reports."""
    hours = hours_in_force.of_day(day)
    if hours.order is None or hours.exempted or hours.lapsed:
        return None
    senders = _senders(unit, day)
    superiors = {path for one in senders for path in _line(one.path)}
    figures = query.figures(unit, [day], hours={day: hours}, only=query.SILENT)[day]
    by_path = {one.path: one for one in figures if one.is_open and one.path.startswith(unit.path)}
    if not {path for path in superiors if path.startswith(unit.path)} <= by_path.keys() or unit.path not in superiors:
        return None
    return Silent(_rollup(unit, day, hours, by_path, superiors), senders)


def reporting(unit: Unit, day: date) -> UnitQuerySet:
    """The units below one that report on the day: the open ones with no open one below."""
    is_above = Exists(Unit.objects.filter(parent=OuterRef("pk")).open_on(day))
    return Unit.objects.below(unit).open_on(day).exclude(pk=unit.pk).filter(~is_above).order_by()


def _senders(unit: Unit, day: date) -> list[Senders]:
    is_of_the_day = Q(reports__day=day, reports__kind=Report.Kind.DAILY)
    counted = (
        reporting(unit, day)
        .named(day)
        .annotate(of_day=FilteredRelation("reports", condition=is_of_the_day), above=F("parent__path"))
        .values("above", "level", "kind")
        .annotate(
            units=Count("pk"),
            sent=Count("of_day__installs"),
            last=Max("of_day__received_at", filter=Q(of_day__installs__isnull=False)),
        )
    )
    return [
        Senders(
            path=one["above"],
            is_agency=one["level"] == Level.AGENCY,
            kind=one["kind"] or "",
            units=one["units"],
            reported=one["sent"],
            last_received_at=one["last"],
        )
        for one in counted
    ]


def _line(path: str) -> list[str]:
    """The path and those of the units above it."""
    codes = path.split("/")[:-1]
    return ["/".join(codes[: end + 1]) + "/" for end in range(len(codes))]


def _rollup(unit: Unit, day: date, hours: DayHours, by_path: dict, superiors: Collection[str]) -> DayRollup:
    totals = {path: Total() for path in by_path}
    for path, figure in by_path.items():
        if path not in superiors:
            totals[path].add(rollup.part_of(figure, is_due=True))
    for path, _is_agency, cumulative in above.ended(day):
        if path in totals and path not in superiors:
            totals[path].add(cumulative)
    found = {}
    for path, figure in by_path.items():
        is_reporting = path not in superiors
        status = rollup.status_of(figure, is_due=True) if is_reporting else None
        row = totals[path].row(figure, hours.order.target_share, is_reporting=is_reporting, status=status)
        found[figure.code] = row
    return DayRollup(day, hours, unit.code, found, None)
