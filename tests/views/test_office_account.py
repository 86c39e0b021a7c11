"""Signing in with the office's own account: whose it opens, what is asked again, and what is not believed."""

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
from reporting.people import accounts
from reporting.people import provider as ours
from tests import office_provider
from tests.factories import DAY, PASSWORD, make_user

START, LEAVE = "/accounts/office/", "/people/{}/leave/"


@pytest.fixture(scope="module")
def running():
    with office_provider.running() as provider:
        yield provider


@pytest.fixture
def provider(running, settings):
    office_provider.switch_on(settings, running.url)
    return running


@pytest.fixture
def clerk(cast, provider):
    User.objects.filter(pk=cast.city_clerk.pk).update(office_identifier="clerk-31", email="clerk@example.vn")
    provider.knows("clerk-31")
    return cast.city_clerk


def asked(client, **typed):
    """The address at the provider that the browser is led to."""
    page = client.post(START, typed)
    assert page.status_code == 200
    return unescape(re.search(r'<a href="([^"]+)"', page.text)[1])


def sign_in(client, provider, sub="clerk-31", **typed):
    return client.get(provider.back(asked(client, **typed), sub))


def records():
    return list(AccessRecord.objects.order_by("pk").values_list("kind", "by_name", "about__username", "detail"))


def is_signed_in(client):
    return client.get("/people/").status_code == 200


def test_person_comes_in_by_the_identifier_and_it_is_recorded(clerk, provider, client):
    answer = sign_in(client, provider, next="/people/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/people/")
    assert is_signed_in(client)
    assert records() == [("signed_in", "31", None, gettext("with the office’s account"))]


@pytest.mark.parametrize("off", [True, False])
def test_without_a_provider_there_is_none_of_it(off, cast, provider, settings, client):
    settings.OIDC_ISSUER = "" if off else provider.url
    assert [client.get(START).status_code, client.post(START).status_code] == ([404, 404] if off else [302, 200])
    assert (gettext("Sign in with the office’s account") in client.get("/accounts/login/").text) != off


@pytest.mark.parametrize(("sub", "said"), [("stranger", {"email": "clerk@example.vn"}), ("Clerk-31", {}), ("left", {})])
def test_account_opens_by_its_identifier_alone(sub, said, clerk, cast, provider, client):
    """Not by a mail, nor by an identifier that looks the same, nor once it is closed; nobody gets a new one."""
    User.objects.filter(pk=cast.officer.pk).update(office_identifier="left", is_active=False)
    provider.knows(sub, email_verified=True, **said)
    page = sign_in(client, provider, sub)
    assert (page.status_code, User.objects.count()) == (403, 10)
    assert str(ours.UNKNOWN) in page.text
    assert records() == [("refused", sub, "11416" if sub == "left" else None, str(ours.UNKNOWN))]


def test_another_claim_is_the_office_s_identifier(clerk, provider, settings, client):
    settings.OIDC_CLAIM = "employee_number"
    provider.knows("whoever", employee_number="clerk-31")
    assert sign_in(client, provider, "whoever").status_code == 302


LIES = [{"iss": "https://else.vn"}, {"aud": "else"}, {"aud": ["else", "bluezone"], "azp": "else"}, {"nonce": "old"}]
LIES += [{"exp": int(time.time()) - 120}, {"iat": int(time.time()) + 120}, {"auth_time": None}]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: next(iter(lie)))
def test_token_of_another_provider_site_or_time_is_not_believed(lie, clerk, provider, client):
    provider.knows("clerk-31", **lie)
    page = sign_in(client, provider)
    assert (page.status_code, records()) == (403, [("refused", "?", None, str(ours.FAILED))])


def test_answer_serves_once_and_in_the_browser_that_set_out(clerk, provider, client):
    address = asked(client)
    assert {"code_challenge_method=S256", "max_age=43200"} <= set(address.split("&"))
    back = provider.back(address, "clerk-31")
    assert Client().get(back).status_code == 403
    assert client.get(back).status_code == 302
    client.post("/accounts/logout/")
    assert client.get(back).status_code == 403


def test_code_is_changed_for_a_token_with_the_proof_of_this_browser(clerk, provider, client, monkeypatch):
    sent, post = [], library.requests.post
    monkeypatch.setattr(library.requests, "post", lambda *to, **what: sent.append(what["data"]) or post(*to, **what))
    address = asked(client)
    client.get(provider.back(address, "clerk-31"))
    digest = base64_url_encode(sha256(sent[0]["code_verifier"].encode()).digest())
    assert f"code_challenge={digest}&" in address


@pytest.mark.parametrize("url", ["http://provider.example.vn", "https://localhost:9"])
def test_provider_in_the_clear_or_away_leaves_the_code_of_the_city(url, clerk, provider, settings, client):
    settings.OIDC_ISSUER = url
    page = client.post(START, {"next": "/people/", "typed_by": "31", "installs": "88", "act": "x"})
    assert page.status_code == (503 if "9" in url else 403)
    assert 'name="installs" value="88"' in page.text
    words = ours.AWAY if "9" in url else ours.FAILED
    assert records() == [("refused", "?", None, str(words))]


