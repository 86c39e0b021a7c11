"""What a level says, and which unit seals."""

import pytest

from reporting.models import Unit
from reporting.models.levels import Level
from tests.factories import make_nation, make_unit

SAYS = ("is_country", "is_city", "is_commune", "is_agency", "is_superior_level")


def sealing(units):
    """The codes of those that seal, and of those that are under a seal."""
    return {unit.code for unit in units if unit.is_sealing}, {unit.code for unit in units if unit.is_under_seal}


def test_cities_seal_below_a_country(db):
    make_nation()
    seals, under = sealing(Unit.objects.all())
    assert seals == {unit.code for unit in Unit.objects.sealing()} == {"31", "92"}
    assert under == set(Unit.objects.values_list("code", flat=True)) - {"31", "92", "VN"}
    assert [unit.code for unit in Unit.objects.tops()] == ["VN"]


@pytest.mark.parametrize("level", [Level.CITY, Level.DISTRICT, Level.COMMUNE])
def test_top_seals_where_no_country_stands_above(level, db):
    top = make_unit("31", level=level)
    below = make_unit("306", parent=top)
    assert sealing([top, below]) == ({"31"}, {"306"})
    assert list(Unit.objects.sealing()) == list(Unit.objects.tops()) == [top]


def test_units_of_the_residents_and_those_that_others_lie_below(cast):
    assert {unit.code for unit in Unit.objects.exclude(pk__in=Unit.objects.residents())} == {"SYT"}
    assert {unit.code for unit in Unit.objects.superior_levels()} == {"31", "306", "311", "318"}
