"""How each status of a day is said and drawn, in one place: word, shape and colour together, never colour alone."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import formatting
from .markup import format_html, join

OWED = {"later": "awaited", "soon": "soon", "overdue": "missing"}  # the colour by how near the hour is


@dataclass(frozen=True, slots=True)
class Look:
    words: Promise
    shape: str
    colour: str  # of the style sheet


# By the values of `days.status.DayStatus`.
STATUSES = {
    "not_due_yet": Look(gettext_lazy("Not due yet"), "…", "awaited"),
    "on_time": Look(gettext_lazy("On time"), "✓", "on_time"),
    "late": Look(gettext_lazy("Late"), "!", "late"),
    "waiting": Look(gettext_lazy("Waiting to be taken in"), "⧗", "waiting"),
    "missing": Look(gettext_lazy("Not reported"), "–", "missing"),
    "excused": Look(gettext_lazy("Excused"), "◇", "exempt"),
    "exempt": Look(gettext_lazy("Exempt"), "○", "exempt"),
}


def status_words(status: str | None) -> str:
    """The status in words; empty on a day that no directive covers."""
    return str(STATUSES[status].words) if status else ""


def mark(colour: str, shape: str, words: str) -> str:
    """`colour` is one of the style sheet's: done, late, missing, exempt, waiting, returned or a unit's day."""
    return format_html(
        '<span class="status status-{}"><span aria-hidden="true">{}</span> {}</span>', colour, shape, words
    )


def downtime_words(starts_at, ends_at, reason: str) -> str:
    """When and why the system was down, which excuses whose last hour it took."""
    return _("the system was down from %(from)s to %(to)s (%(reason)s)") % {
        "from": formatting.moment(starts_at),
        "to": formatting.moment(ends_at),
        "reason": reason,
    }


def late_words(late: int) -> str:
    """Of a sum: how many of the reports came late."""
    return _("%(n)s late") % {"n": formatting.number(late)}


def not_reported_words(row) -> str:
    """How many units have not reported, and who of them cannot be called missing: "12, of these 3 excused"."""
    parts = [
        words % {"n": formatting.number(count)}
        for count, words in ((row.waiting, _("%(n)s waiting to be taken in")), (row.excused, _("%(n)s excused")))
        if count
    ]
    number = formatting.number(row.not_reported)
    return _("%(number)s, of these %(parts)s") % {"number": number, "parts": ", ".join(parts)} if parts else number


def reported_words(row) -> str:
    """How many have reported of those who owe it, and how many of them late: "215/218 units have reported (late 3)"."""
    words = _("%(reported)s/%(expected)s units have reported") % {"reported": row.reported, "expected": row.expected}
    return f"{words} " + _("(late %(late)s)") % {"late": formatting.number(row.late)} if row.late else words


def owed_colour(urgency: str | None) -> str:
    """Of what is still owed: grey before its hour is near, then amber, then red; green where nothing is."""
    return OWED.get(urgency or "", "done")


def status_mark(status: str | None, urgency: str = "overdue") -> str:
    """Word, shape and colour of a unit's day; what is not due yet is as urgent as its hour is near."""
    if not status:
        return ""
    return mark(status_colour(status, urgency), STATUSES[status].shape, STATUSES[status].words)


def status_colour(status: str | None, urgency: str = "overdue") -> str:
    if not status:
        return ""
    is_soon = status == "not_due_yet" and urgency != "overdue"
    return OWED[urgency] if is_soon else STATUSES[status].colour


def status_sign(status: str | None) -> str:
    """The shape alone, where a legend says the words; read out, it is the word."""
    if not status:
        return ""
    look = STATUSES[status]
    return format_html('<span aria-hidden="true">{}</span><span class="hidden">{}</span>', look.shape, look.words)


def returned_mark() -> str:
    """Of a report that was returned and goes on counting."""
    return mark("returned", "↩", _("To be corrected"))


def sign_off_mark(sign_off) -> str:
    """Whether a superior has confirmed its day, and when; None: it has not."""
    if sign_off is None:
        marks = [mark("missing", "–", _("not confirmed"))]
    else:
        marks = [mark("done", "✓", _("Confirmed %(hour)s") % {"hour": formatting.hour(sign_off.at)})]
        if sign_off.is_after_deadline:
            marks += [" ", mark("late", "!", _("after the deadline"))]
    return format_html('<span class="marks">{}</span>', join(marks))


def sign_off_sign(sign_off, urgency: str = "overdue") -> str:
    """The same in a column that says what it is of: the hour alone; what is to come is as urgent as its hour."""
    if sign_off is None:
        return mark(OWED[urgency], "–", format_html('<span class="hidden">{}</span>', _("not confirmed")))
    hour = formatting.hour(sign_off.at)
    if sign_off.is_after_deadline:
        return mark("late", "!", format_html('{}<span class="hidden"> {}</span>', hour, _("after the deadline")))
    return mark("done", "✓", hour)


def claims_more_mark() -> str:
    """Of a unit that claims more than the ministry counts, by more than the threshold."""
    return mark("late", "▲", _("Units report more"))


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
