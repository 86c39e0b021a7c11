import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from reporting.middleware import ArrivalMiddleware, arrival

from ..factories import at
from ..views.visits import frozen

NOW = at("2020-08-21 17:00:02")


def started(moment):
    return f"t={at(moment).timestamp():.3f}"


@pytest.mark.parametrize(
    ("header", "arrived_at"),
    [
        (started("2020-08-21 16:59:59.5"), "2020-08-21 16:59:59.5"),
        (started("2020-08-21 16:59:59.999"), "2020-08-21 16:59:59.999"),
        (f" {started('2020-08-21 16:59:59.999')} ", "2020-08-21 16:59:59.999"),
        ("t=1598003999", "2020-08-21 16:59:59"),
        (started("2020-08-21 17:00:02"), "2020-08-21 17:00:02"),
        (started("2020-08-21 16:59:42"), "2020-08-21 16:59:42"),
        # longer before than a body may take, or in the future
        (started("2020-08-21 16:59:41.999"), "2020-08-21 17:00:02"),
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
def test_arrival_behind_a_trusted_proxy(header, arrived_at, settings):
    settings.TRUST_REQUEST_START = True
    assert arrival(header, taken_at=NOW, now=NOW) == at(arrived_at)


@pytest.mark.parametrize(
    ("head", "whole", "arrived_at"),
    [
        ("16:59:50", "16:59:51", "16:59:50"),
        ("16:59:39", "16:59:59", "16:59:39"),  # 20 s for the body, and 3 s for a thread
        ("16:59:02", "16:59:03", "16:59:02"),  # 59 s for a thread: nobody's delay
        ("16:59:58", "17:00:02", "16:59:58"),
        # held open
        ("16:59:39", "16:59:59.001", "16:59:59.001"),
        ("16:59:30", "17:00:01", "17:00:01"),
        ("15:59:30", "17:00:02", "17:00:02"),
        # nothing that can be
        ("16:59:58", "17:00:02.001", "17:00:02"),
        ("16:59:01", "16:59:01.999", "17:00:02"),
        ("16:59:59", "16:59:58", "17:00:02"),
    ],
)
def test_arrival_by_both_moments_of_a_trusted_proxy(head, whole, arrived_at, settings):
    settings.TRUST_REQUEST_START = True
    stamps = [started(f"2020-08-21 {moment}") for moment in (head, whole)]
    assert arrival(*stamps, taken_at=NOW, now=NOW) == at(f"2020-08-21 {arrived_at}")


def test_arrival_without_a_trusted_proxy_is_the_clock(settings):
    settings.TRUST_REQUEST_START = False
    stamp = started("2020-08-21 16:59:59.5")
    assert arrival(stamp, stamp, taken_at=NOW, now=NOW) == NOW


def test_arrival_in_a_demonstration_moves_the_stamp_with_the_clock(settings):
    settings.TRUST_REQUEST_START, settings.DEMO_OFFSET = True, 3600.0
    assert arrival(started("2020-08-21 15:59:59.5"), taken_at=NOW, now=NOW) == at("2020-08-21 16:59:59.5")


@pytest.mark.parametrize(
    ("taken_at", "is_held"),
    [("16:59:58", False), ("16:59:42", False), ("16:59:41.999999", True), ("16:58:47", True)],
)
@pytest.mark.parametrize("is_trusted", [False, True])
def test_body_that_is_held_open_arrives_with_its_last_byte(is_trusted, taken_at, is_held, settings):
    settings.TRUST_REQUEST_START, settings.BODY_WITHIN = is_trusted, 20
    head = at(f"2020-08-21 {taken_at}")
    header = started(f"2020-08-21 {taken_at}")[:12]  # to the second
    expected = head.replace(microsecond=0) if is_trusted else head
    assert arrival(header, taken_at=head, now=NOW) == (NOW if is_held else expected)


def test_arrival_is_read_once_for_a_request():
    request = RequestFactory().get("/")
    with frozen("2020-08-21 16:59:59.999"):
        ArrivalMiddleware(lambda request: HttpResponse())(request)
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


def test_language_switch_sets_the_cookie_and_returns(client, settings):
    response = client.post(reverse("set_language"), {"language": "en", "next": "/accounts/login/"})
    assert (response.status_code, response.url) == (302, "/accounts/login/")
    assert response.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"


def test_private_pages_are_kept_by_nobody(client, cast):
    client.force_login(cast.officer)
    response = client.get(reverse("password_change"))
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
