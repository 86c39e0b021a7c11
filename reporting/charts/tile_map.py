"""The units right below where they lie, each a tile with its share: a map that needs no boundaries.

Where it is not known how they lie, they stand in the order of the register.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..figures.rollup import Row
from ..models.map_place import MOST, MapPlace
from ..text import unit_kinds
from ..text.formatting import NOT_KNOWN, number, percent, whole_percent
from .svg import Chart, Drawing, Form, Sign, chart, element, legend, text

CLASSES = 5  # of one blue, fitted to the shares of the day
UNKNOWN = "unknown"
GAP = 4
TICK, SILENT = "✓", "–"
USUAL_COLUMNS = 6  # of units that lie nobody knows where


@dataclass(frozen=True, slots=True)
class Size:
    """Of the tiles of a form: height, the lines of type, the baselines of names and share."""

    height: float
    name_lines: int
    name_at: float
    line: float
    share_at: float
    mark_at: float


SIZES = {"wide": Size(66, 1, 20, 0, 40, 58), "narrow": Size(62, 2, 13, 12, 41, 56)}


def tile_map(rows: Sequence[Row], *, address: Callable[[Row], str]) -> Chart | None:
    """The rows as tiles that lead to `address(row)`. None without rows, and of so many that tiles are no picture."""
    if not 0 < len(rows) <= MOST:
        return None
    return chart(
        "map",
        title=_("Share of each unit"),
        description=_("%(reached)s of %(units)s units have reached the target; in %(silent)s reports are missing.")
        % {
            "reached": sum(row.is_target_reached for row in rows),
            "units": len(rows),
            "silent": sum(row.not_reported > 0 for row in rows),
        },
        draw=lambda form: _drawing(rows, address, form),
        headings=[_("Unit"), _("Share"), _("Reported")],
        rows=[[row.name, percent(row.share), f"{row.reported}/{row.expected}"] for row in rows],
        role="group",  # a picture's parts are hidden from a screen reader, links must not be
    )


def _drawing(rows: Sequence[Row], address: Callable[[Row], str], form: Form) -> Drawing:
    size = SIZES[form.key]
    places = laid_out([row.place for row in rows])
    width = (form.width + GAP) / max(place.column for place in places)
    classes = Classes.of(rows)
    tiles = [
        _tile(row, classes, address(row), (column - 1) * width, (line - 1) * (size.height + GAP), width - GAP, form)
        for row, (column, line) in zip(rows, places, strict=True)
    ]
    below = max(place.line for place in places) * (size.height + GAP)
    key = legend(_signs(rows, classes), form=form, top=below + 4)
    return Drawing(key.height, [*tiles, *key.parts])


@dataclass(frozen=True, slots=True)
class Classes:
    """Five classes of whole per cents, all as wide, from that of the lowest share to that of the highest."""

    low: int
    step: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Classes:
        shares = [row.share * 100 for row in rows if row.share is not None] or [Decimal(0)]
        low = int(min(shares))
        return cls(low, max(-(-(int(max(shares)) + 1 - low) // CLASSES), 1))

    def name(self, row: Row) -> str:
        if row.share is None:
            return UNKNOWN
        return str(min(int((row.share * 100 - self.low) // self.step), CLASSES - 1))

    def words(self, number: int) -> str:
        low = self.low + number * self.step
        return _("%(low)s to below %(high)s") % {"low": f"{low}%", "high": f"{low + self.step}%"}


def _tile(row: Row, classes: Classes, href: str, x: float, y: float, width: float, form: Form) -> SafeString:
    size, middle = SIZES[form.key], x + width / 2
    names = _name_lines(row.name, size.name_lines)
    first = y + size.name_at + (size.line / 2 if len(names) < size.name_lines else 0)
    marks = [TICK] * row.is_target_reached + [f"{SILENT} {row.not_reported}"] * (row.not_reported > 0)
    # On a phone without the sign of the per cent, which the bounds of the classes have: it would not have room.
    share = percent(row.share).removesuffix("%" if form.key == "narrow" else "")
    return element(
        "a",
        element("rect", class_="tile-ground", x=x, y=y, width=width, height=size.height, rx=4),
        *(
            text(line, middle, first + number * size.line, class_="tile-name", anchor="middle")
            for number, line in enumerate(names)
        ),
        text(share, middle, y + size.share_at, class_="tile-share", anchor="middle"),
        text(" ".join(marks), middle, y + size.mark_at, class_="tile-mark", anchor="middle") if marks else "",
        hint=_hint(row),
        href=href,
        class_=f"map-tile map-{classes.name(row)}{' is-reached' if row.is_target_reached else ''}",
    )


def _hint(row: Row) -> str:
    words = _("%(name)s: %(share)s, installed %(cumulative)s, reported %(reported)s/%(expected)s") % {
        "name": row.name,
        "share": percent(row.share),
        "cumulative": number(row.cumulative),
        "reported": row.reported,
        "expected": row.expected,
    }
    return f"{words}, {_('target reached')}" if row.is_target_reached else words


def _signs(rows: Sequence[Row], classes: Classes) -> list[Sign]:
    """The classes that the map has, with their bounds; of the marks, those that it shows."""
    found = {classes.name(row) for row in rows}
    signs = [Sign(_swatch(str(n)), classes.words(n)) for n in range(CLASSES) if str(n) in found]
    if any(row.is_target_reached for row in rows):
        words = _("target of %(share)s reached") % {"share": whole_percent(rows[0].target_share)}
        signs.append(Sign(_swatch("sign is-reached", TICK), words))
    if UNKNOWN in found:
        signs.append(Sign(_swatch(UNKNOWN, NOT_KNOWN), _("no figure yet")))
    if any(row.not_reported for row in rows):
        signs.append(Sign(_letter(f"{SILENT} 3"), _("3 units have not reported")))
    return signs


def _swatch(kind: str, letter: str = "") -> Callable[[float, float], SafeString]:
    return lambda x, y: element(
        "g",
        element("rect", class_="tile-ground", x=x - 10, y=y - 7, width=20, height=14, rx=2),
        text(letter, x, y + 4, class_="tile-mark", anchor="middle") if letter else "",
        class_=f"map-{kind}",
    )


def _letter(letter: str) -> Callable[[float, float], SafeString]:
    return lambda x, y: text(letter, x, y + 4, class_="chart-label", anchor="middle")


def _name_lines(name: str, most: int) -> list[str]:
    """The name without its kind, in up to `most` lines of about one length."""
    words = unit_kinds.bare(name).split()
    if most == 1 or len(words) < 2:
        return [" ".join(words)]
    halves = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return list(min(halves, key=lambda half: max(map(len, half))))


def laid_out(places: Sequence[MapPlace | None]) -> list[MapPlace]:
    """A place for each, none twice and none empty around them: the map begins with column 1 and line 1.

    The second of two on one place lies where those without any do.
    """
    own: dict[MapPlace, int] = {}
    for nth, place in enumerate(places):
        if place is not None:
            own.setdefault(place, nth)
    left = [nth for nth, place in enumerate(places) if place is None or own[place] != nth]
    west = min((place.column for place in own), default=1) - 1
    north = min((place.line for place in own), default=1) - 1
    found = {nth: MapPlace(place.column - west, place.line - north) for place, nth in own.items()}
    columns = max((place.column for place in found.values()), default=0)
    columns = max(columns, min(len(left), USUAL_COLUMNS))
    below = max((place.line for place in found.values()), default=0)
    for at, nth in enumerate(left):
        found[nth] = MapPlace(at % columns + 1, below + at // columns + 1)
    return [found[nth] for nth in range(len(places))]
