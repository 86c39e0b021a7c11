"""The day's official workbook of a unit: the tables of the units below it, and the other sheets."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, groupby

from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ...days.look_back import LookBack
from ...days.status import DayStatus
from ...figures import fields, statements
from ...figures.rollup import DayRollup, Row
from ...text import formatting, status_marks
from .. import stamp, tidy
from ..annex import Annex
from .head import FIRST_ROW, form_head, merge, paragraph, signatures
from .many_days import data_sheet
from .notes import confirmed_words, notes_sheet
from .style import describe, put, roman, set_up, width_of, with_styles

HEAD_ROWS = (FIRST_ROW, FIRST_ROW + 1)
FIRST_LINE = FIRST_ROW + 2
NUMBER_WIDTH = 5  # of the column “STT”, the line numbers


@dataclass(frozen=True)
class TableLine:
    """A line of a table: a unit's row, or a district's name above its communes."""

    number: int | str  # a unit's line number; a text for other lines
    row: Row | None
    style: str = "line"
    name: str = ""  # replaces the unit's own

    def value(self, key: str) -> object:
        """The value for the column with that key, from the line or from its row."""
        if self.row is None and key != "printed_name":
            return None
        return getattr(self if hasattr(self, key) else self.row, key)

    @property
    def printed_name(self) -> str:
        return self.name or self.row.name

    @property
    def code(self) -> str:
        return self.row.code if self.style == "line" else ""

    @property
    def state(self) -> str:
        """Whether the unit has reported; for a sum, how many have."""
        if self.row.is_reporting and self.style == "line":
            return status_marks.status_words(self.row.status)
        return f"{self.row.reported}/{self.row.expected}"

    @property
    def before(self) -> int | None:
        """The cumulative before the day's installs and adjustments; with units that were merged into this one."""
        row = self.row
        return None if row.cumulative is None else row.cumulative - (row.installs or 0) - (row.adjustment or 0)


@dataclass(frozen=True)
class Column:
    head: str
    width: float
    key: str  # selects the line's value
    kind: str = "number"
    group: str = ""  # the head over several columns


@dataclass(frozen=True)
class Table:
    """A sheet with its lines and their total, which is the unit's row."""

    sheet: str
    title: str
    columns: Sequence[Column]
    lines: Sequence[TableLine]
    total: TableLine
    is_grouped: bool = False

    @property
    def widths(self) -> list[float]:
        names = width_of([line.printed_name for line in self.lines])
        return [NUMBER_WIDTH, names, *(column.width for column in self.columns[1:])]


def day_workbook(annex: Annex) -> bytes:
    """The .xlsx. The same annex gives the same cells, except for the time of printing.

    A city has tables of districts, communes and agencies, a district a table of communes, other units one line.
    """
    book = with_styles(Workbook())
    book.remove(book.active)
    for table in _tables(annex):
        _table_sheet(book, table, annex)
    notes_sheet(book, annex)
    seals = {annex.seal.day: annex.seal} if annex.seal and annex.is_sealed else None
    lines = tidy.lines(annex.figures, seals=seals)
    notes = {one.row.code: one.note.replace("\r", "") for one in annex.difficulties}
    data = data_sheet(book, tidy.COLUMNS, [_("Difficulties")])
    for line in lines:
        data.add(line, notes.get(line.record.code))
    data.finish()
    words = stamp.description(LookBack(annex.figures.day, as_of=annex.figures.as_of), at=annex.printed_at)
    what = f"{annex.figures.own.name}, {formatting.day(annex.figures.day)}"
    title = f"{_('Installs of the Bluezone application')}: {what}"
    describe(book, title=title, author=annex.letterhead.issuing, words=words)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _tables(annex: Annex) -> list[Table]:
    figures, own = annex.figures, annex.figures.own
    title, total = _("Installs of the Bluezone application"), TableLine("", own, "total", _("Total"))
    if own.is_reporting:
        columns = _columns(is_agency=own.is_agency)
        return [Table(_("Own figures"), title, columns, _numbered([own]), total)]
    by_unit, lines = _columns(), _numbered(figures.children)
    if all(row.is_reporting for row in figures.children):
        tables = [Table(_("By commune"), title, by_unit, lines, total)]
    else:
        has_cities = any(row.is_city for row in figures.children)
        sums = _("Sums of provinces") if has_cities else _("Sums of districts")
        all_units = _("Installs of the Bluezone application by unit")
        tables = [
            Table(sums, title, _columns(is_summary=True), lines, total),
            Table(_("By commune"), all_units, by_unit, _grouped(figures), total, is_grouped=True),
        ]
    if figures.agencies:
        total = TableLine("", figures.agency_total, "total", _("Total"))
        title = _("Installs of the Bluezone application by agency")
        columns = _columns(is_agency=True)
        tables.append(Table(_("Agencies"), title, columns, _numbered(figures.agencies), total))
    return tables


def _numbered(rows: Iterable[Row]) -> list[TableLine]:
    return [TableLine(number, row) for number, row in enumerate(rows, start=1)]


