"""How the units of a map lie: each at its own place, those without one below the others as the register has them."""

from collections.abc import Sequence

from ..models.map_place import MapPlace

MOST = 40  # units; of more, tiles are no picture
USUAL_COLUMNS = 6  # of units that lie nobody knows where


def laid_out(places: Sequence[MapPlace | None]) -> list[MapPlace]:
    """A place for each, none twice and none empty around them: the map begins with column 1 and line 1.

    The second of two on one place lies where those without any do.
    """
    own: dict[MapPlace, int] = {}
    for number, place in enumerate(places):
        if place is not None:
            own.setdefault(place, number)
    left = [number for number, place in enumerate(places) if place is None or own[place] != number]
    west = min((place.column for place in own), default=1) - 1
    north = min((place.line for place in own), default=1) - 1
    found = {number: MapPlace(place.column - west, place.line - north) for place, number in own.items()}
    columns = max((place.column for place in found.values()), default=0)
    columns = max(columns, min(len(left), USUAL_COLUMNS))
    below = max((place.line for place in found.values()), default=0)
    for at, number in enumerate(left):
        found[number] = MapPlace(at % columns + 1, below + at // columns + 1)
    return [found[number] for number in range(len(places))]
