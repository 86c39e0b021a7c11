"""Cells pasted from a spreadsheet: figures alone fill the rows downwards, after a name or code they find their row.

One figure is the installs, a second what is counted beside them. A line that is not understood is said why, and kept.
Blanks part no cells: “1 234” is one figure. Where they stand between what is not one, the line is kept.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ..imports.unit_lines import KIND
from ..models import Unit
from ..text import names, parsing

SEPARATOR = re.compile(r"[\t;]")
FIGURE = re.compile(r"[0-9]")
TOTALS = {"tong", "cong", "tong cong", "tong so"}  # folded, as a cell of its own: “Cộng Hiền” is a commune


@dataclass(frozen=True)
class Line:
    text: str

    @property
    def cells(self) -> list[str]:
        return [cell.strip() for cell in SEPARATOR.split(self.text)]

    @property
    def words(self) -> str:
        return " ".join(filter(None, self.cells))

    @property
    def is_total(self) -> bool:
        return any(names.fold(cell) in TOTALS for cell in self.cells)


@dataclass
class Pasted:
    """What goes where: the texts of a unit's figures by its code; and the lines that found no place, and why not."""

    cells: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # as they were pasted
    skipped: list[str] = field(default_factory=list)  # a head or a total: understood, and of no unit

    def leave(self, line: Line, problem: str) -> None:
        self.problems.append(problem % {"text": line.words})
        self.left.append(line.text)


def lay_out(
    text: str,
    units: Sequence[Unit],
    asked: Mapping[str, int] | None = None,
    first: str = "",
    hidden: Collection[str] = (),
) -> Pasted:
    """Lay the text out over the units, which are in the order of the grid's rows.

    `asked` is how many figures are asked of each, by code; without it one. Figures without names go downwards from the
    unit whose code is `first`; without it, or if it is none of them, from the first. They pass over the units of the
    codes `hidden`, whose rows nobody saw; a name finds these too. An empty line is an empty cell, the first one too.
    """
    lines = [*map(Line, text.rstrip("\r\n").splitlines())]
    asked = asked or {unit.code: 1 for unit in units}
    by_key = defaultdict(set)
    for unit in units:
        for name in (unit.code, unit.full_name, unit.name or unit.code):  # with its kind and without
            by_key[names.fold(name)].add(unit.code)
    several = [line for line in lines if len(list(filter(None, line.cells))) > 1]
    naming = [line for line in several if _names_a_unit(line.cells, by_key)]
    if naming and 2 * len(naming) >= len(several):
        return _by_name(lines, by_key, asked)
    shown = [unit for unit in units if unit.code == first or unit.code not in hidden]
    start = next((place for place, unit in enumerate(shown) if unit.code == first), 0)
    return _downwards(lines, shown[start:], asked)


def _names_a_unit(cells: list[str], by_key: dict[str, set[str]]) -> bool:
    """Whether a figure comes after a unit's code or name, or after what might be one."""
    figures = [cell for cell in cells if FIGURE.search(cell)]
    place, codes = _find(cells, by_key)
    is_known = bool(codes) and any(cells[place + 1 :])
    return is_known or (bool(figures) and any(cell and not FIGURE.search(cell) for cell in cells))


def _downwards(lines: list[Line], units: Sequence[Unit], asked: Mapping[str, int]) -> Pasted:
    pasted = Pasted()
    filled = [place for place, line in enumerate(lines) if line.words]
    head, below = (lines[filled[0]], lines[filled[0] + 1 :]) if filled else (None, [])
    if head and not FIGURE.search(head.text) and (len(below) >= len(units) or len(head.cells) > 1):
        pasted.skipped.append(_("Left out, not a figure: “%(text)s”") % {"text": head.words})
        lines = below
    for place, line in enumerate(lines):
        if not line.words:
            continue
        if place >= len(units):
            pasted.leave(line, _("Left out, more lines than units: “%(text)s”"))
        else:
            _put(pasted, units[place].code, line, line.cells, asked)
    return pasted


def _by_name(lines: list[Line], by_key: dict[str, set[str]], asked: Mapping[str, int]) -> Pasted:
    pasted = Pasted()
    for number, line in enumerate(filter(lambda line: line.words, lines)):
        place, codes = _find(line.cells, by_key)
        figures = line.cells[place + 1 :]
        if not codes and (line.is_total or (number == 0 and not FIGURE.search(line.text))):
            pasted.skipped.append(_("Left out, no unit’s: “%(text)s”") % {"text": line.words})
        elif not codes:
            pasted.leave(line, _("No such unit here: “%(text)s”"))
        elif len(codes) > 1:
            pasted.leave(line, _("More than one unit of this name, use its code: “%(text)s”"))
        elif not any(figures):
            pasted.leave(line, _("No figure beside the name: “%(text)s”"))
        elif codes[0] in pasted.cells:
            pasted.leave(line, _("The unit stands twice: “%(text)s”"))
        else:
            _put(pasted, codes[0], line, figures, asked)
    return pasted


def _put(pasted: Pasted, code: str, line: Line, cells: list[str], asked: Mapping[str, int]) -> None:
    """The figures of one unit: by their columns, or, of more columns than are asked for, those that are filled."""
    if any(cells[asked[code] :]):
        cells = list(filter(None, cells))
    if any(cells[asked[code] :]):
        pasted.leave(line, _("More figures than are asked for: “%(text)s”"))
    elif any(map(_holds_several, cells)):
        pasted.leave(line, _("Not one figure in one cell, part them by a tab or a semicolon: “%(text)s”"))
    else:
        pasted.cells[code] = cells[: asked[code]]


def _holds_several(cell: str) -> bool:
    """Whether blanks part figures from one another, or from words: “88 12”, “An Lư 88”; not “1 234”."""
    if not (FIGURE.search(cell) and re.search(r"\s", cell)):
        return False
    try:
        parsing.whole_number(cell)
    except parsing.NotANumber:
        return True
    except parsing.TooLarge:
        pass  # its field says so
    return False


def _find(cells: list[str], by_key: dict[str, set[str]]) -> tuple[int, list[str]]:
    """The first cell that is a unit's code or name, and the codes it may mean."""
    for place, cell in enumerate(cells):
        folded = names.fold(cell)
        kind = KIND.match(folded)  # "P. Cát Bi", "TT Núi Đèo": as offices shorten it
        if codes := by_key.get(folded) or (kind and by_key.get(folded[kind.end() :])):
            return place, sorted(codes)
    return len(cells), []
