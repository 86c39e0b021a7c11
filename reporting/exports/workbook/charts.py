"""Native charts on their own sheet, below them the figures that they are drawn from."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from ...figures.rollup import Row
from ...files.workbook_style import put, put_heads, put_line, set_up, width_of
from ...text import formatting
from ..printed_day import Annex
from .head import FIRST_ROW, form_head

WIDTH, HEIGHT = 32.0, 7.9  # centimetres; two of them below one another fill a page
ROWS_OF_A_CHART = 16
SHARE_COLOUR, TARGET_COLOUR, INSTALLED_COLOUR = "C0392B", "B8860B", "1F4E79"
TREND_WIDTHS = (16, 18, 18, 18, 30)


def charts_sheet(book: Workbook, annex: Annex) -> None:
    """The share of every unit against the target, highest first, and the cumulative from day to day."""
    sheet, figures = book.create_sheet(_("Charts")), annex.figures
    rows = [] if figures.own.is_reporting else [row for row in figures.children if row.share is not None]
    rows.sort(key=lambda row: (-row.share, row.sort_key))
    widths = [5, width_of([row.name for row in rows]), 14, 14, 5, *TREND_WIDTHS]
    form_head(sheet, annex, _("Charts of the installs"), widths)
    first_row = FIRST_ROW + ROWS_OF_A_CHART * (2 if rows else 1) + 1
    days = [past for past in annex.days if past.cumulative is not None]
    if rows:
        _shares(sheet, first_row, rows)
        _add(sheet, _share_chart(sheet, first_row, len(rows), figures.own), FIRST_ROW)
    if days:
        _trend(sheet, first_row, annex)
        _add(sheet, _trend_chart(sheet, first_row, len(annex.days)), first_row - ROWS_OF_A_CHART)
    sheet.row_breaks.append(Break(first_row - 1))  # the charts on a page of their own
    set_up(sheet, widths)


def _shares(sheet: Worksheet, first_row: int, rows: Sequence[Row]) -> None:
    put_heads(sheet, first_row, [_("No."), _("Unit"), _("Share"), _("Target")])
    for number, row in enumerate(rows, start=1):
        put(sheet.cell(first_row + number, 1), number, "number line centred")
        put_line(sheet, first_row + number, [row.name, row.share, row.target_share], first=2)


def _share_chart(sheet: Worksheet, first_row: int, count: int, own: Row) -> BarChart:
    chart = BarChart()
    chart.title = _("Share of population by unit, target %(share)s") % {
        "share": formatting.whole_percent(own.target_share)
    }
    names = Reference(sheet, min_col=2, min_row=first_row + 1, max_row=first_row + count)
    chart.add_data(Reference(sheet, min_col=3, min_row=first_row, max_row=first_row + count), titles_from_data=True)
    chart.set_categories(names)
    chart.gapWidth = 40
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill=INSTALLED_COLOUR)
    line = LineChart()
    line.add_data(Reference(sheet, min_col=4, min_row=first_row, max_row=first_row + count), titles_from_data=True)
    _draw(line.series[0], TARGET_COLOUR, is_dashed=True)
    chart += line
    chart.y_axis.number_format = "0%"
    chart.y_axis.scaling.min = 0
    return chart


def _trend(sheet: Worksheet, first_row: int, annex: Annex) -> None:
    put_heads(sheet, first_row, [_("Day"), _("Cumulative"), _("Target"), _("New installs"), _("Remarks")], first=6)
    for number, past in enumerate(annex.days, start=1):
        values = [past.day, past.cumulative, past.target, past.installs, past.change]
        put_line(sheet, first_row + number, values, first=6)


def _trend_chart(sheet: Worksheet, first_row: int, count: int) -> LineChart:
    chart = LineChart()
    chart.title = _("Cumulative installs and target")
    data = Reference(sheet, min_col=7, max_col=8, min_row=first_row, max_row=first_row + count)
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=6, min_row=first_row + 1, max_row=first_row + count))
    _draw(chart.series[0], INSTALLED_COLOUR)
    _draw(chart.series[1], TARGET_COLOUR, is_dashed=True)
    chart.x_axis.number_format = "dd/mm"
    chart.y_axis.number_format = "#,##0"
    chart.y_axis.scaling.min = 0
    return chart


def _draw(series, colour: str, *, is_dashed: bool = False) -> None:
    series.graphicalProperties.line.solidFill = colour
    series.graphicalProperties.line.width = 28_000  # in English Metric Units: 2.2 points
    series.smooth = False
    if is_dashed:
        series.graphicalProperties.line.dashStyle = "dash"


def _add(sheet: Worksheet, chart: BarChart | LineChart, row: int) -> None:
    chart.width, chart.height = WIDTH, HEIGHT
    chart.legend.position = "b"
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False  # else some programs draw no axis
    sheet.add_chart(chart, f"A{row}")
