"""Our cumulative from day to day beside the ministry's count."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..figures.comparison import SeriesPoint
from ..text.formatting import day as day_words
from ..text.formatting import number, signed
from .svg import LINE, Chart, Drawing, Form, Plot, Sign, chart, element, legend, path, text, width_of

HEIGHTS = {"wide": 240, "narrow": 190}
CROWDED = 6  # width of a day below which ordinary points would blot the line

RADIUS = 4
ABOVE, BELOW = 9, 20  # a label from its point


def two_series(points: Sequence[SeriesPoint], *, metric: str) -> Chart | None:
    """Ours as discs, the ministry's as hollow squares; a day without a figure has none. None without any figure."""
    ours = [(point.day, point.claimed) for point in points if point.claimed is not None]
    theirs = [(point.day, point.official.value) for point in points if point.official]
    if not theirs:
        return None
    last = [point for point in points if point.official][-1]
    return chart(
        "two-series",
        title=_("Reported and counted by the ministry (%(metric)s), %(first)s to %(last)s")
        % {"metric": metric, "first": day_words(points[0].day), "last": day_words(points[-1].day)},
        description=_("On %(day)s %(claimed)s are reported, the ministry counts %(official)s.")
        % {"day": day_words(last.day), "claimed": number(last.claimed), "official": number(last.official.value)},
        draw=lambda form: _drawing(points, ours, theirs, form),
        headings=[_("Day"), _("Reported"), _("The ministry"), _("Difference"), _("Source")],
        rows=[
            [
                day_words(point.day),
                number(point.claimed),
                number(point.official.value if point.official else None),
                signed(_difference(point)),
                point.official.source if point.official else "",
            ]
            for point in reversed(points)
        ],
    )


def _difference(point: SeriesPoint) -> int | None:
    return point.claimed - point.official.value if point.official and point.claimed is not None else None


def _drawing(points: Sequence[SeriesPoint], ours: list[tuple], theirs: list[tuple], form: Form) -> Drawing:
    highest = max(count for _, count in [*ours, *theirs])
    plot = Plot(form, points[0].day, points[-1].day, highest, HEIGHTS[form.key])
    radius = min(max(plot.slot * 0.4, 2), RADIUS)
    signs = [Sign(lambda x, y: _disc(x, y, RADIUS), _("reported by the units"))]
    signs.append(Sign(lambda x, y: _square(x, y, RADIUS), _("counted by the ministry")))
    key = legend(signs, form=form, top=plot.bottom + 30)
    return Drawing(
        key.height,
        [
            *plot.lines(),
            *plot.days(),
            *_line(ours, plot, "chart-series"),
            *_line(theirs, plot, "chart-official"),
            *(_day(point, plot, radius) for point in points),
            *_last_labels(ours, theirs, plot),
            *key.parts,
        ],
    )


def _line(series: list[tuple], plot: Plot, class_: str) -> list[SafeString]:
    points = [(plot.x(day), plot.y(count)) for day, count in series]
    return [element("path", class_=class_, d=path(points))] if points else []


def _day(point: SeriesPoint, plot: Plot, radius: float) -> SafeString:
    """Both figures of the day, and around them its whole height to be pointed at."""
    words = _("%(day)s: reported %(claimed)s, the ministry %(official)s") % {
        "day": day_words(point.day),
        "claimed": number(point.claimed),
        "official": number(point.official.value if point.official else None),
    }
    x = plot.x(point.day)
    is_shown = plot.slot >= CROWDED
    return element(
        "g",
        element("rect", class_="chart-hit", x=x - plot.slot / 2, y=plot.top, width=plot.slot, height=plot.height),
        _disc(x, plot.y(point.claimed), radius) if is_shown and point.claimed is not None else "",
        _square(x, plot.y(point.official.value), radius) if point.official else "",
        hint=words,
    )


def _disc(x: float, y: float, radius: float) -> SafeString:
    return element("circle", class_="chart-point", cx=x, cy=y, r=radius)


def _square(x: float, y: float, radius: float) -> SafeString:
    side = 2 * radius
    return element("rect", class_="chart-official-point", x=x - radius, y=y - radius, width=side, height=side)


def _last_labels(ours: list[tuple], theirs: list[tuple], plot: Plot) -> list[SafeString]:
    """The last figure of either; the higher one above its point, the lower one below, so that they never meet."""
    last = [(*theirs[-1], "chart-label chart-label-official")]
    if ours:
        last.append((*ours[-1], "chart-label"))
    lowest, *higher = sorted(last, key=lambda label: label[1])
    if not higher:
        return [_label(lowest, plot.y(lowest[1]) - ABOVE, plot)]
    below = min(plot.y(lowest[1]) + BELOW, plot.bottom - RADIUS)
    above = min(plot.y(higher[0][1]) - ABOVE, below - LINE)
    return [_label(lowest, below, plot), _label(higher[0], above, plot)]


def _label(last: tuple, y: float, plot: Plot) -> SafeString:
    day, count, class_ = last
    x = min(plot.x(day) + 8, plot.form.width - 2)
    fits = x - width_of(number(count)) > plot.left
    x, anchor = (x, "end") if fits else (plot.x(day) + 8, "start")
    return text(number(count), x, y, class_=class_, anchor=anchor)
