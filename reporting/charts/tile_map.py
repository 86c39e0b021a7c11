"""A tile map of the units right below: one tile for each unit at its place, with its share.

Units without a place are below the others, in the order of the register.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from ..figures.rollup import Row
from ..models.map_place import MOST, MapPlace

SHADES = 5  # shades of blue, spread over the shares of the day
UNKNOWN = "unknown"
USUAL_COLUMNS = 6  # for units without a place


@dataclass(frozen=True, slots=True)
class TileMap:
    lines: Sequence[Sequence[tuple[Row | None, str]]]  # each row with its shade; None for an empty place
    legend: Sequence[tuple[str, str]]  # shades that the map shows, and their bounds in words


def tile_map(rows: Sequence[Row]) -> TileMap | None:
    """The map of the rows; None without rows or with too many.

    Each shade covers the same number of whole percents, from the lowest share to the highest.
    """
    if not 0 < len(rows) <= MOST:
        return None
    shares = [row.share * 100 for row in rows if row.share is not None] or [Decimal(0)]
    low = int(min(shares))
    step = max(-(-(int(max(shares)) + 1 - low) // SHADES), 1)

    def shade(row: Row) -> str:
        return UNKNOWN if row.share is None else str(min(int((row.share * 100 - low) // step), SHADES - 1))

    tiles = {place: (row, shade(row)) for row, place in zip(rows, layout([row.place for row in rows]), strict=True)}
    shown = {shade for _row, shade in tiles.values()}
    bounds = [(str(number), low + number * step) for number in range(SHADES)]
    legend = [
        (shade, _("%(low)s to below %(high)s") % {"low": f"{start}%", "high": f"{start + step}%"})
        for shade, start in bounds
        if shade in shown
    ]
    columns, lines = (range(1, max(numbers) + 1) for numbers in zip(*tiles, strict=True))
    return TileMap(
        lines=[[tiles.get(MapPlace(column, line), (None, "")) for column in columns] for line in lines],
        legend=[*legend, *([(UNKNOWN, _("no figure yet"))] if UNKNOWN in shown else [])],
    )


def layout(places: Sequence[MapPlace | None]) -> list[MapPlace]:
    """A different place for each unit; the map begins with column 1 and line 1.

    If two units have the same place, the second is placed like a unit without one.
    """
    own: dict[MapPlace, int] = {}
    for nth, place in enumerate(places):
        if place is not None:
            own.setdefault(place, nth)
    others = [nth for nth, place in enumerate(places) if place is None or own[place] != nth]
    west = min((place.column for place in own), default=1) - 1
    north = min((place.line for place in own), default=1) - 1
    placed = {nth: MapPlace(place.column - west, place.line - north) for place, nth in own.items()}
    columns = max((place.column for place in placed.values()), default=0)
    columns = max(columns, min(len(others), USUAL_COLUMNS))
    below = max((place.line for place in placed.values()), default=0)
    for at, nth in enumerate(others):
        placed[nth] = MapPlace(at % columns + 1, below + at // columns + 1)
    return [placed[nth] for nth in range(len(places))]
