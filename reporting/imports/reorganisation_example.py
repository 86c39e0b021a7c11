"""How the lines of a reorganisation are written, shown with units of the site itself: sent as they are, they would do.

Two neighbours become one under a new name; a third is split in two, each with half of its people.
"""

from __future__ import annotations

from datetime import date
from itertools import count, groupby

from ..acts.reorganisation_draft import BASE, MERGE, NEW, RENAME
from ..models import BaseFigure, Unit
from .kinds import mergers

HEADS = ("action", "code", "into", "name", "kind", "parent_code", "population", "split_from", "handed_over")
MADE_UP = """action,code,into,name,kind,parent_code,population,split_from,handed_over
merge,11464,11458,,,,,,
rename,11458,,Hải Sơn,phường,,,,
base,11407,,,,,9000,,
new,11408,,Cát Bi 2,phường,306,5350,11407,0"""
LOOKED_AT = 200  # units, of which three neighbours are taken


def lines(top: Unit, day: date) -> str:
    """For a day on which it would take effect; empty where no three units lie side by side."""
    units = Unit.objects.below(top).residents().open_on(day).named(day).filter(children=None).order_by("path")
    for parent, found in groupby(units.select_related("parent")[:LOOKED_AT], key=lambda unit: unit.parent):
        people = BaseFigure.objects.in_force_of(neighbours := list(found), day)
        taken = [(unit, people[unit.pk].population) for unit in neighbours if unit.pk in people][:3]
        if parent and len(taken) == 3:
            return _written(parent, taken)
    return ""


def _written(parent: Unit, taken: list[tuple[Unit, int]]) -> str:
    (ends, _n), (goes_on, _n), (split, population) = taken
    half = population // 2
    known = set(Unit.objects.filter(code__startswith=f"{split.code}-").values_list("code", flat=True))
    number = next(number for number in count(2) if f"{split.code}-{number}" not in known)
    return mergers.csv_of(
        [
            HEADS,
            (MERGE, ends.code, goes_on.code, "", "", "", "", "", ""),
            (RENAME, goes_on.code, "", f"{goes_on.name} - {ends.name}", goes_on.kind, "", "", "", ""),
            (BASE, split.code, "", "", "", "", population - half, "", ""),
            (NEW, f"{split.code}-{number}", "", f"{split.name} {number}", split.kind, parent.code, half, split.code, 0),
        ]
    )
