"""Template filters and tags: the formats of `formatting`, bars and marks, and composed sentences."""

from collections.abc import Iterable
from datetime import date, datetime

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, pgettext

from .. import charts, deadline, imports
from ..days.state import excuse_words
from ..deadline import Urgency
from ..figures import fields, sealed_table, since_seal, statements
from ..figures.rollup import Row
from ..forms.fields import ANSWERS
from ..models import BaseFigure, Directive, Downtime, LateRequest, Revision
from ..pages import undo
from ..text import formatting, status_marks, unit_kinds
from ..text.markup import format_html, join

register = template.Library()

for _filter in (
    formatting.number,
    formatting.phones,
    formatting.signed,
    formatting.percent,
    formatting.signed_percent,
    formatting.whole_percent,
    formatting.day,
    formatting.short_day,
    formatting.of_year,
    formatting.long_day,
    formatting.hour,
    formatting.hour_on,
    formatting.moment,
    formatting.exact,
    formatting.to_the_second,
    formatting.until,
    formatting.points,
    formatting.per_day,
    formatting.source_words,
    formatting.in_fours,
    formatting.dial,
    since_seal.set_up_reason,
    since_seal.set_up_words,
    status_marks.late_words,
    status_marks.not_reported_words,
    status_marks.urgency_colour,
    undo.undo_of_tags,
    unit_kinds.bare_name,
):
    register.filter(_filter)

for _tag in (
    charts.share_bar,
    status_marks.mark,
    status_marks.status_mark,
    status_marks.status_colour,
    status_marks.status_sign,
    status_marks.returned_mark,
    status_marks.claims_more_mark,
):
    register.simple_tag(_tag)


@register.filter
def reported_words(figures) -> str:
    """How many units have reported, and how many late."""
    return statements.reported(statements.subject(figures)).words()


@register.filter
def as_of_words(figures, at: datetime) -> str:
    """Up to when the figures count, and until when they were received if that is later."""
    until, seen = figures.until(at), figures.as_of or at
    words = _("as of %(moment)s, by what was received until %(seen)s") if until < seen else _("as of %(moment)s")
    return words % {"moment": formatting.moment(until), "seen": formatting.moment(seen)}


@register.simple_tag
def urgency_of(hours, unit, at: datetime) -> Urgency:
    """How near the unit's deadline is at `at`; `hours` are the hours of the day, None without an order."""
    return hours.urgency(unit.path, at) if hours else Urgency.OVERDUE


@register.filter
def moved_words(hours, unit) -> list[str]:
    """Why the unit's day is exempt or excused, or until when its deadline was extended; without an order nothing."""
    if hours is None:
        return []
    words, exempt, extension = [], hours.exemption(unit.path), hours.extension(unit.path)
    if exempt:
        return [_("exempt day (%(reason)s): no report is due") % {"reason": exempt.reason}]
    if excuse := excuse_words(hours, unit.path):
        words.append(excuse)
    if extension:
        about = {"hour": formatting.hour(hours.closes_at(unit.path)), "reason": extension.reason}
        words.append(_("extended until %(hour)s (%(reason)s)") % about)
    return words


@register.filter
def of_people(row) -> str:
    """What a row's cumulative is of: "of 2,028,514 people", "of 12 staff", or that no population is recorded."""
    if row.population is None:
        return _("population not recorded")
    words = _("of %(n)s staff") if row.is_agency else _("of %(n)s people")
    return words % {"n": formatting.number(row.population)}


@register.filter
def sort_direction(column) -> str:
    """The `aria-sort` of a column; empty if the table is sorted by another."""
    if not column.is_ordered:
        return ""
    return "descending" if column.order_by[0].is_descending else "ascending"


@register.filter
def own_fields(form) -> list:
    """The form's visible fields without the answers to questions."""
    return [field for field in form.visible_fields() if field.name not in ANSWERS]


@register.filter
def with_code(text: str) -> str:
    """The text as markup: text between backticks becomes <code>."""
    code = '<code translate="no">{}</code>'
    return join(format_html(code, part) if at % 2 else part for at, part in enumerate(text.split("`")))


@register.filter
def level_name(ranking) -> str:
    """The kinds of the units of a ranking: "quận, huyện"."""
    return unit_kinds.level_of_names(ranking.level, [line.row.name for line in ranking.lines])


@register.filter
def table_field(text: str) -> str:
    """A canonical table's field, formatted."""
    if text.removeprefix("-").isdecimal():
        return formatting.number(int(text))
    if text == sealed_table.UNKNOWN:
        return formatting.NOT_KNOWN
    return status_marks.status_words(text) if text in status_marks.STATUSES else text


@register.filter
def extras(record) -> list[tuple[fields.Count, int]]:
    """The other counts of a row, a report or a request."""
    values = [(count, count.value(record)) for count in fields.EXTRAS]
    return [(count, value) for count, value in values if value is not None]


@register.filter
def extra_words(record) -> list[str]:
    """The other counts, in words."""
    return [count.words % {count.name: formatting.number(value)} for count, value in extras(record)]


