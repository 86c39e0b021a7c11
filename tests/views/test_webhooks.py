"""The page on which the city says which other systems are told, and ends it."""

import re
import socket

import pytest

from reporting.models import AccessRecord, Endpoint
from reporting.outbox import endpoints
from tests import factories as f
from tests.views.test_tokens import post, with_second_factor
from tests.views.visits import NOON, look

PATH = "/people/webhooks/"
FIELDS = {"webhook-name": "Cổng dữ liệu", "webhook-address": "https://kho.example.vn/hook"}


@pytest.fixture(autouse=True)
def _found(monkeypatch):
    """Names of .vn are outside, the others inside; nobody owes a code."""

    def lookup(host, port, **kwargs):
        return [(0, 0, 0, "", ("93.184.216.34" if host.endswith(".vn") else "10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr("reporting.people.second_factor.owes_code", lambda user: False)


def give(cast, **typed):
    clerk = with_second_factor(cast.city_clerk)
    return post(clerk, PATH, **{"webhook-unit": cast.district.pk, **FIELDS, **typed})


def secret_in(page):
    return re.search(r'id="secret"[^>]*>(whsec_[\w+/=]+)<', page.text)[1]


def test_system_is_told_from_now_on_and_the_secret_is_shown_once(cast):
    page = give(cast)
    endpoint = Endpoint.objects.get()
    assert (endpoint.unit, endpoint.address, endpoint.by) == (cast.district, FIELDS["webhook-address"], cast.city_clerk)
    assert secret_in(page) == endpoints.shown(endpoint)
    twice = give(cast)  # the page with the secret, loaded anew
    assert (twice.status_code, set(twice.context["form"].errors)) == (422, {"address"})
    assert Endpoint.objects.count() == 1
    again = look(cast.city_clerk, "webhooks")
    assert (secret_in(page) in again.text, FIELDS["webhook-address"] in again.text) == (False, True)
    rotated = post(cast.city_clerk, f"{PATH}{endpoint.pk}/rotate/")
    assert secret_in(rotated) != secret_in(page)
    assert post(cast.city_clerk, f"{PATH}{endpoint.pk}/end/").status_code == 302
    assert Endpoint.objects.get().ended_at == f.at(NOON)
    assert post(cast.city_clerk, f"{PATH}{endpoint.pk}/rotate/").status_code == 404
    assert AccessRecord.objects.filter(kind="webhook").count() == 3
    assert "đổi hệ thống được báo" in look(cast.city_clerk, "access_records").text


REFUSED = [
    *("", "kho.example.vn", "ftp://kho.example.vn/", "http://kho.example.vn/", "https://10.0.0.1/", "https://inside/"),
    *("https://a:b@kho.example.vn/", "https://kho.example.vn/#x", "https://kho.example.vn:99999/"),
    *("javascript:alert(1)", "https://kho.example.vn/\r\nX: y"),
]


def test_address_that_is_not_sent_to_is_said_at_its_field(cast):
    for address in REFUSED:
        page = give(cast, **{"webhook-address": address})
        assert (page.status_code, set(page.context["form"].errors)) == (422, {"address"}), address
    assert not Endpoint.objects.exists()


def test_without_a_second_factor_nobody_is_told(cast):
    assert post(cast.city_clerk, PATH, **{"webhook-unit": cast.city.pk, **FIELDS}).status_code == 403
    assert not Endpoint.objects.exists()
