"""What a unit is told of the units above it: their names and shares, and its own place among its equals.

Of now it is summed by the database, one line for a unit that is compared: the tree is not rolled up for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from ..models import Unit
from ..models.levels import Level
from ..models.units import IS_OPEN, closed_units, named_line
from . import ranking, rollup
from .ranking import Place
from .rollup import DayRollup

# What the sums of the units above, and of those of the unit's own level below its superior, are made of: the sums kept
# of each superior up to the day (`models.DaySum`), the population of who reports right below each, and of those right
# below the unit's own superior that of each. Apart is what is in the sums kept and does not count on the day, or not by
# itself.
PARTS_SQL = """
SELECT 'kept', s.id, s.path, CAST(NULL AS boolean), COALESCE(k.cumulative, (
        SELECT cumulative FROM reporting_daysum WHERE superior_id = s.id AND NOT is_agency AND day <= %(day)s
        ORDER BY day DESC LIMIT 1)), CAST(NULL AS bigint), CAST(NULL AS bigint)
FROM reporting_unit s
LEFT JOIN reporting_daysum k ON k.superior_id = s.id AND NOT k.is_agency AND k.day = %(day)s
WHERE s.path LIKE %(top)s AND s.level NOT IN ('commune', 'agency')
UNION ALL SELECT 'people', u.parent_id, NULL, NULL, NULL, SUM(b.population), COUNT(*) - COUNT(b.population)
FROM reporting_unit u
LEFT JOIN reporting_basefigure b ON b.unit_id = u.id AND b.effective_on <= %(day)s AND b.withdrawal_id IS NULL
    AND NOT EXISTS (
        SELECT 1 FROM reporting_basefigure l WHERE l.unit_id = b.unit_id AND l.withdrawal_id IS NULL
        AND l.effective_on <= %(day)s AND (l.effective_on, l.id) > (b.effective_on, b.id))
WHERE u.path LIKE %(top)s AND u.level <> 'agency' AND {is_open} AND NOT EXISTS (
    SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open})
GROUP BY u.parent_id
UNION ALL SELECT 'equal', u.id, u.path, NOT EXISTS (
    SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open}), {own}, (
    SELECT population FROM reporting_basefigure WHERE unit_id = u.id AND effective_on <= %(day)s
    AND withdrawal_id IS NULL ORDER BY effective_on DESC, id DESC LIMIT 1),
    CASE WHEN u.parent_id = %(parent)s AND u.level <> 'agency' THEN 1 ELSE 0 END
FROM reporting_unit u WHERE u.path LIKE %(superior)s AND u.level = %(level)s AND {is_open}
UNION ALL SELECT 'apart', u.id, u.path, NULL, u.cumulative, NULL, NULL FROM (
    SELECT u.id, u.path, u.opened_on, u.closed_on, {own} AS cumulative FROM reporting_unit u
    WHERE u.path LIKE %(top)s AND u.parent_id IS NOT NULL AND u.level <> 'agency'
        AND (u.opened_on > %(day)s OR u.closed_on <= %(day)s OR u.level <> 'commune')) AS u
WHERE CASE WHEN u.cumulative IS NULL THEN 1 = 0 ELSE (u.opened_on > %(day)s OR u.closed_on <= %(day)s OR EXISTS (
    SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open})) END
"""
# Whether anything is known of those that count, where the sums kept less what is apart come to nothing.
HEARD_SQL = """
SELECT EXISTS (
    SELECT 1 FROM reporting_unit u WHERE u.path LIKE %(path)s AND u.level <> 'agency' AND {is_open}
    AND NOT EXISTS (SELECT 1 FROM reporting_unit c WHERE c.parent_id = u.id AND {is_child_open})
    AND EXISTS (SELECT 1 FROM reporting_report WHERE unit_id = u.id AND day <= %(day)s))
"""
OWN = "(SELECT cumulative FROM reporting_report WHERE unit_id = u.id AND day <= %(day)s ORDER BY day DESC LIMIT 1)"
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
    sums, equal = _sums(unit, day)
    by_code = named_line(tuple(unit.codes), day, None)
    above = [by_code[code] for code in reversed(unit.ancestor_codes) if by_code[code].is_open_on(day)]
    shares = [ShareAbove(step.full_name, sums[step.code].share if step.code in sums else None) for step in above]
    if unit.is_agency or not unit.is_under_seal:
        return Above(shares, None)
    equals = {code: one.share for code, one in sums.items() if code in equal}
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
    cumulative: int | None
    population: int | None

    @property
    def share(self) -> Decimal | None:
        return rollup.share_of(self.cumulative, self.population)


class _Equal(NamedTuple):
    """A unit of the same level below the unit's superior."""

    path: str
    is_reporting: bool
    cumulative: int | None
    population: int | None
    is_compared: bool  # right below the superior, and no agency


