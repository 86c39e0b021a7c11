"""Many days of a unit as a workbook, written row by row: it takes the memory of one row, whatever its length."""

from __future__ import annotations

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

from ...figures import fields
from ...figures.discipline import Outcome
from ...figures.ranges import Place, RangeDay, RangeLine, Sum
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


def range_workbook(days: Iterable[RangeDay], heading: RangeHeading, file: IO[bytes]) -> None:
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


def outcome_words() -> dict[Outcome | None, str]:
    words = status_marks.status_words()
    return {
        Outcome.ON_TIME: words["on_time"],
        Outcome.LATE: words["late"],
        Outcome.MISSING: words["missing"],
        Outcome.EXCUSED: _("Excused"),
        None: "",
    }


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
        self.states = {outcome: self._state(words) for outcome, words in outcome_words().items()}
        self.texts = {}
        for text, style in ((heading.unit, "bold"), (heading.words, "printed"), (_printed(heading), "printed")):
            self.sheet.append([self._text(text, style)])
        self.sheet.row_dimensions[HEAD_ROW].height = 2 * LINE_HEIGHT + 4
        self.sheet.append([self._text(head, "head") for head, _width in columns])

    def write(self, values: list) -> None:
        self.sheet.append(values)
        self.rows += 1

    def share_of(self, line: RangeLine):
        """The ratio in its cell, empty where it is not known."""
        share = line.share
        if share is None:
            return None
        self.share.value = share / 10_000
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
        self.names: dict[Place, tuple] = {}

    def write(self, then: RangeDay) -> None:
        for sheet, sums in self._sums(then):
            sheet.day.value = then.day
            for found in sums:
                self._sum(sheet, found)
        sheets = {False: self.units, True: self.agencies}
        for line in then.lines:
            sheet = sheets[line.place.is_agency] or self._open(line.place.is_agency)
            sheets[line.place.is_agency] = sheet
            sheet.day.value = then.day
            self._line(sheet, line)

    def finish(self, tally: _Tally) -> None:
        record = _Sheet(self.book, _("Discipline"), self.heading, [*_names(_("Unit")), *_outcome_columns()])
        for place, counts in tally.rows():
            names = self._names(record, place)
            record.write([*names, *(counts[outcome] for outcome in Outcome)])
        for sheet in (self.own, self.groups, self.units, self.agency_sum, self.agencies, record):
            if sheet:
                sheet.finish()

    def _sums(self, then: RangeDay) -> Iterator[tuple[_Sheet, list[Sum]]]:
        if total := then.total():
            self.own = self.own or self._sum_sheet(_("By day"))
            yield self.own, [total]
        if groups := then.groups():
            self.groups = self.groups or self._sum_sheet(_("By day and superior"))
            yield self.groups, groups
        if not then.tree.own_is_agency and (agencies := then.total(agencies=True)):
            self.agency_sum = self.agency_sum or self._sum_sheet(_("Agencies by day"), is_agency=True)
            yield self.agency_sum, [agencies]

    def _sum_sheet(self, title: str, *, is_agency: bool = False) -> _Sheet:
        columns = [(_("Day"), FIGURE_WIDTH), *_names(_("Unit")), *_figures(is_agency), *_outcome_columns()]
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

    def _names(self, sheet: _Sheet, place: Place) -> tuple:
        known = self.names.get((id(place), id(sheet)))
        if known is None or known[0] is not place:
            names = (sheet.words(place.code), sheet.words(place.superior), sheet.words(place.name))
            known = self.names[id(place), id(sheet)] = (place, names)
        return known[1]

    def _sum(self, sheet: _Sheet, found: Sum) -> None:
        sheet.write([sheet.day, *self._figures(sheet, found.line), *(found.counts[outcome] for outcome in Outcome)])

    def _line(self, sheet: _Sheet, line: RangeLine) -> None:
        sheet.write([sheet.day, *self._figures(sheet, line), sheet.states[line.outcome]])

    def _figures(self, sheet: _Sheet, line: RangeLine) -> list:
        place = line.place
        return [
            *self._names(sheet, place),
            line.installs,
            line.adjustment,
            line.cumulative,
            place.population,
            sheet.share_of(line),
            *line.beside,
        ]


class _Tally:
    """How often each unit was on time, late, missing or excused, under the name that it had last."""

    def __init__(self):
        self.counts: dict[str, dict[Outcome, int]] = {}
        self.places: dict[str, Place] = {}

    def add(self, then: RangeDay) -> None:
        for line in then.lines:
            code = line.place.code
            self.places[code] = line.place
            counts = self.counts.get(code)
            if counts is None:
                counts = self.counts[code] = dict.fromkeys(Outcome, 0)
            if line.outcome:
                counts[line.outcome] += 1

    def rows(self) -> Iterator[tuple[Place, dict[Outcome, int]]]:
        for code, place in self.places.items():
            yield place, self.counts[code]


def _names(head: str) -> list[tuple[str, float]]:
    return [(_("Code"), CODE_WIDTH), (_("Superior"), NAME_WIDTH), (head, NAME_WIDTH)]


def _figures(is_agency: bool) -> list[tuple[str, float]]:
    population = (_("Staff"), _("Share of staff")) if is_agency else (_("Population"), _("Share of population"))
    heads = [field.label for field in (fields.INSTALLS, fields.ADJUSTMENT, fields.CUMULATIVE)]
    heads += [*population, *(count.label for count in fields.BESIDE)]
    return [(str(head), FIGURE_WIDTH) for head in heads]


def _outcome_columns() -> list[tuple[str, float]]:
    words = outcome_words()
    return [(words[outcome], FIGURE_WIDTH) for outcome in Outcome]


def _printed(heading: RangeHeading) -> str:
    return _("Printed at %(moment)s") % {"moment": formatting.moment(heading.printed_at)}
