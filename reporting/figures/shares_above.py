"""What a unit sees of the units above it: their names and shares, and its own place among its equals."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from ..days.look_back import LookBack
from ..models import Unit
from ..models.units import named_line
from . import ranking, rollup, statements
from .ranking import UnitRank
from .rollup import DayRollup, parent_path


class ShareAbove(NamedTuple):
    """All that a unit sees of a superior."""

    name: str
    share: Decimal | None
    is_provisional: bool = False


class Above(NamedTuple):
    shares: list[ShareAbove]  # of the superiors, from the nearest up
    place: UnitRank | None  # its rank among its equals under its superior; nothing about the others


def with_rows(unit: Unit, look: LookBack, *, at: datetime) -> tuple[DayRollup, Above | None]:
    """The unit's rows on the day of `look`, and what it may see of the units above, both from one rollup of the city.

    Agencies and cities have no rank. A country's share is left out: to sum its units takes seconds.
    """
    day, as_of = look.day, look.as_of
    city = _city_above(unit, day, as_of)
    below = rollup.rows(city, day, as_of, at=at, only=partial(_is_related, unit.path)) if city else None
    if below is None or unit.code not in below.by_code:
        figures = rollup.rows(unit, day, as_of, at=at)
    else:
        figures = below.within(unit.code)
        if any(row.is_agency and row.code != unit.code for row in figures.by_code.values()):  # `within` drops their sum
            figures = rollup.rows(unit, day, as_of, at=at)
    return figures, _above(unit, look, below) if unit.code in figures.by_code else None


def _is_related(unit: str, path: str) -> bool:
    """Whether the path is above the unit, beside it, or below it."""
    return path.startswith(unit) or unit.startswith(path) or parent_path(path) == parent_path(unit)


def _city_above(unit: Unit, day: date, as_of: datetime | None) -> Unit | None:
    """The highest superior that is not a country."""
    line = named_line(tuple(unit.codes), day, as_of)
    return next((line[code] for code in unit.ancestor_codes if not line[code].is_country), None)


def _above(unit: Unit, look: LookBack, below: DayRollup | None) -> Above | None:
    if below is None:
        return None
    above = [below.by_code[code] for code in reversed(unit.ancestor_codes) if code in below.by_code]
    subjects = [statements.subject(below, row, seal=look.seal) for row in above]
    shares = [ShareAbove(one.row.name, one.row.share, one.provisional is not None) for one in subjects]
    superior = unit.ancestor_codes[-1]
    if unit.is_agency or not {unit.code, superior} <= below.by_code.keys():
        return Above(shares, None)
    place = ranking.place(below.within(superior), unit.code)
    return Above(shares, place if place.rank else None)