def _grouped(figures: DayRollup) -> list[TableLine]:
    """For each district its name, its numbered communes and their sum; without communes, one numbered line."""
    lines, numbers = [], count(1)
    for position, district in enumerate(figures.children, start=1):
        communes = [row for row in figures.below(district.code) if not row.is_agency]
        lines.append(TableLine(roman(position), None, "group", district.name))
        lines += [TableLine(next(numbers), row) for row in communes or [district]]
        lines.append(TableLine("", district, "group", pgettext("of a group", "Sum")))
    return lines


def _columns(*, is_summary: bool = False, is_agency: bool = False) -> list[Column]:
    """All columns: unit, reports, cumulative before, counts of the day, cumulative, population, target.

    A summary has the number of reports; other tables have the unit's code and state.
    """
    unit, against, people, share = _("Unit"), _("Against the population"), _("Population"), _("Share of population")
    if is_agency:
        unit, against, people, share = _("Agency"), _("Against the staff"), _("Staff"), _("Share of staff")
    installed, reports = _("Phones installed"), _("Reports of the day")
    counts = [
        Column(_("Expected"), 7, "expected", group=reports),
        Column(_("Reported"), 7, "reported", group=reports),
        Column(status_marks.status_words(DayStatus.LATE), 6, "late", group=reports),
        Column(_("Carried forward"), 7, "carried_forward", group=reports),
    ]
    return [
        Column(unit, 0, "printed_name", "text"),  # as wide as the longest name
        *(counts if is_summary else [Column(_("Code"), 10, "code", "text"), Column(_("State"), 13, "state", "text")]),
        Column(_("Cumulative before"), 11, "before", group=installed),
        Column(_("New installs"), 9, "installs", group=installed),
        Column(_("Adjusted"), 8, "adjustment", group=installed),
        Column(_("Cumulative"), 11, "cumulative", group=installed),
        Column(people, 11, "population", group=against),
        Column(share, 9, "share", "share", against),
        Column(_("Target"), 11, "target", group=against),
        Column(_("Still missing"), 10, "missing_to_target", group=against),
        *(Column(str(one.label), 8, one.name) for one in fields.EXTRAS if not is_agency),
    ]


def _table_sheet(book: Workbook, table: Table, annex: Annex) -> None:
    sheet = book.create_sheet(table.sheet)
    form_head(sheet, annex, table.title, table.widths, total=table.total.row)
    _heads(sheet, table.columns)
    for row_number, line in enumerate(table.lines, start=FIRST_LINE):
        _write(sheet, row_number, table.columns, line)
    last = FIRST_LINE + len(table.lines) - 1
    _write(sheet, last + 1, table.columns, table.total)
    if not table.is_grouped:  # a sort would mix the groups
        sheet.auto_filter.ref = f"A{HEAD_ROWS[1]}:{get_column_letter(len(table.columns) + 1)}{last}"
    next_row = last + 2
    for words in _words_below(annex, table):
        paragraph(sheet, next_row, words, table.widths)
        next_row += 1
    signatures(sheet, next_row + 1, annex, table.widths)
    set_up(sheet, table.widths, head=HEAD_ROWS)


def _heads(sheet: Worksheet, columns: Sequence[Column]) -> None:
    """Write two rows: a group's columns share the upper cell, a column without a group takes both."""
    top, bottom = HEAD_ROWS
    heads = enumerate([Column(_("No."), NUMBER_WIDTH, "number"), *columns], start=1)
    for group, columns_of_group in groupby(heads, key=lambda head: head[1].group or head[0]):
        members, is_group = list(columns_of_group), isinstance(group, str)
        (first, column), (last, _column) = members[0], members[-1]
        for position, member in members:
            put(sheet.cell(top, position), None, "head")
            put(sheet.cell(bottom, position), member.head if is_group else None, "head")
        put(sheet.cell(top, first), group if is_group else column.head, "head")
        merge(sheet, top, first, top if is_group else bottom, last)
    sheet.row_dimensions[top].height = 18
    sheet.row_dimensions[bottom].height = 48


def _write(sheet: Worksheet, row_number: int, columns: Sequence[Column], line: TableLine) -> None:
    kind = "number" if isinstance(line.number, int) else "text"
    put(sheet.cell(row_number, 1), line.number, f"{kind} {line.style} centred")
    for position, column in enumerate(columns, start=2):
        centred = " centred" if column.key == "state" else ""
        put(sheet.cell(row_number, position), line.value(column.key), f"{column.kind} {line.style}{centred}")


def _words_below(annex: Annex, table: Table) -> list[str]:
    """The notes below the table."""
    own = table.total.row
    words = [_("In the total line, the target, the number still missing and the share are the unit's own, not sums.")]
    provisional = statements.subject(annex.figures, own, seal=annex.seal).provisional
    if provisional and own.carried_forward:
        carried = _("units that have not reported count with their earlier cumulative")
        words.append(f"{capfirst(str(provisional))}: {carried}.")
    if own is annex.figures.agency_total:
        words.append(_("Staff also live in a commune, so these figures are separate from the population's."))
    elif confirmed := confirmed_words(annex):
        words.append(confirmed)
    return words
