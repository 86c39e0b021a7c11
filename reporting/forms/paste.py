"""Cells pasted from a spreadsheet into the grid. Figures alone go downwards; beside a column of names or codes they go
to their units, which are found as in an import.

One figure is the installs, a second what is counted beside them. Every line that finds no place is kept, and it is said
why. Blanks do not separate cells: “1 234” is one figure.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ..imports.layout import TOTAL
from ..imports.unit_lines import Directory, Unknown
from ..models import Unit
from ..text import names, parsing

SEPARATOR = re.compile(r"[\t;]")
DIGIT = re.compile(r"[0-9]")


class Line:
    def __init__(self, text: str):
        self.text, self.cells = text, [cell.strip() for cell in SEPARATOR.split(text)]
        self.filled = [cell for cell in self.cells if cell]
        self.words = {"text": " ".join(self.filled)}
        self.has_digits = bool(DIGIT.search(text))


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
            self.leave(line, _("More figures than are asked for: “%(text)s”") % line.words)
        elif any(map(_holds_several, cells)):
            words = _("Not one figure in one cell, part them by a tab or a semicolon: “%(text)s”")
            self.leave(line, words % line.words)
        else:
            self.cells[code] = cells[:most]

    def leave(self, line: Line, problem: str) -> None:
        self.problems.append(problem)
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
    if not text.strip():
        return Pasted()
    asked = asked or {unit.code: 1 for unit in units}
    lines = [Line(line) for line in text.rstrip("\r\n").splitlines()]
    directory = Directory(units, [], names_of=[(unit.code, unit.kind, unit.name or unit.code) for unit in units])
    place = _place_of_names(lines, directory)
    if place is not None:
        return _by_name([line for line in lines if line.filled], place, directory, asked)
    shown = [unit.code for unit in units if unit.code == first or unit.code not in hidden]
    return _downwards(lines, shown[shown.index(first) if first in shown else 0 :], asked)


def _place_of_names(lines: list[Line], directory: Directory) -> int | None:
    """The column that names units, or has texts, before the figures of at least half of the lines."""
    several, counts = [line.cells for line in lines if len(line.filled) > 1], Counter()
    for cells in several:
        for place, cell in enumerate(cells):
            is_text = bool(cell) and not DIGIT.search(cell)
            if (is_text or directory.knows(cell)) and any(map(DIGIT.search, cells[place + 1 :])):
                counts[place] += 1
    return next((place for place, n in counts.most_common(1) if 2 * n >= len(several)), None)


def _downwards(lines: list[Line], codes: Sequence[str], asked: Mapping[str, int]) -> Pasted:
    pasted, filled = Pasted(), [place for place, line in enumerate(lines) if line.filled]
    head, below = (lines[filled[0]], lines[filled[0] + 1 :]) if filled else (None, [])
    if head and not head.has_digits and (len(below) >= len(codes) or len(head.cells) > 1):
        pasted.skipped.append(_("Left out, not a figure: “%(text)s”") % head.words)
        lines = below
    for place, line in enumerate(lines):
        if line.filled and place >= len(codes):
            pasted.leave(line, _("Left out, more lines than units: “%(text)s”") % line.words)
        elif line.filled:
            pasted.put(line, codes[place], line.cells, asked[codes[place]])
    return pasted


def _by_name(lines: list[Line], place: int, directory: Directory, asked: Mapping[str, int]) -> Pasted:
    pasted = Pasted()
    for line in lines:
        name, figures = "".join(line.cells[place : place + 1]), line.cells[place + 1 :]
        is_code = name.upper() in directory.by_code
        try:
            code = directory.find(name if is_code else "", "" if is_code else name).code
        except Unknown as error:
            is_head = line is lines[0] and not line.has_digits
            if is_head or any(TOTAL.fullmatch(names.fold(cell)) for cell in line.cells):
                pasted.skipped.append(_("Left out, no unit’s: “%(text)s”") % line.words)
            else:
                pasted.leave(line, str(error))
            continue
        if not any(figures):
            pasted.leave(line, _("No figure beside the name: “%(text)s”") % line.words)
        elif code in pasted.cells:
            pasted.leave(line, _("The unit stands twice: “%(text)s”") % line.words)
        else:
            pasted.put(line, code, figures, asked[code])
    return pasted


def _holds_several(cell: str) -> bool:
    """Whether blanks separate figures from one another, or from words: “88 12”, “An Lư 88”; not “1 234”."""
    try:
        parsing.whole_number(cell)
    except parsing.NotANumber:
        return bool(DIGIT.search(cell) and re.search(r"\s", cell))
    except parsing.TooLarge:
        pass  # its field says so
    return False
