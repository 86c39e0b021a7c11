"""What a unit is told of the units above it: their names and shares, and its own place among its equals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..models import CountryDay, Unit
from ..models.units import named_line
from . import ranking, rollup
from .ranking import Place
from .rollup import DayRollup


@dataclass(frozen=True)
class ShareAbove:
    """All that a unit is told of one of the units above it."""

    name: str
    share: Decimal | None


@dataclass(frozen=True)
class Above:
    shares: list[ShareAbove]  # of the units above, from the nearest up
    place: Place | None  # among the units that its superior has of its level; nothing of the others


def units_above(unit: Unit, day: date, as_of: datetime | None = None) -> Above | None:
    """Of a unit that is open on the day; None for the one at the top.

    Agencies have no place, and a city has none among those of its country. The share of a country is the one that was
    last worked out for its own pages; as of an instant it is left out.
    """
    if not unit.ancestor_codes:
        return None
    line = named_line(tuple(unit.codes), day, as_of)
    city = next((line[code] for code in unit.ancestor_codes if not line[code].is_country), None)
    below = rollup.rows(city, day, as_of) if city else None
    shares = list(_shares(unit, day, as_of, line, below))
    superior = unit.ancestor_codes[-1]
    if unit.is_agency or below is None or not {unit.code, superior} <= below.by_code.keys():
        return Above(shares, None)
    place = ranking.place(below.within(superior), unit.code)
    return Above(shares, place if place.rank else None)


def _shares(
    unit: Unit, day: date, as_of: datetime | None, line: dict[str, Unit], below: DayRollup | None
) -> Iterator[ShareAbove]:
    for code in reversed(unit.ancestor_codes):
        if below and code in below.by_code:
            yield ShareAbove(below.by_code[code].name, below.by_code[code].share)
        elif as_of is None and line[code].is_country and line[code].is_open_on(day):
            yield ShareAbove(line[code].full_name, CountryDay.objects.share(line[code], day))
