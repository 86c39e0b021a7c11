"""The cumulative from day to day against the target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..figures.pace import PastDay
from ..text.formatting import day as day_words
from ..text.formatting import number
from .svg import Chart, Drawing, Form, Plot, Sign, change_line, chart, element, legend, path, place, text, width_of

HEIGHTS = {"wide": 240, "narrow": 190}
CROWDED = 6  # width of a day below which ordinary points would blot the line
NEAR = 22  # below this distance two labels would lie on one another
# What is said of a point that is out of the ordinary.
WORDS = {
    "is_opening": gettext_lazy("installed before the campaign"),
    "is_carried": gettext_lazy("provisional: an earlier cumulative is kept"),
    "is_adjusted": gettext_lazy("with a correction"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    day: date
    cumulative: int | None  # None: nobody has ever reported
    target: int | None
    is_carried: bool = False  # some unit is counted with an earlier cumulative
    is_adjusted: bool = False
    is_opening: bool = False  # what was installed before the campaign
    change: str = ""  # what happened to the tree on the day, in words


def trend_points(days: Iterable[PastDay], *, campaign_start: date | None = None) -> list[TrendPoint]:
    """The days of a unit, oldest first. The days before the campaign hold the opening reports and carry nothing."""
    return [
        TrendPoint(
            day=past.day,
            cumulative=past.cumulative,
            target=past.target,
            is_opening=is_opening,
            is_carried=past.is_carried and not is_opening,
            is_adjusted=past.adjustment != 0,
            change=past.change,
        )
        for past in days
        for is_opening in [campaign_start is not None and past.day < campaign_start and past.cumulative is not None]
    ]


def trend(points: Sequence[TrendPoint], *, name: str = "trend") -> Chart | None:
    """The points joined by a line, the target as a step. None as long as nobody has reported."""
    known = [point for point in points if point.cumulative is not None]
    if not known:
        return None
    last, hints = known[-1], [_hint(point) for point in known]  # once for both forms
    return chart(
        name,
        title=_("Cumulative installs and target, %(first)s to %(last)s")
        % {"first": day_words(points[0].day), "last": day_words(points[-1].day)},
        description=_("On %(day)s %(cumulative)s are installed, the target is %(target)s.")
        % {"day": day_words(last.day), "cumulative": number(last.cumulative), "target": number(last.target)},
        draw=lambda form: _drawing(points, known, hints, form),
        headings=[_("Day"), _("Cumulative"), _("Target"), _("Remarks")],
        rows=[
            [day_words(point.day), number(point.cumulative), number(point.target), ", ".join(_remarks(point))]
            for point in reversed(points)
        ],
    )


def _drawing(points: Sequence[TrendPoint], known: Sequence[TrendPoint], hints: Sequence[str], form: Form) -> Drawing:
    highest = max([count for point in points for count in (point.cumulative, point.target) if count is not None])
    plot = Plot(form, points[0].day, points[-1].day, highest, HEIGHTS[form.key])
    radius = min(max(plot.slot * 0.4, 2), 4)
    key = legend(_signs(known), form=form, top=plot.bottom + 30)
    return Drawing(
        key.height,
        [
            *plot.axes(),
            *(change_line(plot.x(p.day), plot.top, plot.bottom) for p in points if p.change),
            *_target_lines(points, plot),
            element("path", class_="chart-series", d=path((plot.x(p.day), plot.y(p.cumulative)) for p in known)),
            *(_mark(point, hint, plot, radius) for point, hint in zip(known, hints, strict=True)),
            _last_label(known[-1], plot),
            *key.parts,
        ],
    )


def _target_lines(points: Sequence[TrendPoint], plot: Plot) -> list[SafeString]:
    """A level line for each run of days with one target, and words at the last."""
    parts, words = [], ""
    for target, run in groupby(points, key=lambda point: point.target):
        if target is None:
            continue
        days = [point.day for point in run]
        left, right = plot.x(days[0]) - plot.slot / 2, plot.x(days[-1]) + plot.slot / 2
        line = f"M{place(left)} {place(plot.y(target))}H{place(right)}"
        parts.append(element("path", class_="chart-target", d=line))
        words = _("target %(target)s") % {"target": number(target)}
        start, y = min(left + 4, plot.right - width_of(words)), plot.y(target) - 6
    return [*parts, text(words, start, y, class_="chart-label chart-label-target")] if words else []


def _last_label(point: TrendPoint, plot: Plot) -> SafeString:
    """The last cumulative, above its point or, close under the target line, below it."""
    y = plot.y(point.cumulative)
    is_crowded = point.target is not None and 0 <= y - plot.y(point.target) < NEAR
    x = min(plot.x(point.day) + 8, plot.form.width - 2)
    anchor = "end" if x - width_of(number(point.cumulative)) > plot.left else "start"
    x = x if anchor == "end" else plot.x(point.day) + 8
    return text(number(point.cumulative), x, y + 20 if is_crowded else y - 9, class_="chart-label", anchor=anchor)


def _hint(point: TrendPoint) -> str:
    words = _("%(day)s: cumulative %(cumulative)s, target %(target)s") % {
        "day": day_words(point.day),
        "cumulative": number(point.cumulative),
        "target": number(point.target),
    }
    return ", ".join([words, *_remarks(point)])


def _mark(point: TrendPoint, hint: str, plot: Plot, radius: float) -> SafeString:
    """The point, and around it the whole height of its day to be pointed at."""
    x = plot.x(point.day)
    is_shown = plot.slot >= CROWDED or point.is_carried or point.is_adjusted or point.is_opening
    return element(
        "g",
        element("rect", class_="chart-hit", x=x - plot.slot / 2, y=plot.top, width=plot.slot, height=plot.height),
        _shape(point, x, plot.y(point.cumulative), radius) if is_shown else "",
        hint=hint,
    )


def _shape(point: TrendPoint, x: float, y: float, radius: float) -> SafeString:
    """Hollow where something is carried; a diamond for a correction, a triangle for the opening, else a circle."""
    class_ = "chart-point is-hollow" if point.is_carried else "chart-point"
    if point.is_adjusted:
        r = radius + 2
        corners = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)]
    elif point.is_opening:
        r = radius + 1
        corners = [(x, y - r), (x + r, y + r), (x - r, y + r)]
    else:
        return element("circle", class_=class_, cx=x, cy=y, r=radius)
    return element("path", class_=class_, d=f"{path(corners)}z")


def _remarks(point: TrendPoint) -> list[str]:
    said = [str(words) for flag, words in WORDS.items() if getattr(point, flag)]
    return [*said, point.change] if point.change else said


def _signs(known: Sequence[TrendPoint]) -> list[Sign]:
    """An entry for each kind of point that is there."""
    plain = TrendPoint(day=known[0].day, cumulative=0, target=None)
    kinds = [(plain, _("cumulative installs"))]
    for flag, words in WORDS.items():
        if any(getattr(point, flag) for point in known):
            kinds.append((replace(plain, **{flag: True}), words))
    return [Sign(lambda x, y, kind=kind: _shape(kind, x, y, 4), words) for kind, words in kinds]
