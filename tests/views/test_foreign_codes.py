"""No page tells whether something of others exists: a neighbour's and a made-up code get the same answer.

The addresses are those of the URL table; the people are the whole cast; for each, everything that he does not see.
"""

import re
from functools import cache, partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reporting import acts
from reporting.models import Cover, ImportFile, Passkey, User
from tests import factories as f
from tests.prepared import prepared, undone
from tests.sheets import csv

from . import routes
from .test_access import KEEPERS, PEOPLE, UNITS
from .visits import frozen

EVENING = "2020-08-21 17:30"
TOKENS = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
OF_THE_MOMENT = {"Set-Cookie", "Content-Length"}  # masked differently each time; depends on the text
NOBODY = {"31": "39", "306": "399", "311": "399", "318": "399", "SYT": "SXX"}  # as long as the text it replaces
METHODS = ("get", "post")
# One of each kind of person who does not see everything.
ASKING = ["officer", "district_clerk", "island_officer", "focal_person", None]
WITH_A_CODE = [name for name, held in routes.names().items() if "code" in held]
WITH_A_NUMBER = {  # whose number it is
    "reporting:person": "people",
    "reporting:person_reset": "people",
    "reporting:person_leave": "people",
    "reporting:second_factor_reset": "factors",
    "reporting:passkey_remove": "passkeys",
    "reporting:cover_end": "covers",
    "reporting:import_preview": "imports",
}
NO_NUMBER = 999_999


@prepared
def eventful(cast):
    """Everything to find out about: reports, a seal, requests, accounts, covers, files."""
    for unit in (cast.commune, cast.neighbour, cast.stranger, cast.island, cast.agency):
        f.make_report(unit)
    f.make_late_request(cast.stranger, cast.stranger_officer)
    moment = f.at("2020-08-21 17:10")
    acts.seal(unit=cast.city, day=f.DAY, **f.stamp(None, moment))
    f.make_official(cast.stranger, 5, source="Cục Tin học hóa")
    return cast


def signed_in(cast, person):
    client = Client()
    if person:
        client.force_login(getattr(cast, person))
    return client


def visible_answer(page, address: str) -> tuple:
    """All words of a page, without its tokens and the requested address."""
    length = page.headers.get("Content-Length", str(len(page.content)))
    assert length == str(len(page.content)) or page.request["REQUEST_METHOD"] == "HEAD"
    headers = {name: value for name, value in page.headers.items() if name not in OF_THE_MOMENT}
    text, *values = (text.replace(address, "…") for text in (TOKENS.sub("", page.text), *headers.values()))
    return page.status_code, dict(zip(headers, values, strict=True)), sorted(page.cookies), text


def nobody(code: str) -> str:
    return NOBODY.get(code, "11499")


def answer_to(client, name, code, method):
    path = routes.address(name, code=code)
    page = client.post(path, FIELDS) if method == "post" else getattr(client, method)(path)
    *known, text = visible_answer(page, path)
    return *known, text.replace(f"/units/{code}/", "/units/…/")  # the sign-in page leads to the day's review


FIELDS = {"unit": "11416", "code": "11416", "installs": "5", "base_version": "0", "reason": "Lý do", "request": "1"}


def test_there_is_something_to_ask_for():
    assert len(WITH_A_CODE) > 25
    # Only the city withdraws settings, and it sees all of them: tests/views/test_access.py.
    assert {name for name, held in routes.names().items() if "pk" in held and "kind" not in held} == {
        *(name for name in WITH_A_NUMBER if name != "reporting:import_preview"),
        "reporting:import_undo",  # of the own office alone: tests/imports/test_undo.py
        "reporting:token_revoke",  # only the city's clerk has these, and sees all of them
    }


# The nearest unit that he does not see and one far away; the other units in `make test-all`.
AT_ONCE = {"officer": ["district", "neighbour", "agency"]}
ASKED = [
    *AT_ONCE.items(),
    *(pytest.param(who, sorted({*UNITS} - {*AT_ONCE.get(who, [])}), marks=pytest.mark.matrix) for who in ASKING),
]


@pytest.mark.matrix  # 8 s
@pytest.mark.parametrize(("person", "units"), ASKED)
def test_code_of_another_unit_is_answered_like_one_that_nobody_has(person, units, eventful, subtests):
    seen = PEOPLE[person][0] if person else []
    for name in WITH_A_CODE:
        with subtests.test(name=name), undone(), frozen(EVENING):
            client = signed_in(eventful, person)
            answers = cache(partial(answer_to, client, name))
            for unit in units:
                if unit in seen:
                    continue
                code = getattr(eventful, unit).code
                for method in METHODS:
                    assert answers(code, method) == answers(nobody(code), method), (unit, method)


