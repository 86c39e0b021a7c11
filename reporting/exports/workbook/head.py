"""Head and signatures of an official form."""

from collections.abc import Sequence
from itertools import accumulate

from django.utils.translation import gettext as _
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from ...figures import statements
from ...figures.rollup import Row
from ...text import formatting
from .. import stamp
from ..annex import Annex
from .style import LINE_HEIGHT, height_of, put

TITLE_ROW, AS_OF_ROW, PRINTED_ROW = 4, 5, 6
FIRST_ROW = 7  # below the head
RULE = "―" * 6
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"  # as the decree prints it, in every language
MOTTO = "Độc lập - Tự do - Hạnh phúc"


def form_head(sheet: Worksheet, annex: Annex, title: str, widths: Sequence[float], *, total: Row | None = None) -> None:
    """Write the head (offices on the left, the national motto on the right) and the title with unit and times.

    `total` is the last line of the sheet's table, by default the unit's own row.
    """
    paper, figures = annex.letterhead, annex.figures
    half = _half(widths)
    left = [(paper.managing, "managing")] if paper.managing else []
    left += [(paper.issuing, "issuing"), (RULE, "managing")]
    for row, (text, style) in enumerate(left, start=1):
        across(sheet, row, 1, half, text, style)
    across(sheet, 1, half + 1, len(widths), NATION, "issuing")
    across(sheet, 2, half + 1, len(widths), MOTTO, "motto")
    across(sheet, TITLE_ROW, 1, len(widths), f"{title}: {figures.own.name.upper()}", "title")
    words = _("Reporting day %(day)s, figures up to %(moment)s") % {
        "day": formatting.day(figures.day),
        "moment": formatting.moment(figures.until(annex.printed_at)),
    }
    provisional = statements.subject(figures, total, seal=annex.seal).provisional
    look = stamp.look_words(figures.as_of, annex.seal)
    as_of = filter(None, [f"{words} ({provisional})" if provisional else words, look])
    across(sheet, AS_OF_ROW, 1, len(widths), ". ".join(as_of), "as of")
    printed = _("Printed at %(moment)s") % {"moment": formatting.moment(annex.printed_at)}
    across(sheet, PRINTED_ROW, 1, half, _("(Annex to report no. …)"), "printed")
    across(sheet, PRINTED_ROW, half + 1, len(widths), printed, "printed")
    for row, height in ((1, 18), (2, 18), (TITLE_ROW, 24), (AS_OF_ROW, 18)):
        sheet.row_dimensions[row].height = height


def signatures(sheet: Worksheet, row: int, annex: Annex, widths: Sequence[float]) -> None:
    """Places for the signatures of the author and of the head of the unit."""
    half, last = _half(widths), len(widths)
    place_and_day = formatting.place_and_day(annex.letterhead.place, annex.figures.day)
    across(sheet, row, half + 1, last, place_and_day, "signing")
    across(sheet, row + 1, 1, half, _("Prepared by"), "signed")
    across(sheet, row + 1, half + 1, last, _("Head of the unit"), "signed")
    across(sheet, row + 2, 1, half, _("(Signature, full name)"), "signing")
    across(sheet, row + 2, half + 1, last, _("(Signature, seal, full name)"), "signing")


def across(sheet: Worksheet, row: int, first: int, last: int, text: str, style: str) -> None:
    """Write a text across columns."""
    put(sheet.cell(row, first), text, style)
    if last > first:
        merge(sheet, row, first, row, last)


def merge(sheet: Worksheet, top: int, left: int, bottom: int, right: int) -> None:
    """Merge cells that already have borders; openpyxl's own method would draw each border again."""
    sheet.merged_cells.add(CellRange(min_col=left, min_row=top, max_col=right, max_row=bottom))


def paragraph(sheet: Worksheet, row: int, text: str, widths: Sequence[float]) -> None:
    """Write a text across the table from its second column, and set the height of the row."""
    across(sheet, row, 2, len(widths), text, "note")
    sheet.row_dimensions[row].height = max(height_of(text, sum(widths[1:])), LINE_HEIGHT)


def _half(widths: Sequence[float]) -> int:
    """The last column of the left half."""
    ends = enumerate(accumulate(widths), start=1)
    return min(next(position for position, reached in ends if reached >= sum(widths) * 0.42), len(widths) - 1)
