"""A small chart for each unit right below, all on the same scale, with the whole's line and the path to the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..figures.pace import PastDay
from ..figures.rollup import Row
from ..text.formatting import percent, short_day
from .svg import element, path

MOST, MOST_DOTS = 24, 40  # units in one figure; reports drawn as dots
WIDTH, HEIGHT = 130, 60  # of a picture; each is stretched to its place
DOT = 5  # from one dot to the next

Shares = Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class Multiple:
    row: Row
    picture: SafeString
    needed: Decimal | None  # on the day, on the straight path to the target
    dots: SafeString  # one for each report of the day, hollow if missing


def multiples(
    rows: Sequence[Row],
    days: Sequence[PastDay],
    below: Mapping[str, Shares],
    *,
    until: date | None,
    provisional: Mapping[str, str],
) -> list[Multiple]:
    """Of each row with a share, the lowest first. `below` has the shares on the days; `until` is the target date.

    `provisional` has the words for provisional rows, by code; their lines end with a hollow dot.
    """
    whole, shown = [day.share for day in days], [row for row in rows if row.share is not None and row.code in below]
    top = max([share for row in shown for share in [row.target_share, *below[row.code]] if share], default=Decimal(1))
    dates = [day.day for day in days]
    found = []
    for row in sorted(shown, key=lambda row: (row.share, row.sort_key)):
        shares, needed = below[row.code], _needed(below[row.code], dates, row.target_share, until)
        about = {"first": percent(shares[0]), "share": percent(row.share), "day": short_day(dates[0]), "name": row.name}
        label = _("%(name)s: %(first)s on %(day)s, now %(share)s") % about
        lines = {"of-all": whole, "needed": needed, "own": shares}
        if row.code in provisional:
            label = f"{label} ({provisional[row.code]})"
            last = [*[None] * (len(shares) - 1), shares[-1]]
            lines |= {"open": last, "hole": last}
        drawn = [element("path", class_=name, d=d) for name, line in lines.items() if (d := _line(line, top))]
        about = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "preserveAspectRatio": "none", "role": "img", "aria_label": label}
        picture = element("svg", *drawn, class_="small-line", **about)
        found.append(Multiple(row, picture, needed[-1] if needed else None, _dots(row)))
    return found


def _needed(shares: Shares, dates: Sequence[date], target: Decimal, until: date | None) -> Shares:
    """The ends of the line from the first known share to the target; empty if that is reached, or without a date."""
    known = [(day, share) for day, share in zip(dates, shares, strict=True) if share is not None]
    first, start = known[0] if known else (dates[-1], target)
    if until is None or until <= first or start >= target:
        return []
    whole, gone = (until - first).days, [(day - first).days for day in dates]
    ends = {0, whole, gone[-1]}
    return [start + (target - start) * min(days, whole) / whole if days in ends else None for days in gone]


def _line(shares: Shares, top: Decimal) -> str:
    """The path of the known shares; its last point is repeated, so that a single one is drawn as a dot."""
    step = WIDTH / max(len(shares) - 1, 1)
    known = [(nth * step, float(share / top)) for nth, share in enumerate(shares) if share is not None]
    return path((x, round(HEIGHT - share * HEIGHT, 1)) for x, share in [*known, known[-1]]) if known else ""


def _dots(row: Row) -> SafeString:
    if row.is_reporting or not 0 < row.expected <= MOST_DOTS:
        return SafeString("")
    parts = [("sent", 0, row.reported), ("missing", row.reported, row.expected), ("hole", row.reported, row.expected)]
    drawn = [
        element("path", class_=name, d=f"M{first * DOT + 3} 3h{(end - first - 1) * DOT + 0.1}")
        for name, first, end in parts
        if first < end
    ]
    return element("svg", *drawn, class_="dots", width=row.expected * DOT + 1, height=6, aria_hidden="true")
