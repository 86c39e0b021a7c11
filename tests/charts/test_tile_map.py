"""A map begins at its north-west, shows every unit once, and puts units without a place below the others."""

from hypothesis import given, strategies as st

from reporting.charts.tile_map import layout
from reporting.models.map_place import COLUMNS, LINES, MapPlace

PLACE = st.builds(MapPlace, st.integers(1, COLUMNS), st.integers(1, LINES))


@given(st.lists(st.none() | PLACE, min_size=1, max_size=40))
def test_every_unit_has_one_place_and_the_map_no_empty_edge(places):
    found = layout(places)
    assert len(set(found)) == len(places)
    assert (min(place.column for place in found), min(place.line for place in found)) == (1, 1)
    assert max(place.column for place in found) <= COLUMNS
    known = [(place, at) for place, at in zip(places, found, strict=True) if place and places.count(place) == 1]
    assert len({(place.column - at.column, place.line - at.line) for place, at in known}) <= 1
