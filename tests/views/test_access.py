"""Who reaches which page: a table of every address x every person x every unit."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from reporting import acts, urls
from reporting.acts.campaign import KINDS
from reporting.forms.campaign import CITY_FORMS
from reporting.models import AccessRecord
from tests.factories import DAY, at, make_cover, make_report, stamp
from tests.prepared import prepared, undone
from tests.some import some

from . import routes
from .visits import frozen, look

BEFORE, SEALED_AT = DAY - timedelta(days=1), "2020-08-20 17:10"
UNITS = ["city", "district", "commune", "neighbour", "other_district", "stranger", "island", "agency"]
REPORTED = ["commune", "neighbour", "stranger", "island", "agency"]

# The units that each person sees, and those of them that he reports for.
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

# Status by method for: one's own unit; a visible unit that is not one's own; a unit that is not visible, above, beside
# or elsewhere; anybody not signed in. The POST to the form has no figure: 422 is the form's own answer.
READ = {"get": (200, 200, 404, 302), "post": (405, 405, 405, 405)}
READ_ALIKE = "unit report_detail report_list workbook paper workbook_range csv_range discipline ranking"
OF_A_UNIT = dict.fromkeys([*READ_ALIKE.split(), "bulletin", "changes"], READ) | {
    "report": {"get": (200, 403, 404, 302), "post": (422, 403, 404, 302)},
    "late_request": {"get": (200, 403, 404, 302), "post": (422, 403, 404, 302)},
    "report_state": {"get": (200, 403, 404, 302), "post": (405, 405, 405, 405)},
    "late_withdraw": {"get": (405, 405, 405, 405), "post": (409, 403, 404, 302)},
    "report_void": {"get": (405, 405, 405, 405), "post": (422, 403, 404, 302)},
}
# The pages of a superior's day are those of a unit with others below it, of which the POST names one. Status for its
# own clerk; the city's, for its own day and for any below; who reads it only; anybody else; anybody not signed in. The
# POST holds no reason and no version, and nobody is silent or waits: what is 302 has found nothing to do.
BELOW = {"city": "island", "district": "commune", "other_district": "stranger"}
OF_A_SUPERIOR = {
    "board": {"get": (200, 200, 200, 404, 302), "post": (405, 405, 405, 405, 405)},
    "remind": {"get": (405, 405, 405, 405, 405), "post": (302, 302, 403, 404, 302)},
    "entry": {"get": (200, 200, 403, 404, 302), "post": (302, 302, 403, 404, 302)},
    "review": {"get": (200, 200, 403, 404, 302), "post": (405, 405, 405, 405, 405)},
    "sign_off": {"get": (405, 405, 405, 405, 405), "post": (409, 403, 403, 404, 302)},
    "withdraw": {"get": (405, 405, 405, 405, 405), "post": (422, 403, 403, 404, 302)},
    "pass_up": {"get": (405, 405, 405, 405, 405), "post": (422, 403, 403, 404, 302)},
    "decide": {"get": (405, 405, 405, 405, 405), "post": (302, 302, 403, 404, 302)},
    "reopen": {"get": (405, 405, 405, 405, 405), "post": (422, 422, 403, 404, 302)},
    "void": {"get": (405, 405, 405, 405, 405), "post": (422, 422, 403, 404, 302)},
    "adjust": {"get": (405, 405, 405, 405, 405), "post": (422, 422, 403, 404, 302)},
}
# Of the unit at the top alone: its own clerk; who sees it besides; anybody else, and of any other unit; anybody not
# signed in. At noon the day cannot be sealed yet.
OF_THE_TOP = {
    "seal": {"get": (200, 403, 404, 302), "post": (422, 403, 404, 302)},
    "seal_undo": {"get": (405, 405, 405, 405), "post": (409, 403, 404, 302)},
}
# Of a unit whose phones the ministry counts, any but an agency. The city's clerk; who answers for it or for one right
# below it; who sees it besides; anybody else; anybody not signed in. The POST names a unit and no question.
OF_THE_MINISTRY = {
    "official": {"get": (200, 200, 200, 404, 302), "post": (405, 405, 405, 405, 405)},
    "official_record": {"get": (405, 405, 405, 405, 405), "post": (422, 403, 403, 404, 302)},
}
ANSWERING = {
    "district_clerk": ["district", "commune", "neighbour"],
    "other_clerk": ["other_district", "stranger"],
    "island_officer": ["island"],
}
SHOWN = {"get": 200, "post": 405}
OF_NO_UNIT = dict.fromkeys(["healthz", "guide", "offline", "worker", "manifest"], SHOWN) | {
    "home": {"get": 302, "post": 405},
    "icon": {"get": 302, "post": 405},
}
# Status for the city's clerk; any other clerk or officer; readers and the administrator; anybody not signed in.
OF_A_PERSON = {
    "unit_search": {"get": (200, 200, 200, 302), "post": (405, 405, 405, 405)},
    "inbox": {"get": (200, 200, 403, 302), "post": (405, 405, 405, 405)},
    "campaign": {"get": (200, 403, 403, 302), "post": (405, 405, 405, 405)},
    "reorganise": {"get": (200, 403, 403, 302), "post": (422, 403, 403, 302)},
    "campaign_add": {"get": (405, 405, 405, 405), "post": (422, 403, 403, 302)},
    "campaign_withdraw": {"get": (404, 403, 403, 302), "post": (404, 403, 403, 302)},
    "access_records": {"get": (200, 403, 403, 302), "post": (405, 405, 405, 405)},
    # A token is given by who has a second factor; nobody here has one.
    "tokens": {"get": (200, 403, 403, 302), "post": (403, 403, 403, 302)},
    "token_revoke": {"get": (405, 405, 405, 405), "post": (404, 403, 403, 302)},
    "api_docs": {"get": (200, 200, 200, 302), "post": (405, 405, 405, 405)},
}
OF_A_KIND = {
    "campaign_add": [(kind,) for kind in CITY_FORMS],
    "campaign_withdraw": [(kind, 99) for kind in (*KINDS, "nonsense")],
    "token_revoke": [(99,)],
}
# Whose accounts each of those keeps who keeps any. Status for him, for anybody else, for anybody not signed in.
KEEPERS = {
    "city_clerk": [person for person in PEOPLE if person not in ("city_clerk", "admin")],
    "district_clerk": ["officer", "neighbour_officer"],
    "other_clerk": ["stranger_officer"],
    "island_officer": [],
    "admin": [person for person in PEOPLE if person != "admin"],
}
OF_KEEPERS = {
    "people": {"get": (200, 403, 302), "post": (405, 405, 405)},
    "person_add": {"get": (200, 403, 302), "post": (422, 403, 302)},
    "covers": {"get": (200, 403, 302), "post": (422, 403, 302)},
}
# The same of one account: status for its keeper, for one who keeps others, for anybody else, for nobody.
OF_AN_ACCOUNT = {
    "person": {"get": (200, 404, 403, 302), "post": (422, 404, 403, 302)},
    "person_reset": {"get": (405, 405, 405, 405), "post": (200, 404, 403, 302)},
    "person_leave": {"get": (405, 405, 405, 405), "post": (302, 404, 403, 302)},
}
# A lost second factor: the city and an administrator reset those of the accounts that they keep.
OF_A_LOST_FACTOR = {"second_factor_reset", "passkey_remove"}
# The pages of one's own second factor and sessions: status for anybody who is signed in and has no second factor yet;
# for anybody not signed in. The code is for who owes one.
PRESSED = {"get": (405, 405), "post": (302, 302)}
OF_ONES_OWN = dict.fromkeys(["second_factor_off", "hints_close", "session_end"], PRESSED) | {
    "second_factor": {"get": (200, 302), "post": (405, 405)},
    "second_factor_set_up": {"get": (200, 302), "post": (422, 302)},
    "second_factor_verify": {"get": (302, 302), "post": (302, 302)},
    "session_list": {"get": (200, 302), "post": (405, 405)},
    "passkey_add": {"get": (200, 302), "post": (302, 302)},
    # Of who has a unit: an administrator without one gets 403.
    "mail": {"get": (200, 302), "post": (422, 302)},
    "mail_confirm": {"get": (405, 405), "post": (404, 302)},
    "mail_choose": {"get": (405, 405), "post": (404, 302)},
}
# A cover of the ward Cát Bi: status for its superiors, for one who keeps other accounts, for anybody else, for nobody.
OF_A_COVER = {
    "cover_end": {"get": (405, 405, 405, 405), "post": (302, 404, 403, 302)},
}
# Imports are of those who have units below them. Status by the kind: for the city's clerk; a district's; any other
# clerk or officer; readers and the administrator; anybody not signed in. No file number 1 waits for anybody.
OF_AN_IMPORT = {
    ("import_list",): {"get": (200, 200, 403, 403, 302), "post": (405, 405, 405, 405, 405)},
    ("import_upload", "reports"): {"get": (200, 200, 403, 403, 302), "post": (422, 422, 403, 403, 302)},
    ("import_upload", "units"): {"get": (200, 403, 403, 403, 302), "post": (422, 403, 403, 403, 302)},
    ("import_upload", "people"): {"get": (200, 200, 403, 403, 302), "post": (422, 422, 403, 403, 302)},
    ("import_upload", "nonsense"): {"get": (404, 404, 403, 403, 302), "post": (404, 404, 403, 403, 302)},
    ("import_template", "reports"): {"get": (200, 200, 403, 403, 302), "post": (405, 405, 405, 405, 405)},
    ("import_template", "units"): {"get": (200, 403, 403, 403, 302), "post": (405, 405, 405, 405, 405)},
    ("import_template", "people"): {"get": (200, 200, 403, 403, 302), "post": (405, 405, 405, 405, 405)},
    ("import_undo", 1): {"get": (404, 404, 404, 404, 302), "post": (404, 404, 404, 404, 302)},
    ("import_preview", "people", 1): {"get": (404, 404, 403, 403, 302), "post": (404, 404, 403, 403, 302)},
    ("import_preview", "reports", 1): {"get": (404, 404, 403, 403, 302), "post": (404, 404, 403, 403, 302)},
    ("import_preview", "units", 1): {"get": (404, 403, 403, 403, 302), "post": (404, 403, 403, 403, 302)},
}


def address(route, code):
    day = BEFORE if route == "changes" else DAY
    return routes.address(f"reporting:{route}", code=code, day=day, first=BEFORE)


def answers(client, cast) -> dict:
    codes = {unit: getattr(cast, unit).code for unit in UNITS} | {"no such unit": "NOPE"}
    found = {}
    with frozen("2020-08-21 12:00"):
        for unit, code in codes.items():
            chosen = {"unit": getattr(cast, BELOW[unit]).code if unit in BELOW else "11416", "request": "all"}
            for route in [*OF_A_UNIT, *OF_A_SUPERIOR, *OF_THE_TOP, *OF_THE_MINISTRY]:
                found[route, "get", unit] = client.get(address(route, code)).status_code
                found[route, "post", unit] = client.post(address(route, code), chosen).status_code
    return found


def expected(seen, own, answering=(), *, is_signed_in=True) -> dict:
    table = {}
    for route, methods in OF_A_UNIT.items():
        for method, (ours, below, others, anonymous) in methods.items():
            for unit in [*UNITS, "no such unit"]:
                status = ours if unit == own else below if unit in seen else others
                if (route, status) == ("paper", 200) and unit not in BELOW:
                    status = 404  # a unit that reports for itself issues none
                if (route, status) in (("report_detail", 200), ("report_void", 422)) and unit not in REPORTED:
                    status = 404  # nothing has been reported
                if (route, status) == ("bulletin", 200) and unit in ("commune", "neighbour", "stranger", "agency"):
                    status = 404  # the city's and the districts' alone
                if route == "late_withdraw" and status == 409 and unit in BELOW:
                    status = 422  # it never asks; the others' request is gone
                table[route, method, unit] = status if is_signed_in else anonymous
    for route, methods in OF_A_SUPERIOR.items():
        for method, (superior, city, reader, others, anonymous) in methods.items():
            for unit in [*UNITS, "no such unit"]:
                role = city if own == "city" else superior if unit == own else reader
                status = role if unit in seen else others
                if unit not in BELOW and status != 405 and (route, status) != ("entry", 403):
                    status = 404  # no unit below; the grid asks first who types
                table[route, method, unit] = status if is_signed_in else anonymous
    for route, methods in OF_THE_TOP.items():
        for method, (clerk, reader, others, anonymous) in methods.items():
            for unit in [*UNITS, "no such unit"]:
                status = clerk if unit == own == "city" else reader if unit == "city" and unit in seen else others
                table[route, method, unit] = status if is_signed_in else anonymous
    for route, methods in OF_THE_MINISTRY.items():
        for method, (city, answers_for, reader, others, anonymous) in methods.items():
            for unit in [*UNITS, "no such unit"]:
                role = city if own == "city" else answers_for if unit in answering else reader
                status = role if (unit in seen and unit != "agency") or others == 405 else others
                table[route, method, unit] = status if is_signed_in else anonymous
    return table


def records() -> dict:
    """How many there are of each; that somebody signed in or took a file away is noted by itself."""
    models = [model for model in apps.get_app_config("reporting").get_models() if model is not AccessRecord]
    return {model.__name__: model.objects.count() for model in models}


@prepared
def reported(cast):
    """Every stranger has something to hide, the day before too, which is sealed."""
    for unit in REPORTED:
        make_report(getattr(cast, unit), BEFORE)
        make_report(getattr(cast, unit))
    acts.seal(unit=cast.city, day=BEFORE, **stamp(None, at(SEALED_AT)))
    return cast


def test_matrix_has_a_row_for_every_address():
    imports = {route for route, *_rest in OF_AN_IMPORT}
    tables = [*OF_A_UNIT, *OF_A_SUPERIOR, *OF_THE_TOP, *OF_THE_MINISTRY, *OF_A_PERSON, *OF_NO_UNIT, *imports]
    tables += [*OF_KEEPERS, *OF_AN_ACCOUNT, *OF_A_COVER, *OF_A_LOST_FACTOR, *OF_ONES_OWN]
    tables += ["guide_of", "own_reports"]  # tests/views/test_guide.py, tests/views/test_own_reports.py
    names = [pattern.name for pattern in urls.urlpatterns]
    assert sorted(names) == sorted(tables), f"no table of {__file__} has {set(names) - set(tables)}"


def test_matrix_knows_every_person_and_unit_of_the_cast(cast):
    assert set(vars(cast)) == {*PEOPLE, *UNITS}


# The others see and may do elsewhere in the tree the same as one of these, or everything.
OF_EACH_ROLE = pytest.mark.parametrize("person", some([*PEOPLE, None], ["officer", "city_clerk"]))


@pytest.fixture
def browser(cast, person):
    """The person's at noon: a function from a route and what its address holds to the status by method."""
    client = Client()

    def statuses(route, *args):
        path = reverse(f"reporting:{route}", args=args)
        return {method: getattr(client, method)(path).status_code for method in ("get", "post")}

    with frozen("2020-08-21 12:00"):
        if person:
            client.force_login(getattr(cast, person))
        before = records()
        yield statuses
    assert records() == before


