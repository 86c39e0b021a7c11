"""The sheet of notes to the figures of the day's workbook."""

from collections.abc import Iterator
from typing import cast

from django.utils.translation import gettext as _
from openpyxl import Workbook

from ...figures.hours_in_words import before_words, hours_words, span_words
from ...models import Directive
from ...text import formatting, unit_kinds
from ..annex import Annex
from ..paper_sentences import order_words, population_words
from .head import FIRST_ROW, across, form_head
from .style import LINE_HEIGHT, height_of, put, set_up

NOTE_WIDTHS = (26, 40, 70)


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
        yield _("Ordered by"), f"{order_words(cast(Directive, figures.order))}."
        yield _("Hours in force"), _hours(annex)
    if annex.of_several_days:
        units = "; ".join(f"{row.name} ({formatting.day(first)})" for row, first in annex.of_several_days)
        yield _("New installs of several days"), _("Counted from the day in brackets: %(units)s.") % {"units": units}
    yield _("Check code"), _("%(digest)s (SHA-256 of the table of the figures)") % {"digest": annex.digest}


def confirmed_words(annex: Annex) -> str:
    """How many districts have confirmed the day and which have not; for a district, when it confirmed; else empty."""
    confirmed, own = annex.confirmed, annex.confirmed.own
    if own:
        words = _("Confirmed at %(moment)s (%(cumulative)s installed).")
        return words % {"moment": formatting.moment(own.at), "cumulative": formatting.number(own.cumulative)}
    if not confirmed.expected:
        return ""
    unsigned = [row.name for row in annex.figures.unsigned(confirmed.sign_offs)]
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
        yield name, f"{population_words(row)}. {_('For each unit, see the sheet “Data”.')}"
    unknown = [row.name for row in annex.figures.reporting if row.population is None]
    if unknown:
        yield _("Population"), _("Not known: %(units)s.") % {"units": ", ".join(unknown)}


def _hours(annex: Annex) -> str:
    """The deadlines of the day, extensions included."""
    figures = annex.figures
    words = _("Reports of the day were due %(hours)s.") % {"hours": hours_words(figures)}
    if not annex.confirmed.expected:
        return words
    signs_off_at = formatting.hour(figures.hours.signs_off_at(figures.own.path))
    return f"{words} {_('The last confirmation was due %(before)s.') % {'before': before_words(signs_off_at)}}"
