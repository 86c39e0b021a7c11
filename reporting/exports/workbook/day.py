"""The day's official workbook below one unit: the tables of its units, and what belongs beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ...days.status import DayStatus
from ...figures import fields
from ...figures.rollup import Row
from ...hours import deadline
from ...text import formatting, status_marks
from .. import stamp, tidy
from ..printed_day import Annex
from .beside import difficulties_sheet, missing_sheet, notes_sheet
from .charts import charts_sheet
from .data import DataSheet
from .head import FIRST_ROW, Heading, form_head, merge, paragraph, signatures
from .stored import saved
from .style import REACHED_FILL, UNDER_FILL, describe, put, roman, set_up, width_of, with_styles

HEAD_ROWS = (FIRST_ROW, FIRST_ROW + 1)
FIRST_LINE = FIRST_ROW + 2
NUMBER_WIDTH = 5  # of the column of the STT


@dataclass(frozen=True)
class TableLine:
    """A line of a table: a unit's row, and the same unit's row with the cumulative of the day before."""

    number: int | str  # the STT of a unit that counts in the sums, a text elsewhere
    row: Row
    before: Row
    opened: Row | None = None  # with the opening reports of the very day
    style: str = "line"
    name: str = ""  # in place of the unit's own


@dataclass(frozen=True)
class GroupHead:
    """The name of a district above the lines of its communes."""

    number: str
    name: str


@dataclass(frozen=True)
class Column:
    head: str
    width: float
    value: Callable[[TableLine], object]
    kind: str = "number"
    is_sum: bool = False  # the total is the sum of the lines: Excel adds them up
    group: str = ""  # the head above that of neighbouring columns
    key: str = ""  # what formulas know it by


@dataclass(frozen=True)
class Table:
    """One sheet: the lines and their total. In a grouped one the sums are those of the numbered lines."""

    sheet: str
    title: str
    columns: Sequence[Column]
    lines: Sequence[TableLine | GroupHead]
    total: TableLine
    is_grouped: bool = False

    @property
    def widths(self) -> list[float]:
        return [NUMBER_WIDTH, *(column.width for column in self.columns)]

    def letter(self, key: str) -> str:
        return next(
            get_column_letter(position) for position, column in enumerate(self.columns, start=2) if column.key == key
        )


def day_workbook(annex: Annex, *, until: datetime, printed_at: datetime | None = None) -> bytes:
    """The .xlsx of one day below one unit, its figures speaking of the moment `until`.

    The same annex gives the same cells, but for the line that says when it was printed. The city gets its districts,
    its communes grouped by district and its agencies apart; a district its communes; a reporting unit its own line.
    All of them who is silent or late, what was said, charts and notes.
    """
    book = with_styles(Workbook())
    book.remove(book.active)
    heading = Heading(annex=annex, until=until, printed_at=printed_at or until)
    stored = {table.sheet: _table_sheet(book, table, heading) for table in _tables(annex)}
    missing_sheet(book, heading)
    difficulties_sheet(book, heading)
    charts_sheet(book, heading)
    notes_sheet(book, heading)
    data = DataSheet(book)
    data.add(tidy.lines(annex.figures, at=printed_at or until, seals=annex.seal and {annex.seal.day: annex.seal}))
    data.finish()
    instant = (annex.figures.as_of or printed_at or until).astimezone(deadline.ZONE).isoformat()
    title = (
        f"{_('Installs of the Bluezone application')}: {annex.figures.own.name}, {formatting.day(annex.figures.day)}"
    )
    describe(book, title=title, author=annex.letterhead.issuing, words=stamp.words(instant))
    return saved(book, stored)


def _sums_of(rows: Sequence[Row]) -> str:
    """The name of the sheet of the units right below, by their level."""
    return _("Sums of provinces") if any(row.is_city for row in rows) else _("Sums of districts")


def _tables(annex: Annex) -> list[Table]:
    figures = annex.figures
    own = figures.own
    title = _("Installs of the Bluezone application")
    if own.is_reporting:
        columns = _agency_columns if own.is_agency else _columns
        lines = [_line(annex, 1, own)]
        return [Table(_("Own figures"), title, columns(annex, lines, _state()), lines, _total(annex, own))]
    lines = _numbered(annex, figures.children)
    tables = []
    if all(row.is_reporting for row in figures.children):
        tables.append(Table(_("By commune"), title, _columns(annex, lines, _state()), lines, _total(annex, own)))
    else:
        tables.append(
            Table(
                _sums_of(figures.children),
                title,
                _columns(annex, lines, _counts()),
                lines,
                _total(annex, own),
            )
        )
        lines = _grouped(annex)
        columns = _columns(annex, lines, _state())
        title = _("Installs of the Bluezone application by unit")
        tables.append(Table(_("By commune"), title, columns, lines, _total(annex, own), is_grouped=True))
    if figures.agencies:
        lines = _numbered(annex, figures.agencies)
        total = TableLine(
            "",
            figures.agency_total,
            annex.before.agency_total,
            annex.opened and annex.opened.agency_total,
            "total",
            _("Total"),
        )
        title = _("Installs of the Bluezone application by agency")
        tables.append(Table(_("Agencies"), title, _agency_columns(annex, lines, _state()), lines, total))
    return tables


def _line(annex: Annex, number: int | str, row: Row, style: str = "line", name: str = "") -> TableLine:
    opened = annex.opened.by_code[row.code] if annex.opened else None
    return TableLine(number, row, annex.before.by_code[row.code], opened, style, name)


def _total(annex: Annex, row: Row) -> TableLine:
    return _line(annex, "", row, "total", _("Total"))


def _numbered(annex: Annex, rows: Sequence[Row]) -> list[TableLine]:
    return [_line(annex, number, row) for number, row in enumerate(rows, start=1)]


def _grouped(annex: Annex) -> list[TableLine | GroupHead]:
    """Each district by name, its communes numbered, their sum; a district without communes counts itself."""
    figures = annex.figures
    lines, number = [], 0
    for position, district in enumerate(figures.children, start=1):
        communes = [row for row in figures.below(district.code) if not row.is_agency]
        lines.append(GroupHead(roman(position), district.name))
        for row in communes or [district]:
            number += 1
            lines.append(_line(annex, number, row))
        lines.append(_line(annex, "", district, "group", _("Sum")))
    return lines


def _counts() -> list[Column]:
    """How many units of each line have reported."""
    group = _("Reports of the day")
    return [
        Column(_("Owed"), 7, lambda line: line.row.expected, is_sum=True, group=group),
        Column(_("Reported"), 7, lambda line: line.row.reported, is_sum=True, group=group),
        Column(status_marks.status_words(DayStatus.LATE), 6, lambda line: line.row.late, is_sum=True, group=group),
        Column(_("Carried forward"), 7, lambda line: line.row.carried_forward, is_sum=True, group=group),
    ]


def _state() -> list[Column]:
    """The code of each unit, and whether it has reported; of a sum, how many have."""

    def state(line: TableLine) -> str:
        row = line.row
        if row.is_reporting and line.style == "line":
            return status_marks.status_words(row.status)
        return f"{row.reported}/{row.expected}"

    def code(line: TableLine) -> str:
        return line.row.code if line.style == "line" else ""

    return [Column(_("Code"), 10, code, "text"), Column(_("State"), 13, state, "text", key="state")]


def _columns(annex: Annex, lines: Sequence[TableLine | GroupHead], reports: Sequence[Column]) -> list[Column]:
    return [
        _names(_("Unit"), lines),
        *reports,
        *_installs(annex),
        *_targets(_("Against the population"), _("Population"), _("Share of population")),
        *(Column(str(count.label), 8, attrgetter(f"row.{count.name}"), is_sum=True) for count in fields.BESIDE),
    ]


def _agency_columns(annex: Annex, lines: Sequence[TableLine | GroupHead], reports: Sequence[Column]) -> list[Column]:
    targets = _targets(_("Against the staff"), _("Staff"), _("Share of staff"))
    return [_names(_("Agency"), lines), *reports, *_installs(annex), *targets]


def _names(head: str, lines: Sequence[TableLine | GroupHead]) -> Column:
    names = [line.name if isinstance(line, GroupHead) else line.row.name for line in lines]
    return Column(head, width_of(names), lambda line: line.name or line.row.name, "text")


def _installs(annex: Annex) -> list[Column]:
    """What was there the day before, what the day brought, and their sum."""
    group = _("Phones installed")
    opened = Column(
        _("Before the campaign"), 9, lambda line: line.opened.cumulative, is_sum=True, group=group, key="opened"
    )
    return [
        Column(_("Cumulative before"), 11, lambda line: line.before.cumulative, is_sum=True, group=group, key="before"),
        *([opened] if annex.opened else []),
        Column(_("New installs"), 9, lambda line: line.row.installs, is_sum=True, group=group, key="installs"),
        Column(_("Adjusted"), 8, lambda line: line.row.adjustment, is_sum=True, group=group, key="adjustment"),
        Column(_("Cumulative"), 11, lambda line: line.row.cumulative, is_sum=True, group=group, key="cumulative"),
    ]


def _targets(group: str, population: str, share: str) -> list[Column]:
    return [
        Column(population, 11, lambda line: line.row.population, is_sum=True, group=group, key="population"),
        Column(share, 9, lambda line: line.row.share, "share", group=group, key="share"),
        Column(_("Target"), 11, lambda line: line.row.target, group=group),
        Column(_("Still missing"), 10, lambda line: line.row.missing_to_target, group=group, key="missing"),
    ]


def _table_sheet(book: Workbook, table: Table, heading: Heading) -> dict[str, object]:
    """Print the table; gives the results of the formulas of its total line, by cell."""
    sheet = book.create_sheet(table.sheet)
    form_head(sheet, heading, table.title, table.widths)
    _heads(sheet, table.columns)
    row_number = FIRST_LINE
    for line in table.lines:
        if isinstance(line, GroupHead):
            _group_head(sheet, row_number, line, len(table.columns))
        else:
            _write(sheet, row_number, table.columns, line)
        row_number += 1
    last = row_number - 1
    _write(sheet, row_number, table.columns, table.total)
    stored = _add_up(sheet, table, last)
    if not table.is_grouped:  # sorting would tear the groups: the sheet of data is for that
        sheet.auto_filter.ref = f"A{HEAD_ROWS[1]}:{get_column_letter(len(table.columns) + 1)}{last}"
    _colours(sheet, table, row_number)
    next_row = row_number + 1
    for words in _words_below(heading.annex, table):
        paragraph(sheet, next_row, words, table.widths)
        next_row += 1
    signatures(sheet, next_row + 1, heading, table.widths)
    set_up(sheet, table.widths, head=HEAD_ROWS)
    return stored


def _heads(sheet: Worksheet, columns: Sequence[Column]) -> None:
    """Two rows: neighbouring columns of one group share the upper one, a column without a group takes both."""
    top, bottom = HEAD_ROWS
    for position in range(1, len(columns) + 2):
        for row in HEAD_ROWS:
            put(sheet.cell(row, position), None, "head")
    put(sheet.cell(top, 1), _("No."), "head")
    merge(sheet, top, 1, bottom, 1)
    starts = {}
    for position, column in enumerate(columns, start=2):
        if not column.group:
            put(sheet.cell(top, position), column.head, "head")
            merge(sheet, top, position, bottom, position)
            continue
        put(sheet.cell(bottom, position), column.head, "head")
        starts.setdefault(column.group, []).append(position)
    for group, positions in starts.items():
        put(sheet.cell(top, positions[0]), group, "head")
        merge(sheet, top, positions[0], top, positions[-1])
    sheet.row_dimensions[top].height = 18
    sheet.row_dimensions[bottom].height = 48


def _group_head(sheet: Worksheet, row_number: int, head: GroupHead, width: int) -> None:
    put(sheet.cell(row_number, 1), head.number, "text group centred")
    put(sheet.cell(row_number, 2), head.name, "text group")
    for position in range(3, width + 2):
        put(sheet.cell(row_number, position), None, "text group")


def _write(sheet: Worksheet, row_number: int, columns: Sequence[Column], line: TableLine) -> None:
    kind = "number" if isinstance(line.number, int) else "text"
    put(sheet.cell(row_number, 1), line.number, f"{kind} {line.style} centred")
    for position, column in enumerate(columns, start=2):
        centred = " centred" if column.key == "state" else ""
        put(sheet.cell(row_number, position), column.value(line), f"{column.kind} {line.style}{centred}")


def _colours(sheet: Worksheet, table: Table, last: int) -> None:
    """Share and still missing are green where the target is reached; new installs amber where the unit is behind.

    Behind the day's pace: new installs on the population, or the staff, less than those of the total line. Of who has
    not reported none is known: the state says so, and no colour.
    """
    missing, installs, people = (f"${table.letter(key)}{FIRST_LINE}" for key in ("missing", "installs", "population"))
    of_all = [f"${table.letter(key)}${last}" for key in ("installs", "population")]
    reached = f"AND(ISNUMBER({missing}),{missing}=0)"
    behind = f"AND(ISNUMBER({installs}),{missing}>0,{installs}*{of_all[1]}<{of_all[0]}*{people})"
    for key, formula, fill in (
        ("share", reached, REACHED_FILL),
        ("missing", reached, REACHED_FILL),
        ("installs", behind, UNDER_FILL),
    ):
        cells = f"{table.letter(key)}{FIRST_LINE}:{table.letter(key)}{last}"
        sheet.conditional_formatting.add(cells, FormulaRule(formula=[formula], fill=fill))


def _add_up(sheet: Worksheet, table: Table, last: int) -> dict[str, object]:
    """Let Excel add up the total line itself. Gives the results, which are the rollup's, by cell."""
    stored = {}
    for position, column in enumerate(table.columns, start=2):
        cell = sheet.cell(last + 1, position)
        if not column.is_sum or cell.value is None:
            continue
        cells = f"{cell.column_letter}{FIRST_LINE}:{cell.column_letter}{last}"
        stored[cell.coordinate] = cell.value
        cell.value = f'=SUMIF($A${FIRST_LINE}:$A${last},">0",{cells})' if table.is_grouped else f"=SUM({cells})"
    return stored


