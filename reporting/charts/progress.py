"""The progress chart: above, each day's share, the needed path and the forecast; below, the new installs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, ngettext

from ..figures.pace import PastDay, Projection
from ..text import formatting
from ..text.formatting import day as day_words, number, percent, whole_percent
from ..text.markup import join
from .svg import FORMS, Form, Plot, element, path, place, round_steps, text, width_of

BETWEEN = 36
APART = 16  # distance between two labels
ABOVE = 6  # distance of a label above its line, on a phone
BOLD = 14  # font size with the width of bold letters
COLUMN = 0.7  # width of a column, as a part of its slot
WIDEST = 40
LEAST = 2  # height of the column of a day without new installs
STEPS = 2  # marks on the axis of installs
MOST_POINTS = 100  # percent, the end of a forecast line
CARD = Form("card", 344, (84, 0), 122)  # of the shares alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture, and its figures as a table."""

    title: str
    picture: SafeString
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def progress(
    days: Sequence[PastDay],
    *,
    target_share: Decimal,
    provisional: str = "",
    projection: Projection | None = None,
) -> Chart | None:
    """A chart of the shares in percent, above columns of the new installs. None if no day has figures.

    Forecast lines have labels at their ends. A last day that is `provisional`, in words, is hatched. Only the hint of a
    past day and the table say how many reports are missing.
    """
    if all(day.share is None and day.installs is None for day in days):
        return None
    about = {"first": day_words(days[0].day), "last": day_words(days[-1].day)}
    title = _("Share of population and new installs, %(first)s to %(last)s") % about
    description = _description(days[-1], provisional, target_share, projection)
    rows = [
        [
            day_words(day.day),
            percent(day.share),
            number(day.installs),
            ", ".join(_remarks(day, provisional if day is days[-1] else "")),
        ]
        for day in days
    ]
    drawn = (days, [_hint(*row) for row in rows], bool(provisional), target_share, projection)
    return Chart(
        title=title,
        picture=join(_picture(form, title, description, *drawn) for form in FORMS),
        headings=[_("Day"), _("Share"), _("New installs"), _("Remarks")],
        rows=rows[::-1],
    )


def outlook(
    days: Sequence[PastDay], *, target_share: Decimal, provisional: str = "", projection: Projection | None
) -> SafeString:
    """The upper part of the chart alone, for the first screen of a phone; empty if no day has a share."""
    if all(day.share is None for day in days):
        return SafeString("")
    plot, _installs = _plots(days, target_share, projection, CARD)
    return element(
        "svg",
        *plot.lines(),
        *plot.days(),
        *_target(target_share, projection, plot),
        _ahead(projection, plot) if projection else SafeString(""),
        *_line(days, plot),
        *_labels(days, projection, plot),
        class_="chart-card",
        viewBox=f"0 0 {CARD.width} {place(plot.bottom + 26)}",
        role="img",
        aria_label=_description(days[-1], provisional, target_share, projection),
    )


def _remarks(day: PastDay, provisional: str) -> list[str]:
    exempt = "" if day.due or day.installs is not None else _("Exempt")
    words = ngettext("%(n)s unit has not reported", "%(n)s units have not reported", day.not_reported)
    missing = words % {"n": number(day.not_reported)} if day.not_reported else ""
    return list(filter(None, [exempt, provisional, missing]))


def _hint(day: str, share: str, installs: str, remarks: str) -> str:
    words = _("%(day)s: %(share)s, new %(installs)s") % {"day": day, "share": share, "installs": installs}
    return ", ".join(filter(None, [words, remarks]))


def _description(last: PastDay, provisional: str, target_share: Decimal, ahead: Projection | None) -> str:
    words = _("On %(day)s the share is %(share)s, the target %(target)s.") % {
        "day": day_words(last.day),
        "share": f"{percent(last.share)} ({provisional})" if provisional else percent(last.share),
        "target": whole_percent(target_share),
    }
    if ahead is None or ahead.expected is None:
        return words
    forecast = _("At the mean of 7 days it is %(share)s on %(day)s, between %(slowest)s and %(fastest)s.") % {
        "share": _cut(ahead.expected),
        "day": day_words(ahead.until),
        "slowest": _cut(ahead.slowest),
        "fastest": _cut(ahead.fastest),
    }
    return f"{words} {forecast}"


def _cut(share: Fraction) -> str:
    """The share in percent, cut, not rounded."""
    return percent(Decimal(share.numerator) / share.denominator)


