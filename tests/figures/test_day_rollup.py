"""The rows of a day as a page asks for them: seen from a unit below, right below a unit, agencies apart."""

from decimal import Decimal

import pytest

from reporting.figures import rollup
from reporting.models import Unit

from ..factories import DAY, make_report, make_unit


@pytest.fixture
def city(cast):
    """Commune 88 and the agency 30 have reported; the agency has a department that has not."""
    make_unit("SYT1", parent=cast.agency, level="agency", name="Phòng Nghiệp vụ Y", population=100, smartphone_users=80)
    make_report(cast.commune, installs=88, opening=912)
    return cast


def day(cast):
    return rollup.rows(cast.city, DAY)


def codes(rows):
    return [row.code for row in rows]


def test_rows_within_a_district_are_its_own_and_those_below(city):
    within = day(city).within("306")
    assert (within.own.code, sorted(within.by_code), within.agency_total) == ("306", ["11407", "11416", "306"], None)
    assert (within.day, within.directive) == (DAY, day(city).directive)
    assert day(city).agency_total is not None


def test_children_are_in_the_sum_and_agencies_apart(city):
    assert (codes(day(city).children), codes(day(city).agencies)) == (["318", "306", "311"], ["SYT"])


def test_children_of_an_agency_are_agencies_and_none_stand_apart(city):
    agency = rollup.rows(city.agency, DAY)
    assert (codes(agency.children), agency.agencies) == (["SYT1"], [])


def test_below_a_unit_are_those_right_below_in_vietnamese_order(city):
    assert codes(day(city).below("306")) == ["11407", "11416"]
    assert codes(day(city).below("31")) == ["318", "306", "SYT", "311"]
    assert day(city).below("11416") == []


def test_units_of_one_name_come_by_their_codes(city):
    for code in ("11499", "11420"):
        make_unit(code, parent=city.district, name="Cát Bi", kind="phường")
    assert codes(day(city).below("306")) == ["11407", "11420", "11499", "11416"]


def test_parent_is_the_row_right_above_if_it_is_there(city):
    whole, own = day(city), rollup.rows(city.district, DAY)
    assert whole.parent_of(whole.by_code["11416"]).code == "306"
    assert whole.parent_of(whole.own) is None
    assert own.parent_of(own.own) is None
    assert own.parent_of(own.by_code["11416"]).code == "306"


def test_missing_come_the_units_own_first_then_by_superior_and_agencies_last(city):
    assert codes(day(city).missing) == ["318", "11407", "11470", "SYT1"]
    assert [(parent.code, codes(rows)) for parent, rows in day(city).missing_by_superior] == [
        ("31", ["318"]),
        ("306", ["11407"]),
        ("311", ["11470"]),
        ("SYT", ["SYT1"]),
    ]


def test_shares_are_of_the_people_and_of_those_with_a_smartphone(city):
    make_report(Unit.objects.get(code="SYT1"), installs=1, opening=19)
    agency = day(city).by_code["SYT1"]
    assert (agency.share, agency.smartphone_share) == (Decimal("0.2000"), Decimal("0.2500"))
    assert day(city).by_code["11416"].smartphone_share is None