def column(methods, number):
    return {method: statuses[number] for method, statuses in methods.items()}


@pytest.mark.parametrize("person", some(PEOPLE, ["district_clerk"]))
def test_pages_of_units_answer_each_person_what_is_his(person, reported):
    client = Client()
    with frozen("2020-08-21 12:00"):
        client.force_login(getattr(reported, person))
    before = records()
    assert answers(client, reported) == expected(*PEOPLE[person], ANSWERING.get(person, ()))
    assert records() == before


def test_pages_of_units_send_everybody_else_to_the_sign_in_page(reported, client):
    assert answers(client, reported) == expected([], None, is_signed_in=False)
    assert client.get("/units/11416/").url == "/accounts/login/?next=/units/11416/"


@pytest.mark.parametrize("person", some([*PEOPLE, None], ["officer", None]))
@pytest.mark.parametrize("route", OF_NO_UNIT)
def test_pages_of_no_unit_answer_everybody_alike(route, person, cast, client):
    if person:
        client.force_login(getattr(cast, person))
    path = routes.address(f"reporting:{route}")
    got = {method: getattr(client, method)(path).status_code for method in ("get", "post")}
    assert got == OF_NO_UNIT[route]


@OF_EACH_ROLE
def test_pages_of_a_person_answer_each_what_is_his(person, browser):
    number = {"city_clerk": 0, "leader": 2, "admin": 2, None: 3}.get(person, 1)
    for route, methods in OF_A_PERSON.items():
        for args in OF_A_KIND.get(route, [()]):
            assert (route, args, browser(route, *args)) == (route, args, column(methods, number))


