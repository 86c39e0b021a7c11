"""Signing in with the office's own account: who gets in, when it asks again, and what it does not believe."""

import re
import time
from hashlib import sha256
from html import unescape

import mozilla_django_oidc.auth as library
import pytest
from django.test import Client
from django.utils.translation import gettext
from mozilla_django_oidc.utils import base64_url_encode

from reporting import clock
from reporting.models import AccessRecord, User
from reporting.people import accounts, provider as office
from tests import office_provider
from tests.factories import DAY, PASSWORD, make_user

AWAY = "The office’s sign-in does not answer. Try again, or ask your superior for a one-time password."
FAILED = "The office’s sign-in did not confirm who you are. Try again."
UNKNOWN = "No account here uses this office account. Ask the city to add it to yours."
LOGIN, LOGOUT, START = "/accounts/login/", "/accounts/logout/", "/accounts/office/"


@pytest.fixture(scope="module")
def running():
    with office_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(running, settings, cast):
    """It knows the city's clerk, and the officer of the ward."""
    office_provider.switch_on(settings, running.url)
    for person in (cast.city_clerk, cast.officer):
        User.objects.filter(pk=person.pk).update(office_identifier=f"of-{person.username}", email="a@example.vn")
        running.knows(f"of-{person.username}")
    return running


def provider_address(client, **typed):
    """The provider's address to which the browser is led."""
    return unescape(re.search(r'<a href="([^"]+)"', client.post(START, typed).text)[1])


def sign_in(client, provider, sub="of-31", **typed):
    return client.get(provider.back(provider_address(client, **typed), sub))


def records():
    return list(AccessRecord.objects.order_by("pk").values_list("kind", "by_name", "about__username", "detail"))


def is_signed_in(client):
    return client.get("/people/").status_code == 200


def test_person_comes_in_by_the_identifier_and_goes_out_there_too(provider, client):
    assert sign_in(client, provider, next="/people/").headers["Location"] == "/people/"
    assert is_signed_in(client)
    way_out = client.post(LOGOUT).headers["Refresh"]
    assert way_out.startswith(f"0; url={provider.url}/oauth2/end_session?id_token_hint=ey")
    by = gettext("with the office’s account")
    assert records() == [("signed_in", "31", None, by), ("signed_out", "31", None, "")]


@pytest.mark.parametrize(("is_on", "answers"), [(True, [403, 200]), (False, [404, 404])])
def test_without_a_provider_there_is_none_of_it(is_on, answers, provider, settings, client):
    settings.OIDC_ISSUER = provider.url if is_on else ""
    assert (gettext("Sign in with the office’s account") in client.get(LOGIN).text) == is_on
    assert [client.get(f"{START}back/").status_code, client.post(START).status_code] == answers


@pytest.mark.parametrize(("sub", "about"), [("stranger", None), ("OF-31", None), ("of-11416", "11416")])
def test_account_opens_by_its_identifier_alone(sub, about, cast, provider, client):
    """Not by a mail address, nor by a similar identifier, nor once it is closed; no account is created."""
    User.objects.filter(pk=cast.officer.pk).update(is_active=False)
    provider.knows(sub, email="a@example.vn", email_verified=True)
    assert (sign_in(client, provider, sub).status_code, User.objects.count()) == (403, 10)
    assert records() == [("refused", sub, about, gettext(UNKNOWN))]


LIES = [{"iss": "https://else.vn"}, {"aud": "else"}, {"aud": ["else", "bluezone"]}, {"nonce": "old"}, {"since": 4000}]
LIES += [{"exp": 1}, {"iat": int(time.time()) + 86_400}, {"auth_time": None}]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: next(iter(lie)))
def test_token_of_another_provider_site_or_time_is_not_believed(lie, provider, client):
    provider.knows("of-31", **lie)
    assert sign_in(client, provider).status_code == 403
    assert records() == [("refused", "?", None, gettext(FAILED))]


@pytest.mark.parametrize("lie", [{"amr": 5}, {"number": None}, {"number": True}, {"number": ["None"]}])
def test_claim_that_is_none_lets_nobody_in(lie, cast, provider, settings, client):
    settings.OIDC_CLAIM = next(iter(lie)) if "number" in lie else "sub"
    User.objects.filter(pk=cast.officer.pk).update(office_identifier=str(lie.get("number")))
    provider.knows("of-31", **lie)
    assert sign_in(client, provider).status_code == 403
    assert records() == [("refused", "?", None, gettext(FAILED))]


@pytest.mark.parametrize("lie", [{"issuer": "https://else.vn"}, {"token_endpoint": "http://else.vn/token"}])
def test_provider_of_another_name_or_reached_in_the_clear_is_not_believed(lie, provider, client, monkeypatch):
    told = office.metadata(provider.url) | lie
    monkeypatch.setattr(office.requests.Response, "json", lambda answer: told)
    assert client.post(START).status_code == 403


@pytest.mark.parametrize(("sub", "status"), [({"sub": "of-31"}, 302), ({"sub": "else"}, 403), ({}, 403)])
def test_userinfo_of_somebody_else_or_of_nobody_is_not_believed(sub, status, provider, settings, client, monkeypatch):
    settings.OIDC_CLAIM, about = "number", {"number": "of-31", **sub}
    monkeypatch.setattr(office.Backend, "get_userinfo", lambda *_: about)
    assert sign_in(client, provider).status_code == status