def _picture(
    form: Form,
    title: str,
    description: str,
    days: Sequence[PastDay],
    hints: Sequence[str],
    is_provisional: bool,
    target_share: Decimal,
    ahead: Projection | None,
) -> SafeString:
    shares, installs = _plots(days, target_share, ahead, form)
    name = f"progress-{form.key}"
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-desc"),
        *shares.lines(),
        *installs.lines(),
        *installs.days(),
        *_target(target_share, ahead, shares),
        _ahead(ahead, shares) if ahead else SafeString(""),
        text(_("New installs a day"), installs.left, installs.top - 10, class_="chart-label"),
        *_columns(days, installs, is_provisional=is_provisional),
        *(_needed(ahead.needed_per_day, installs) if ahead and ahead.needed_per_day else []),
        *_line(days, shares),
        *(_mark(day, hint, shares, installs) for day, hint in zip(days, hints, strict=True)),
        *_labels(days, ahead, shares),
        class_=f"chart-{form.key}",
        viewBox=f"0 0 {form.width} {place(installs.bottom + 26)}",
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-desc",
    )


def _plots(days: Sequence[PastDay], target_share: Decimal, ahead: Projection | None, form: Form) -> tuple[Plot, Plot]:
    """The plot of the shares, and below it the plot of the installs of the same days."""
    last = ahead.until if ahead else days[-1].day
    shares = [target_share, *(day.share for day in days if day.share is not None)]
    if ahead and ahead.expected:
        shares.append(ahead.expected)
    top = min(math.ceil(max(map(_points, shares))), MOST_POINTS)
    needed = (ahead.needed_per_day if ahead else None) or 0
    most = max([needed, *(day.installs for day in days if day.installs is not None)])
    left = max(width_of("100%"), width_of(number(round_steps(most, STEPS)[-1]))) + 10
    about = {"left": left, "margin": form.margin if ahead else 18}
    above = Plot(form, days[0].day, last, top, form.heights[0], unit="%", **about)
    return above, Plot(form, days[0].day, last, most, form.heights[1], top=above.bottom + BETWEEN, about=STEPS, **about)


def _points(share: Decimal | Fraction) -> float:
    return float(share) * 100


def _target(target_share: Decimal, ahead: Projection | None, plot: Plot) -> list[SafeString]:
    y = plot.y(_points(target_share))
    words = _("target %(target)s") % {"target": whole_percent(target_share)}
    if ahead and ahead.required is not None and plot.form.key == "wide":
        words = f"{words} {_('by %(day)s') % {'day': formatting.short_day(ahead.until)}}"
    line = element("line", class_="chart-target", x1=plot.left, x2=plot.right, y1=y, y2=y)
    return [line, text(words, plot.left + 4, y - 6, class_="chart-label chart-label-target")]


def _ahead(ahead: Projection, plot: Plot) -> SafeString:
    """The range of the forecast as a band, its mean as a dotted line, and the line needed to reach the target."""

    def line(*shares: Fraction) -> str:
        ends = [(plot.x(ahead.until), plot.y(_points(share))) for share in shares]
        return path([(plot.x(ahead.start), plot.y(_points(ahead.share))), *ends])

    parts = []
    if ahead.expected is not None:
        parts.append(element("path", class_="chart-range", d=f"{line(ahead.fastest, ahead.slowest)}z"))
    if ahead.required is not None:
        parts.append(element("path", class_="chart-required", d=line(ahead.required)))
    if ahead.expected is not None:
        parts.append(element("path", class_="chart-expected", d=line(ahead.expected)))
    left, top, width, height = plot.left, plot.top, plot.right - plot.left, plot.height
    box = f"{place(left)} {place(top)} {place(width)} {place(height)}"
    return element("svg", *parts, x=left, y=top, width=width, height=height, viewBox=box)  # cuts what is outside


def _line(days: Sequence[PastDay], plot: Plot) -> list[SafeString]:
    known = [(plot.x(day.day), plot.y(_points(day.share))) for day in days if day.share is not None]
    if not known:
        return []
    return [
        element("path", class_="chart-series", d=path(known)),
        element("circle", class_="chart-point", cx=known[-1][0], cy=known[-1][1], r=4),
    ]


