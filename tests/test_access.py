import pytest
from django.contrib.auth.models import AnonymousUser

from reporting import access

from .factories import DAY, make_user

EVERYTHING = ["11407", "11416", "11470", "306", "31", "311", "318", "SYT"]


def codes(units):
    return sorted(unit.code for unit in units)


@pytest.mark.parametrize(
    ("person", "visible", "reportable"),
    [
        ("officer", ["11416"], ["11416"]),
        ("neighbour_officer", ["11407"], ["11407"]),
        ("district_clerk", ["11407", "11416", "306"], ["306"]),
        ("other_clerk", ["11470", "311"], ["311"]),
        ("city_clerk", EVERYTHING, ["31"]),
        ("island_officer", ["318"], ["318"]),
        ("focal_person", ["SYT"], ["SYT"]),
        ("leader", EVERYTHING, []),
        ("admin", EVERYTHING, []),
    ],
)
def test_units_of_each_person(person, visible, reportable, cast):
    user = getattr(cast, person)
    assert codes(access.visible_units(user)) == visible
    assert codes(access.reportable_units(user)) == reportable
    assert [unit.code for unit in access.visible_units(user) if access.can_report(user, unit)] == reportable


def test_units_of_a_person_who_has_left_are_none(cast):
    for user in (cast.officer, cast.admin):
        user.is_active = False
        assert (codes(access.visible_units(user)), codes(access.reportable_units(user))) == ([], [])


def test_units_of_nobody_are_none(cast):
    nobody = AnonymousUser()
    assert (codes(access.visible_units(nobody)), codes(access.reportable_units(nobody))) == ([], [])


def test_units_of_an_administrator_with_a_unit_are_that_units(cast):
    admin = make_user("admin-306", cast.district, is_viewer=True)
    admin.is_superuser = True
    assert codes(access.visible_units(admin)) == ["11407", "11416", "306"]


@pytest.mark.parametrize(
    ("person", "code"), [("officer", "11416"), ("district_clerk", "306"), ("leader", "31"), ("admin", "31")]
)
def test_home_unit_is_ones_own_or_the_top(person, code, cast):
    assert access.home_unit(getattr(cast, person)).code == code


def test_home_unit_without_any_unit_is_none(db):
    assert access.home_unit(make_user("admin")) is None


@pytest.mark.parametrize(
    ("person", "steps"),
    [
        ("officer", [("Thành phố Hải Phòng", False), ("Quận Hải An", False)]),
        ("district_clerk", [("Thành phố Hải Phòng", False), ("Quận Hải An", True)]),
        ("city_clerk", [("Thành phố Hải Phòng", True), ("Quận Hải An", True)]),
        ("admin", [("Thành phố Hải Phòng", True), ("Quận Hải An", True)]),
    ],
)
def test_trail_names_the_units_above_and_opens_only_ones_own(person, steps, cast):
    trail = access.trail(getattr(cast, person), cast.commune, DAY)
    assert [(step.unit.full_name, step.is_visible) for step in trail] == steps


def test_trail_of_the_top_is_empty(cast):
    assert access.trail(cast.city_clerk, cast.city, DAY) == []
