"""Who may look back, manage which accounts, and assign people to which units: for everybody in the cast."""

from datetime import timedelta

import pytest

from reporting.models import User
from reporting.people import access

from ..factories import DAY, make_unit, make_user
from .test_access import codes

PEOPLE = ("officer", "district_clerk", "city_clerk", "island_officer", "focal_person", "leader", "admin")


@pytest.fixture
def people(cast):
    """Also a second account of the district and of the city."""
    make_user("306b", cast.district)
    make_user("31b", cast.city)
    return {person: getattr(cast, person) for person in PEOPLE}


def names(users):
    return sorted(users.values_list("username", flat=True))


def test_administrator_with_a_unit_is_seen_there_and_kept_by_nobody(people, cast):
    make_user("admin-11416", cast.commune)
    User.objects.filter(username="admin-11416").update(is_superuser=True)
    for person in ("district_clerk", "city_clerk"):
        assert "admin-11416" in names(access.visible_people(people[person]))
        assert "admin-11416" not in names(access.manageable_people(people[person]))


EVERY_UNIT = ["11407", "11416", "11470", "306", "31", "311", "318", "SYT"]


@pytest.mark.parametrize(
    ("person", "units", "to_cover"),
    [
        ("district_clerk", ["11407", "11416"], ["11407", "11416"]),
        ("city_clerk", EVERY_UNIT, ["11407", "11416", "11470", "318", "SYT"]),
        ("island_officer", [], []),
    ],
)
def test_units_that_each_person_puts_people_into_and_lets_others_report_for(person, units, to_cover, people):
    assert codes(access.units_for_people(people[person], DAY)) == units
    assert codes(access.units_to_cover(people[person], DAY)) == to_cover


def test_units_to_put_people_into_are_those_open_on_the_day(people, cast):
    cast.neighbour.close(on=DAY, into=cast.commune)
    before = DAY - timedelta(days=1)
    assert codes(access.units_for_people(people["district_clerk"], DAY)) == ["11416"]
    assert codes(access.units_for_people(people["district_clerk"], before)) == ["11407", "11416"]


def test_district_whose_communes_have_ended_is_covered_by_the_city_again(people, cast):
    cast.stranger.close(on=DAY, into=cast.other_district)
    assert "311" in codes(access.units_to_cover(people["city_clerk"], DAY))
    assert "311" not in codes(access.units_to_cover(people["city_clerk"], DAY - timedelta(days=1)))


def test_city_without_units_below_lets_nobody_report_for_itself(db):
    clerk = make_user("31", make_unit("31", level="city"))
    assert codes(access.units_for_people(clerk, DAY)) == ["31"]
    assert codes(access.units_to_cover(clerk, DAY)) == []