def _columns(days: Sequence[PastDay], plot: Plot, *, is_provisional: bool) -> list[SafeString]:
    """The new installs of each day. Each form has its own pattern: one of a hidden form is not drawn."""
    parts, width, hatch = [], min(plot.slot * COLUMN, WIDEST), f"hatch-{plot.form.key}"
    if is_provisional:
        about = {"width": 5, "height": 5, "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
        parts.append(element("pattern", element("path", class_="chart-hatch", d="M0 0V5"), id=hatch, **about))
    for day in days:
        x = plot.x(day.day)
        if day.installs is not None:
            y = min(plot.y(day.installs), plot.bottom - LEAST)
            look = {"class_": "chart-column", "x": x - width / 2, "y": y, "width": width, "height": plot.bottom - y}
            if is_provisional and day is days[-1]:
                look |= {"class_": "chart-column is-hatched", "fill": f"url(#{hatch})"}
            parts.append(element("rect", **look))
        else:
            parts.append(text("–" if day.due else "○", x, plot.bottom - 5, anchor="middle"))
    return parts


def _needed(per_day: int, plot: Plot) -> list[SafeString]:
    """What is needed a day, as a line over the columns."""
    y, is_wide = plot.y(per_day), plot.form.key == "wide"
    ends = {"x1": plot.left, "x2": plot.right, "y1": y, "y2": y}
    words = _("needed %(n)s") % {"n": number(per_day)}
    label = text(words, plot.right + 6, y + 4) if is_wide else text(words, plot.right, y - 4, anchor="end")
    return [*(element("line", class_=name, **ends) for name in ("halo", "chart-needed")), label]


def _mark(day: PastDay, hint: str, shares: Plot, installs: Plot) -> SafeString:
    """An invisible column over the day, which shows the hint as a tooltip."""
    left, height = shares.x(day.day) - shares.slot / 2, installs.bottom - shares.top
    hit = element("rect", class_="chart-hit", x=left, y=shares.top, width=shares.slot, height=height)
    return element("g", hit, hint=hint)


def _labels(days: Sequence[PastDay], ahead: Projection | None, plot: Plot) -> list[SafeString]:
    """The last share, and the names of the forecast lines at their ends; on a phone above and below the lines."""
    last = next((day for day in reversed(days) if day.share is not None), None)
    if last is None:
        return []
    words, x = percent(last.share), plot.x(last.day)
    anchor = "middle" if x - width_of(words) / 2 > plot.left else "start"
    y = plot.y(_points(last.share)) + 20
    labels = [text(words, min(x, plot.right - 20), y, class_="chart-label", anchor=anchor)]
    ends, is_narrow = [], plot.form.key == "narrow"
    is_behind = ahead and (ahead.required is None or ahead.expected is None or ahead.expected <= ahead.required)
    if ahead and ahead.required is not None:
        words = _("needed") if plot.form.key != "wide" else _("needed %(share)s") % {"share": _cut(ahead.required)}
        ends.append((_beside(words, ahead.required, ahead, plot, y, is_upper=is_behind), words, ""))
    if ahead and ahead.expected is not None and _points(ahead.expected) <= MOST_POINTS:
        words = _("forecast %(share)s") % {"share": _cut(ahead.expected)}
        at = _beside(words, ahead.expected, ahead, plot, y, is_upper=not is_behind)
        ends.append((at, words, " chart-label-expected"))
        if plot.form.key == "wide":
            words = f"({_cut(ahead.slowest).removesuffix('%')}–{_cut(ahead.fastest)})"
            ends.append((at + APART, words, " chart-text"))
    free = 0.0
    x, anchor = (plot.right, "end") if is_narrow else (plot.right + 6, "start")
    for y, words, class_ in sorted(ends):
        y = max(y, free)
        free = y + APART
        labels.append(text(words, x, y, class_=f"chart-label{class_}", anchor=anchor))
    return labels


def _beside(words: str, share: Fraction, ahead: Projection, plot: Plot, last: float, *, is_upper: bool) -> float:
    """The height of a line's name: beside its end; on a phone above the upper line or below the lower one."""
    end = plot.y(_points(share))
    if plot.form.key != "narrow":
        return end + 4
    if is_upper:
        lift = 0 if share == ahead.required else APART
        return max(min(end, plot.y(_points(ahead.required or share)) - lift) - ABOVE, APART)
    width, length = width_of(words, BOLD), plot.right - plot.x(ahead.start)
    y = end + (plot.y(_points(ahead.share)) - end) * min(width / length, 1) + APART
    return y if width + 30 < length else max(y, last + APART)
