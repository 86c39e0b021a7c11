"""Many days of a unit as a workbook, written row by row: it takes the memory of one row, whatever its length."""

from collections.abc import Iterator
from dataclasses import replace
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font

from ...days.status import DayStatus
from ...figures import ranges
from ...figures.rollup import DayRollup, Row
from ...files.workbook_style import FONT, NUMBER_FORMAT, describe, with_styles
from ...text import status_marks
from ...text.characters import printable
from .. import stamp, tidy
from ..stamp import Range
from .data import TableSheet, data_sheet

# Some columns are left out, because a year has many rows; the data package has them.
COLUMNS = [
    column
    for column in tidy.COLUMNS
    if column.name not in ("population_on", "population_source", "received_at", "seal")
]
OF_ONE_UNIT = ("level", "superior", "is_agency", "status", "is_carried_forward", "carried_from")
SUMMED = [column for column in COLUMNS if column.name not in OF_ONE_UNIT]


def range_workbook(shown: Range, file: IO[bytes]) -> None:
    """Write the days to a file: per day the sums of the unit and of its parts, and every reporting unit."""
    book = with_styles(Workbook(write_only=True))
    _print_plain_cells(book)
    unit, words = shown.unit.full_name, stamp.description(shown.look, at=shown.at)
    title = f"{unit}. {shown.words}"
    describe(book, title=title, author=unit, words=words)
    statuses = [status_marks.status_words(status) for status in DayStatus]
    sums, data = {}, None
    for figures, lines in tidy.days(shown):
        for name, title, row, is_agency in _sums(figures):
            if name not in sums:
                sums[name] = TableSheet(book, title, name, SUMMED, statuses)
            line = replace(lines[0], record=row, superior=figures.parent_of(row))
            sums[name].add(line, *ranges.counts(figures, row, agencies=is_agency).values())
        data = data or data_sheet(book, COLUMNS)
        for line in lines:
            data.add(line)
    for sheet in (*sums.values(), data or data_sheet(book, COLUMNS)):
        sheet.sheet.oddHeader.left.text = printable(title).replace("&", "&&")  # & is a control sign in headers
        sheet.finish()
    book.save(file)


def _print_plain_cells(book: Workbook) -> None:
    """A cell without a style takes half the space of one with a style: make font and number format the default.

    openpyxl has no public way to do so: the default is the style "Normal" and the first of all cell styles.
    """
    normal = book._named_styles["Normal"]
    normal.font = Font(name=FONT, size=11)
    normal.number_format = NUMBER_FORMAT
    book._cell_styles[0] = normal.as_tuple()


def _sums(figures: DayRollup) -> Iterator[tuple[str, str, Row, bool]]:
    """The day's rows for the sheets of sums, each with the sheet's name and title, and whether it sums agencies."""
    own = figures.own
    yield "Theo_ngay", _("By day"), own, own.is_agency
    for row in ranges.groups(figures):
        yield "Theo_cap_tren", _("By day and superior"), row, False
    if figures.agency_total and not own.is_agency:
        yield "So_nganh", _("Agencies by day"), figures.agency_total, True
