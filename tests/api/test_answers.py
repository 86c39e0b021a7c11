"""What an answer says about moments, seals and refusals, and how to ask whether anything is new."""

import csv
import io

import pytest
from django.conf import settings
from django.db import DatabaseError, DataError, OperationalError
from django.test import Client

from reporting import acts
from tests import factories as f
from tests.prepared import prepared
from tests.views.visits import frozen

from .reading import API, get_answer, get_json

EVENING = "2020-08-21 19:00"


@prepared
def sealed(cast):
    """The commune is corrected after the seal; the neighbour has not reported, and its name changes."""
    f.make_report(cast.commune, installs=88, opening=1000)
    seal = acts.seal(unit=cast.city, day=f.DAY, **f.stamp(None, f.at("2020-08-21 17:10")))
    changed = {"adjustment": -8, "reason": "Trùng máy", "base_version": 1}
    acts.adjust(unit=cast.commune, day=f.DAY, **changed, **f.stamp(cast.district_clerk, f.at("2020-08-21 18:00")))
    f.make_official(cast.commune, 1200)
    cast.digest, cast.secret = seal.digest, f.make_token(cast.city, cast.city_clerk)
    return cast


def own(sealed, query, code="11416"):
    return get_json(sealed.secret, f"units/{code}/days/2020-08-21{query}", moment=EVENING)["own"]["cumulative"]


def test_day_is_told_as_of_now_of_the_seal_and_of_an_instant(sealed):
    assert [own(sealed, query) for query in ("", "?as_of=seal")] == [1080, 1088]
    instants = ["2020-08-21T17:59:59%2B07:00", "2020-08-21T18:00:00%2B07:00", "2020-08-21T10:59:59Z"]
    assert [own(sealed, f"?as_of={instant}") for instant in instants] == [1088, 1080, 1088]
    assert own(sealed, "?as_of=2020-08-21T18:00:00+07:00") == 1080  # read as a space, meant as a plus

    answer = get_json(sealed.secret, "units/31/days/2020-08-21?as_of=seal", moment=EVENING)
    assert answer["seal"] == {"at": "2020-08-21T17:10:00+07:00", "digest": sealed.digest}
    assert (answer["as_of"], answer["closes_at"]) == (answer["seal"]["at"], "2020-08-21T17:00:00+07:00")


def test_answer_by_default_says_when_its_figures_were_known(sealed):
    """It said `null`; the header alone named the moment."""
    evening = "2020-08-21T19:00:00+07:00"
    about_day, range_ = (
        get_json(sealed.secret, f"units/31/{path}", moment=EVENING) for path in ("days/2020-08-21", "days")
    )
    assert {about_day["as_of"], range_["as_of"], *(one["as_of"] for one in range_["days"])} == {evening}
    assert get_json(sealed.secret, f"units/31/days/2020-08-21?as_of={evening}", moment="2020-08-22 09:00") == about_day


def days(sealed, query, code="306", **options):
    return get_json(sealed.secret, f"units/{code}/days{query}", moment=EVENING, **options)


def test_sealed_range_has_each_days_own_seal_or_none(sealed):
    """The last day is sealed, corrected and sealed again; the day before was never sealed."""
    answer = days(sealed, "?last=2&as_of=seal")
    assert [(one["as_of"], one["seal"]) for one in answer["days"]] == [
        (None, None),
        ("2020-08-21T17:10:00+07:00", {"at": "2020-08-21T17:10:00+07:00", "digest": sealed.digest}),
    ]
    unsealed, newest = answer["days"]
    assert (unsealed["total"]["cumulative"], newest["total"]["cumulative"]) == (None, 1088)
    assert [[line["status"], line["cumulative"], line["share"]] for line in unsealed["lines"]] == [[None] * 3] * 2
    stamp = f.stamp(sealed.city_clerk, f.at("2020-08-21 18:30"))
    acts.seal(unit=sealed.city, day=f.DAY, reason="Đính chính", **stamp)
    [again] = days(sealed, "?last=1&as_of=seal")["days"]
    assert (again["as_of"], again["total"]["cumulative"]) == ("2020-08-21T18:30:00+07:00", 1080)
    [never] = days(sealed, "?from=2020-08-20&to=2020-08-20&as_of=seal")["days"]  # not a 404
    assert (never["seal"], never["total"]["cumulative"]) == (None, None)


