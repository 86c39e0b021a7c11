"""Each person's role towards each unit, in a city alone and in one below a country."""

import pytest

from reporting.people import access
from reporting.permissions import Role

from ..factories import DAY, make_nation, make_user

OFFICER, SUPERIOR, CITY, VIEWER = Role.OFFICER, Role.SUPERIOR, Role.CITY, Role.VIEWER
UNITS = ("country", "city", "district", "commune", "stranger", "island", "agency", "other_city", "foreigner")
ROLES = {
    "officer": (None, None, None, OFFICER, None, None, None, None, None),
    "district_clerk": (None, None, OFFICER, SUPERIOR, None, None, None, None, None),
    "island_officer": (None, None, None, None, None, OFFICER, None, None, None),
    "focal_person": (None, None, None, None, None, None, OFFICER, None, None),
    "city_clerk": (None, OFFICER, CITY, CITY, CITY, CITY, CITY, None, None),
    "leader": (None, VIEWER, VIEWER, VIEWER, VIEWER, VIEWER, VIEWER, None, None),
    "country_clerk": (OFFICER, *[VIEWER] * 8),
    "other_city_clerk": (None, None, None, None, None, None, None, OFFICER, CITY),
    "admin": (None,) * 9,
}


@pytest.fixture
def nation(db):
    return make_nation()


def answers_by_person(question, nation):
    """The answer of the function for each person and unit."""
    units = [getattr(nation, name) for name in UNITS]
    return {person: tuple(question(getattr(nation, person), unit) for unit in units) for person in ROLES}


def test_role_of_each_person_in_each_unit(nation):
    assert answers_by_person(access.role, nation) == ROLES


def test_clerk_of_a_unit_is_its_own_officer_and_he_of_a_city_seals(nation):
    seals = {"city_clerk": "city", "other_city_clerk": "other_city"}
    for person, roles in ROLES.items():
        user, units = getattr(nation, person), [getattr(nation, name) for name in UNITS]
        assert [access.is_clerk_of(user, unit) for unit in units] == [role is OFFICER for role in roles]
        assert [access.is_sealing_clerk(user, unit) for unit in units] == [name == seals.get(person) for name in UNITS]


def test_country_lets_nobody_report_for_the_units_of_its_cities(nation):
    assert list(access.units_to_cover(nation.country_clerk, DAY)) == []
    assert sorted(unit.code for unit in access.units_to_cover(nation.other_city_clerk, DAY)) == ["31117"]


def test_country_keeps_all_accounts_and_its_cities_their_own(nation):
    make_user("VN2", nation.country)

    def kept(user):
        return set(access.manageable_people(user).values_list("username", flat=True))

    everyone = {"VN2", "31", "92", "306", "311", "318", "SYT", "11407", "11416", "11470", "31117", "lanhdao"}
    assert kept(nation.other_city_clerk) == {"31117"}
    assert kept(nation.country_clerk) == everyone
