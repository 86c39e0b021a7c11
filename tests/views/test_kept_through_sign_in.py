"""Figures sent after the session ended go through the sign-in page into the form, and are never sent by themselves."""

import re
from html import unescape

import pytest

from reporting.models import LateRequest, Reopening, Seal, SignOff, Unit, User
from tests.factories import (
    DAY,
    PASSWORD,
    at,
    make_late_request,
    make_official,
    make_report,
    make_sign_off,
    make_unit,
    make_user,
)

from .test_sign_in_page import LOGIN, sign_in
from .visits import frozen, written

REPORT, LATE = f"/units/11416/report/{DAY}/", f"/units/11416/late/{DAY}/"
TYPED = {
    "typed_by": "11416",
    "base_version": "0",
    "opening": "3.324",
    "installs": "88",
    "households_visited": "46",
    "note": 'Mạng yếu "thôn 3"\r\n<b>',
}


@pytest.fixture
def noon():
    with frozen("2020-08-21 12:00"):
        yield


def carried(page) -> dict[str, str]:
    """The hidden fields of the first sign-in form."""
    form = re.search(rf'<form method="post" action="{LOGIN}".*?</form>', page.text, re.DOTALL)[0]
    tags = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in tags if name != "csrfmiddlewaretoken"}


def shown(page) -> dict:
    return {name: page.context["form"][name].value() for name in ("installs", "households_visited", "note")}


FIGURES = {name: TYPED[name] for name in ("installs", "households_visited", "note")}
NOTHING = {"installs": None, "households_visited": None, "note": None}


def sent_and_signed_in(client, *, path=REPORT, username="11416", **typed):
    """The figures reach the sign-in page; the person who signs in there is led on."""
    page = client.post(path, {**TYPED, **typed})
    return sign_in(client, username, **carried(page))


def test_sign_in_page_carries_the_figures_and_nothing_else(cast, client, noon):
    page = client.post(REPORT, {**TYPED, "csrfmiddlewaretoken": "x", "username": "11407", "as_cumulative": "on"})
    assert (page.status_code, page.templates[0].name, written()) == (403, "registration/login.html", (0, 0))
    assert carried(page) == {"next": REPORT, **TYPED}
    assert page.text.count("<b>") == 0


def test_wrong_password_keeps_the_figures(cast, client, noon):
    page = sign_in(client, password="wrong", **carried(client.post(REPORT, TYPED)))
    assert page.status_code == 200
    assert carried(page) == {"next": REPORT, **TYPED}


@pytest.mark.parametrize("path", [REPORT, LATE])
def test_figures_are_in_the_form_once_and_not_sent(path, cast, client, noon):
    if path == LATE:
        make_report(cast.commune, opening=3324)
        with frozen("2020-08-21 17:30"):
            sent_and_signed_in(client, path=LATE)
            pages = [client.get(LATE), client.get(LATE)]
        assert [shown(page)["installs"] for page in pages] == ["88", "10"]
        assert LateRequest.objects.count() == 0
        return
    assert sent_and_signed_in(client).url == REPORT
    pages = [client.get(REPORT), client.get(REPORT)]
    assert [shown(page) for page in pages] == [FIGURES, NOTHING]
    assert [page.text.count("data-typed-note") for page in pages] == [1, 0]
    assert written() == (0, 0)


def test_version_typed_over_goes_along_so_that_nothing_newer_is_overwritten(cast, client, noon):
    make_report(cast.commune, installs=96, opening=3324)
    sent_and_signed_in(client)
    page = client.get(REPORT)
    assert page.context["form"]["base_version"].value() == "0"
    assert client.post(REPORT, {**TYPED, "opening": ""}).status_code == 409


def test_figures_whose_hour_has_passed_are_in_the_late_form(cast, client):
    with frozen("2020-08-21 16:59"):
        page = client.post(REPORT, TYPED)
    with frozen("2020-08-21 17:01"):
        assert sign_in(client, **carried(page)).url == REPORT
        page = client.get(REPORT)
        assert (shown(page), page.context["form"].asks_reason) == (FIGURES, True)


def test_figures_are_shown_to_nobody_else(cast, client, noon):
    make_user("11416-2", Unit.objects.get(pk=cast.commune.pk))
    assert sent_and_signed_in(client, username="11416-2").url == REPORT
    assert shown(client.get(REPORT)) == NOTHING
    assert "unsent" not in client.session


