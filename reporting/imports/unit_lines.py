"""The lines of a table beside the units they speak of; lines of sums are recognised, checked and left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ..models import Unit
from ..text import formatting
from .layout import SheetLine, Table, is_number
from .named_units import Directory, Unknown
from .plan import BadCell, Row, RowOutcome, figure, left_out

BESIDE = {"district", "mode", "day", "source", "share", "status", "effective_on", "code", "name"}
Lines = list[tuple[SheetLine, Unit]]
Place = tuple[int, int]  # sheet and row
Titles = Mapping[str, str | Promise]  # by column
Figures = dict[str, list[tuple[Unit, SheetLine, int]]]  # by column


def resolve(
    table: Table,
    directory: Directory,
    *,
    sums: list[str],
    titles: Titles,
    counts: Sequence[str] = (),
    has_groups: bool = True,
) -> tuple[Lines, list[Row]]:
    """Each line with its unit, and what is to be said of the others.

    `sums` are the keys of the columns whose figures are added up in lines of sums, `counts` those of figures that no
    line adds up. With `has_groups` the line of a district is one of those; without, it has a figure of its own.
    """
    totals = [line for line in table.lines if line.total]
    lines, groups, rows = _find_units(table, directory, has_groups=has_groups, counts=[*sums, *counts])
    for line, unit in lines:
        for key in (*sums, *counts):
            rows += left_out(line.cells.get(key), unit.full_name, str(titles[key]))
    figures = _figures(lines, sums)
    rows += [_checked_group(line, group, figures, sums, titles) for line, group in groups]
    breaks = [line.place for line in totals] + [line.place for line, _group in groups]
    for line in totals:
        since = max((place for place in breaks if place < line.place), default=(0, 0))
        rows.append(_checked_total(line, since, figures, sums, titles))
    return lines, rows


def _find_units(
    table: Table, directory: Directory, *, has_groups: bool, counts: Sequence[str]
) -> tuple[Lines, Lines, list[Row]]:
    """The lines with their units, those of districts apart, and what is wrong with others."""
    lines, groups, rows = [], [], []
    for line in table.lines:
        if line.total:
            continue
        has_figures = not counts or any(is_number(line.cells.get(key)) for key in counts)
        if not any(line.text(key) for key in ("code", "name")):
            filled = [key for key in line.cells if key not in BESIDE]
            if has_figures and filled:  # remarks under a table have no unit; neither has a line without its name
                words = _("The line names no unit.")
                rows.append(Row(line.where(filled[0]), "", "", RowOutcome.ERROR, words=words))
            continue
        try:
            group = _group(line, directory) if has_groups else None
            if group is not None:
                groups.append((line, group))
                continue
            within = groups[-1][1] if groups and groups[-1][0].sheet == line.sheet else None
            district = _district(line, directory, within)
            lines.append((line, directory.find(line.text("code"), line.text("name"), district)))
        except Unknown as error:
            key = "code" if line.text("code") else "name"
            called = line.text("name") or line.text("code")
            if has_figures:
                rows.append(Row(line.where(key), called, "", RowOutcome.ERROR, words=str(error)))
            elif len(called) <= 100:  # the head of a group, or who has signed
                words = _("No unit and no figure: the line is left out.")
                rows.append(Row(line.where(key), called, "", RowOutcome.LEFT_OUT, words=words))
    return lines, groups, rows


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


def _figures(lines: Lines, sums: list[str]) -> Figures:
    figures = defaultdict(list)
    for line, unit in lines:
        for key in sums:
            with suppress(BadCell):
                if (value := figure(line.cells.get(key))) is not None:
                    figures[key].append((unit, line, value))
    return figures


def _sum(figures: Iterable[tuple[Unit, SheetLine, int]]) -> int:
    """What stands of a unit and day in several sheets is counted once."""
    return sum({(unit.pk, line.text("day")): value for unit, line, value in figures}.values())


def _sums(figures: Sequence[tuple[Unit, SheetLine, int]]) -> set[int]:
    """What a line of sums may say: with the agencies, without them, or of them alone."""
    streams = [_sum(one for one in figures if one[0].is_agency is agency) for agency in (True, False)]
    return {sum(streams), *streams}


def _is_of(line: SheetLine, other: SheetLine) -> bool:
    """Whether the figures of the other line may be in a line of sums: of the same day, if it names one."""
    return not line.text("day") or line.text("day") == other.text("day")


def _checked_group(line: SheetLine, group: Unit, figures: Figures, sums: list[str], titles: Titles) -> Row:
    for key in sums:
        below = [one for one in figures[key] if one[0].path.startswith(group.path) and _is_of(line, one[1])]
        if problem := _difference(line, key, titles, _sums(below), shown=_sum(below)):
            return Row(line.where(key), group.full_name, str(titles[key]), RowOutcome.ERROR, words=problem)
    words = _("The figures of %(unit)s are the sum of its units: the line is checked and not imported.")
    return Row(line.where("name"), group.full_name, "", RowOutcome.LEFT_OUT, words=words % {"unit": group.full_name})


def _checked_total(line: SheetLine, since: Place, figures: Figures, sums: list[str], titles: Titles) -> Row:
    """A total is of all lines of the file, of its sheet, of all above it, or of those since the last line of sums."""
    for key in sums:
        own = [one for one in figures[key] if _is_of(line, one[1])]
        sheet = [one for one in own if one[1].sheet == line.sheet]
        above = [one for one in sheet if one[1].place < line.place]
        group = [one for one in above if since < one[1].place]
        possible = set().union(*map(_sums, (own, sheet, above, group)))
        if problem := _difference(line, key, titles, possible, shown=_sum(group) or _sum(above)):
            return Row(line.where(key), line.total, str(titles[key]), RowOutcome.ERROR, words=problem)
    words = _("A line of sums: checked, and not imported.") if sums else _("A line of sums: it is left out.")
    return Row(line.where(""), line.total, "", RowOutcome.LEFT_OUT, words=words)


def _difference(line: SheetLine, key: str, titles: Titles, possible: set[int], *, shown: int) -> str:
    try:
        value = figure(line.cells.get(key))
    except BadCell as error:
        return str(error)
    if value is None or value in possible:
        return ""
    words = _("%(title)s: the sum says %(given)s, the lines add up to %(sum)s.")
    given, found = formatting.number(value), formatting.number(shown or max(possible))
    return words % {"title": titles[key], "given": given, "sum": found}
