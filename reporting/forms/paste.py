"""Cells pasted from a spreadsheet: one column fills the rows downwards, name or code and figure find their row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ..models import Unit
from ..text import names, unit_kinds

# "P. Cát Bi", "TT Núi Đèo", "X. An Lư": the kind as offices shorten it, of a name that is already folded.
KINDS = [
    names.fold(word).removesuffix(".") for kind in unit_kinds.OF_COMMUNES for word in (kind, unit_kinds.SHORT[kind])
]
KIND = re.compile(r"(?:" + "|".join(KINDS) + r")(?:\.\s*|\s+)")
SEPARATOR = re.compile(r"[\t;]")


@dataclass
class Pasted:
    """What goes where: a cell's text by unit code; and what found no place, said in words."""

    cells: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def keys(unit: Unit) -> set[str]:
    """The folded names under which a unit is found: with its kind and without."""
    return {names.fold(unit.full_name), names.fold(unit.name or unit.code)}


def read(text: str, units: Sequence[Unit]) -> Pasted:
    """Lay the text out over the units, which are in the order of the grid's rows."""
    lines = [[cell.strip() for cell in SEPARATOR.split(line)] for line in text.strip("\r\n").splitlines()]
    if any(len(list(filter(None, cells))) > 1 for cells in lines):
        return _by_name(lines, units)
    return _downwards(["".join(cells) for cells in lines], units)


def _downwards(cells: list[str], units: Sequence[Unit]) -> Pasted:
    pasted = Pasted()
    if len(cells) > len(units) and not re.search(r"[0-9]", cells[0]):
        pasted.problems.append(_("Left out, not a figure: “%(text)s”") % {"text": cells.pop(0)})
    pasted.cells = {unit.code: cell for unit, cell in zip(units, cells, strict=False) if cell}
    for cell in filter(None, cells[len(units) :]):
        pasted.problems.append(_("Left out, more lines than units: “%(text)s”") % {"text": cell})
    return pasted


def _by_name(lines: list[list[str]], units: Sequence[Unit]) -> Pasted:
    pasted, by_key = Pasted(), defaultdict(set)
    for unit in units:
        by_key[unit.code.lower()].add(unit.code)
        for key in keys(unit):
            by_key[key].add(unit.code)
    for cells in lines:
        words = " ".join(filter(None, cells))
        place, codes = _find(cells, by_key)
        figures = list(filter(None, cells[place + 1 :]))
        if not words:
            continue
        if not codes:
            problem = _("No such unit here: “%(text)s”")
        elif len(codes) > 1:
            problem = _("More than one unit of this name, use its code: “%(text)s”")
        elif len(figures) != 1:
            problem = _("Not one figure beside the name: “%(text)s”")
        elif codes[0] in pasted.cells:
            problem = _("The unit stands twice: “%(text)s”")
        else:
            pasted.cells[codes[0]] = figures[0]
            continue
        pasted.problems.append(problem % {"text": words})
    return pasted


def _find(cells: list[str], by_key: dict[str, set[str]]) -> tuple[int, list[str]]:
    """The first cell that is a unit's code or name, and the codes it may mean."""
    for place, cell in enumerate(cells):
        folded = names.fold(cell)
        codes = by_key.get(folded) or by_key.get(KIND.sub("", folded, count=1) if KIND.match(folded) else "")
        if codes:
            return place, sorted(codes)
    return len(cells), []
