"""The page's words for figures: `formatting` as filters, bars and marks as tags."""

from __future__ import annotations

import json

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from .. import charts, imports
from ..figures import fields, sealed_table
from ..figures.rollup import Row
from ..text import formatting, status_marks

register = template.Library()

for _filter in (
    formatting.number,
    formatting.signed,
    formatting.percent,
    formatting.signed_percent,
    formatting.whole_percent,
    formatting.day,
    formatting.short_day,
    formatting.long_day,
    formatting.hour,
    formatting.moment,
    formatting.exact,
    formatting.until,
    formatting.points,
    formatting.per_day,
    formatting.source_words,
    formatting.shortened,
):
    register.filter(_filter)

register.simple_tag(charts.share_bar)
register.simple_tag(status_marks.status_mark)
register.simple_tag(status_marks.status_sign)
register.simple_tag(status_marks.returned_mark)
register.simple_tag(status_marks.claims_more_mark)


@register.filter
def table_field(text: str) -> str:
    """A field of a canonical table as a page prints it."""
    if text.removeprefix("-").isdecimal():
        return formatting.number(int(text))
    return formatting.NOT_KNOWN if text == sealed_table.UNKNOWN else status_marks.status_words().get(text, text)


@register.filter
def beside(record) -> list[tuple[fields.Count, int]]:
    """What a row, a report or a request says beside the installs."""
    said = [(count, count.value(record)) for count in fields.BESIDE]
    return [(count, value) for count, value in said if value is not None]


@register.filter
def beside_words(record) -> list[str]:
    """The same in words."""
    return [count.words % {count.name: formatting.number(value)} for count, value in beside(record)]


@register.filter
def beside_json(record) -> str:
    """The same for a script, by field of the form."""
    return json.dumps(fields.beside(record))


@register.filter
def outcome_words(outcome: str) -> str:
    """What will happen with a cell of an imported file."""
    match outcome:
        case imports.RowOutcome.ERROR:
            return _("Errors")
        case imports.RowOutcome.NEW:
            return pgettext("figures of a file", "New")
        case imports.RowOutcome.CHANGED:
            return _("Changed")
        case imports.RowOutcome.UNCHANGED:
            return _("Unchanged")
    return _("Left out")


@register.filter
def kept(row: Row) -> str:
    """What a unit that has not reported is counted with meanwhile."""
    if row.carries_opening:
        return _("keeps the number before the campaign")
    if row.carried_from:
        return _("keeps the cumulative of %(day)s") % {"day": formatting.day(row.carried_from)}
    return _("has never reported")
