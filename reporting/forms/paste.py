"""Cells pasted from a spreadsheet into the grid. Figures alone go downwards; after a name or code they find their row.

One figure is the installs, a second what is counted beside them. Every line that finds no place is kept, and it is said
why. Blanks do not separate cells: “1 234” is one figure.
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
DIGIT = re.compile(r"[0-9]")
TOTALS = {"tong", "cong", "tong cong", "tong so"}  # folded, as a cell of its own: “Cộng Hiền” is a commune


class Line:
    def __init__(self, text: str, by_key: Mapping[str, set[str]]):
        """`by_key` are the codes of units by folded name or code."""
        self.text, self.cells = text, [cell.strip() for cell in SEPARATOR.split(text)]
        self.filled = [cell for cell in self.cells if cell]
        self.words = " ".join(self.filled)
        self.codes: list[str] = []  # of the units that the first name or code in the line may mean
        self.figures: list[str] = []  # the cells behind it
        for place, cell in enumerate(self.cells):
            folded = names.fold(cell)
            kind = KIND.match(folded)  # "P. Cát Bi", "TT Núi Đèo"
            if codes := by_key.get(folded) or (kind and by_key.get(folded[kind.end() :])):
                self.codes, self.figures = sorted(codes), self.cells[place + 1 :]
                break

    @property
    def has_digits(self) -> bool:
        return bool(DIGIT.search(self.text))

    @property
    def seems_named(self) -> bool:
        """Whether the line names a known unit before a figure, or has a text beside a figure."""
        has_text = self.has_digits and not all(map(DIGIT.search, self.filled))
        return has_text or (bool(self.codes) and any(self.figures))


@dataclass
class Pasted:
    """The texts of a unit's figures by its code, and the lines that found no place."""

    cells: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)  # as they were pasted
    skipped: list[str] = field(default_factory=list)  # a head or a total, in words

    def put(self, line: Line, code: str, cells: list[str], most: int) -> None:
        """The figures of one unit by their columns; of more columns than `most` the filled ones."""
        if any(cells[most:]):
            cells = list(filter(None, cells))
        if any(cells[most:]):
            self.leave(line, _("More figures than are asked for: “%(text)s”"))
        elif any(map(_holds_several, cells)):
            self.leave(line, _("Not one figure in one cell, part them by a tab or a semicolon: “%(text)s”"))
        else:
            self.cells[code] = cells[:most]

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

    `asked` is the number of figures of each unit by code, one without it. Figures without names go downwards from the
    unit with the code `first`, by default from the top. They pass over the units of the codes `hidden`, whose rows
    nobody saw. An empty line is an empty cell.
    """
    asked = asked or {unit.code: 1 for unit in units}
    by_key = defaultdict(set)
    for unit in units:
        for name in (unit.code, unit.full_name, unit.name or unit.code):
            by_key[names.fold(name)].add(unit.code)
    lines = [Line(line, by_key) for line in text.rstrip("\r\n").splitlines()]
    several = [line for line in lines if len(line.filled) > 1]
    named = [line for line in several if line.seems_named]
    if named and 2 * len(named) >= len(several):
        return _by_name([line for line in lines if line.filled], asked)
    shown = [unit.code for unit in units if unit.code == first or unit.code not in hidden]
    return _downwards(lines, shown[shown.index(first) if first in shown else 0 :], asked)


def _downwards(lines: list[Line], codes: Sequence[str], asked: Mapping[str, int]) -> Pasted:
    pasted, filled = Pasted(), [place for place, line in enumerate(lines) if line.filled]
    head, below = (lines[filled[0]], lines[filled[0] + 1 :]) if filled else (None, [])
    if head and not head.has_digits and (len(below) >= len(codes) or len(head.cells) > 1):
        pasted.skipped.append(_("Left out, not a figure: “%(text)s”") % {"text": head.words})
        lines = below
    for place, line in enumerate(lines):
        if line.filled and place >= len(codes):
            pasted.leave(line, _("Left out, more lines than units: “%(text)s”"))
        elif line.filled:
            pasted.put(line, codes[place], line.cells, asked[codes[place]])
    return pasted


def _by_name(lines: list[Line], asked: Mapping[str, int]) -> Pasted:
    pasted = Pasted()
    for line in lines:
        is_head = line is lines[0] and not line.has_digits
        if not line.codes and (is_head or any(names.fold(cell) in TOTALS for cell in line.cells)):
            pasted.skipped.append(_("Left out, no unit’s: “%(text)s”") % {"text": line.words})
        elif not line.codes:
            pasted.leave(line, _("No such unit here: “%(text)s”"))
        elif len(line.codes) > 1:
            pasted.leave(line, _("More than one unit of this name, use its code: “%(text)s”"))
        elif not any(line.figures):
            pasted.leave(line, _("No figure beside the name: “%(text)s”"))
        elif line.codes[0] in pasted.cells:
            pasted.leave(line, _("The unit stands twice: “%(text)s”"))
        else:
            pasted.put(line, line.codes[0], line.figures, asked[line.codes[0]])
    return pasted


def _holds_several(cell: str) -> bool:
    """Whether blanks separate figures from one another, or from words: “88 12”, “An Lư 88”; not “1 234”."""
    if not (DIGIT.search(cell) and re.search(r"\s", cell)):
        return False
    try:
        parsing.whole_number(cell)
    except parsing.NotANumber:
        return True
    except parsing.TooLarge:
        pass  # its field says so
    return False