def test_days_are_cut_to_those_of_the_campaign_that_have_begun(sealed):
    for query, first, last in (
        ("", "2020-08-06", "2020-08-21"),
        ("?last=3", "2020-08-19", "2020-08-21"),
        ("?last=3&to=2020-08-10", "2020-08-08", "2020-08-10"),
        ("?from=1999-01-01&to=2999-12-31", "2020-08-06", "2020-08-21"),
        ("?last=3660&to=0001-01-01", "2020-08-06", "2020-08-05"),
        ("?as_of=2020-08-15T12:00:00Z", "2020-08-06", "2020-08-15"),
    ):
        answer = days(sealed, query)
        assert (answer["first_day"], answer["last_day"]) == (first, last), query
        assert [one["day"] for one in answer["days"]][:1] == ([first] if first <= last else [])
        assert (answer["next"] is None) == (last < "2020-08-13" or "last=3" in query)


def test_names_stand_beside_codes_and_what_is_carried_forward_is_marked(sealed):
    [line] = [line for line in days(sealed, "?last=1", "31")["days"][0]["lines"] if line["unit"] == "11416"]
    told = [line[name] for name in ("unit_name", "superior", "superior_name", "level", "is_carried_forward")]
    assert told == ["Phường Đằng Hải", "306", "Quận Hải An", "commune", False]
    file = get_answer(sealed.secret, "units/31/days.csv?last=1", moment="2020-08-22 09:00")
    lines = {one["unit"]: one for one in csv.DictReader(io.StringIO(b"".join(file.streaming_content).decode()))}
    told = [lines["11416"][name] for name in ("is_carried_forward", "carried_from", "as_of")]
    assert told == ["true", "2020-08-21", "2020-08-22T09:00:00+07:00"]
    assert 'filename="bluezone-31-2020-08-22-2020-08-22.csv"' in file["Content-Disposition"]


def test_head_of_an_answer_says_of_when_where_and_by_which_release(sealed):
    for address, instant in (
        ("units/31/days/2020-08-21", "2020-08-21T19:00:00+07:00"),
        ("units/31/days/2020-08-21?as_of=seal", "2020-08-21T17:10:00+07:00"),
        ("units/31/days.csv?as_of=2020-08-21T10:00:00Z", "2020-08-21T17:00:00+07:00"),
        ("units/31/days?as_of=seal", "seal"),
        ("nothing", "2020-08-21T19:00:00+07:00"),
    ):
        head = get_answer(sealed.secret, address, moment=EVENING).headers
        named = [head[f"Bluezone-{name}"] for name in ("As-Of", "Zone", "Release")]
        assert named == [instant, "Asia/Ho_Chi_Minh", settings.RELEASE], address


def test_words_are_vietnamese_unless_english_is_asked_for(sealed):
    def detail(query="", **headers):
        answer = get_answer(sealed.secret, f"units/31/days?asof=1{query}", moment=EVENING, **headers)
        return answer.headers["Content-Language"], answer.json()["errors"][0]["detail"]

    vietnamese = ("vi", "Không có tham số này. Có phải là as_of?")
    english = ("en", "There is no such parameter. Did you mean as_of?")
    assert [detail(), detail(**{"Accept-Language": "fr"})] == [vietnamese] * 2
    assert [detail("&lang=en"), detail(**{"Accept-Language": "en-GB,vi;q=0.5"})] == [english] * 2
    assert detail("&lang=vi", **{"Accept-Language": "en"}) == vietnamese


def test_root_lists_what_there_is_without_a_token(sealed):
    answer = get_json(None, "?lang=en", moment=EVENING)
    document = get_json(None, "openapi.json?lang=en", moment=EVENING)
    assert [one["path"] for one in answer["operations"]] == list(document["paths"])
    assert {"path": "/api/v1/units/{code}/days.csv", "summary": "The same days as one CSV file"} in answer["operations"]


def test_later_hour_changes_what_is_late_without_a_step(cast):
    """The statuses of now are in tests/test_one_answer.py. Here: as known at an instant, and what the feed says."""
    secret, late = f.make_token(cast.city, cast.city_clerk), f.at("2020-08-21 17:40")
    waiting = f.make_late_request(cast.commune, cast.officer, opening=0, received_at=late)
    acts.decide(late_request=waiting, is_accepted=True, **f.stamp(cast.district_clerk, late))

    def told(moment, query=""):
        answer = get_json(secret, f"units/306/days/2020-08-21{query}", moment=moment)
        feed = get_json(secret, "units/306/reports", moment=moment)["reports"]
        is_late = [report["is_late"] for report in feed if report["kind"] == "daily"]
        return [row["status"] for row in answer["children"]], is_late

    assert told("2020-08-21 17:50") == (["missing", "late"], [True])
    f.make_extension(cast.district, recorded_at=f.at("2020-08-21 17:55"))
    assert told("2020-08-21 17:56") == (["not_due_yet", "on_time"], [False])
    assert told("2020-08-21 17:56", "?as_of=2020-08-21T17:50:00%2B07:00")[0] == ["missing", "late"]