@pytest.mark.parametrize("typed_by", ["", "11407", "11416 "])
def test_figures_of_nobody_in_particular_are_dropped(typed_by, cast, client, noon):
    sent_and_signed_in(client, typed_by=typed_by)
    assert shown(client.get(REPORT)) == NOTHING


@pytest.mark.parametrize(
    "path", [f"/units/11416/report/{DAY.replace(day=20)}/", "/units/11416/", "/inbox/", "/nothing/", "//evil.example/"]
)
def test_figures_are_in_no_other_form(path, cast, client, noon):
    sign_in(client, **{**carried(client.post(REPORT, TYPED)), "next": path})
    assert shown(client.get(REPORT)) == NOTHING


def test_figures_of_another_unit_are_not_taken_into_it(cast, client, noon):
    path = f"/units/11407/report/{DAY}/"
    assert sent_and_signed_in(client, path=path).url == path
    assert client.get(path).status_code == 404
    assert shown(client.get(REPORT)) == NOTHING


def test_endless_text_is_cut(cast, client, noon):
    assert len(carried(client.post(REPORT, {**TYPED, "note": "x" * 100_000}))["note"]) == 50_000


GRID = f"/units/306/entry/{DAY}/"
ROWS = {
    "typed_by": "306",
    "reason": "Mất điện",
    "11416-base_version": "0",
    "11416-installs": "55",
    "11416-households_visited": "",
    "11407-base_version": "1",
    "11407-installs": "1.234",
    "11407-paper_ref": "CV 12",
}


