"""The other sheets of the day's workbook: units without a report or late, notes to the figures."""

from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import cast

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ...days.status import DayStatus
from ...figures.hours_in_words import before_words, hours_words, span_words
from ...figures.rollup import Row
from ...files.workbook_style import LINE_HEIGHT, height_of, kind_of, put, put_heads, put_line, roman, set_up, width_of
from ...models import Directive
from ...text import formatting, status_marks, unit_kinds
from ..annex import Annex
from .head import FIRST_ROW, across, form_head

HEAD_ROWS = (FIRST_ROW, FIRST_ROW)
FIRST_LINE = FIRST_ROW + 1
NOTE_WIDTHS = (26, 40, 70)


def missing_sheet(book: Workbook, annex: Annex) -> None:
    """Units without a report, with the cumulative that is counted for them, and units that were late."""
    sheet, figures = book.create_sheet(_("Not reported, late")), annex.figures

    def superior(row: Row) -> str:
        return getattr(figures.parent_of(row), "name", "")

    parts = [(status, [row for row in figures.not_reported if row.status is status]) for status in DayStatus]
    parts = [(status, rows) for status, rows in parts if rows]
    parts.append((DayStatus.LATE, [row for row in figures.reporting if row.status is DayStatus.LATE]))
    listed = [row for _status, rows in parts for row in rows]
    columns = [  # head, width, value
        (_("No."), 5, None),
        (_("Unit"), width_of([row.name for row in listed]), attrgetter("name")),
        (_("Superior"), width_of([superior(row) for row in listed]), superior),
        (_("Telephone"), 16, attrgetter("phone")),
        (_("Last reported"), 15, lambda row: _("before the campaign") if row.carries_opening else row.carried_from),
        (_("Received at"), 17, attrgetter("received_at")),
        (_("Cumulative"), 13, attrgetter("cumulative")),
    ]
    if figures.as_of is not None:
        del columns[3]  # nobody needs to call about a past day
    heads, widths, values = zip(*columns, strict=True)
    form_head(sheet, annex, _("Units that have not reported or were late"), widths)
    put_heads(sheet, FIRST_ROW, heads)
    sheet.row_dimensions[FIRST_ROW].height = 2 * LINE_HEIGHT + 4
    row_number = FIRST_LINE
    for number, (status, rows) in enumerate(parts, start=1):
        words = f"{status_marks.status_words(status)}: {len(rows)}"
        _line(sheet, row_number, roman(number), [words, *[None] * (len(columns) - 2)], "group")
        for position, row in enumerate(rows, start=1):
            _line(sheet, row_number + position, position, [value(row) for value in values[1:]])
        row_number += 1 + len(rows)
    if not figures.not_reported:
        words = _("All units have reported.") if figures.own.expected else _("No report is due on this day.")
        put(sheet.cell(row_number + 1, 2), words, "bold")
    set_up(sheet, widths, head=HEAD_ROWS)


def _line(sheet: Worksheet, row_number: int, number: int | str, values: Sequence[object], style: str = "line") -> None:
    put(sheet.cell(row_number, 1), number, f"{kind_of(number)} {style} centred")
    put_line(sheet, row_number, values, first=2, style=style)


def notes_sheet(book: Workbook, annex: Annex) -> None:
    """The sheet of notes: numerator, denominators, order, hours in force, and the digest of the table."""
    sheet = book.create_sheet(_("Notes"))
    form_head(sheet, annex, _("Notes to the figures"), NOTE_WIDTHS)
    for row_number, (name, text) in enumerate(_notes(annex), start=FIRST_ROW):
        put(sheet.cell(row_number, 1), name, "note name")
        put(sheet.cell(row_number, 3), None, "note text")  # for its border
        across(sheet, row_number, 2, 3, text, "note text")
        heights = [height_of(name, NOTE_WIDTHS[0]), height_of(text, sum(NOTE_WIDTHS[1:]))]
        sheet.row_dimensions[row_number].height = max(*heights, LINE_HEIGHT + 4)
    set_up(sheet, NOTE_WIDTHS)


