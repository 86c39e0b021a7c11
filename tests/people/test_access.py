from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from reporting.people import access
from reporting.permissions import Role

from ..factories import DAY, FIRST_DAY, at


def codes(units):
    return sorted(unit.code for unit in units)


def test_units_of_a_person_who_has_left_are_none(cast):
    for user in (cast.officer, cast.admin):
        user.is_active = False
        assert (codes(access.visible_units(user)), codes(access.reportable_units(user))) == ([], [])


def test_person_without_a_unit_sees_units_only_as_an_administrator(cast):
    cast.admin.is_superuser = False
    assert codes(access.visible_units(cast.admin)) == []


def test_trail_names_the_units_as_an_instant_knew_them(cast):
    cast.district.rename(name="An Hải", kind="quận", effective_on=FIRST_DAY, at=at("2020-08-21 12:00"))

    def names(as_of):
        return [step.unit.full_name for step in access.trail(cast.officer, cast.commune, DAY, as_of)]

    assert names(None) == ["Thành phố Hải Phòng", "Quận An Hải"]
    assert names(at("2020-08-21 11:59")) == ["Thành phố Hải Phòng", "Quận Hải An"]


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_viewer": True}, {"unit_id": None}])
def test_who_may_report_for_nothing_may_not_for_his_own_unit(change, cast):
    assert access.can_report(cast.officer, cast.commune)
    for name, value in change.items():
        setattr(cast.officer, name, value)
    assert not access.can_report(cast.officer, cast.commune)
    assert not access.can_report(AnonymousUser(), cast.commune)


# Closed units: the successor answers for their days, from the day on which they are closed.


def close(unit, successor, on=DAY):
    unit.close(on=on, into=successor)
    return type(unit).objects.get(pk=unit.pk)


@pytest.mark.parametrize(
    ("acts_on", "visible"),
    [(None, ["11407", "11416"]), (DAY, ["11407", "11416"]), (DAY - timedelta(days=1), ["11416"])],
)
def test_officer_of_the_successor_answers_for_a_closed_unit_from_its_end_on(acts_on, visible, cast):
    closed = close(cast.neighbour, cast.commune)
    cast.officer.acts_on = acts_on
    assert codes(access.visible_units(cast.officer)) == visible
    assert codes(access.reportable_units(cast.officer)) == visible
    assert access.role(cast.officer, closed) == (Role.OFFICER if "11407" in visible else None)
    assert access.is_clerk_of(cast.officer, closed) == ("11407" in visible)


def test_closed_unit_goes_with_the_end_of_its_chain_only(cast):
    closed = [close(cast.neighbour, cast.commune), close(cast.commune, cast.stranger, DAY + timedelta(days=1))]
    assert codes(access.visible_units(cast.stranger_officer)) == ["11407", "11416", "11470"]
    assert [access.role(cast.stranger_officer, unit) for unit in closed] == [Role.OFFICER] * 2
    cast.officer.acts_on = cast.stranger_officer.acts_on = DAY
    assert codes(access.visible_units(cast.officer)) == ["11407", "11416"]
    assert codes(access.visible_units(cast.stranger_officer)) == ["11470"]


def test_superior_of_a_closed_unit_is_the_one_it_had(cast):
    closed = close(cast.stranger, cast.commune)
    people = ("other_clerk", "city_clerk", "officer", "leader", "district_clerk", "neighbour_officer")
    roles = [Role.SUPERIOR, Role.CITY, Role.OFFICER, Role.VIEWER, None, None]
    assert [access.role(getattr(cast, person), closed) for person in people] == roles
    assert codes(access.visible_units(cast.district_clerk)) == ["11407", "11416", "306"]


def test_units_of_a_closed_district_have_its_successor_as_superior(cast):
    commune, district = close(cast.stranger, cast.commune), close(cast.other_district, cast.district)
    assert codes(access.visible_units(cast.district_clerk)) == ["11407", "11416", "11470", "306", "311"]
    assert access.role(cast.district_clerk, commune) is Role.SUPERIOR
    assert access.role_below(cast.district_clerk, district) is Role.SUPERIOR


def test_chain_that_ends_at_a_closed_unit_or_in_a_circle_is_nobodys(cast):
    close(cast.neighbour, cast.commune)
    close(cast.commune, cast.neighbour)
    cast.stranger.closed_on = DAY
    cast.stranger.save()
    assert type(cast.city).objects.heirs(DAY) == {}
    assert codes(access.visible_units(cast.officer)) == ["11416"]
