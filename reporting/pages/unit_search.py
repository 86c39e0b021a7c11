"""Finding a unit by words of its name."""

from datetime import date
from typing import NamedTuple

from django.db.models import Q

from ..models import Unit
from ..models.units import UnitQuerySet
from ..text import names

MOST_UNITS = 50
MOST_WORDS = 12  # of the search; no name has more


class Matches(NamedTuple):
    units: list[Unit]  # the best, each with its `superior` or None
    has_more: bool


def matching_units(units: UnitQuerySet, sought: str, day: date) -> Matches:
    """The units open on the day where each word is in the name, the superior's name, the kind or the code."""
    words = names.fold(sought).replace(",", " ").split()[:MOST_WORDS]
    if not words:
        return Matches(units=[], has_more=False)
    of_interest = list(units.open_on(day).filter(_has_one(words)).named(day))
    above = Unit.objects.filter(pk__in={unit.parent_id for unit in of_interest}).named(day).in_bulk()
    matching = []
    for unit in of_interest:
        unit.superior = above.get(unit.parent_id)
        if _has_all(unit, words):
            matching.append(unit)
    whole = " ".join(words)
    matching.sort(key=lambda unit: (_distance(unit, whole), unit.sort_key, unit.code))
    return Matches(units=matching[:MOST_UNITS], has_more=len(matching) > MOST_UNITS)


def _has_one(words: list[str]) -> Q:
    """A filter in the database: any word is in the unit's name or its superior's, or is its code."""
    some = Q()
    for word in words:
        some |= Q(name_folded__contains=word) | Q(code__iexact=word) | Q(parent__name_folded__contains=word)
    return some


def _has_all(unit: Unit, words: list[str]) -> bool:
    """Whether each word begins a word of the unit or of its superior; not of the city, as all are below it."""
    superior = unit.superior.full_name if unit.superior and unit.superior.is_under_seal else ""
    written = names.fold(f"{unit.full_name} {unit.code} {superior}").split()
    return all(any(own.startswith(word) for own in written) for word in words)


def _distance(unit: Unit, whole: str) -> int:
    """How far the unit's name is from the typed text: 0 the same, 3 only the superior's name matches."""
    full, own = names.fold(unit.full_name), unit.name_folded
    if whole in (own, full, unit.code.lower()):
        return 0
    if own.startswith(whole) or full.startswith(whole):
        return 1
    return 2 if any(word in own for word in whole.split()) else 3
