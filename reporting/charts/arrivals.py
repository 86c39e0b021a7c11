"""The day's reports as they come in, hour by hour, over those of the day before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..text.formatting import hour as hour_words
from ..text.formatting import number
from .svg import Chart, Drawing, Form, Sign, chart, element, legend, path, place, round_steps, text, width_of

HEIGHTS = {"wide": 150, "narrow": 110}
TOP = 22
EVERY = {"wide": 2, "narrow": 4}  # hours between two labels


@dataclass(frozen=True, slots=True)
class Hour:
    """How many had arrived when an hour had passed, so far while it runs; None of a day on which it has not begun."""

    ends_at: int  # 17: at 17h00
    today: int | None
    before: int
    is_over: bool


def arrivals(hours: Sequence[Hour], *, closes_at: datetime | None = None) -> Chart | None:
    """Both days by the hour, of the hour that runs only the column, and the deadline. None without an hour."""
    if not hours:
        return None
    over = [hour for hour in hours if hour.is_over]
    return chart(
        "arrivals",
        title=_("Reports that have arrived, by the hour"),
        description=_("By %(hour)sh00 %(today)s have arrived, the day before %(before)s.") % _counts(over[-1])
        if over
        else _("No hour of the day has passed yet."),
        draw=lambda form: _drawing(hours, closes_at, form),
        headings=[_("By"), _("Of this day"), _("Of the day before")],
        rows=[[f"{hour.ends_at:02d}h00", _counts(hour)["today"], number(hour.before)] for hour in hours],
    )


def _drawing(hours: Sequence[Hour], closes_at: datetime | None, form: Form) -> Drawing:
    steps = round_steps(max(count for hour in hours for count in (hour.today or 0, hour.before)), 3)
    left, right, bottom = width_of(number(steps[-1])) + 10, form.width - 14.0, TOP + HEIGHTS[form.key]
    slot = (right - left) / len(hours)

    def y(count: int) -> float:
        return bottom - count / steps[-1] * HEIGHTS[form.key]

    def end(position: int) -> float:
        return left + (position + 1) * slot

    lines = [element("line", class_="chart-line", x1=left, x2=right, y1=y(step), y2=y(step)) for step in steps]
    counts = [text(number(step), left - 6, y(step) + 4, anchor="end") for step in steps]
    labels = [
        text(f"{hour.ends_at}h", end(position), bottom + 18, anchor="middle")
        for position, hour in enumerate(hours)
        if hour.ends_at % EVERY[form.key] == 0
    ]
    columns = [
        element(
            "rect",
            class_="chart-column",
            x=end(position) - slot + slot * 0.15,
            y=y(hour.today),
            width=slot * 0.7,
            height=bottom - y(hour.today),
            hint=_("by %(hour)sh00: %(today)s, the day before %(before)s") % _counts(hour) if hour.is_over else "",
        )
        for position, hour in enumerate(hours)
        if hour.today is not None
    ]
    column = Sign(
        lambda x, y: element("rect", class_="chart-column", x=x - 8, y=y - 6, width=16, height=12),
        _("reports of this day"),
    )
    line = Sign(
        lambda x, y: element("path", class_="chart-required", d=path([(x - 10, y), (x + 10, y)])),
        _("of the day before"),
    )
    key = legend([column, line], form=form, top=bottom + 28)
    deadline = _deadline(closes_at, left + slot * (1 - hours[0].ends_at), slot, bottom) if closes_at else []
    steps_of_eve = _before(hours, left, slot, y)
    return Drawing(key.height, [*lines, *counts, *labels, *columns, steps_of_eve, *deadline, *key.parts])


def _deadline(closes_at: datetime, midnight: float, slot: float, bottom: float) -> list[SafeString]:
    at = timezone.localtime(closes_at)
    x = midnight + (at.hour + at.minute / 60) * slot
    words = _("due %(hour)s") % {"hour": hour_words(closes_at)}
    return [
        element("line", class_="chart-target", x1=x, x2=x, y1=TOP, y2=bottom),
        text(words, x - 5, TOP - 6, class_="chart-label chart-label-target", anchor="middle"),
    ]


def _before(hours: Sequence[Hour], left: float, slot: float, y) -> SafeString:
    """Steps, level over each hour."""
    steps = "".join(f"V{place(y(hour.before))}H{place(left + (n + 1) * slot)}" for n, hour in enumerate(hours))
    return element("path", class_="chart-required", d=f"M{place(left)} {place(y(0))}{steps}")


def _counts(hour: Hour) -> dict[str, str]:
    """As a sentence names them; of the day itself none while the hour runs."""
    today = hour.today if hour.is_over else None
    return {"hour": str(hour.ends_at), "today": number(today), "before": number(hour.before)}
