"""A state is never colour alone: word, shape and colour together."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.translation import gettext as _

from . import formatting

MARKS = {"on_time": "✓", "late": "!", "missing": "–", "exempt": "○"}


def status_words() -> dict[str, str]:
    return {"on_time": _("On time"), "late": _("Late"), "missing": _("Not reported"), "exempt": _("Exempt")}


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


def status_sign(status: str | None) -> str:
    """The shape alone, where a legend says the words; read out, it is the word."""
    if status not in MARKS:
        return ""
    return format_html(
        '<span aria-hidden="true">{}</span><span class="hidden">{}</span>', MARKS[status], status_words()[status]
    )


def returned_mark() -> str:
    """Of a report that was returned and goes on counting."""
    return format_html(
        ' <span class="status status-returned"><span aria-hidden="true">↩</span> {}</span>', _("To be corrected")
    )


def claims_more_mark() -> str:
    """Of a unit that claims more than the ministry counts, by more than the threshold."""
    return format_html(
        '<span class="status status-late"><span aria-hidden="true">▲</span> {}</span>', _("Units report more")
    )


def moved_mark(places: int | None) -> str:
    """Places won or lost: ▲ 2, ▼ 1, = for none; a dash where there is nothing to compare."""
    if places is None:
        return formatting.NOT_KNOWN
    if places == 0:
        return format_html('<span aria-hidden="true">=</span><span class="hidden">{}</span>', _("unchanged"))
    return format_html(
        '<span class="moved"><span aria-hidden="true">{}</span><span class="hidden">{}</span> {}</span>',
        "▲" if places > 0 else "▼",
        _("up") if places > 0 else _("down"),
        abs(places),
    )
