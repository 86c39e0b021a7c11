"""Who reaches which page: every address x every person x every unit, in one table."""

import pytest
from django.test import Client
from django.urls import reverse

from reporting import urls
from tests.factories import DAY, make_report

from .visits import frozen, look, send, written

UNITS = ["city", "district", "commune", "neighbour", "other_district", "stranger", "island", "agency"]
REPORTED = ["commune", "neighbour", "stranger", "island", "agency"]

# What each person sees, and of these what is his own to report.
PEOPLE = {
    "officer": (["commune"], "commune"),
    "neighbour_officer": (["neighbour"], "neighbour"),
    "stranger_officer": (["stranger"], "stranger"),
    "district_clerk": (["district", "commune", "neighbour"], "district"),
    "other_clerk": (["other_district", "stranger"], "other_district"),
    "city_clerk": (UNITS, "city"),
    "island_officer": (["island"], "island"),
    "focal_person": (["agency"], "agency"),
    "leader": (UNITS, None),
    "admin": (UNITS, None),
}

# Status by method for: one's own unit; one that is seen but not one's own; one that is not one's own to see, above,
# beside or elsewhere; anybody not signed in. The POST to the form carries no figure: 422 is the form's own answer.
OF_A_UNIT = {
    "unit": {"get": (200, 200, 404, 302), "post": (405, 405, 405, 405)},
    "report": {"get": (200, 403, 404, 302), "post": (422, 403, 404, 302)},
    "report_detail": {"get": (200, 200, 404, 302), "post": (405, 405, 405, 405)},
    "report_list": {"get": (200, 200, 404, 302), "post": (405, 405, 405, 405)},
    "workbook": {"get": (200, 200, 404, 302), "post": (405, 405, 405, 405)},
}
OF_NO_UNIT = {
    "home": {"get": 302, "post": 405},
    "healthz": {"get": 200, "post": 405},
}
WITH_A_DAY = ["report", "report_detail", "workbook"]


def address(route, code):
    return reverse(f"reporting:{route}", args=[code, DAY] if route in WITH_A_DAY else [code])


def answers(client, cast) -> dict:
    codes = {unit: getattr(cast, unit).code for unit in UNITS} | {"no such unit": "NOPE"}
    with frozen("2020-08-21 12:00"):
        return {
            (route, method, unit): getattr(client, method)(address(route, code)).status_code
            for route in OF_A_UNIT
            for method in ("get", "post")
            for unit, code in codes.items()
        }


def expected(seen, own, *, is_signed_in=True) -> dict:
    table = {}
    for route, methods in OF_A_UNIT.items():
        for method, (ours, below, others, anonymous) in methods.items():
            for unit in [*UNITS, "no such unit"]:
                status = ours if unit == own else below if unit in seen else others
                if route == "report_detail" and method == "get" and unit not in REPORTED:
                    status = 404  # nothing has been reported
                table[route, method, unit] = status if is_signed_in else anonymous
    return table


@pytest.fixture
def reported(cast):
    """Every stranger has something to hide."""
    for unit in REPORTED:
        make_report(getattr(cast, unit))
    return cast


def test_matrix_has_a_row_for_every_address():
    assert {pattern.name for pattern in urls.urlpatterns} == {*OF_A_UNIT, *OF_NO_UNIT}


def test_matrix_knows_every_person_and_unit_of_the_cast(cast):
    assert set(vars(cast)) == {*PEOPLE, *UNITS}


@pytest.mark.parametrize("person", PEOPLE)
def test_pages_of_units_answer_each_person_what_is_his(person, reported):
    client = Client()
    before = written()
    with frozen("2020-08-21 12:00"):
        client.force_login(getattr(reported, person))
    assert answers(client, reported) == expected(*PEOPLE[person])
    assert written() == before


def test_pages_of_units_send_everybody_else_to_the_sign_in_page(reported, client):
    assert answers(client, reported) == expected([], None, is_signed_in=False)
    assert client.get("/units/11416/").url == "/accounts/login/?next=/units/11416/"


@pytest.mark.parametrize("person", [*PEOPLE, None])
@pytest.mark.parametrize("route", OF_NO_UNIT)
def test_pages_of_no_unit_answer_everybody_alike(route, person, cast, client):
    if person:
        client.force_login(getattr(cast, person))
    got = {method: getattr(client, method)(reverse(f"reporting:{route}")).status_code for method in ("get", "post")}
    assert got == OF_NO_UNIT[route]


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_pages_know_no_other_method(method, reported, client):
    client.force_login(reported.officer)
    got = {route: getattr(client, method)(address(route, "11416")).status_code for route in OF_A_UNIT}
    assert got == dict.fromkeys(OF_A_UNIT, 405)


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("neighbour_officer", 404),
        ("stranger_officer", 404),
        ("other_clerk", 404),
        ("focal_person", 404),
        ("district_clerk", 403),
        ("city_clerk", 403),
        ("leader", 403),
        ("admin", 403),
    ],
)
def test_good_figures_from_anybody_but_the_officer_write_nothing(person, status, cast):
    page = send(getattr(cast, person), cast.commune)
    assert (page.status_code, written()) == (status, (0, 0))


@pytest.mark.parametrize("unit", ["commune", "district", "city", "island", "agency"])
def test_viewer_of_any_unit_reads_it_and_never_writes(unit, cast):
    viewed = getattr(cast, unit)
    cast.leader.unit = viewed
    cast.leader.save()
    assert look(cast.leader, "unit", viewed.code).status_code == 200
    assert look(cast.leader, "unit", viewed.code).text.count('<form class="report"') == 0
    assert (send(cast.leader, viewed).status_code, written()) == (403, (0, 0))


def test_officer_whose_name_is_the_beginning_of_anothers_sees_his_own_only(cast):
    """The path decides with its closing slash: 1141 is not above 11416."""
    cast.officer.unit = type(cast.commune).objects.establish(
        code="1141",
        level="commune",
        parent=cast.district,
        name="Tràng Cát",
        kind="phường",
        effective_on=DAY,
        at=cast.commune.names.get().recorded_at,
    )
    cast.officer.save()
    assert [look(cast.officer, "unit", code).status_code for code in ("1141", "11416")] == [200, 404]
