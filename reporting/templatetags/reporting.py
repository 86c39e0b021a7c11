"""The page's words for figures: `formatting` as filters, bars and marks as tags."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from .. import charts, formatting

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
):
    register.filter(_filter)

register.simple_tag(charts.share_bar)

MARKS = {"on_time": "✓", "late": "!", "missing": "–", "exempt": "○"}


def status_words() -> dict[str, str]:
    return {"on_time": _("On time"), "late": _("Late"), "missing": _("Not reported"), "exempt": _("Exempt")}


@register.simple_tag
def returned_mark() -> str:
    """Of a report that was returned and goes on counting."""
    return format_html(
        ' <span class="status status-returned"><span aria-hidden="true">↩</span> {}</span>', _("To be corrected")
    )


@register.simple_tag
def status_mark(status: str | None) -> str:
    """Word, shape and colour of a unit's day."""
    if status not in MARKS:
        return ""
    return format_html(
        '<span class="status status-{}"><span aria-hidden="true">{}</span> {}</span>',
        str(status),
        MARKS[status],
        status_words()[status],
    )
