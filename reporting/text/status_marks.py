"""The word, shape and colour of each status; never colour alone."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from . import formatting
from .markup import format_html

URGENCY_COLOURS = {"later": "awaited", "soon": "soon", "overdue": "missing"}


@dataclass(frozen=True, slots=True)
class StatusStyle:
    words: Promise
    shape: str
    colour: str  # of the style sheet


# Keys: values of `days.status.DayStatus`.
STATUSES = {
    "not_due_yet": StatusStyle(gettext_lazy("Not due yet"), "…", "awaited"),
    "on_time": StatusStyle(gettext_lazy("On time"), "✓", "on_time"),
    "late": StatusStyle(gettext_lazy("Late"), "!", "late"),
    "waiting": StatusStyle(gettext_lazy("Waiting for acceptance"), "⧗", "waiting"),
    "missing": StatusStyle(gettext_lazy("Not reported"), "–", "missing"),
    "excused": StatusStyle(gettext_lazy("Excused"), "◇", "exempt"),
    "exempt": StatusStyle(gettext_lazy("Exempt"), "○", "exempt"),
}


def status_words(status: str | None) -> str:
    """The status in words; empty on a day that no directive covers."""
    return str(STATUSES[status].words) if status else ""


def silent_words(status: str) -> str:
    """The status of a unit that has not reported: "Not reported, excused" where the status alone does not say it."""
    words = status_words(status)
    return _("Not reported, %(status)s") % {"status": words.lower()} if status in ("excused", "exempt") else words


def mark(colour: str, shape: str, words: str) -> str:
    """Returns a mark; `colour` names a class of the style sheet: done, late, missing, returned and others."""
    return format_html(
        '<span class="status status-{}"><span aria-hidden="true">{}</span> {}</span>', colour, shape, words
    )


def downtime_words(starts_at, ends_at, reason: str) -> str:
    """When and why the system was down."""
    return _("the system was down from %(from)s to %(to)s (%(reason)s)") % {
        "from": formatting.moment(starts_at),
        "to": formatting.moment(ends_at),
        "reason": reason,
    }


def late_words(late: int) -> str:
    """How many reports are late."""
    return _("%(n)s late") % {"n": formatting.number(late)}


def not_reported_words(row) -> str:
    """How many units have not reported, and why: "12, of these 3 excused"."""
    parts = [
        words % {"n": formatting.number(count)}
        for count, words in ((row.waiting, _("%(n)s waiting for acceptance")), (row.excused, _("%(n)s excused")))
        if count
    ]
    number = formatting.number(row.not_reported)
    return _("%(number)s, of these %(parts)s") % {"number": number, "parts": ", ".join(parts)} if parts else number


def urgency_colour(urgency: str | None) -> str:
    """The colour of a report that is due: grey, amber near the deadline, red after it; green if none is due."""
    return URGENCY_COLOURS.get(urgency or "", "done")


def status_mark(status: str | None, urgency: str = "overdue") -> str:
    """The mark of a unit's day; `urgency` sets the colour if the report is not due yet."""
    if not status:
        return ""
    return mark(status_colour(status, urgency), STATUSES[status].shape, STATUSES[status].words)


def status_colour(status: str | None, urgency: str = "overdue") -> str:
    if not status:
        return ""
    is_soon = status == "not_due_yet" and urgency != "overdue"
    return URGENCY_COLOURS[urgency] if is_soon else STATUSES[status].colour


def status_sign(status: str | None) -> str:
    """Only the shape, beside a legend; screen readers get the word."""
    if not status:
        return ""
    style = STATUSES[status]
    return format_html('<span aria-hidden="true">{}</span><span class="hidden">{}</span>', style.shape, style.words)


def returned_mark() -> str:
    """The mark of a returned report, which still counts."""
    return mark("returned", "↩", _("To be corrected"))


def sign_off_sign(sign_off, urgency: str = "overdue") -> str:
    """A short mark for a column of sign-offs: the hour; if it is missing, a dash in the colour of the urgency."""
    if sign_off is None:
        return mark(URGENCY_COLOURS[urgency], "–", format_html('<span class="hidden">{}</span>', _("not confirmed")))
    hour = formatting.hour(sign_off.at)
    if sign_off.is_after_deadline:
        return mark("late", "!", format_html('{}<span class="hidden"> {}</span>', hour, _("after the deadline")))
    return mark("done", "✓", hour)


def claims_more_mark() -> str:
    """The mark of a unit that reports more than the ministry counts, beyond the threshold."""
    return mark("late", "▲", _("Units report more"))