def test_changes_since_the_seal_are_named_with_their_cause(sealed):
    answer = get_json(sealed.secret, "units/306/changes/2020-08-21", moment=EVENING)
    step = {
        "unit": "11416",
        "day": "2020-08-21",
        "kind": "adjustment",
        "counted_at": "2020-08-21T18:00:00+07:00",
        "delta": -8,
        "reason": "Trùng máy",
    }
    line = {"sealed": 1088, "now": 1080, "difference": -8, "is_explained": True, "steps": [step]}
    assert (answer["own"], answer["below"]) == ({"code": "306", **line}, [{"code": "11416", **line}])
    assert answer["causes"] == [{"kind": "adjustment", "count": 1, "delta": -8}]


def test_ministrys_figures_stand_beside_ours(sealed):
    answer = get_json(sealed.secret, "units/11416/official/2020-08-21", moment=EVENING)
    told = [answer["own"][name] for name in ("claimed", "official", "difference", "is_marked", "day")]
    assert (answer["metric"], told) == ("downloads", [1080, 1200, -120, False, "2020-08-21"])


def test_campaign_is_told_with_what_was_taken_back(sealed):
    extension = f.make_extension(sealed.district)
    f.withdraw(extension, f.at("2020-08-21 12:00"), by=sealed.city_clerk)
    f.make_exempt_day(sealed.other_district, f.DAY)
    f.make_unit_hour(sealed.district, "16:00")
    answer = get_json(f.make_token(sealed.commune, sealed.city_clerk), "campaign/", moment=EVENING)
    assert answer["directives"][0]["report_deadline"] == "17:00"
    [told] = answer["extensions"]
    assert (told["unit"], told["until"]) == ("306", "2020-08-21T18:00:00+07:00")
    assert told["withdrawn_at"] == "2020-08-21T12:00:00+07:00"
    assert answer["exempt_days"] == []  # of a stranger
    [told] = answer["unit_hours"]
    assert (told["unit"], told["effective_from"], told["report_deadline"]) == ("306", "2020-08-21", "16:00")


REFUSED = {
    "units/31/days/2020-08-22": (422, "invalid", "day"),
    "units/31/days/2020-08-01": (422, "invalid", "day"),
    "units/31/days/21-08-2020": (422, "invalid", "day"),
    "units/31/days/2020-08-21?as_of=2020-08-21T18:00:00": (422, "invalid", "as_of"),  # without a time zone
    "units/31/days/2020-08-21?as_of=2020-08-21T23:00:00Z": (422, "invalid", "as_of"),
    "units/31/days/2020-08-21?as_of=0001-01-01T00:00:00%2B23:59": (422, "invalid", "as_of"),
    "units/31/days/2020-08-20?as_of=seal": (404, "not-sealed", None),
    "units/31/changes/2020-08-20": (404, "not-sealed", None),
    "units/31/days/2020-08-21?as_of=2020-08-21T17:00Z%00": (422, "invalid", "as_of"),
    "units/31/days/1597968000": (422, "invalid", "day"),  # a day has only one format
    "units/31/days/2020-08-21T00:00:00": (422, "invalid", "day"),
    "units/31/days?from=2020-08-20&to=1597968000": (422, "invalid", "to"),
    "units/31/days?from=2020-08-20&to=2020-08-21&cursor=0": (422, "invalid", "cursor"),
    "units/31/days?from=2020-08-20&to=2020-08-21&limit=1_0": (422, "invalid", "limit"),
    "units/31/reports?cursor=1_0": (422, "invalid", "cursor"),
    "units/31/reports?cursor=%2B1": (422, "invalid", "cursor"),
    "units/31/days?from=2020-08-21&last=3": (422, "invalid", "last"),
    "units/31/days?last=0": (422, "invalid", "last"),
    "units/31/days?lang=fr": (422, "invalid", "lang"),
    "units/31/days?last=3&last=3": (422, "invalid", "last"),
    "units/31/days?period=week&as_of=seal": (422, "invalid", "period"),  # each day has its own seal
    "units/31/days.csv?level=village": (422, "invalid", "level"),
    "units/31/days/2020-08-21?asof=seal": (422, "invalid", "asof"),
    "units/?state=missing": (422, "invalid", "state"),
    "openapi.json?level=district": (422, "invalid", "level"),
    "units/31/days?from=2020-08-21&to=2020-08-20": (422, "invalid", "to"),
    "units/31/days?from=2020-08-20&to=2020-08-21&limit=0": (422, "invalid", "limit"),
    "units/31/days?from=2020-08-20&to=2020-08-21&cursor=x": (422, "invalid", "cursor"),
    "units/31/days?cursor=9999-12-31": (200, None, None),  # the last possible day
    "units/31/days?from=9999-12-31": (200, None, None),
    "units/31/reports?cursor=-1": (422, "invalid", "cursor"),
    "units/31/reports?cursor=99999999999999999999": (422, "invalid", "cursor"),
    "units/31/official/2020-08-21?metric=nonsense": (422, "invalid", "metric"),
    "units/SYT/official/2020-08-21": (404, "not-found", None),
    "units/": (200, None, None),
    "units": (200, None, None),  # no redirect
    "campaign": (200, None, None),
    "": (200, None, None),
    "nothing/here": (404, "not-found", None),
}


