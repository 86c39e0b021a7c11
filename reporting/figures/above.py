"""What a unit is told of the units above it: their names and shares, and its own place among its equals.

Of now it is summed by the database, one line for a unit that is compared: the tree is not rolled up for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from ..models import Unit
from ..models.levels import Level
from ..models.units import IS_OPEN, closed_units, named_line
from . import ranking, rollup
from .ranking import Place
from .rollup import DayRollup

# Who is compared: the units above, and those of the unit's own level below its superior. Each is the sum of the units
# at or below it that report for themselves, and of the closed ones that have ended there.
SUMS_SQL = """
WITH parts AS MATERIALIZED (
    SELECT u.path,
        (SELECT cumulative FROM reporting_report WHERE unit_id = u.id AND day <= %(day)s ORDER BY day DESC LIMIT 1)
            AS cumulative,
        (SELECT population FROM reporting_basefigure WHERE unit_id = u.id AND effective_on <= %(day)s
            AND withdrawal_id IS NULL ORDER BY effective_on DESC, id DESC LIMIT 1) AS population
    FROM reporting_unit u
    WHERE u.path LIKE %(top)s AND u.level <> 'agency' AND {is_open} AND NOT EXISTS (
        SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open}))
SELECT g.code, g.path, g.level, SUM(parts.cumulative), SUM(parts.population), COUNT(*) - COUNT(parts.population)
FROM reporting_unit g JOIN parts ON parts.path LIKE g.path || '%%'
WHERE (g.code IN ({above}) OR (g.path LIKE %(superior)s AND g.level = %(level)s)) AND {is_group_open}
GROUP BY g.id, g.code, g.path, g.level
"""
# What the closed units had counted, and where it counts now.
ENDED_SQL = """
SELECT heir.path, u.level, heir.level,
    (SELECT cumulative FROM reporting_report WHERE unit_id = u.id AND day <= %s ORDER BY day DESC LIMIT 1)
FROM reporting_unit u JOIN reporting_unit heir ON heir.id = {heir} WHERE u.id IN ({closed})
"""


@dataclass(frozen=True)
class ShareAbove:
    """All that a unit is told of one of the units above it."""

    name: str
    share: Decimal | None


@dataclass(frozen=True)
class Above:
    shares: list[ShareAbove]  # of the units above, from the nearest up
    place: Place | None  # among the units that its superior has of its level; nothing of the others


def of(unit: Unit, day: date, as_of: datetime | None = None) -> Above | None:
    """Of a unit that is open on the day; None for the one at the top.

    Agencies have no place, and a city has none among those of its country.
    """
    if not unit.ancestor_codes:
        return None
    if as_of is not None:
        return _by_rollup(rollup.rows(Unit.objects.get(code=unit.ancestor_codes[0]), day, as_of), unit)
    sums = _sums(unit, day)
    by_code = named_line(tuple(unit.codes), day, None)
    above = [by_code[code] for code in reversed(unit.ancestor_codes) if by_code[code].is_open_on(day)]
    shares = [ShareAbove(step.full_name, sums[step.code].share if step.code in sums else None) for step in above]
    if unit.is_agency or not unit.is_under_seal:
        return Above(shares, None)
    superior = by_code[unit.ancestor_codes[-1]].path
    equals = {c: one.share for c, one in sums.items() if one.level == unit.level and one.path.startswith(superior)}
    return Above(shares, _known(ranking.place_among(equals, unit.code)))


def _known(place: Place) -> Place | None:
    return place if place.rank else None


def _by_rollup(whole: DayRollup, unit: Unit) -> Above:
    by_code = whole.by_code
    shares = [
        ShareAbove(by_code[code].name, by_code[code].share) for code in reversed(unit.ancestor_codes) if code in by_code
    ]
    superior = unit.ancestor_codes[-1]
    if unit.is_agency or not unit.is_under_seal or unit.code not in by_code or superior not in by_code:
        return Above(shares, None)
    return Above(shares, _known(ranking.place(whole.within(superior), unit.code)))


@dataclass
class _Sum:
    path: str
    level: str
    cumulative: int | None
    population: int | None

    @property
    def share(self) -> Decimal | None:
        return rollup.share_of(self.cumulative, self.population)


def _sums(unit: Unit, day: date) -> Mapping[str, _Sum]:
    """By code the sums of the units that are compared."""
    codes = {f"code_{number}": code for number, code in enumerate(unit.ancestor_codes)}
    superior = unit.path[: unit.path[:-1].rindex("/") + 1]
    asked = {"day": day, "top": f"{unit.ancestor_codes[0]}/%", "superior": f"{superior}%", "level": unit.level}
    statement = SUMS_SQL.format(
        above=", ".join(f"%({name})s" for name in codes),
        is_open=IS_OPEN.format("u"),
        is_child_open=IS_OPEN.format("c"),
        is_group_open=IS_OPEN.format("g"),
    )
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, asked | codes)
        for code, path, level, cumulative, population, lacking in cursor:
            found[code] = _Sum(path, level, _number(cumulative), None if lacking else _number(population))
    _add_ended(found, day)
    return found


def _number(summed) -> int | None:
    return None if summed is None else int(summed)


def _add_ended(found: Mapping[str, _Sum], day: date) -> None:
    """What the closed units had counted goes on where their chain of successors ends, in the same stream."""
    heirs = Unit.objects.heirs(day) if any(closed_on <= day for _unit, closed_on, _heir in closed_units()) else {}
    if not heirs:
        return
    chosen = " ".join(["CASE u.id", *["WHEN %s THEN %s"] * len(heirs), "END"])
    statement = ENDED_SQL.format(heir=chosen, closed=", ".join(["%s"] * len(heirs)))
    pairs = [key for pair in heirs.items() for key in pair]
    with connection.cursor() as cursor:
        cursor.execute(statement, [day, *pairs, *heirs])
        for path, level, level_of_heir, cumulative in cursor:
            if cumulative is None or Level.AGENCY in (level, level_of_heir):
                continue
            for one in found.values():
                if path.startswith(one.path):
                    one.cumulative = (one.cumulative or 0) + cumulative