@register.filter
def outcome_words(outcome: str) -> str:
    """The outcome of a cell of an imported file, in words."""
    words = {
        imports.RowOutcome.ERROR: _("Errors"),
        imports.RowOutcome.NEW: pgettext("figures of a file", "New"),
        imports.RowOutcome.CHANGED: _("Changed"),
        imports.RowOutcome.SUM: _("Sums of the file"),
        imports.RowOutcome.UNCHANGED: _("Unchanged"),
        "doubtful": _("To be explained"),
    }
    return words.get(outcome, _("Left out"))


@register.filter
def carried_forward_words(row: Row) -> str:
    """Which earlier cumulative counts for a unit without a report, in words."""
    if not row.carried_from:
        return _("has never reported")
    words = _("counted with the cumulative of %(day)s") % {"day": formatting.day(row.carried_from)}
    if row.carries_opening:
        words = _("counted with the installs before the campaign")
    return f"{words}, {_('with a correction')}" if row.adjustment else words


@register.filter
def joined_names(rows: Iterable) -> str:
    """Names: "Phường Cát Bi, Phường Đằng Hải"."""
    return ", ".join(row.name for row in rows)


@register.filter
def joined_words(parts: Iterable) -> str:
    """The words of each part, separated by commas."""
    return ", ".join(part.counted_words for part in parts)


@register.filter
def sources_words(sources: Iterable[tuple[str, date]]) -> str:
    """The sources of base figures and their days: "census 2019, 01/04/2019; 01/08/2020"."""
    dated = ((formatting.source_words(source), formatting.day(day)) for source, day in sources)
    return "; ".join(f"{source}, {day}" if source else day for source, day in dated)


@register.simple_tag(takes_context=True)
def unit_address(context, code: str) -> str:
    """The page of a unit, with the day and the moment of this page."""
    address, day, look = reverse("reporting:unit", args=[code]), context.get("day"), context.get("look")
    return f"{address}?day={day.isoformat()}{look.query if look else ''}" if day else address


@register.filter
def request_words(request: LateRequest) -> str:
    """The content of a late request: "88 installs (counted from 19/08), households visited: 46"."""
    parts = [asked_words(request), *extra_words(request)]
    if request.covers_from and request.cumulative is None:
        parts[0] += " " + _("(counted from %(day)s)") % {"day": formatting.short_day(request.covers_from)}
    if request.opening is not None:
        parts.append(_("before the campaign: %(opening)s") % {"opening": formatting.number(request.opening)})
    return ", ".join(parts)


@register.filter
def waiting_words(request: LateRequest) -> str:
    """In words: "waiting for acceptance: 88 installs"."""
    return f"{_('waiting for acceptance')}: {asked_words(request)}"


@register.filter
def asked_words(request: LateRequest) -> str:
    """What was typed. The day's number that a total gives may change until it is accepted, so it is not said."""
    if request.installs is None:
        return f"{_('adjustment of the cumulative')} {formatting.signed(request.adjustment)}"
    if request.cumulative is not None:
        return f"{_('cumulative')} {formatting.number(request.cumulative)}"
    wording = _("%(installs)s staff installed") if request.unit.is_agency else _("%(installs)s installs")
    return wording % {"installs": formatting.number(request.installs)}


@register.filter
def revision_words(revision: Revision) -> str:
    """The figures after a revision, and the change of the cumulative: "88 installs, adjustment -8 (cumulative +8)"."""
    if revision.installs is None:
        return _("no current report")
    values = {
        "installs": formatting.number(revision.installs),
        "adjustment": formatting.signed(revision.adjustment),
        "delta": formatting.signed(revision.delta) if revision.delta else _("unchanged"),
    }
    if revision.adjustment:
        return _("%(installs)s installs, adjustment %(adjustment)s (cumulative %(delta)s)") % values
    return _("%(installs)s installs (cumulative %(delta)s)") % values


@register.filter
def step_words(revision: Revision) -> str:
    """What another person did to a report, in words for a notice; for an adjustment, without the installs."""
    if revision.kind != Revision.Kind.ADJUSTMENT:
        return revision_words(revision)
    values = {"adjustment": formatting.signed(revision.adjustment), "delta": formatting.signed(revision.delta)}
    return _("%(adjustment)s (cumulative %(delta)s)") % values


@register.filter
def in_force(records: Iterable, at: datetime) -> list:
    """The records in force on the day of `at` or later; of directives, only the first; no base figures."""
    today = deadline.reporting_day(at)

    def applies(record) -> bool:
        if record.is_withdrawn or isinstance(record, BaseFigure) or getattr(record, "effective_from", today) > today:
            return False
        day = getattr(record, "day", None)
        last = timezone.localtime(record.ends_at).date() if isinstance(record, Downtime) else day
        return (last or getattr(record, "effective_until", None) or today) >= today

    applying = [record for record in records or () if applies(record)]
    return applying[:1] if applying and isinstance(applying[0], Directive) else applying