def test_refusals_are_problems_that_name_the_parameter(sealed):
    for address, (status, name, parameter) in REFUSED.items():
        answer = get_answer(sealed.secret, address, moment=EVENING)
        assert answer.status_code == status, address
        if name:
            is_problem(answer, status, name, parameter)


def is_problem(answer, status, name, parameter=None):
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["type"], problem["status"]) == (f"/api/#{name}", status)
    assert [fault["name"] for fault in problem["errors"]] == ([parameter] if parameter else [])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"  # other sites may not read it
    assert int(answer.headers.get("Content-Length", len(answer.content))) == len(answer.content)


def test_other_versions_and_addresses_are_a_problem_and_people_have_their_page(sealed):
    with frozen(EVENING):
        for address in ("/api/v1", "/api/v2/units/", "/api/x", "/api/v1/units/31"):
            is_problem(Client().get(address), 404, "not-found")
        assert Client().get("/api").status_code == 301  # leads to the page for people


def test_same_answer_again_is_304_and_another_one_goes_out(sealed):
    for address in ("units/", "campaign/", "units/31/days/2020-08-21?as_of=seal", "units/31/reports"):
        first = get_answer(sealed.secret, address, moment="2020-08-21 19:10")
        tag = first.headers["ETag"]
        assert (first.status_code, first.headers["Cache-Control"]) == (200, "private, no-cache")
        again = get_answer(sealed.secret, address, moment="2020-08-21 19:30", **{"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag), address
        assert again.headers["Cache-Control"] == "private, no-cache"
        revoked = get_answer(sealed.secret[:-1], address, moment="2020-08-21 19:30", **{"If-None-Match": tag})
        assert revoked.status_code == 401
    tag = get_answer(sealed.secret, "units/31/reports", moment="2020-08-21 19:10").headers["ETag"]
    f.make_report(sealed.stranger)
    changed = get_answer(sealed.secret, "units/31/reports", moment="2020-08-21 19:30", **{"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] == tag) == (200, False)


def test_head_is_a_get_without_a_body(sealed):
    with frozen(EVENING):
        head = Client().head(f"{API}units/", headers={"Authorization": f"Bearer {sealed.secret}"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get_answer(sealed.secret, "units/", moment=EVENING).headers["ETag"]


@pytest.mark.parametrize(
    ("error", "wanted"),
    [(each, (503, "/api/#unavailable")) for each in (OperationalError, DatabaseError)]
    + [(each, (500, "/api/#failed")) for each in (ValueError, DataError)],
)
def test_failure_is_a_problem_too(error, wanted, sealed, monkeypatch, caplog):
    def fails(*args, **kwargs):
        raise error("away")

    monkeypatch.setattr("reporting.api.parameters.figures", fails)
    answer = get_answer(sealed.secret, "units/31/days/2020-08-21", moment=EVENING)
    assert (answer.status_code, answer.json()["type"]) == wanted
    assert "away" in caplog.text
    assert "away" not in answer.text
