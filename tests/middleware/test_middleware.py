import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from reporting.middleware.requests import EdgeMiddleware, arrival

from ..factories import at
from ..views.visits import frozen

NOW = at("2020-08-21 17:00:02")


def started(moment):
    return f"t={at(moment).timestamp():.3f}"


@pytest.mark.parametrize(
    ("header", "moment"),
    [
        (started("2020-08-21 16:59:59.5"), "2020-08-21 16:59:59.5"),
        (started("2020-08-21 16:59:59.999"), "2020-08-21 16:59:59.999"),
        (f" {started('2020-08-21 16:59:59.999')} ", "2020-08-21 16:59:59.999"),
        ("t=1598003999", "2020-08-21 16:59:59"),
        (started("2020-08-21 17:00:02"), "2020-08-21 17:00:02"),
        (started("2020-08-21 16:59:02"), "2020-08-21 16:59:02"),  # 60 s for a thread
        # too long ago, or in the future
        (started("2020-08-21 16:59:01.999"), "2020-08-21 17:00:02"),
        (started("2020-08-21 17:00:02.001"), "2020-08-21 17:00:02"),
        ("t=0", "2020-08-21 17:00:02"),
        ("t=99999999999", "2020-08-21 17:00:02"),
        # not a stamp
        ("", "2020-08-21 17:00:02"),
        ("1598003999.500", "2020-08-21 17:00:02"),
        ("t=1598003999.500, t=1598003999.500", "2020-08-21 17:00:02"),
        ("t=-1598003999", "2020-08-21 17:00:02"),
        ("t=1598003999500", "2020-08-21 17:00:02"),
        ("t=999999999999", "2020-08-21 17:00:02"),
        ("t=1e9", "2020-08-21 17:00:02"),
        ("t=nan", "2020-08-21 17:00:02"),
        ("t=", "2020-08-21 17:00:02"),
        ("t=١٥٩٨٠٠٣٩٩٩", "2020-08-21 17:00:02"),
    ],
)
def test_arrival_behind_a_trusted_proxy(header, moment, settings):
    settings.TRUST_REQUEST_START = True
    assert arrival(header, now=NOW) == at(moment)


def test_arrival_without_a_trusted_proxy_is_the_clock(settings):
    settings.TRUST_REQUEST_START = False
    stamp = started("2020-08-21 16:59:59.5")
    assert arrival(stamp, now=NOW) == NOW


def test_arrival_in_a_demonstration_moves_the_stamp_with_the_clock(settings):
    settings.TRUST_REQUEST_START, settings.DEMO_OFFSET = True, 3600.0
    assert arrival(started("2020-08-21 15:59:59.5"), now=NOW) == at("2020-08-21 16:59:59.5")


def test_arrival_is_read_once_for_a_request():
    request = RequestFactory().get("/")
    with frozen("2020-08-21 16:59:59.999"):
        EdgeMiddleware(lambda request: HttpResponse())(request)
    assert request.arrived_at == at("2020-08-21 16:59:59.999")


@pytest.mark.parametrize(
    ("browser", "cookie", "language"),
    [
        ("en-GB,en;q=0.9", None, "vi"),
        ("fr", None, "vi"),
        ("vi", "en", "en"),
        ("en", "vi", "vi"),
        ("en", "xx", "vi"),
        ("en", "../vi", "vi"),
    ],
)
def test_language_is_vietnamese_unless_chosen_otherwise(browser, cookie, language, client, settings, db):
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    response = client.get(reverse("login"), headers={"Accept-Language": browser})
    assert response.headers["Content-Language"] == language
    assert response.text.partition('<html lang="')[2].partition('"')[0] == language


def test_language_switch_sets_the_cookie_and_returns(client, db, settings):
    response = client.post(reverse("set_language"), {"language": "en", "next": "/accounts/login/"})
    assert (response.status_code, response.url) == (302, "/accounts/login/")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


@pytest.mark.parametrize("header", [{"x-forwarded-for": "127.0.0.1"}, {"x-request-start": "t=1598003940.000"}])
@pytest.mark.parametrize(
    ("peer", "trusted", "status"),
    [
        ("127.0.0.1", 1, 200),
        ("", 1, 200),  # a Unix socket
        ("10.0.0.9", 1, 200),  # a network may be declared
        ("192.0.2.7", 1, 403),
        ("192.0.2.7", 0, 200),  # then nothing is believed
    ],
)
def test_only_a_declared_peer_sends_a_proxys_headers(peer, trusted, status, header, client, db, settings):
    settings.TRUSTED_PROXIES, settings.FORWARDED_ALLOW_IPS = trusted, ["127.0.0.1", "10.0.0.0/24"]
    assert client.get("/livez", REMOTE_ADDR=peer, headers=header).status_code == status
    assert client.get("/livez", REMOTE_ADDR=peer).status_code == 200