def test_answer_serves_once_in_the_browser_that_set_out_which_proves_that(provider, client, monkeypatch):
    sent, ask = [], library.requests.post
    denied = re.sub(r"code=[^&]+", "error=access_denied", provider.back(provider_address(client), "of-31"))
    address = provider_address(client)
    back = provider.back(address, "of-31")
    monkeypatch.setattr(library.requests, "post", lambda *to, **what: sent.append(what["data"]) or ask(*to, **what))
    tries = [(client, denied), (Client(), back), (client, back)]
    assert [browser.get(url).status_code for browser, url in tries] == [403, 403, 302]
    client.post(LOGOUT)
    assert client.get(back).status_code == 403
    challenge = base64_url_encode(sha256(sent[0]["code_verifier"].encode()).digest())
    assert {f"code_challenge={challenge}", "code_challenge_method=S256", "max_age=3600"} <= set(address.split("&"))


@pytest.mark.parametrize(("url", "words"), [("http://provider.example.vn", FAILED), ("https://localhost:9", AWAY)])
def test_provider_in_the_clear_or_away_is_said_with_what_was_typed(url, words, provider, settings, client):
    settings.OIDC_ISSUER = url
    page = client.post(START, {"typed_by": "31", "installs": "88"})
    assert (page.status_code, 'name="installs" value="88"' in page.text) == (503 if words == AWAY else 403, True)
    assert records() == [("refused", "?", None, gettext(words))]


def test_password_ends_with_the_first_way_in_and_a_code_with_the_next(cast, provider, client):
    sign_in(client, provider)
    by_hand, with_code = {"username": "31", "password": PASSWORD}, Client()
    assert Client().post(LOGIN, by_hand).status_code == 200
    clerk = User.objects.get(username="31")
    slip = accounts.give_new_password(clerk, by=make_user("31-2", cast.city), at=clock.now())
    assert with_code.post(LOGIN, by_hand | {"password": slip.password}).status_code == 302
    sign_in(client, provider)
    assert [is_signed_in(client), is_signed_in(with_code)] == [True, False]


def test_figures_sent_without_a_session_come_along_by_whatever_claim(provider, settings, client):
    settings.OIDC_CLAIM, page = "employee_number", f"/units/11416/report/{DAY}/"
    provider.knows("whoever", employee_number="of-11416")
    assert sign_in(client, provider, "whoever", next=page, typed_by="11416", installs="88").headers["Location"] == page
    assert client.session["unsent"]["fields"] == {"installs": "88"}


def test_stranger_keeps_no_more_in_a_session_than_a_form_sends(provider, client):
    provider_address(client, **{f"f{n}": "x" * 5000 for n in range(21)})
    assert client.session["sign_in_started"]["unsent"] == {}


def test_password_is_given_again_there_by_the_same_person_before_an_act(cast, provider, client):
    provider.knows("of-31", since=20 * 60)
    sign_in(client, provider)
    leave = f"/people/{cast.officer.pk}/leave/"
    page = client.post(leave, {"x": "kept", "password_again": PASSWORD})
    assert (page.status_code, page.templates[0].name) == (403, "reporting/confirm.html")
    assert {"prompt=login", "max_age=0"} <= set(provider_address(client).split("&"))
    for sub in ("of-31", "of-11416"):  # somebody who was not asked for the password, and somebody else
        page = sign_in(client, provider, sub)
        assert (page.status_code, 'value="kept"' in page.text, gettext(FAILED) in page.text) == (403, False, True)
    provider.knows("of-31")
    page = sign_in(client, provider)
    assert f'action="{leave}"' in page.text
    assert '<input type="hidden" name="x" value="kept">' in page.text
    client.post(leave)
    kinds = dict.fromkeys(kind for kind, *_rest in records())  # a new minute has a new record of refusals
    assert [*kinds] == ["signed_in", "refused", "person_changed"]


FACTORS = [({"amr": ["pwd"]}, 0), ({"amr": None}, 0), ({"acr": ["mfa"]}, 0), ({"amr": ["mfa"]}, 1), ({"acr": "mfa"}, 1)]


@pytest.mark.parametrize(("said", "is_open"), FACTORS)
def test_second_factor_is_ours_unless_the_provider_has_asked(said, is_open, provider, settings, client):
    settings.SECOND_FACTOR_REQUIRED, settings.OIDC_SECOND_FACTOR = True, ["mfa"]
    provider.knows("of-31", **said)
    address = provider_address(client)
    assert "acr_values=mfa" in address.split("&")
    client.get(provider.back(address, "of-31"))
    assert is_signed_in(client) == is_open
    assert [kind for kind, *_rest in records()] == ["signed_in"]


def test_city_alone_says_whose_office_account_it_is(cast, provider, client):
    sent = {"unit": cast.commune.pk, "last_name": "Nguyễn", "first_name": "Hà", "office_identifier": "of-31"}
    address, district, officer = f"/people/{cast.officer.pk}/", Client(), Client()
    district.force_login(cast.district_clerk)
    sign_in(officer, provider, "of-11416")
    sign_in(client, provider)
    assert "office_identifier" not in district.get(address).context["form"].fields
    assert client.post(address, sent).status_code == 422  # another's
    assert officer.get("/units/11416/").status_code == 200
    assert client.post(address, sent | {"office_identifier": " officer-1 "}).status_code == 302
    assert User.objects.get(pk=cast.officer.pk).office_identifier == "officer-1"
    assert officer.get("/units/11416/").status_code == 302  # what was begun with another account ends