def test_password_of_ones_own_opens_nothing_and_a_code_does_until_the_provider_is_back(clerk, cast, provider, client):
    by_hand = {"username": "31", "password": PASSWORD}
    assert Client().post("/accounts/login/", by_hand).status_code == 200
    slip = accounts.hand_out(User.objects.get(pk=clerk.pk), by=make_user("31-2", cast.city), at=clock.now())
    with_code = Client()
    assert with_code.post("/accounts/login/", by_hand | {"password": slip.password}).status_code == 302
    assert is_signed_in(with_code)  # and is not asked for a password of his own
    sign_in(client, provider)
    assert is_signed_in(client)
    assert Client().post("/accounts/login/", by_hand | {"password": slip.password}).status_code == 200


def test_figures_sent_without_a_session_come_along(clerk, cast, provider, client):
    User.objects.filter(pk=cast.officer.pk).update(office_identifier="officer")
    provider.knows("officer")
    page = f"/units/11416/report/{DAY}/"
    assert sign_in(client, provider, "officer", next=page, typed_by="11416", installs="88").headers["Location"] == page
    assert client.session["unsent"]["fields"] == {"installs": "88"}


# The password again, and the second factor.


def test_person_whose_password_was_given_there_long_ago_gives_it_again_before_an_act(clerk, cast, provider, client):
    provider.knows("clerk-31", since=20 * 60)
    sign_in(client, provider)
    page = client.post(LEAVE.format(cast.officer.pk), {"x": "kept", "password_again": PASSWORD})
    assert (page.status_code, page.templates[0].name) == (403, "reporting/confirm.html")
    address = asked(client)
    assert {"prompt=login", "max_age=0"} <= set(address.split("&"))
    assert client.get(provider.back(address, "clerk-31")).headers["Location"] == START  # it has not asked again
    assert str(ours.NOT_AGAIN) in client.get(START).text
    provider.knows("clerk-31")
    assert client.get(provider.back(asked(client), "clerk-31")).headers["Location"] == START
    page = client.get(START)
    assert f'action="{LEAVE.format(cast.officer.pk)}"' in page.text
    assert '<input type="hidden" name="x" value="kept">' in page.text
    client.post(LEAVE.format(cast.officer.pk))
    assert [kind for kind, *_rest in records()] == ["signed_in", "refused", "person_changed"]
    assert not User.objects.get(pk=cast.officer.pk).is_active


def test_somebody_else_does_not_give_it(clerk, cast, provider, client):
    provider.knows("clerk-31", since=20 * 60)
    sign_in(client, provider)
    User.objects.filter(pk=cast.officer.pk).update(office_identifier="officer")
    provider.knows("officer")
    client.get(provider.back(asked(client), "officer"))
    assert client.post(LEAVE.format(cast.officer.pk)).status_code == 403
    assert records()[-1] == ("refused", "?", "31", str(ours.OTHER))


def test_who_reaches_far_and_left_the_office_s_sign_in_alone_gives_it_again(clerk, provider, client):
    provider.knows("clerk-31", since=2 * 3600)
    page = sign_in(client, provider)
    assert "prompt=login" in page.headers["Refresh"]
    assert not is_signed_in(client)
    provider.knows("clerk-31")
    client.get(provider.back(page.headers["Refresh"].partition("url=")[2], "clerk-31"))
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("said", "is_open"), [({"amr": ["pwd"]}, False), ({"amr": ["mfa"]}, True), ({"acr": "mfa"}, True)]
)
def test_second_factor_is_ours_unless_the_provider_says_that_it_asked(said, is_open, clerk, provider, settings, client):
    settings.SECOND_FACTOR_REQUIRED, settings.OIDC_SECOND_FACTOR = True, ["mfa"]
    provider.knows("clerk-31", **said)
    sign_in(client, provider)
    assert is_signed_in(client) == is_open


def test_signing_out_here_signs_out_there(clerk, provider, client):
    sign_in(client, provider)
    page = client.post("/accounts/logout/")
    assert page.headers["Refresh"].startswith(f"0; url={provider.url}/oauth2/end_session?id_token_hint=ey")
    assert not is_signed_in(client)


# Whose it is, the city says.


def test_city_alone_says_whose_office_account_it_is(clerk, cast, provider, client):
    sent = {"unit": cast.commune.pk, "last_name": "Nguyễn", "first_name": "Hà", "office_identifier": "clerk-31"}
    district, city = Client(), client
    district.force_login(cast.district_clerk, backend=ours.settings.OFFICE_BACKEND)
    sign_in(city, provider)
    address = f"/people/{cast.officer.pk}/"
    district.session.save()
    assert "office_identifier" not in district.get(address).context["form"].fields
    assert city.post(address, sent).status_code == 422  # another's
    assert city.post(address, sent | {"office_identifier": " officer-1 "}).status_code == 302
    assert User.objects.get(pk=cast.officer.pk).office_identifier == "officer-1"
