"""The page's words for figures: `formatting` as filters, bars and marks as tags."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from .. import charts, formatting, marks
from ..rollup import Row

register = template.Library()

for _filter in (
    formatting.number,
    formatting.signed,
    formatting.percent,
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
):
    register.filter(_filter)

register.simple_tag(charts.share_bar)
register.simple_tag(marks.status_mark)
register.simple_tag(marks.returned_mark)


@register.filter
def kept(row: Row) -> str:
    """What a unit that has not reported is counted with meanwhile."""
    if row.carries_opening:
        return _("keeps the number before the campaign")
    if row.carried_from:
        return _("keeps the cumulative of %(day)s") % {"day": formatting.day(row.carried_from)}
    return _("has never reported")
