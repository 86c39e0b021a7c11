"""The page on which the city gives tokens to other systems, and ends them."""

import re

from django.test import Client

from reporting.models import AccessRecord, Token
from tests import factories as f
from tests.api.reading import get_answer
from tests.views.visits import NOON, errors, frozen, look

FIELDS = {"name": "Kho dữ liệu Sở Y tế", "last_day": "31/12/2020"}
PATH = "/people/tokens/"


def post(user, path=PATH, moment=NOON, **typed):
    client = Client()
    with frozen(moment):
        client.force_login(user)
        return client.post(path, typed)


def with_second_factor(user):
    """Long ago; that a code is required is tested elsewhere."""
    user.second_factor_at = f.at("2020-08-01 08:00")
    user.save()
    return user


def give(cast, monkeypatch, **typed):
    monkeypatch.setattr("reporting.people.second_factor.owes_code", lambda user: False)
    clerk = with_second_factor(cast.city_clerk)
    return post(clerk, **{"unit": cast.district.pk, **FIELDS, **typed})


def test_token_is_shown_once_and_opens_its_unit(cast, monkeypatch):
    page = give(cast, monkeypatch)
    secret = re.search(r'id="secret"[^>]*>(bzr_[\w-]+)<', page.text)[1]
    token = Token.objects.get()
    assert (token.name, token.unit, token.by) == (FIELDS["name"], cast.district, cast.city_clerk)
    assert token.expires_at == f.at("2021-01-01 00:00")
    twice = give(cast, monkeypatch, moment="2020-08-21 12:00:05")  # the page with the secret, reloaded
    assert (twice.status_code, set(twice.context["form"].errors)) == (422, {"name"})
    assert Token.objects.count() == 1
    assert get_answer(secret, "units/306/reports").status_code == 200
    again = look(cast.city_clerk, "tokens")
    assert (secret in again.text, FIELDS["name"] in again.text, secret[:12] in again.text) == (False, True, True)
    noted = AccessRecord.objects.filter(kind="token").get()
    assert (noted.unit, noted.by, secret in noted.detail) == (cast.district, cast.city_clerk, False)


def test_token_is_revoked_at_once(cast, monkeypatch):
    page = give(cast, monkeypatch)
    secret = re.search(r'id="secret"[^>]*>(bzr_[\w-]+)<', page.text)[1]
    assert post(cast.city_clerk, f"{PATH}{Token.objects.get().pk}/revoke/").status_code == 302
    assert get_answer(secret, "units/").status_code == 401
    token = Token.objects.get()
    assert (token.revoked_at, token.revoked_by) == (f.at(NOON), cast.city_clerk)
    post(cast.city_clerk, f"{PATH}{token.pk}/revoke/", "2020-08-21 13:00")  # the second time changes nothing
    assert Token.objects.get().revoked_at == f.at(NOON)
    assert [record.detail[:9] for record in AccessRecord.objects.filter(kind="token")] == ["thu hồi: ", "đã cấp: K"]


def test_without_a_second_factor_none_is_given(cast):
    assert post(cast.city_clerk, unit=cast.city.pk, **FIELDS).status_code == 403
    page = look(cast.city_clerk, "tokens")
    assert ('name="last_day"' in page.text, "/account/second-factor/" in page.text) == (False, True)
    assert not Token.objects.exists()


def test_what_is_wrong_is_said_at_its_field(cast, monkeypatch):
    for typed, wanted in (
        ({"name": " "}, {"name": ["required"]}),
        ({"name": "x" * 101}, {"name": ["max_length"]}),
        ({"unit": "0"}, {"unit": ["invalid_choice"]}),
        ({"last_day": "20/08/2020"}, {"last_day": ["out_of_range"]}),
        ({"last_day": "31/12/2021"}, {"last_day": ["out_of_range"]}),
        ({"last_day": "31/02/2021"}, {"last_day": ["invalid"]}),
    ):
        page = give(cast, monkeypatch, **typed)
        assert (page.status_code, errors(page)) == (422, wanted)
    assert not Token.objects.exists()
