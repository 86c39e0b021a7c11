"""Who reads what with a token: every token x every unit x every address; and what gives no access."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reporting import acts
from reporting.models import Message, Token, TokenUse
from reporting.pages import inbox
from reporting.people import tokens
from tests import factories as f
from tests.prepared import prepared
from tests.some import some
from tests.views.test_access import PEOPLE, UNITS, records
from tests.views.visits import NOON, frozen, look

from .reading import API, get_answer, get_json

OF_A_UNIT = [
    "units/{code}/days/2020-08-20",
    "units/{code}/days?from=2020-08-20&to=2020-08-21",
    "units/{code}/days.csv?from=2020-08-20&to=2020-08-21",
    "units/{code}/reports",
    "units/{code}/changes/2020-08-20",
    "units/{code}/official/2020-08-20",
]
BEFORE = f.DAY - timedelta(days=1)
OF = {"city": "city_clerk", "district": "district_clerk", "commune": "officer", "agency": "focal_person"}


@prepared
def two_days(cast):
    for unit in (cast.commune, cast.neighbour, cast.stranger, cast.island, cast.agency):
        f.make_report(unit, BEFORE)
        f.make_report(unit)
    acts.seal(unit=cast.city, day=BEFORE, **f.stamp(None, f.at("2020-08-20 17:10")))
    return cast


@pytest.mark.parametrize("own", some(OF, ["district"]))
def test_token_reads_its_unit_and_what_lies_below(own, two_days):
    secret = f.make_token(getattr(two_days, own), two_days.city_clerk)
    seen, before = PEOPLE[OF[own]][0], records()
    for address in OF_A_UNIT:
        got = {
            unit: get_answer(secret, address.format(code=getattr(two_days, unit).code)).status_code for unit in UNITS
        }
        wanted = {unit: 200 if unit in seen else 404 for unit in UNITS}
        if "official" in address and own in ("city", "agency"):
            wanted["agency"] = 404  # the ministry does not count agencies
        assert got == wanted, address
    listed = {unit["code"] for unit in get_json(secret, "units/")["units"]}
    assert listed == {getattr(two_days, unit).code for unit in seen}
    assert records() == before | {"TokenUse": before["TokenUse"] + 1}  # nothing else is written


def test_unit_of_another_is_answered_like_one_that_nobody_has(two_days):
    secret = f.make_token(two_days.district, two_days.city_clerk)
    for address in OF_A_UNIT:
        real, none = (get_answer(secret, address.format(code=code)) for code in ("311", "399"))
        assert (real.status_code, real.content) == (none.status_code, none.content) == (404, none.content)


def test_units_above_are_not_named(two_days):
    answer = get_json(f.make_token(two_days.district, two_days.city_clerk), "units/")
    assert {unit["code"]: unit["parent"] for unit in answer["units"]} == {"306": None, "11416": "306", "11407": "306"}


def basic(name, password):
    return f"Basic {b64encode(f'{name}:{password}'.encode()).decode()}"


def test_token_is_the_password_of_any_name(two_days):
    secret = f.make_token(two_days.district, two_days.city_clerk)
    for name in ("excel", "", "Nguyễn Thị Hà"):
        assert get_answer(None, "units/", Authorization=basic(name, secret)).status_code == 200
    assert TokenUse.objects.get().answered == 3


def test_token_goes_on_when_whoever_gave_it_leaves(two_days):
    secret = f.make_token(two_days.city, two_days.city_clerk)
    two_days.city_clerk.is_active = False
    two_days.city_clerk.save()
    assert get_answer(secret, "units/").status_code == 200


def test_city_is_told_a_fortnight_before_a_token_ends_until_it_is_given_anew(two_days):
    f.make_token(two_days.district, two_days.city_clerk, name="Kho", expires_at=f.at("2020-09-05 00:00"))
    for moment, number in (("2020-08-21 23:59", 0), ("2020-08-22 00:00", 1), ("2020-09-05 00:00", 0)):
        found = inbox.inbox(two_days.city_clerk, at=f.at(moment)).tokens
        assert (len(found), inbox.TASKS[-1].number(inbox.Lookup(two_days.city, f.at(moment)))) == (number, number), (
            moment
        )
    assert inbox.inbox(two_days.district_clerk, at=f.at("2020-08-30 12:00")).tokens == []
    page = look(two_days.city_clerk, "inbox", moment="2020-08-30 12:00")
    assert ("1 mã kết nối sắp hết hạn" in page.text, "Kho" in page.text) == (True, True)
    said = inbox.mail_sentences(Message.Kind.SILENT, two_days.city, at=f.at("2020-08-30 12:00"))
    assert said[-1] == "1 mã kết nối của hệ thống khác sắp hết hạn."
    assert not tokens.is_given(unit=two_days.district, name="Kho", at=f.at("2020-08-30 12:00"))
    f.make_token(two_days.district, two_days.city_clerk, name="Kho", at=f.at("2020-08-30 12:00"))
    assert inbox.inbox(two_days.city_clerk, at=f.at("2020-08-30 12:01")).tokens == []


def opens_nothing(two_days):
    """Headers without access, by what is wrong with them."""
    good = f.make_token(two_days.city, two_days.city_clerk)
    over = f.make_token(two_days.city, two_days.city_clerk, expires_at=f.at(NOON))
    revoked = f.make_token(two_days.city, two_days.city_clerk)
    Token.objects.filter(begins_with=revoked[:12]).update(revoked_at=f.at(NOON), revoked_by=two_days.city_clerk)
    return {
        "none": {},
        "another scheme": {"Authorization": f"Digest {good}"},
        "no pair": {"Authorization": f"Basic {good}"},
        "as a name": {"Authorization": basic(good, "x")},
        "no scheme": {"Authorization": good},
        "empty": {"Authorization": "Bearer "},
        "shortened": {"Authorization": f"Bearer {good[:-1]}"},
        "its digest": {"Authorization": f"Bearer {Token.objects.earliest('pk').digest}"},
        "over": {"Authorization": f"Bearer {over}"},
        "revoked": {"Authorization": f"Bearer {revoked}"},
        "not a letter of ours": {"Authorization": "Bearer é"},
    }


def test_what_opens_nothing_is_a_problem_and_takes_no_lock(two_days):
    """Never a page. A flood of invented tokens delays no report, although SQLite has one lock for all writes."""
    for wrong, headers in opens_nothing(two_days).items():
        with CaptureQueriesContext(connection) as queries:
            answer = get_answer(None, "units/31/days/2020-08-20", **headers)
        said = [
            query["sql"].strip() for query in queries
        ]  # with the deadlines, once a minute and process, for the lanes
        assert [sql for sql in said if not sql.startswith("SELECT") or "FOR UPDATE" in sql] == [], wrong
        of_tokens = [sql for sql in said if "reporting_token" in sql]
        assert (answer.status_code, len(of_tokens) <= 1, len(said) <= 3) == (401, True, True), wrong
        assert answer.headers["Content-Type"] == "application/problem+json"
        schemes = 'Bearer realm="bluezone-report", Basic realm="bluezone-report"'
        assert answer.headers["WWW-Authenticate"] == schemes
        assert (answer.json()["type"], answer.json()["status"]) == ("/api/#unauthorized", 401)


@pytest.mark.parametrize("person", ["city_clerk", "leader", "admin"])
def test_session_opens_nothing_here(person, two_days):
    client, user = Client(), getattr(two_days, person)
    user.must_change_password = True  # a person who must change the password first is not redirected either
    user.save()
    with frozen(NOON):
        client.force_login(user)
    assert get_answer(None, "units/", client=client).status_code == 401
    assert (
        get_answer(f.make_token(two_days.commune, two_days.city_clerk), "units/31/reports", client=client).status_code
        == 404
    )


def test_token_opens_no_page(two_days):
    secret = f.make_token(two_days.city, two_days.city_clerk)
    with frozen(NOON):
        page = Client().get("/units/31/", headers={"Authorization": f"Bearer {secret}"})
    assert (page.status_code, page.url) == (302, "/accounts/login/?next=/units/31/")


def test_token_in_the_clear_is_refused_and_not_sent_on(two_days, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_REDIRECT_EXEMPT = True, [r"^api/v1/"]
    secret = f.make_token(two_days.city, two_days.city_clerk)
    answer = get_answer(secret, "units/")
    assert (answer.status_code, answer.json()["type"]) == (403, "/api/#in-the-clear")
    with frozen(NOON):
        secure = Client().get(f"{API}units/", secure=True, headers={"Authorization": f"Bearer {secret}"})
    assert secure.status_code == 200


def test_nothing_can_be_sent(two_days):
    secret = f.make_token(two_days.city, two_days.city_clerk)
    before = records()
    with frozen(NOON):
        for method in ("post", "put", "patch", "delete"):
            send = getattr(Client(), method)
            answer = send(f"{API}units/31/days/2020-08-20", headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == 405
    assert records() == before


def test_secret_is_kept_nowhere(two_days):
    secret = f.make_token(two_days.city, two_days.city_clerk)
    kept = Token.objects.values().get()
    assert not [name for name, value in kept.items() if secret in str(value)]
    assert (secret[:4], len(secret)) == ("bzr_", 47)


def test_uses_are_counted_by_day_and_limited_by_minute(two_days, settings):
    settings.TOKEN_REQUESTS_PER_MINUTE = 3
    secret, other = (f.make_token(two_days.city, two_days.city_clerk, name=name) for name in ("Kho", "Cổng"))
    moments = ["12:00:00", "12:00:30", "12:00:59", "12:00:59.5", "12:01:00", "12:01:10"]
    got = [get_answer(secret, "units/", moment=f"2020-08-21 {moment}") for moment in moments]
    assert [answer.status_code for answer in got] == [200, 200, 200, 429, 200, 200]
    assert (got[3].headers["Retry-After"], got[3].json()["type"]) == ("1", "/api/#too-many-requests")
    limits = [[answer.headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")] for answer in got]
    assert limits[1:5] == [["3", "1", "30"], ["3", "0", "1"], ["3", "0", "1"], ["3", "2", "60"]]
    assert get_answer(other, "units/", moment="2020-08-21 12:00:59").status_code == 200
    get_answer(secret, "units/", moment="2020-08-22 00:00:00")
    assert list(TokenUse.objects.filter(token__begins_with=secret[:12]).values_list("day", "answered", "refused")) == [
        (f.DAY + timedelta(days=1), 1, 0),
        (f.DAY, 5, 1),
    ]
    used = Token.objects.get(begins_with=secret[:12])
    assert (used.last_used_at, used.last_address) == (f.at("2020-08-22 00:00"), "127.0.0.1")


def test_without_a_limit_nothing_is_refused(two_days, settings):
    settings.TOKEN_REQUESTS_PER_MINUTE = 0
    secret = f.make_token(two_days.commune, two_days.city_clerk)
    assert {get_answer(secret, "units/").status_code for _ in range(5)} == {200}
