"""Many days of a unit as a workbook, written row by row: it takes the memory of one row, whatever its length."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from ...days.status import DayStatus
from ...figures import fields, ranges
from ...figures.rollup import DayRollup, Row
from ...text import formatting, status_marks
from ...text.characters import printable
from .style import DAY_FORMAT, FONT, LINE_HEIGHT, NUMBER_FORMAT, SHARE_FORMAT, set_up, with_styles

HEAD_ROW = 4
CODE_WIDTH, NAME_WIDTH, FIGURE_WIDTH = 12, 30, 13


@dataclass(frozen=True, kw_only=True)
class RangeHeading:
    """What stands above every sheet."""

    unit: str
    first: date
    last: date
    printed_at: datetime
    as_of: datetime | None = None

    @property
    def words(self) -> str:
        days = {"first": formatting.day(self.first), "last": formatting.day(self.last)}
        words = _("%(first)s to %(last)s") % days
        if self.as_of is None:
            return words
        then = _("As known at %(moment)s, not the figures of now") % {"moment": formatting.moment(self.as_of)}
        return f"{words}. {then}"


def range_workbook(days: Iterable[DayRollup], heading: RangeHeading, file: IO[bytes]) -> None:
    """Write the days to a file: the unit's own sum of each, every unit of every day, and the record of discipline."""
    book = with_styles(Workbook(write_only=True))
    _print_plain_cells(book)
    sheets = _Sheets(book, heading)
    tally = _Tally()
    for then in days:
        sheets.write(then)
        tally.add(then)
    sheets.finish(tally)
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
    """One sheet under way. Its day and its share are one cell each, filled anew for every row."""

    def __init__(self, book: Workbook, title: str, heading: RangeHeading, columns: Sequence[tuple[str, float]]):
        self.sheet: WriteOnlyWorksheet = book.create_sheet(title)
        self.rows = HEAD_ROW
        self.width = len(columns)
        set_up(self.sheet, [width for _head, width in columns], head=(HEAD_ROW, HEAD_ROW))
        self.day = self._cell(DAY_FORMAT, at="center")  # a day at the right would touch the code at the left
        self.share = self._cell(SHARE_FORMAT)
        self.states = {status: self._state(status_marks.status_words(status)) for status in (*DayStatus, None)}
        self.texts = {}
        for text, style in ((heading.unit, "bold"), (heading.words, "printed"), (_printed(heading), "printed")):
            self.sheet.append([self._text(text, style)])
        self.sheet.row_dimensions[HEAD_ROW].height = 2 * LINE_HEIGHT + 4
        self.sheet.append([self._text(head, "head") for head, _width in columns])

    def write(self, values: list) -> None:
        self.sheet.append(values)
        self.rows += 1

    def share_of(self, row: Row):
        """The ratio in its cell, empty where it is not known."""
        if row.share is None:
            return None
        self.share.value = float(row.share)
        return self.share

    def words(self, text: str):
        """A text as a plain value; one that Excel would take for a formula or an error in a cell that says text."""
        text = printable(text)
        if text[:1] not in ("=", "#"):
            return text
        if text not in self.texts:
            self.texts[text] = self._text(text, "text line")
        return self.texts[text]

    def finish(self) -> None:
        self.sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(self.width)}{max(self.rows, HEAD_ROW + 1)}"

    def _cell(self, number_format: str, at: str | None = None) -> WriteOnlyCell:
        cell = WriteOnlyCell(self.sheet)
        cell.number_format = number_format
        cell.font = Font(name=FONT, size=11)
        if at:
            cell.alignment = Alignment(horizontal=at)
        return cell

    def _state(self, words: str) -> WriteOnlyCell | None:
        if not words:
            return None
        cell = self._cell("General", at="center")
        cell.value = words
        return cell

    def _text(self, text: str, style: str) -> WriteOnlyCell:
        cell = WriteOnlyCell(self.sheet, value=printable(text))
        cell.data_type = "s"
        cell.style = style
        return cell


