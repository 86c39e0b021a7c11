"""Ranks the units of one level by their share, with growth. Ties share a rank.

The ranks compare shares as they are printed, cut to hundredths of a percent, so equal shares on a page have one rank. A
unit without a share has no rank and comes last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from ..models.levels import Level
from ..text import names
from .query import SHARE_PLACES, Row, cut_share
from .rollup import DayRollup

Before = Mapping[str, int | None]  # cumulatives of an earlier day by code, in today's tree
SMALL_POPULATION = 1000  # people: a few dozen phones move such a unit by many places


class RankedUnit(NamedTuple):
    """A unit's line of the ranking. Growth is a difference of shares: 0.0049 is 0.49 points."""

    row: Row
    superior: Row | None  # the unit's; None for units right below the rollup's own
    rank: int | None
    growth_day: Decimal | None  # since the day before; None if either day has no share, or nothing was reported
    growth_week: Decimal | None

    @property
    def order(self) -> tuple[bool, int, str, str]:
        """Best first, units without a rank last and by name."""
        return self.rank is None, self.rank or 0, self.row.sort_key, self.row.code

    @property
    def share(self) -> Decimal | None:
        return self.row.share

    @property
    def is_small(self) -> bool:
        return self.row.population is not None and self.row.population < SMALL_POPULATION


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRanking:
    """The table of one level, and the sources of the populations behind its shares."""

    level: str
    lines: list[RankedUnit]
    sources: list[tuple[str, date | None]]  # source and day, each once

    @property
    def is_agencies(self) -> bool:
        return self.level == Level.AGENCY

    def named(self, asked: str) -> LevelRanking:
        """The lines whose unit's name contains these words, whatever the accents; ranks stay those among all."""
        if not asked:
            return self
        wanted = names.fold(asked)
        return replace(self, lines=[line for line in self.lines if wanted in names.fold(line.row.name)])


@dataclass(frozen=True, slots=True)
class UnitRank:
    """All that a unit learns of a ranking that it may not see."""

    rank: int | None
    units: int  # with a rank


def ranked_units(
    today: DayRollup,
    *,
    level: str | None = None,
    yesterday: Before | None = None,
    week_ago: Before | None = None,
) -> list[RankedUnit]:
    """The units of the level below the rollup's unit, best first, those without a share last and by name.

    Without a level, the units right below that its sum contains, of any level. Growth compares with earlier
    cumulatives of the same units, in today's tree and by today's populations.
    """
    rows = _of_level(today, level)
    shares = _shares(rows)
    ranks = _ranks(shares)
    before = [_shares(rows, then) if then else {} for then in (yesterday, week_ago)]
    growth_day, growth_week = [_differences(shares, then) for then in before]

    def growth(grown: Mapping[str, int], code: str) -> Decimal | None:
        return Decimal(grown[code]).scaleb(-SHARE_PLACES) if code in grown else None

    def growth_of_day(row: Row) -> Decimal | None:
        grown = growth(growth_day, row.code)
        return None if row.installs is None and not grown else grown  # nothing has come: that is not zero

    found = [
        RankedUnit(
            row=row,
            superior=_superior(today, row),
            rank=ranks.get(row.code),
            growth_day=growth_of_day(row),
            growth_week=growth(growth_week, row.code),
        )
        for row in rows
    ]
    return sorted(found, key=attrgetter("order"))


def by_level(
    today: DayRollup, *, yesterday: Before | None = None, week_ago: Before | None = None
) -> list[LevelRanking]:
    """A table for each level below the rollup's unit, from the nearest down, agencies last."""
    tables = []
    for level in Level.values:
        if lines := ranked_units(today, level=level, yesterday=yesterday, week_ago=week_ago):
            tables.append(LevelRanking(level=level, lines=lines, sources=_sources(today, level)))
    return tables


def place(today: DayRollup, code: str) -> UnitRank:
    """The unit's rank among those of its level below the rollup's unit, and how many have one."""
    ranks = _ranks(_shares(_of_level(today, today.by_code[code].level)))
    return UnitRank(ranks.get(code), len(ranks))


def _of_level(figures: DayRollup, level: str | None) -> list[Row]:
    if level is None:
        return figures.children
    return [row for row in figures.by_code.values() if row.level == level and row.code != figures.unit_code]


def _shares(rows: Sequence[Row], before: Before | None = None) -> dict[str, int]:
    """The known shares by code: today's, or those with the cumulatives of an earlier day.

    They are whole numbers of hundredths of a percent: comparing 10,600 decimals takes three times as long.
    """
    then = {row.code: row.cumulative for row in rows} if before is None else before
    shares = ((row.code, cut_share(then.get(row.code), row.population)) for row in rows)
    return {code: share for code, share in shares if share is not None}


def _sources(figures: DayRollup, level: str) -> list[tuple[str, date | None]]:
    """The sources of the level's populations. A superior's is a sum, which may have several."""
    is_agency = level == Level.AGENCY
    stream = (row for row in figures.by_code.values() if row.is_reporting and row.is_agency == is_agency)
    return sorted({(row.population_source, row.population_on) for row in stream if row.population is not None}, key=str)


def _superior(figures: DayRollup, row: Row) -> Row | None:
    superior = figures.parent_of(row)
    return superior if superior and superior.code != figures.unit_code else None


def _ranks(shares: Mapping[str, int]) -> dict[str, int]:
    """Ranks by code, with ties: 1, 2, 2, 4."""
    first: dict[int, int] = {}
    for number, share in enumerate(sorted(shares.values(), reverse=True), start=1):
        first.setdefault(share, number)
    return {code: first[share] for code, share in shares.items()}


def _differences(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """The differences by code, for units in both."""
    return {code: one[code] - other[code] for code in one if code in other}
