"""The sheets beside the tables: who is silent or late, what was said, and what the figures are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ...days.status import DayStatus
from ...figures.due import hours_words, span_words
from ...figures.rollup import DayRollup, Row
from ...text import formatting, status_marks
from ..printed_day import Annex
from .head import FIRST_ROW, Heading, across, form_head
from .style import LINE_HEIGHT, height_of, kind_of, put, put_heads, roman, set_up, width_of

HEAD_ROWS = (FIRST_ROW, FIRST_ROW)
FIRST_LINE = FIRST_ROW + 1
NOTE_WIDTHS = (26, 40, 70)


def missing_sheet(book: Workbook, heading: Heading) -> None:
    """Who has not reported, with what it is counted meanwhile, and who was late."""
    sheet, figures = book.create_sheet(_("Not reported, late")), heading.annex.figures
    late = [row for row in figures.by_code.values() if row.status is DayStatus.LATE]
    late.sort(key=lambda row: (row.is_agency, _superior(heading.annex, row), row.sort_key))
    parts = [(words, rows) for words, rows in _not_reported(figures) if rows]
    parts.append((status_marks.status_words(DayStatus.LATE), late))
    heads = [_("Unit"), _("Superior"), _("Telephone"), _("Last reported"), _("Received at"), _("Cumulative")]
    listed = [row for _words, rows in parts for row in rows]
    has_phones = figures.as_of is None  # whom to ring belongs to now
    names = width_of([row.name for row in listed])
    superiors = width_of([_superior(heading.annex, row) for row in listed])
    widths = [5, names, superiors, 16, 15, 12, 13]
    if not has_phones:
        del heads[2], widths[3]
    form_head(sheet, heading, _("Units that have not reported or were late"), widths)
    _heads(sheet, heads)
    row_number = FIRST_LINE
    for number, (words, rows) in enumerate(parts, start=1):
        _line(sheet, row_number, roman(number), [f"{words}: {len(rows)}", *[None] * (len(heads) - 1)], "group")
        row_number += 1
        for position, row in enumerate(rows, start=1):
            carried = _("before the campaign") if row.carries_opening else row.carried_from
            values = [row.name, _superior(heading.annex, row), row.phone, carried, row.received_at, row.cumulative]
            if not has_phones:
                del values[2]
            _line(sheet, row_number, position, values)
            row_number += 1
    if not figures.not_reported:
        words = _("All units have reported.") if figures.own.expected else _("No unit owes a report on this day.")
        put(sheet.cell(row_number + 1, 2), words, "bold")
    sheet.auto_filter.ref = f"A{FIRST_ROW}:{get_column_letter(len(widths))}{row_number - 1}"
    set_up(sheet, widths, head=HEAD_ROWS)


def _not_reported(figures: DayRollup) -> list[tuple[str, list[Row]]]:
    """Who owes a report and has none, by status, in words."""
    return [
        (status_marks.status_words(status), [row for row in figures.not_reported if row.status is status])
        for status in DayStatus
    ]


def difficulties_sheet(book: Workbook, heading: Heading) -> None:
    """What the units say, as far as it was sent up."""
    sheet, said = book.create_sheet(pgettext("sheet", "Difficulties")), heading.annex.difficulties
    heads = [_("Unit"), _("Superior"), _("Difficulties")]
    widths = [5, width_of([found.row.name for found in said]), 26, 82]
    form_head(sheet, heading, _("Difficulties reported"), widths)
    _heads(sheet, heads)
    for number, found in enumerate(said, start=1):
        row_number = FIRST_ROW + number
        note = found.note.replace("\r\n", "\n").replace("\r", "\n")
        _line(sheet, row_number, number, [found.row.name, found.superior.name if found.superior else "", note])
        sheet.row_dimensions[row_number].height = height_of(note, widths[-1])
    if heading.annex.not_sent_up:
        words = ngettext(
            "%(n)s unit names difficulties that nobody has sent up.",
            "%(n)s units name difficulties that nobody has sent up.",
            heading.annex.not_sent_up,
        )
        put(sheet.cell(FIRST_LINE + len(said), 2), words % {"n": heading.annex.not_sent_up}, "bold")
    elif not said:
        put(sheet.cell(FIRST_LINE, 2), _("No difficulties were reported."), "bold")
    set_up(sheet, widths, head=HEAD_ROWS)


def notes_sheet(book: Workbook, heading: Heading) -> None:
    """What is counted, against what, by which order, and the code that proves the table."""
    sheet = book.create_sheet(_("Notes"))
    form_head(sheet, heading, _("Notes to the figures"), NOTE_WIDTHS)
    for row_number, (name, text) in enumerate(_notes(heading), start=FIRST_ROW):
        put(sheet.cell(row_number, 1), name, "note name")
        put(sheet.cell(row_number, 3), None, "note text")  # its border
        across(sheet, row_number, 2, 3, text, "note text")
        heights = [height_of(name, NOTE_WIDTHS[0]), height_of(text, sum(NOTE_WIDTHS[1:]))]
        sheet.row_dimensions[row_number].height = max(*heights, LINE_HEIGHT + 4)
    set_up(sheet, NOTE_WIDTHS)


def _notes(heading: Heading) -> Iterator[tuple[str, str]]:
    annex = heading.annex
    figures, own = annex.figures, annex.figures.own
    yield (
        _("Numerator"),
        _(
            "Installs reported by the units themselves: those before the campaign (%(openings)s), and the new installs "
            "and adjustments of every day up to and including %(day)s."
        )
        % {"openings": formatting.number(annex.openings), "day": formatting.day(figures.day)},
    )
    yield (
        _("Reporting day"),
        _("The count of the day runs %(span)s; figures up to %(moment)s, what was received late or corrected included.")
        % {"span": span_words(figures), "moment": formatting.moment(heading.until)},
    )
    if heading.look:
        yield _("Seen"), heading.look
    yield from _denominators(annex)
    yield (
        _("Target"),
        _("%(share)s of the population of the row's own unit, rounded up; shares are cut to two decimals, not rounded.")
        % {"share": formatting.whole_percent(own.target_share)},
    )
    if figures.directive:
        yield _("Ordered by"), _order(annex)
        yield _("Hours in force"), _hours(annex)
    yield from _carried(annex)
    if annex.of_several_days:
        units = "; ".join(f"{row.name} ({formatting.day(first)})" for row, first in annex.of_several_days)
        yield _("New installs of several days"), _("Counted from the day in brackets on: %(units)s.") % {"units": units}
    if annex.confirmed.expected:
        yield _("Confirmed"), _confirmed(annex)
    if figures.agencies:
        yield (
            _("Agencies"),
            _("Staff also live in a commune: these figures stand apart and are not in the population's."),
        )
    digest = annex.seal.digest if annex.seal else annex.digest
    yield _("Check code"), _("%(digest)s (SHA-256 of the table of the figures)") % {"digest": digest}


def _confirmed(annex: Annex) -> str:
    """How many districts have confirmed the day, and which have not."""
    signed = annex.confirmed.sign_offs
    unsigned = [row.name for row in annex.figures.children if not row.is_reporting and row.code not in signed]
    words = _("%(signed)s of %(expected)s %(districts)s that have communes.") % {
        "districts": annex.confirming,
        "signed": len(signed),
        "expected": annex.confirmed.expected,
    }
    return f"{words} {_('Not yet')}: {', '.join(unsigned)}." if unsigned else words


def _denominators(annex: Annex) -> Iterator[tuple[str, str]]:
    """Each population with its source and day; the units whose population is not known."""
    reporting = [row for row in annex.figures.by_code.values() if row.is_reporting]
    for is_agency, name in ((False, _("Population")), (True, _("Staff"))):
        rows = [row for row in reporting if row.is_agency == is_agency]
        known = defaultdict(list)
        for row in rows:
            if row.population is not None:
                known[row.population_on, row.population_source].append(row.population)
        for (on, source), populations in sorted(known.items(), key=lambda item: -sum(item[1])):
            words = ngettext(
                "%(people)s people, %(n)s unit; figure of %(day)s, %(source)s.",
                "%(people)s people, %(n)s units; figure of %(day)s, %(source)s.",
                len(populations),
            )
            yield (
                name,
                words
                % {
                    "people": formatting.number(sum(populations)),
                    "n": len(populations),
                    "day": formatting.day(on),
                    "source": formatting.source_words(source) or _("not named"),
                },
            )
        unknown = [row.name for row in rows if row.population is None]
        if unknown:
            yield name, _("Not known: %(units)s.") % {"units": ", ".join(sorted(unknown))}


def _order(annex: Annex) -> str:
    order = annex.figures.directive
    words = [
        _("%(kind)s No. %(number)s of %(day)s, %(issuer)s: %(title)s.")
        % {
            "kind": order.get_kind_display().capitalize(),
            "number": order.number,
            "day": formatting.day(order.issued_on),
            "issuer": order.issuer,
            "title": order.title,
        }
    ]
    if order.grounds:
        words.append(_("Grounds: %(grounds)s.") % {"grounds": order.grounds})
    words.append(
        _("Reports are due before %(report)s, confirmations before %(signoff)s.")
        % {
            "report": formatting.clock_hour(order.report_deadline),
            "signoff": formatting.clock_hour(order.signoff_deadline),
        }
    )
    if order.target_date:
        words.append(_("To be reached by %(day)s.") % {"day": formatting.day(order.target_date)})
    return " ".join(words)


def _hours(annex: Annex) -> str:
    """The hours of the very day, extensions included."""
    figures = annex.figures
    words = _("Reports of the day were due %(hours)s.") % {"hours": hours_words(figures)}
    if not annex.confirmed.expected:
        return words
    signs_off_at = formatting.hour(figures.hours.signs_off_at(figures.own.path))
    return f"{words} {_('The last confirmation was due before %(hour)s.') % {'hour': signs_off_at}}"


def _carried(annex: Annex) -> Iterator[tuple[str, str]]:
    """Who is counted with an earlier cumulative, by superior, and who adds nothing yet."""
    carried, never = defaultdict(list), []
    for row in annex.figures.by_code.values():
        if row.is_reporting and row.carried_forward:
            since = _("before the campaign") if row.carries_opening else formatting.day(row.carried_from)
            said = [formatting.number(row.cumulative), since, *([_("with a correction")] if row.adjustment else [])]
            carried[_superior(annex, row)].append(f"{row.name} ({', '.join(said)})")
        elif row.is_reporting and row.cumulative is None:
            never.append(row.name)
    for superior in sorted(carried):
        name = _("Carried forward")
        units = "; ".join(sorted(carried[superior]))
        yield name, f"{superior}: {units}." if superior else f"{units}."
    if never:
        yield _("Never reported"), ", ".join(sorted(never)) + "."


def _superior(annex: Annex, row: Row) -> str:
    parent = annex.figures.parent_of(row)
    return parent.name if parent else ""


def _heads(sheet: Worksheet, heads: Sequence[str]) -> None:
    put_heads(sheet, FIRST_ROW, [_("No."), *heads])
    sheet.row_dimensions[FIRST_ROW].height = 2 * LINE_HEIGHT + 4


def _line(sheet: Worksheet, row_number: int, number: int | str, values: Sequence[object], style: str = "line") -> None:
    put(sheet.cell(row_number, 1), number, f"{'number' if isinstance(number, int) else 'text'} {style} centred")
    for position, value in enumerate(values, start=2):
        put(sheet.cell(row_number, position), value, f"{kind_of(value)} {style}")
