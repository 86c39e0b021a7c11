"""The lines of a table beside the units they speak of; lines of sums are recognised, checked and left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from django.utils.translation import gettext as _

from ..models import Unit
from ..text import formatting
from .layout import SheetLine, Table, is_number
from .named_units import Directory, Unknown
from .plan import BadCell, LineReader, Row, RowOutcome, figure, rows_of

BESIDE = {"district", "mode", "day", "source", "share", "status", "effective_on", "code", "name"}
Figure = tuple[LineReader, int]


def resolve(table: Table, directory: Directory, *, has_groups: bool = True) -> tuple[list[LineReader], list[Row]]:
    """A reader for each line of a unit, and what is to be said of the other lines.

    With `has_groups` the line of a district is one of sums; without, it has a figure of its own and nothing is added
    up.
    """
    readers, groups, others = _find_units(table, directory, has_groups=has_groups)
    figures = defaultdict(list)
    for reader in readers:
        reader.left_out()
        for key in reader.line.numbers if has_groups else ():
            with suppress(BadCell):
                if (value := figure(reader.line.cells.get(key))) is not None:
                    figures[key].append((reader, value))
    words = _("The figures of %(unit)s are the sum of its units: the line is checked and not imported.")
    for group in groups:
        if _agrees(group, {key: [_below(group, figures[key])] for key in group.line.numbers}):
            group.tell("name", RowOutcome.LEFT_OUT, words=words % {"unit": group.called}, what="")
    totals = [LineReader(line, line.total) for line in table.lines if line.total]
    breaks = [reader.line.place for reader in [*totals, *groups]]
    words = _("A line of sums: checked, and not imported.") if has_groups else _("A line of sums: it is left out.")
    for total in totals:
        since = max((place for place in breaks if place < total.line.place), default=(0, 0))
        parts = {key: _parts_of_total(total.line, since, figures[key]) for key in total.line.numbers if has_groups}
        if _agrees(total, parts):
            total.tell("", RowOutcome.LEFT_OUT, words=words, what="")
    return readers, rows_of([*others, *groups, *totals])


def _find_units(
    table: Table, directory: Directory, *, has_groups: bool
) -> tuple[list[LineReader], list[LineReader], list[LineReader]]:
    """The lines with their units, those of districts apart, and those of which no unit is known."""
    readers, groups, others = [], [], []
    for line in table.lines:
        if line.total:
            continue
        called = line.text("name") or line.text("code")
        reader = LineReader(line, called)
        has_figures = not line.numbers or any(is_number(line.cells.get(key)) for key in line.numbers)
        if not called:
            others.append(reader)
            filled = [key for key in line.cells if key not in BESIDE]
            if has_figures and filled:  # remarks under a table have no unit; neither has a line without its name
                reader.refuse(filled[0], _("The line names no unit."), what="")
            continue
        try:
            group = _group(line, directory) if has_groups else None
            if group is None:
                within = groups[-1].unit if groups and groups[-1].line.sheet == line.sheet else None
                district = _district(line, directory, within)
                unit = directory.find(line.text("code"), line.text("name"), district)
                readers.append(LineReader(line, unit=unit))
            else:
                groups.append(LineReader(line, unit=group))
        except Unknown as error:
            others.append(reader)
            key = "code" if line.text("code") else "name"
            if has_figures:
                reader.refuse(key, str(error), what="")
            elif len(called) <= 100:  # the head of a group, or who has signed
                words = _("No unit and no figure: the line is left out.")
                reader.tell(key, RowOutcome.LEFT_OUT, words=words, what="")
    return readers, groups, others


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


def _below(group: LineReader, figures: Iterable[Figure]) -> list[Figure]:
    own = [one for one in figures if one[0].unit.path.startswith(group.unit.path)]
    return [one for one in own if _is_of(group.line, one[0].line)]


def _parts_of_total(line: SheetLine, since: tuple[int, int], figures: Iterable[Figure]) -> list[list[Figure]]:
    """A total is of those since the last line of sums, of all above it, of its sheet, or of all lines of the file."""
    own = [one for one in figures if _is_of(line, one[0].line)]
    sheet = [one for one in own if one[0].line.sheet == line.sheet]
    above = [one for one in sheet if one[0].line.place < line.place]
    return [[one for one in above if since < one[0].line.place], above, sheet, own]


def _is_of(line: SheetLine, other: SheetLine) -> bool:
    """Whether the figures of the other line may be in a line of sums: of the same day, if it names one."""
    return not line.text("day") or line.text("day") == other.text("day")


def _agrees(reader: LineReader, parts_of: Mapping[str, list[list[Figure]]]) -> bool:
    """Whether each figure of a line of sums is that of one of its parts; the first that is not is refused."""
    for key, parts in parts_of.items():
        value, possible = reader.take(figure, key), set().union(*map(_sums, parts))
        if value is not None and value not in possible:
            words = _("%(title)s: the sum says %(given)s, the lines add up to %(sum)s.")
            shown = next(filter(None, map(_sum, parts[:2])), max(possible))
            given, found = formatting.number(value), formatting.number(shown)
            reader.refuse(key, words % {"title": reader.line.title(key), "given": given, "sum": found})
        if reader.rows:
            return False
    return True


def _sums(figures: Sequence[Figure]) -> set[int]:
    """What a line of sums may say: with the agencies, without them, or of them alone."""
    streams = [_sum(one for one in figures if one[0].unit.is_agency is agency) for agency in (True, False)]
    return {sum(streams), *streams}


def _sum(figures: Iterable[Figure]) -> int:
    """What stands of a unit and day in several sheets is counted once."""
    return sum({(reader.unit.pk, reader.line.text("day")): value for reader, value in figures}.values())
