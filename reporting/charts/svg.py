"""SVG elements; bars for table cells; for charts the two sizes of a picture, scales and axes.

Coordinates have a decimal point in every language.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, cached_property

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..text import formatting
from ..text.formatting import percent, whole_percent
from ..text.markup import escaped, format_html

LETTER = 0.56  # mean width of a letter, as a part of TEXT
TEXT = 12  # font size in charts.css, in units of the picture


@dataclass(frozen=True, slots=True)
class Form:
    """A size of a picture. The page has all sizes; CSS shows the one that fits."""

    key: str
    width: int
    heights: tuple[int, int]  # of the shares, then of the installs
    margin: int  # right of the plot, for the labels of forecast lines; on a phone they are inside the plot


FORMS = (Form("wide", 720, (210, 76), 116), Form("narrow", 288, (150, 56), 6))


def place(value: float) -> str:
    """A number as SVG writes it: a decimal point, and at most two decimals."""
    return str(value) if type(value) is int else f"{float(value):.2f}".rstrip("0").rstrip(".")


def element(tag: str, *content: str, hint: str = "", **attributes: str | float) -> SafeString:
    """An element; `class_` becomes class, `text_anchor` becomes text-anchor. The hint is a tooltip."""
    written = "".join(
        f' {_attribute(name)}="{escaped(value) if isinstance(value, str) else place(value)}"'
        for name, value in attributes.items()
    )
    title = f"<title>{escaped(hint)}</title>" if hint else ""
    inside = "".join(map(escaped, content))
    # A page has hundreds of elements, so each part is escaped once. Attribute names come from our own code.
    return SafeString(f"<{tag}{written}>{title}{inside}</{tag}>")  # nosec B703


@cache
def _attribute(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def text(words: str, x: float, y: float, *, class_: str = "chart-text", anchor: str = "start") -> SafeString:
    return element("text", words, class_=class_, x=x, y=y, text_anchor=anchor)


def path(points: Iterable[tuple[float, float]]) -> str:
    """The path through the points."""
    return "M" + "L".join(f"{place(x)} {place(y)}" for x, y in points)


def share_bar(share: Decimal | None, target_share: Decimal, mean: Decimal | None = None) -> SafeString:
    """A bar from 0 to the target; above the target it is full. A tick marks the mean, if given."""
    is_reached = share is not None and share >= target_share
    ticks = '<path class="halo" d="M{0} 0V8"/><path class="bar-mean" d="M{0} 0V8"/>'
    tick = "" if mean is None else format_html(ticks, _along(mean, target_share))
    return format_html(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{label}">'
        '<rect class="bar-fill{reached}" width="{filled}" height="8"/>{tick}</svg>',
        label=_("%(share)s of %(target)s") % {"share": percent(share), "target": whole_percent(target_share)},
        reached=" is-reached" if is_reached else "",
        filled=_along(share or Decimal(0), target_share),
        tick=tick,
    )


def _along(share: Decimal, target_share: Decimal) -> str:
    return place(min(float(share / target_share), 1.0) * 100)


def width_of(words: str, size: float = TEXT) -> float:
    """The approximate width of the words."""
    return len(words) * size * LETTER


def round_steps(highest: int, count: int = 4) -> list[int]:
    """Round numbers from 0 to at least the highest, about `count` steps apart."""
    least = max(highest, 1) / count
    power = 10 ** math.floor(math.log10(least)) if least > 1 else 1
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
    return list(range(0, (-(-max(highest, 1) // step) + 1) * step, step))


@dataclass(frozen=True)
class Plot:
    """A plot: days from left to right, counts upwards from 0."""

    form: Form
    first: date
    last: date
    highest: int
    height: float
    left: float  # where the days begin, after the counts
    margin: float  # right of the days
    top: float = 26
    unit: str = ""  # "%" after each count
    about: int = 4  # how many steps

    @cached_property
    def steps(self) -> list[int]:
        return round_steps(self.highest, self.about)

    @property
    def right(self) -> float:
        return self.form.width - self.margin

    @property
    def bottom(self) -> float:
        return self.top + self.height

    @cached_property
    def slot(self) -> float:
        return (self.right - self.left) / ((self.last - self.first).days + 1)

    def x(self, day: date) -> float:
        """The middle of the day's slot."""
        return self.left + ((day - self.first).days + 0.5) * self.slot

    def y(self, count: float) -> float:
        return self.bottom - count / self.steps[-1] * self.height

    def days(self) -> list[SafeString]:
        """The labels below the plot: the last day, and as many earlier days as fit."""
        days = [self.last - timedelta(days=back) for back in range((self.last - self.first).days + 1)]
        width = max(width_of(f"{formatting.short_day(day)} ") for day in days)
        last = min(self.x(self.last), self.form.width - width / 2)
        before = [day for day in days[1:] if self.x(day) <= last - width][:: math.ceil(width / self.slot)]
        labels = [(self.last, last), *((day, self.x(day)) for day in before)]
        return [text(formatting.short_day(day), x, self.bottom + 18, anchor="middle") for day, x in labels]

    def lines(self) -> list[SafeString]:
        """Horizontal lines with their counts."""
        lines = [
            element("line", class_="chart-line", x1=self.left, x2=self.right, y1=self.y(step), y2=self.y(step))
            for step in self.steps
        ]
        labels = [(f"{formatting.number(step)}{self.unit}", self.y(step) + 4) for step in self.steps]
        return lines + [text(label, self.left - 6, y, anchor="end") for label, y in labels]
