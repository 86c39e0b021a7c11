"""The new installs of each day, with their mean over seven days. Missing is not zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..figures.pace import Lately
from ..figures.rollup import Row
from ..text import formatting
from ..text.formatting import day as day_words
from ..text.formatting import number
from .svg import Chart, Drawing, Form, Plot, Sign, chart, element, legend, path, text, width_of

HEIGHTS = {"wide": 200, "narrow": 160}
COLUMN = 0.7  # of the day's slot
WIDEST = 56
ZERO = 2  # height of the mark on the line


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallColumn:
    day: date
    installs: int | None  # None: nothing was reported
    mean: Fraction | None = None  # over the last seven days
    is_partial: bool = False  # some units have not reported
    is_due: bool = True


def install_columns(
    days: Iterable[tuple[date, Row]], *, lately: Lately, shown: int | None = None
) -> list[InstallColumn]:
    """A unit's own rows, oldest first: the last `shown` of them, the means taken over all that were reported lately."""
    rows = sorted(days, key=lambda pair: pair[0])
    return [
        InstallColumn(
            day=day,
            installs=row.installs,
            mean=lately.mean(day),
            is_partial=row.installs is not None and row.missing > 0,
            is_due=row.expected > 0,
        )
        for day, row in (rows[-shown:] if shown else rows)
    ]


def new_installs(columns: Sequence[InstallColumn], *, name: str = "installs") -> Chart | None:
    """A column a day, hollow while units are missing; a band where none has reported. None without a day."""
    if not columns:
        return None
    reported = [column.installs for column in columns if column.installs is not None]
    return chart(
        name,
        title=_("New installs of each day, %(first)s to %(last)s")
        % {"first": day_words(columns[0].day), "last": day_words(columns[-1].day)},
        description=_("%(installs)s installs on %(reported)s days with reports, %(missing)s days without.")
        % {
            "installs": number(sum(reported)),
            "reported": len(reported),
            "missing": sum(column.installs is None and column.is_due for column in columns),
        },
        draw=lambda form: _drawing(columns, form),
        headings=[_("Day"), _("New installs"), _("Mean of 7 days"), _("Remarks")],
        rows=[
            [day_words(column.day), number(column.installs), formatting.decimal(column.mean), _remark(column)]
            for column in reversed(columns)
        ],
    )


def _drawing(columns: Sequence[InstallColumn], form: Form) -> Drawing:
    counts = [column.installs for column in columns if column.installs is not None]
    means = [(column.day, column.mean) for column in columns if column.mean is not None]
    highest = max([*counts, *(-(-mean // 1) for _day, mean in means)], default=0)
    plot = Plot(form, columns[0].day, columns[-1].day, int(highest), HEIGHTS[form.key])
    key = legend(_signs(columns), form=form, top=plot.bottom + 30)
    return Drawing(
        key.height,
        [
            *plot.axes(),
            *(_mark(column, plot) for column in columns),
            element("path", class_="chart-mean", d=path((plot.x(day), plot.y(mean)) for day, mean in means))
            if means
            else "",
            *_labels(columns, plot),
            *key.parts,
        ],
    )


def _mark(column: InstallColumn, plot: Plot) -> SafeString:
    x, left = plot.x(column.day), plot.x(column.day) - plot.slot / 2
    width = min(plot.slot * COLUMN, WIDEST)
    hit = element("rect", class_="chart-hit", x=left, y=plot.top, width=plot.slot, height=plot.height)
    if column.installs is None:
        band = _band(x, plot.top, width, plot.height) if column.is_due else ""
        letter = text("–" if column.is_due else "○", x, plot.bottom - 6, anchor="middle")
        return element("g", hit, band, letter, hint=_hint(column))
    top = _top(column.installs, plot)
    return element("g", hit, _column(column, x, top, width, plot.bottom - top), hint=_hint(column))


def _top(installs: int, plot: Plot) -> float:
    return min(plot.y(installs), plot.bottom - ZERO)


def _labels(columns: Sequence[InstallColumn], plot: Plot) -> list[SafeString]:
    """The figures over their columns, if all have room; above the line of the mean, to be read."""
    reported = [(column.day, column.installs) for column in columns if column.installs is not None]
    if any(width_of(number(installs)) >= plot.slot for _day, installs in reported):
        return []
    return [
        text(number(installs), plot.x(day), _top(installs, plot) - 5, class_="chart-label", anchor="middle")
        for day, installs in reported
    ]


def _column(column: InstallColumn, x: float, top: float, width: float, height: float) -> SafeString:
    class_ = "chart-column is-hollow" if column.is_partial else "chart-column"
    return element("rect", class_=class_, x=x - width / 2, y=top, width=width, height=height)


def _band(x: float, top: float, width: float, height: float) -> SafeString:
    return element("rect", class_="chart-gap", x=x - width / 2, y=top, width=width, height=height)


def _hint(column: InstallColumn) -> str:
    words = f"{day_words(column.day)}: {number(column.installs)}"
    mean = _("mean of 7 days %(mean)s") % {"mean": formatting.decimal(column.mean)} if column.mean is not None else ""
    return ", ".join(part for part in (words, _remark(column), mean) if part)


def _remark(column: InstallColumn) -> str:
    if column.installs is None:
        return _("Not reported") if column.is_due else _("Exempt")
    return _("some units have not reported") if column.is_partial else ""


def _signs(columns: Sequence[InstallColumn]) -> list[Sign]:
    """An entry for each kind of mark that is there."""
    day = columns[0].day
    whole, partial = InstallColumn(day=day, installs=1), InstallColumn(day=day, installs=1, is_partial=True)
    signs = [Sign(lambda x, y: _column(whole, x, y - 7, 10, 14), _("new installs"))]
    if any(column.is_partial for column in columns):
        signs.append(Sign(lambda x, y: _column(partial, x, y - 7, 10, 14), _("some units have not reported")))
    if any(column.installs is None and column.is_due for column in columns):
        signs.append(Sign(_band_sign, _("not reported")))
    if any(column.installs is None and not column.is_due for column in columns):
        signs.append(Sign(lambda x, y: text("○", x, y + 4, anchor="middle"), _("exempt")))
    if any(column.mean is not None for column in columns):
        signs.append(Sign(_mean_sign, _("mean of the last 7 days")))
    return signs


def _band_sign(x: float, y: float) -> SafeString:
    return element("g", _band(x, y - 8, 10, 16), text("–", x, y + 4, anchor="middle"))


def _mean_sign(x: float, y: float) -> SafeString:
    return element("path", class_="chart-mean", d=path([(x - 10, y), (x + 10, y)]))
