"""A map begins at its north-west, shows every unit once, and puts units without a place below the others."""

import pytest
from hypothesis import given, strategies as st

from reporting.charts.tile_map import layout
from reporting.models.map_place import COLUMNS, LINES, MapPlace

PLACE = st.builds(MapPlace, st.integers(1, COLUMNS), st.integers(1, LINES))


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([], []),
        ([None], [(1, 1)]),
        ([None] * 7, [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (1, 2)]),
        ([(3, 4), (4, 5)], [(1, 1), (2, 2)]),
        ([(2, 2), None, (3, 2)], [(1, 1), (1, 2), (2, 1)]),
        ([(1, 1), (1, 1)], [(1, 1), (1, 2)]),
        ([(1, 1), None, None, None], [(1, 1), (1, 2), (2, 2), (3, 2)]),
    ],
)
def test_places_of_a_map(places, found):
    assert layout([place and MapPlace(*place) for place in places]) == found


@given(st.lists(st.none() | PLACE, min_size=1, max_size=40))
def test_every_unit_has_one_place_and_the_map_no_empty_edge(places):
    found = layout(places)
    assert len(set(found)) == len(places)
    assert (min(place.column for place in found), min(place.line for place in found)) == (1, 1)
    assert max(place.column for place in found) <= COLUMNS
    known = [(place, at) for place, at in zip(places, found, strict=True) if place and places.count(place) == 1]
    assert len({(place.column - at.column, place.line - at.line) for place, at in known}) <= 1