@dataclass
class _Parts:
    """What the sums are made of, by path."""

    people: Sequence[tuple[str, int | None, int]] = ()  # by path, and how many have none
    kept: list[tuple[str, int]] = field(default_factory=list)  # of all right below a superior
    equal: list[_Equal] = field(default_factory=list)
    apart: list[tuple[str, int]] = field(default_factory=list)

    @classmethod
    def read(cls, unit: Unit, day: date) -> _Parts:
        found, paths, people = cls(), {}, []
        for what, key, path, is_reporting, cumulative, population, number in _asked(unit, day):
            match what:
                case "people":
                    people.append((key, _number(population), number))
                    continue
                case "kept" if cumulative is not None:
                    found.kept.append((path, int(cumulative)))
                case "equal":
                    found.equal.append(_Equal(path, bool(is_reporting), cumulative, population, bool(number)))
                case "apart":
                    found.apart.append((path, cumulative))
            paths[key] = path
        found.people = [(paths[key], population, lacking) for key, population, lacking in people]
        return found

    def sum(self, path: str, day: date) -> _Sum | None:
        """Of all at or below the path that report; None where nobody does."""
        people = [(population, lacking) for below, population, lacking in self.people if below.startswith(path)]
        if not people:
            return None
        kept = [cumulative for below, cumulative in self.kept if below.startswith(path)]
        apart = [cumulative for below, cumulative in self.apart if _parent_path(below).startswith(path)]
        cumulative = sum(kept) - sum(apart) if kept else None
        if apart and not cumulative and not _is_heard_of(path, day):
            cumulative = None
        return _Sum(path, cumulative, _population(people))


def _asked(unit: Unit, day: date) -> list[tuple]:
    superior = _parent_path(unit.path)
    places = {
        "is_open": IS_OPEN.format("u"),
        "is_child_open": IS_OPEN.format("c"),
        "own": OWN,
    }
    asked = {
        "day": day,
        "top": f"{unit.ancestor_codes[0]}/%",
        "superior": f"{superior}%",
        "level": unit.level,
        "parent": unit.parent_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(PARTS_SQL.format(**places), asked)
        return cursor.fetchall()


def _is_heard_of(path: str, day: date) -> bool:
    """Whether any of those at or below the path that count on the day has ever reported."""
    places = {"is_open": IS_OPEN.format("u"), "is_child_open": IS_OPEN.format("c")}
    with connection.cursor() as cursor:
        cursor.execute(HEARD_SQL.format(**places), {"day": day, "path": f"{path}%"})
        return bool(cursor.fetchone()[0])


def _population(parts: Sequence[tuple[int | None, int]]) -> int | None:
    return None if any(lacking for _number, lacking in parts) else sum(population for population, _lacking in parts)


def _parent_path(path: str) -> str:
    return path[: path[:-1].rindex("/") + 1]


def _sums(unit: Unit, day: date) -> tuple[Mapping[str, _Sum], set[str]]:
    """By code the sums of the units above, and of those of its level below its superior; the codes of these."""
    parts, found, path = _Parts.read(unit, day), {}, ""
    for code in unit.ancestor_codes:
        path = f"{path}{code}/"
        found[code] = parts.sum(path, day)
    for one in parts.equal:
        of_its_own = _Sum(one.path, one.cumulative, one.population) if one.is_compared else None
        found[one.path.split("/")[-2]] = of_its_own if one.is_reporting else parts.sum(one.path, day)
    found = {code: one for code, one in found.items() if one}
    for path, is_agency, cumulative in ended(day):
        for one in found.values():
            if not is_agency and path.startswith(one.path):
                one.cumulative = (one.cumulative or 0) + cumulative
    return found, {one.path.split("/")[-2] for one in parts.equal}


def _number(summed) -> int | None:
    return None if summed is None else int(summed)


def ended(day: date) -> Iterator[tuple[str, bool, int]]:
    """What the closed units had counted: where it goes on, if that is in the same stream, that of the agencies or not.

    It goes on where their chain of successors ends.
    """
    heirs = Unit.objects.heirs(day) if any(closed_on <= day for _unit, closed_on, _heir in closed_units()) else {}
    if not heirs:
        return
    chosen = " ".join(["CASE u.id", *["WHEN %s THEN %s"] * len(heirs), "END"])
    statement = ENDED_SQL.format(heir=chosen, closed=", ".join(["%s"] * len(heirs)))
    pairs = [key for pair in heirs.items() for key in pair]
    with connection.cursor() as cursor:
        cursor.execute(statement, [day, *pairs, *heirs])
        found = cursor.fetchall()
    for path, level, level_of_heir, cumulative in found:
        is_agency = level == Level.AGENCY
        if cumulative is not None and is_agency == (level_of_heir == Level.AGENCY):
            yield path, is_agency, cumulative