class _Sheets:
    """All sheets of the book, each open until the last day is written."""

    def __init__(self, book: Workbook, heading: RangeHeading):
        self.book, self.heading = book, heading
        self.own = self.groups = self.units = self.agency_sum = self.agencies = None

    def write(self, figures: DayRollup) -> None:
        own = figures.own
        self.own = self.own or self._sum_sheet(_("By day"), is_agency=own.is_agency)
        self._sum(self.own, figures, own, agencies=own.is_agency)
        for row in ranges.groups(figures):
            self.groups = self.groups or self._sum_sheet(_("By day and superior"))
            self._sum(self.groups, figures, row, agencies=False)
        if figures.agency_total and not own.is_agency:
            self.agency_sum = self.agency_sum or self._sum_sheet(_("Agencies by day"), is_agency=True)
            self._sum(self.agency_sum, figures, figures.agency_total, agencies=True)
        sheets = {False: self.units, True: self.agencies}
        for row in figures.reporting:
            sheet = sheets[row.is_agency] or self._open(row.is_agency)
            sheets[row.is_agency] = sheet
            sheet.day.value = figures.day
            sheet.write([sheet.day, *_values(sheet, figures, row), sheet.states[row.status]])

    def finish(self, tally: _Tally) -> None:
        record = _Sheet(self.book, _("Discipline"), self.heading, [*_names(_("Unit")), *_status_columns()])
        for names, counts in tally.rows():
            record.write([*map(record.words, names), *(counts[status] for status in DayStatus)])
        for sheet in (self.own, self.groups, self.units, self.agency_sum, self.agencies, record):
            if sheet:
                sheet.finish()

    def _sum_sheet(self, title: str, *, is_agency: bool = False) -> _Sheet:
        columns = [(_("Day"), FIGURE_WIDTH), *_names(_("Unit")), *_figures(is_agency), *_status_columns()]
        return _Sheet(self.book, title, self.heading, columns)

    def _open(self, is_agency: bool) -> _Sheet:
        title = _("Agencies by day and unit") if is_agency else _("By day and unit")
        head = _("Agency") if is_agency else _("Unit")
        columns = [(_("Day"), FIGURE_WIDTH), *_names(head), *_figures(is_agency), (_("State"), 14)]
        sheet = _Sheet(self.book, title, self.heading, columns)
        if is_agency:
            self.agencies = sheet
        else:
            self.units = sheet
        return sheet

    def _sum(self, sheet: _Sheet, figures: DayRollup, row: Row, *, agencies: bool) -> None:
        sheet.day.value = figures.day
        counts = ranges.counts(figures, row, agencies=agencies)
        sheet.write([sheet.day, *_values(sheet, figures, row), *counts.values()])


def _values(sheet: _Sheet, figures: DayRollup, row: Row) -> list:
    return [
        *map(sheet.words, _names_of(figures, row)),
        row.installs,
        row.adjustment,
        row.cumulative,
        row.population,
        sheet.share_of(row),
        *(getattr(row, count.name) for count in fields.BESIDE),
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

    def rows(self) -> Iterator[tuple[tuple[str, str, str], Counter[DayStatus]]]:
        for code, names in self.names.items():
            yield names, self.counts[code]


def _names(head: str) -> list[tuple[str, float]]:
    return [(_("Code"), CODE_WIDTH), (_("Superior"), NAME_WIDTH), (head, NAME_WIDTH)]


def _figures(is_agency: bool) -> list[tuple[str, float]]:
    population = (_("Staff"), _("Share of staff")) if is_agency else (_("Population"), _("Share of population"))
    heads = [field.label for field in (fields.INSTALLS, fields.ADJUSTMENT, fields.CUMULATIVE)]
    heads += [*population, *(count.label for count in fields.BESIDE)]
    return [(str(head), FIGURE_WIDTH) for head in heads]


def _status_columns() -> list[tuple[str, float]]:
    return [(status_marks.status_words(status), FIGURE_WIDTH) for status in DayStatus]


def _printed(heading: RangeHeading) -> str:
    return _("Printed at %(moment)s") % {"moment": formatting.moment(heading.printed_at)}