@OF_EACH_ROLE
def test_imports_answer_each_what_is_his(person, browser):
    others = {"city_clerk": 0, "district_clerk": 1, "other_clerk": 1, "leader": 3, "admin": 3, None: 4}
    for place, methods in OF_AN_IMPORT.items():
        assert (place, browser(*place)) == (place, column(methods, others.get(person, 2)))


@OF_EACH_ROLE
def test_pages_of_accounts_answer_each_what_is_his(person, cast, browser):
    number = 2 if person is None else 0 if person in KEEPERS else 1
    for route, methods in OF_KEEPERS.items():
        assert (route, browser(route)) == (route, column(methods, number))
    for other in PEOPLE:
        number = 3 if person is None else 2 if person not in KEEPERS else 0 if other in KEEPERS[person] else 1
        for route, methods in OF_AN_ACCOUNT.items():
            assert (route, other, browser(route, getattr(cast, other).pk)) == (route, other, column(methods, number))


@OF_EACH_ROLE
def test_cover_is_ended_by_the_superiors_of_its_unit(person, cast, browser):
    with undone():
        cover = make_cover(cast.neighbour, cast.stranger_officer, cast.city_clerk)
        numbers = {"city_clerk": 0, "admin": 0, "district_clerk": 0, "other_clerk": 1, "island_officer": 1, None: 3}
        assert browser("cover_end", cover.pk) == column(OF_A_COVER["cover_end"], numbers.get(person, 2))


@OF_EACH_ROLE
def test_pages_of_the_second_factor_answer_each_what_is_his(person, cast, browser):
    for route, methods in OF_ONES_OWN.items():
        wanted = column(methods, 1 if person is None else 0)
        if person == "admin" and route.startswith("mail"):
            wanted = {method: 405 if status == 405 else 403 for method, status in wanted.items()}
        assert (route, browser(route)) == (route, wanted)
    assert browser("passkey_remove", 99) == {"get": 405, "post": 302 if person is None else 404}
    kept = {keeper: KEEPERS[keeper] for keeper in ("city_clerk", "admin")}
    for other in PEOPLE:
        status = 302 if person is None or other in kept.get(person, ()) else 404 if person in kept else 403
        assert (other, browser("second_factor_reset", getattr(cast, other).pk)) == (other, {"get": 405, "post": status})


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
