"""Many days of a unit as a workbook, written row by row: it takes the memory of one row, whatever its length."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ...days.status import DayStatus
from ...figures import fields, ranges
from ...figures.rollup import DayRollup, Row
from ...text import formatting, status_marks
from .. import stamp, tidy
from ..range_heading import RangeHeading
from .data import DataSheet
from .style import FONT, LINE_HEIGHT, NUMBER_FORMAT, describe, kind_of, put, set_up, with_styles

HEAD_ROW = 4
CODE_WIDTH, NAME_WIDTH, FIGURE_WIDTH = 12, 30, 13


def range_workbook(days: Iterable[DayRollup], heading: RangeHeading, file: IO[bytes]) -> None:
    """Write the days to a file: the unit's own sum of each, every unit of every day, and the record of discipline."""
    book = with_styles(Workbook(write_only=True))
    _print_plain_cells(book)
    instant = stamp.as_of(heading.look, at=heading.printed_at)
    describe(book, title=f"{heading.unit}. {heading.words}", author=heading.unit, words=stamp.words(instant))
    sums, data, tally = {}, None, _Tally()
    for figures in days:
        lines = tidy.lines(figures, at=heading.printed_at, seals=heading.look.seals)
        for title, row, is_agency in _sums(figures):
            sheet = sums.setdefault(title, None) or _Sheet(book, title, heading, _sum_columns(is_agency))
            sums[title] = sheet
            sheet.write(_sum(figures, row, lines[0] if lines else None, is_agency=is_agency))
        data = data or DataSheet(book)
        data.add(lines)
        tally.add(figures)
    record = _Sheet(book, _("Discipline"), heading, [*_names(), *_status_columns()])
    for line in tally.rows():
        record.write(line)
    for sheet in (*sums.values(), data, record):
        if sheet:
            sheet.finish()
    book.save(file)


def _print_plain_cells(book: Workbook) -> None:
    """A cell without a style of its own costs half of one with: so the font and the thousands are those of no style.

    The library has no public name for the look of such cells: it is the style "Normal" and the first of all.
    """
    normal = book._named_styles["Normal"]
    normal.font = Font(name=FONT, size=11)
    normal.number_format = NUMBER_FORMAT
    book._cell_styles[0] = normal.as_tuple()


class _Sheet:
    """A sheet under way, with the heading above its columns."""

    def __init__(self, book: Workbook, title: str, heading: RangeHeading, columns: Sequence[tuple[str, float]]):
        self.sheet, self.rows, self.width = book.create_sheet(title), HEAD_ROW, len(columns)
        set_up(self.sheet, [width for _head, width in columns], head=(HEAD_ROW, HEAD_ROW))
        printed = _("Printed at %(moment)s") % {"moment": formatting.moment(heading.printed_at)}
        for text, style in ((heading.unit, "bold"), (heading.words, "printed"), (printed, "printed")):
            self.sheet.append([put(WriteOnlyCell(self.sheet), text, style)])
        self.sheet.row_dimensions[HEAD_ROW].height = 2 * LINE_HEIGHT + 4
        self.sheet.append([put(WriteOnlyCell(self.sheet), str(head), "head") for head, _width in columns])

    def write(self, values: Sequence) -> None:
        self.sheet.append([put(WriteOnlyCell(self.sheet), value, f"{kind_of(value)} line") for value in values])
        self.rows += 1

    def finish(self) -> None:
        self.sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(self.width)}{max(self.rows, HEAD_ROW + 1)}"


def _sums(figures: DayRollup) -> Iterator[tuple[str, Row, bool]]:
    """The rows of a day that stand on a sheet of sums: its title, the row, and whether it sums agencies."""
    own = figures.own
    yield _("By day"), own, own.is_agency
    for row in ranges.groups(figures):
        yield _("By day and superior"), row, False
    if figures.agency_total and not own.is_agency:
        yield _("Agencies by day"), figures.agency_total, True


def _sum(figures: DayRollup, row: Row, line: tidy.Line | None, *, is_agency: bool) -> list:
    as_of = formatting.exact(line.as_of) if line and line.as_of else _("not sealed")
    return [
        figures.day,
        *_names_of(figures, row),
        row.installs,
        row.adjustment,
        row.cumulative,
        row.population,
        row.share,
        *(getattr(row, count.name) for count in fields.BESIDE),
        *ranges.counts(figures, row, agencies=is_agency).values(),
        as_of,
    ]


def _names_of(figures: DayRollup, row: Row) -> tuple[str, str, str]:
    superior = figures.parent_of(row)
    return row.code, superior.name if superior else "", row.name


class _Tally:
    """How often the days of each unit had each status, under the name that it had last."""

    def __init__(self):
        self.counts: dict[str, Counter[DayStatus]] = defaultdict(Counter)
        self.names: dict[str, tuple[str, str, str]] = {}

    def add(self, figures: DayRollup) -> None:
        for row in figures.reporting:
            self.names[row.code] = _names_of(figures, row)
            self.counts[row.code][row.status] += 1

    def rows(self) -> Iterator[list]:
        for code, names in self.names.items():
            yield [*names, *(self.counts[code][status] for status in DayStatus)]


def _names() -> list[tuple[str, float]]:
    return [(_("Code"), CODE_WIDTH), (_("Superior"), NAME_WIDTH), (_("Unit"), NAME_WIDTH)]


def _sum_columns(is_agency: bool) -> list[tuple[str, float]]:
    population = (_("Staff"), _("Share of staff")) if is_agency else (_("Population"), _("Share of population"))
    heads = [field.label for field in (fields.INSTALLS, fields.ADJUSTMENT, fields.CUMULATIVE)]
    heads += [*population, *(count.label for count in fields.BESIDE)]
    figures = [(str(head), FIGURE_WIDTH) for head in heads]
    return [(_("Day"), FIGURE_WIDTH), *_names(), *figures, *_status_columns(), (_("Figures as of"), 20)]


def _status_columns() -> list[tuple[str, float]]:
    return [(status_marks.status_words(status), FIGURE_WIDTH) for status in DayStatus]