def of_grid(page) -> dict[str, str]:
    tags = re.findall(r'<input type="hidden" name="([\w.-]+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in tags if name != "csrfmiddlewaretoken"}


def test_grid_survives_the_sign_in_and_saves_nothing_by_itself(cast, client):
    make_report(cast.commune, DAY.replace(day=20), installs=60, opening=3324)
    make_report(cast.neighbour, installs=1234, opening=0)
    reported = make_unit("11900", parent=cast.district, name="Tràng Cát")
    make_report(reported, installs=0, opening=0)  # not among the sent fields
    before = written()
    with frozen("2020-08-21 17:10"):
        page = client.post(GRID, {**ROWS, "11416-confirm": "on", "x y-installs": "1"})
        assert (page.status_code, of_grid(page)) == (403, {"next": GRID, **ROWS})
        assert sign_in(client, "306", **of_grid(page)).url == GRID
        pages = [client.get(GRID), client.get(GRID)]
        rows = [{row.unit.code: row for row in page.context["grid"].rows} for page in pages]
        assert [found["11416"]["installs"].value() for found in rows] == ["55", None]
        assert [found["11407"]["paper_ref"].value() for found in rows] == ["CV 12", None]
        assert [found["11416"].is_marked for found in rows] == [True, False]
        assert rows[0]["11900"].is_marked is False
        assert rows[0]["11407"].is_marked is False  # exactly as typed
        assert [page.text.count("Mất điện") for page in pages] == [1, 0]
        assert [page.text.count("Đã nhập trước khi đăng nhập lại") for page in pages] == [1, 0]
        assert written() == before
        typed = {name: value for name, value in ROWS.items() if not name.startswith("11407")}
        assert client.post(GRID, typed).status_code == 302
        assert written() == tuple(number + 1 for number in before)


def test_sign_in_in_a_demonstration_carries_them_for_each_role(cast, client, noon, settings):
    settings.DEMO = True
    page = client.post(REPORT, TYPED)
    assert page.text.count('name="installs" value="88"') == 5
    assert client.post(LOGIN, {**carried(page), "username": "11416", "password": PASSWORD}).url == REPORT


def stored_state():
    """Everything that an act of the review, or a seal, would change."""
    waiting = LateRequest.objects.waiting().count()
    return written(), waiting, Reopening.objects.count(), SignOff.objects.in_force().count(), Seal.objects.count()


@pytest.mark.parametrize(
    ("act", "of", "field"),
    [
        ("sign-off", {}, "reason"),
        ("withdraw", {"shown": "1"}, "reason"),
        ("decide", {"decision": "declined"}, "remark"),
        ("reopen", {"unit": "11416", "until_day": "22/08/2020", "hour": "9h30"}, "reason"),
        ("void", {"unit": "11416"}, "reason"),
        ("adjust", {"unit": "11416", "adjustment": "-12"}, "reason"),
    ],
)
def test_reason_typed_in_an_ended_session_comes_back_in_its_form(act, of, field, cast, client):
    make_report(cast.commune, installs=88, opening=100)
    asked = make_late_request(cast.neighbour, cast.neighbour_officer)
    if act == "withdraw":
        make_sign_off(cast.district, cast.district_clerk)
    day, before = f"/units/306/review/{DAY}/", stored_state()
    typed = {"typed_by": "306", "request": asked.pk, "base_version": "1", field: "Trùng máy", **of}
    with frozen("2020-08-21 17:30"):
        assert sign_in(client, "306", **carried(client.post(f"{day}{act}/", typed))).url == day
        shown, again = client.get(day), client.get(day)
    form = shown.context["bound"]
    assert (form.name, form[field].value(), form.is_bound) == (act.replace("-", "_"), "Trùng máy", False)
    assert [page.text.count("Trùng máy") for page in (shown, again)] == [1, 0]
    beside = {name: value for name, value in of.items() if name in ("until_day", "hour", "adjustment")}
    assert {name: form[name].value() for name in beside} == beside
    assert stored_state() == before


ORDER = {"typed_by": "31", "shown": "x", "extension-day": "21/08/2020", "extension-reason": "Vì sao nhiều hơn?"}


@pytest.mark.parametrize(
    ("address", "act", "typed"),
    [
        (f"/units/31/seal/{DAY}/", "", {"typed_by": "31", "shown": "x", "reason": "Vì sao nhiều hơn?"}),
        (
            f"/units/31/official/{DAY}/",
            "record/",
            {"typed_by": "31", "value": "12.345", "source": "Vì sao nhiều hơn?"},
        ),
        ("/campaign/", "extension/", ORDER),
        (f"/units/11416/reports/{DAY}/", "void/", {"typed_by": "11416", "reason": "Vì sao nhiều hơn?"}),
        ("/campaign/reorganise/", "", {"typed_by": "31", "table": "Vì sao nhiều hơn?"}),
        ("/campaign/reorganise/", "", {"typed_by": "31", "unit": "1", "new_name": "Vì sao nhiều hơn?"}),
        ("/people/covers/", "", {"typed_by": "306", "reason": "Vì sao nhiều hơn?"}),
        ("/people/add/", "", {"typed_by": "306", "new_username": "Vì sao nhiều hơn?", "password_again": "x"}),
        ("/people/tokens/", "", {"typed_by": "31", "name": "Vì sao nhiều hơn?"}),
        ("/people/{officer}/", "", {"typed_by": "306", "last_name": "Vì sao nhiều hơn?"}),
        ("/account/mail/", "", {"typed_by": "11416", "address": "Vì sao nhiều hơn?"}),
    ],
)
def test_words_typed_over_an_ended_session_are_in_their_form_again(address, act, typed, cast, client, monkeypatch):
    monkeypatch.setattr("reporting.people.second_factor.owes_code", lambda user: False)
    address = address.format(officer=cast.officer.pk)
    User.objects.update(second_factor_at=at("2020-08-01 08:00"))  # without one nobody can give a token
    make_report(cast.commune, installs=88, opening=100)
    make_official(cast.district, 1)
    before = stored_state()
    with frozen("2020-08-21 16:40" if act == "void/" else "2020-08-21 17:40"):
        page = client.post(f"{address}{act}", typed)
        assert "password_again" not in of_grid(page)
        assert sign_in(client, typed["typed_by"], **of_grid(page)).url == address
        assert [client.get(address).text.count("Vì sao nhiều hơn?") for _look in range(2)] == [1, 0]
    assert stored_state() == before


def test_lines_pasted_over_an_ended_session_are_in_the_box_again(cast, client, noon):
    page = client.post(GRID, {"typed_by": "306", "paste": "Đằng Hải\t55\nCát Bi\t7", "action": "paste"})
    assert sign_in(client, "306", **of_grid(page)).url == GRID
    boxes = [client.get(GRID).context["grid"].head["paste"].value() for _look in range(2)]
    assert boxes == ["Đằng Hải\t55\nCát Bi\t7", None]
    assert written() == (0, 0)


@pytest.mark.parametrize("act", ["sign-off", "pass-up"])
def test_act_in_which_nothing_was_typed_leads_to_the_sign_in_alone(act, cast, client, noon):
    page = client.post(f"/units/306/review/{DAY}/{act}/", {"typed_by": "306", "version-11416": "1"})
    assert (page.status_code, page.url) == (302, "/accounts/login/?next=/")