def _words_below(annex: Annex, table: Table) -> list[str]:
    """What has to be known to read the table."""
    own = table.total.row
    words = [
        _("Target, still missing and share of the total line are the unit's own, not the sum of the lines."),
        _(
            "Green share: target reached. Amber new installs: on the people fewer than the total line that day; who has"
            " not reported has no colour."
        ),
    ]
    if own.carried_forward:
        count = {"count": formatting.number(own.carried_forward)}
        words.append(_("Provisional: %(count)s units without a report are counted with their last cumulative.") % count)
    if own is annex.figures.agency_total:
        words.append(_("Staff also live in a commune: these figures stand apart and are not in the population's."))
    elif annex.confirmed.expected:
        words.append(
            _("Confirmed: %(signed)s of %(expected)s %(districts)s that have communes (%(cumulative)s installed).")
            % {
                "districts": annex.confirming,
                "signed": len(annex.confirmed.sign_offs),
                "expected": annex.confirmed.expected,
                "cumulative": formatting.number(annex.confirmed.cumulative),
            }
        )
    elif annex.sign_off:
        words.append(
            _("Confirmed at %(moment)s (%(cumulative)s installed).")
            % {
                "moment": formatting.moment(annex.sign_off.at),
                "cumulative": formatting.number(annex.sign_off.cumulative),
            }
        )
    return words
