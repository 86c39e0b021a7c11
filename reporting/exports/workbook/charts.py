"""Native charts on their own sheet, and below them the figures that they draw."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from ...files.workbook_style import put_heads, put_line, set_up, width_of
from ...text import formatting
from ..printed_day import Annex
from .head import FIRST_ROW, form_head

WIDTH, HEIGHT = 32.0, 7.9  # centimetres; two of them below one another fill a page
ROWS_OF_A_CHART = 16
TARGET_COLOUR, INSTALLED_COLOUR = "B8860B", "1F4E79"
TREND_WIDTHS = (16, 18, 18, 18, 30)


def charts_sheet(book: Workbook, annex: Annex) -> None:
    """The share of every unit against the target, highest first, and the cumulative from day to day."""
    sheet, figures = book.create_sheet(_("Charts")), annex.figures
    rows = [] if figures.own.is_reporting else [row for row in figures.children if row.share is not None]
    rows.sort(key=lambda row: (-row.share, row.sort_key))
    widths = [5, width_of([row.name for row in rows]), 14, 14, 5, *TREND_WIDTHS]
    form_head(sheet, annex, _("Charts of the installs"), widths)
    first_row = FIRST_ROW + ROWS_OF_A_CHART * (2 if rows else 1) + 1
    if rows:
        shares = [[number, row.name, row.share, row.target_share] for number, row in enumerate(rows, start=1)]
        _table(sheet, first_row, 1, [_("No."), _("Unit"), _("Share"), _("Target")], shares)
        words = _("Share of population by unit, target %(share)s")
        bars = _chart(BarChart(), sheet, 3, 3, 2, first_row, len(rows))
        bars.title = words % {"share": formatting.whole_percent(figures.own.target_share)}
        bars.gapWidth = 40
        bars.series[0].graphicalProperties = GraphicalProperties(solidFill=INSTALLED_COLOUR)
        target = _chart(LineChart(), sheet, 4, 4, 2, first_row, len(rows))
        _draw(target.series[0], TARGET_COLOUR, "dash")
        bars.y_axis.number_format = "0%"
        bars += target
        sheet.add_chart(bars, f"A{FIRST_ROW}")
    if any(past.cumulative is not None for past in annex.days):
        heads = [_("Day"), _("Cumulative"), _("Target"), _("New installs"), _("Remarks")]
        days = [[past.day, past.cumulative, past.target, past.installs, past.change] for past in annex.days]
        _table(sheet, first_row, 6, heads, days)
        trend = _chart(LineChart(), sheet, 7, 8, 6, first_row, len(days))
        trend.title = _("Cumulative installs and target")
        _draw(trend.series[0], INSTALLED_COLOUR)
        _draw(trend.series[1], TARGET_COLOUR, "dash")
        trend.x_axis.number_format, trend.y_axis.number_format = "dd/mm", "#,##0"
        sheet.add_chart(trend, f"A{first_row - ROWS_OF_A_CHART}")
    sheet.row_breaks.append(Break(first_row - 1))  # the charts on a page of their own
    set_up(sheet, widths)


def _table(sheet: Worksheet, row: int, column: int, heads: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    put_heads(sheet, row, heads, first=column)
    for number, values in enumerate(lines, start=row + 1):
        put_line(sheet, number, values, first=column)


def _chart(chart, sheet: Worksheet, first: int, last: int, names: int, head: int, count: int) -> BarChart | LineChart:
    """The chart with the columns `first` to `last` as series, by the column of names."""
    rows = {"min_row": head, "max_row": head + count}
    chart.add_data(Reference(sheet, min_col=first, max_col=last, **rows), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=names, min_row=head + 1, max_row=head + count))
    chart.width, chart.height, chart.legend.position = WIDTH, HEIGHT, "b"
    chart.y_axis.scaling.min = 0
    chart.x_axis.delete = chart.y_axis.delete = False  # else some programs draw no axis
    return chart


def _draw(series, colour: str, dash: str = "solid") -> None:
    line = series.graphicalProperties.line
    line.solidFill, line.dashStyle, line.width = colour, dash, 28_000  # in English Metric Units: 2.2 points
    series.smooth = False
