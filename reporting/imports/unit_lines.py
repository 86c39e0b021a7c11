"""The lines of a table beside the units they speak of; lines of sums are recognised, checked and left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from ..models import Unit
from ..text import formatting
from .layout import SheetLine, Table
from .named_units import Directory, Unknown
from .plan import BadCell, Row, RowOutcome, figure, left_out


@dataclass(frozen=True)
class SumLine:
    """A line of sums that adds up: what is told of it, and the units that it may be of, the likeliest first."""

    line: SheetLine
    told: Row
    possible: list[list[Unit]]


@dataclass
class Resolved:
    """Each line with its unit, and what is to be said of the others."""

    sums: list[SumLine] = field(default_factory=list)
    lines: list[tuple[SheetLine, Unit]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def resolve(
    table: Table,
    directory: Directory,
    *,
    sums: list[str],
    titles: Callable[[str], str],
    counts: Sequence[str] = (),
    has_groups: bool = True,
) -> Resolved:
    """Find the unit of every line. `sums` are the keys of the columns whose figures are added up in lines of sums,
    `counts` those of columns of figures that no line adds up.

    With `has_groups` the line of a district is one of those; without, it has a figure of its own.
    """
    found = Resolved()
    totals = [line for line in table.lines if line.total]
    groups = _find_units(table, directory, found, has_groups=has_groups)
    for line, unit in found.lines:
        for key in (*sums, *counts):
            found.rows += left_out(line.cells.get(key), unit.full_name, titles(key))
    figures = _figures(found.lines, sums)
    for line, group in groups:
        found.rows.append(_checked_group(line, group, figures, sums, titles))
        below = [unit for _line, unit in found.lines if unit.path.startswith(group.path)]
        found.sums.append(SumLine(line, found.rows[-1], [below]))
    breaks = [line.row for line in totals] + [line.row for line, _group in groups]
    for line in totals:
        since = max((row for row in breaks if row < line.row), default=0)
        found.rows.append(_checked_total(line, since, figures, sums, titles))
        found.sums.append(SumLine(line, found.rows[-1], _possible(line, since, found.lines, figures, sums)))
    return found


def _find_units(
    table: Table, directory: Directory, found: Resolved, *, has_groups: bool
) -> list[tuple[SheetLine, Unit]]:
    """Put each line with its unit into `found`, or what is wrong with it; answer the lines of districts."""
    groups: list[tuple[SheetLine, Unit]] = []
    for line in table.lines:
        if line.total:
            continue
        if not any(line.text(key) for key in ("code", "name")):
            found.rows += _without_a_unit(line)
            continue
        try:
            group = _group(line, directory) if has_groups else None
            if group is not None:
                groups.append((line, group))
                continue
            district = _district(line, directory, groups[-1][1] if groups else None)
            found.lines.append((line, directory.find(line.text("code"), line.text("name"), district)))
        except Unknown as error:
            key = "code" if line.text("code") else "name"
            called = line.text("name") or line.text("code")
            found.rows.append(Row(line.where(key), called, "", RowOutcome.ERROR, words=str(error)))
    return groups


def _without_a_unit(line: SheetLine) -> list[Row]:
    """Remarks under a table have no unit; neither has a line whose name was forgotten."""
    filled = [cell for key, cell in line.cells.items() if key not in ("district", "mode", "day", "source", "share")]
    if not filled:
        return []
    return [Row(filled[0].address, "", "", RowOutcome.ERROR, words=_("The line names no unit."))]


def _group(line: SheetLine, directory: Directory) -> Unit | None:
    """The district or city that the line is about: its figures are the sums of the units below it."""
    code, name = line.text("code"), line.text("name")
    if code:
        return None if code.upper() in directory.by_code else directory.coded(code, directory.superiors)
    try:
        directory.find("", name)
    except Unknown:
        return directory.superior(name)
    return None


def _district(line: SheetLine, directory: Directory, within: Unit | None) -> Unit | None:
    text = line.text("district")
    if not text:
        return within if within is not None and within.is_under_seal else None
    district = directory.superior(text)
    if district is None:
        raise Unknown(_("There is no superior unit with the name “%(name)s”.") % {"name": text[:100]})
    return district


Figures = dict[str, list[tuple[Unit, int, int]]]  # by column: unit, row, figure


def _figures(lines: list[tuple[SheetLine, Unit]], sums: list[str]) -> Figures:
    figures = defaultdict(list)
    for line, unit in lines:
        for key in sums:
            try:
                value = figure(line.cells.get(key))
            except BadCell:
                continue
            if value is not None:
                figures[key].append((unit, line.row, value))
    return figures


def _checked_group(line: SheetLine, group: Unit, figures: Figures, sums: list[str], titles) -> Row:
    """The city's line may count its agencies or not."""
    for key in sums:
        below = [(unit, value) for unit, _row, value in figures[key] if unit.path.startswith(group.path)]
        possible = {sum(value for _unit, value in below), sum(value for unit, value in below if not unit.is_agency)}
        problem = _difference(line, key, possible, titles)
        if problem:
            return Row(line.where(key), group.full_name, titles(key), RowOutcome.ERROR, words=problem)
    words = _("The figures of %(unit)s are the sum of its units: the line is checked and not imported.")
    return Row(line.where("name"), group.full_name, "", RowOutcome.LEFT_OUT, words=words % {"unit": group.full_name})


def _checked_total(line: SheetLine, since: int, figures: Figures, sums: list[str], titles) -> Row:
    """A total is of all lines of the sheet, of all above it, or of those since the last line of sums or district."""
    for key in sums:
        everything = sum(value for _unit, _row, value in figures[key])
        above = sum(value for _unit, row, value in figures[key] if row < line.row)
        group = sum(value for _unit, row, value in figures[key] if since < row < line.row)
        problem = _difference(line, key, {everything, above, group}, titles, shown=group or above)
        if problem:
            return Row(line.where(key), line.total, titles(key), RowOutcome.ERROR, words=problem)
    words = _("A line of sums: checked, and not imported.") if sums else _("A line of sums: it is left out.")
    return Row(_first(line), line.total, "", RowOutcome.LEFT_OUT, words=words)


def _possible(line: SheetLine, since: int, lines, figures: Figures, sums: list[str]) -> list[list[Unit]]:
    """The units that a total may be of: those since the last line of sums, all above, all; whose figures it adds up."""
    found = []
    for first, end in ((since, line.row), (0, line.row), (0, None)):

        def is_in(row: int, first: int = first, end: int | None = end) -> bool:
            return first < row and (end is None or row < end)

        added = {key: sum(value for _unit, row, value in figures[key] if is_in(row)) for key in sums}
        units = [unit for of_unit, unit in lines if is_in(of_unit.row)]
        if units and all(not _difference(line, key, {value}, str) for key, value in added.items()):
            found.append(units)
    return found


def _first(line: SheetLine) -> str:
    return next((cell.address for cell in line.cells.values()), str(line.row))


def _difference(line: SheetLine, key: str, possible: set[int], titles, *, shown: int | None = None) -> str:
    try:
        value = figure(line.cells.get(key))
    except BadCell as error:
        return str(error)
    if value is None or value in possible:
        return ""
    return _("%(title)s: the sum says %(given)s, the lines add up to %(sum)s.") % {
        "title": titles(key),
        "given": formatting.number(value),
        "sum": formatting.number(max(possible) if shown is None else shown),
    }