def _notes(annex: Annex) -> Iterator[tuple[str, str]]:
    figures, own = annex.figures, annex.figures.own
    yield (
        _("Numerator"),
        _(
            "Installs reported by the units themselves: those before the campaign, and the new installs and "
            "adjustments of every day up to and including %(day)s."
        )
        % {"day": formatting.day(figures.day)},
    )
    yield (
        _("Reporting day"),
        _("The count of the day runs %(span)s; figures up to %(moment)s, late and corrected reports included.")
        % {"span": span_words(figures), "moment": formatting.moment(figures.until(annex.printed_at))},
    )
    yield from _denominators(annex)
    yield (
        _("Target"),
        _("%(share)s of the population of the row's own unit, rounded up; shares are cut to two decimals, not rounded.")
        % {"share": formatting.whole_percent(own.target_share)},
    )
    if figures.order:
        yield _("Ordered by"), _order(annex)
        yield _("Hours in force"), _hours(annex)
    if annex.of_several_days:
        units = "; ".join(f"{row.name} ({formatting.day(first)})" for row, first in annex.of_several_days)
        yield _("New installs of several days"), _("Counted from the day in brackets: %(units)s.") % {"units": units}
    if confirmed := confirmed_words(annex):
        yield _("Confirmed"), confirmed
    yield _("Check code"), _("%(digest)s (SHA-256 of the table of the figures)") % {"digest": annex.digest}


def confirmed_words(annex: Annex) -> str:
    """How many districts have confirmed the day and which have not; for a district, when it confirmed; else empty."""
    confirmed, own = annex.confirmed, annex.confirmed.own
    if own:
        words = _("Confirmed at %(moment)s (%(cumulative)s installed).")
        return words % {"moment": formatting.moment(own.at), "cumulative": formatting.number(own.cumulative)}
    if not confirmed.expected:
        return ""
    unsigned = [row.name for row in annex.figures.unconfirmed(confirmed.sign_offs)]
    words = _("Confirmed: %(signed)s of %(expected)s %(districts)s that have communes (%(cumulative)s installed).") % {
        "districts": unit_kinds.confirming_level(annex.figures),
        "signed": len(confirmed.sign_offs),
        "expected": confirmed.expected,
        "cumulative": formatting.number(confirmed.cumulative),
    }
    return f"{words} {_('Not yet')}: {', '.join(unsigned)}." if unsigned else words


def _denominators(annex: Annex) -> Iterator[tuple[str, str]]:
    """The population of residents and of agencies, with day and source if all have the same; units without one."""
    own, agencies = annex.figures.own, annex.figures.agency_total
    for name, row in ((_("Staff") if own.is_agency else _("Population"), own), (_("Staff"), agencies)):
        if row is None:
            continue
        words = _("%(people)s people; figure of %(day)s, %(source)s. For each unit, see the sheet “Data”.")
        about = {
            "people": formatting.number(row.population),
            "day": formatting.day(row.population_on) if row.population_on else _("several days"),
            "source": formatting.source_words(row.population_source) or _("of several sources, or not named"),
        }
        yield name, words % about
    unknown = [row.name for row in annex.figures.reporting if row.population is None]
    if unknown:
        yield _("Population"), _("Not known: %(units)s.") % {"units": ", ".join(unknown)}


def _order(annex: Annex) -> str:
    order = cast(Directive, annex.figures.order)
    about = {name: getattr(order, name) for name in ("number", "issuer", "title")}
    about |= {"kind": order.get_kind_display().capitalize(), "day": formatting.day(order.issued_on)}
    words = _("%(kind)s No. %(number)s of %(day)s, %(issuer)s: %(title)s.") % about
    if order.grounds:
        words += " " + _("Grounds: %(grounds)s.") % {"grounds": order.grounds}
    if order.target_date:
        words += " " + _("Target date: %(day)s.") % {"day": formatting.day(order.target_date)}
    return words


def _hours(annex: Annex) -> str:
    """The deadlines of the day, extensions included."""
    figures = annex.figures
    words = _("Reports of the day were due %(hours)s.") % {"hours": hours_words(figures)}
    if not annex.confirmed.expected:
        return words
    signs_off_at = formatting.hour(figures.hours.signs_off_at(figures.own.path))
    return f"{words} {_('The last confirmation was due %(before)s.') % {'before': before_words(signs_off_at)}}"