@pytest.mark.parametrize(
    "person",
    [*AT_ONCE, *(pytest.param(who, marks=pytest.mark.matrix) for who in [*PEOPLE, None] if who not in AT_ONCE)],
)
def test_number_of_anothers_is_answered_like_one_that_nobody_has(person, eventful, subtests):
    covers = [
        f.make_cover(getattr(eventful, unit), eventful.island_officer, eventful.city_clerk)
        for unit in ("stranger", "neighbour")
    ]
    files = [
        ImportFile.objects.create(kind=kind, source="a", table=[], sent_at=f.at("2020-08-21 17:29"), by=by)
        for by in (eventful.city_clerk, eventful.district_clerk, eventful.other_clerk)
        for kind in ("reports", "units")
    ]
    now = f.at("2020-08-21 17:00")
    keys = [
        Passkey.objects.create(person=one, key_id=one.pk, public_key=b"", sign_count=0, added_at=now, used_at=now)
        for one in (eventful.city_clerk, eventful.officer, eventful.stranger_officer)
    ]
    numbers = {
        "passkeys": [key.pk for key in keys],
        "people": list(User.objects.values_list("pk", flat=True)),
        "factors": list(User.objects.values_list("pk", flat=True)),
        "covers": [cover.pk for cover in covers],
        "imports": [kept.pk for kept in files],
    }
    for name, whose in WITH_A_NUMBER.items():
        with subtests.test(name=name), undone(), frozen(EVENING):
            client = signed_in(eventful, person)

            @cache
            def answers(pk, method, name=name, client=client):
                path = routes.address(name, pk=pk)
                return visible_answer(getattr(client, method)(path), path)

            for number in numbers[whose]:
                if is_own(eventful, person, whose, number):
                    continue
                for method in METHODS:
                    assert answers(number, method) == answers(NO_NUMBER, method), (number, method)


def is_own(cast, person, what, number):
    """Whether he manages it, and so may know that it exists."""
    if what in ("people", "factors"):
        return any(getattr(cast, other).pk == number for other in KEEPERS.get(person, []))
    if what == "passkeys":
        return person is not None and Passkey.objects.get(pk=number).person == getattr(cast, person)
    if what == "covers":
        below = {"city_clerk": ["11407", "11470"], "district_clerk": ["11407"], "other_clerk": ["11470"]}
        below["admin"] = below["city_clerk"]
        return Cover.objects.get(pk=number).unit.code in below.get(person, [])
    return person is not None and ImportFile.objects.get(pk=number).by == getattr(cast, person)


# Records named inside a form.

NAMED = {
    "remind": ("code", {}),
    "reopen": ("unit", {"reason": "Lý do", "until_day": "21/08/2020", "hour": "19h00"}),
    "void": ("unit", {"reason": "Lý do", "base_version": "1"}),
    "adjust": ("unit", {"reason": "Lý do", "adjustment": "-1", "base_version": "1"}),
}


@pytest.mark.parametrize("name", NAMED)
def test_code_of_another_unit_in_a_form_is_answered_like_one_that_nobody_has(name, eventful):
    field, others = NAMED[name]
    with frozen(EVENING):
        client = signed_in(eventful, "district_clerk")
        for unit in ("stranger", "other_district", "city", "agency", "island"):
            code = getattr(eventful, unit).code
            path = routes.address(f"reporting:{name}", code="306")
            real, none = (
                visible_answer(client.post(path, others | {field: text}), path) for text in (code, nobody(code))
            )
            assert real == none, unit


def test_request_of_another_district_is_answered_like_one_that_nobody_has(eventful):
    number = eventful.stranger.late_requests.get().pk
    with frozen(EVENING):
        client = signed_in(eventful, "district_clerk")
        path = routes.address("reporting:decide", code="306")
        fields = {"decision": "accepted"}
        real, none = (visible_answer(client.post(path, fields | {"request": n}), path) for n in (number, NO_NUMBER))
        assert real == none


@pytest.mark.parametrize("route", ["person_add", "covers"])
def test_another_units_number_in_a_form_is_answered_like_an_unknown_one(route, eventful):
    fields = {
        "last_name": "A",
        "first_name": "B",
        "username": "ab",
        "first_day": "21/08/2020",
        "last_day": "22/08/2020",
    }
    path = routes.address(f"reporting:{route}")
    with frozen(EVENING):
        client = signed_in(eventful, "district_clerk")
        for field, number in (("unit", eventful.stranger.pk), ("person", eventful.stranger_officer.pk)):
            real, none = (visible_answer(client.post(path, fields | {field: n}), path) for n in (number, NO_NUMBER))
            assert real == none, field


@pytest.mark.parametrize("unit", ["stranger", "other_district", "agency", "island"])
def test_file_that_names_another_unit_is_answered_like_one_that_names_nobody(unit, eventful):
    """By its code, and by an existing name."""
    code = getattr(eventful, unit).code
    found = []
    with frozen(EVENING):
        client = signed_in(eventful, "district_clerk")
        for text in (code, nobody(code)):
            content = csv(("Mã đơn vị", "Ngày", "Số mới cài"), (text, "20/08/2020", "5"))
            sent = {"file": SimpleUploadedFile("a.csv", content), "reason": "Báo giấy"}
            page = client.post("/imports/reports/", sent, follow=True)
            assert page.status_code == 200
            found.append(TOKENS.sub("", page.text).replace(text, "…"))
    strip = re.compile(r"SHA-256 \w+|/imports/reports/\d+/|[0-9a-f]{12,}")
    assert strip.sub("", found[0]) == strip.sub("", found[1])
