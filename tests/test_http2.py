"""HTTP/2 through the shipped nginx file: reports, a body held back, a flood on one connection."""

import contextlib
import os
from dataclasses import replace

import pytest
from django.db import connection

from . import http2, proxied, served
from .factories import at
from .served import figures, receipt_path, report_path
from .test_proxy import LOGIN, received

pytestmark = [
    pytest.mark.matrix,
    pytest.mark.skipif(not os.path.exists(proxied.NGINX), reason="apt-get install nginx-light"),
]
BUSY = "Đang có quá nhiều lượt truy cập"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with served.database(tmp_path_factory.mktemp("http2"), vendor=connection.vendor) as database:
        yield database


@pytest.fixture(scope="module")
def proxy(database, tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxy")
    with proxied.server(database, clock=at("2020-08-21 10:00"), folder=folder) as proxy:
        yield proxy


def test_crowd_of_reports_on_one_connection(database, proxy):
    """Ten units' reports begin before the first is finished; each gets its own receipt and no other's page."""
    with http2.connection(proxy) as browser:
        begun = {code: browser.begin(report_path(code), figures(45), by=code) for code in served.SILENT}
        for stream, body in reversed(begun.values()):
            browser.finish(stream, body)
        answers = {code: browser.answer_on(stream) for code, (stream, _body) in begun.items()}
        receipt = browser.get(receipt_path("C00"), by="C00")
        foreign = browser.get(receipt_path("C00"), by="C01")

    told = {code: (answer.status, answer.location) for code, answer in answers.items()}
    assert told == {code: (302, receipt_path(code)) for code in served.SILENT}
    assert [len(received(database, code)) for code in served.SILENT] == [1] * 10
    assert (receipt.status, "C00-20200821-1" in receipt.body, foreign.status) == (200, True, 404)


def test_hour_is_that_of_the_last_byte_by_http_2_too(tmp_path):
    whole, held = "C02", "C03"
    with (
        served.database(tmp_path, vendor=connection.vendor) as database,
        proxied.server(database, clock=at("2020-08-21 16:59:40"), folder=tmp_path) as proxy,
        awaited(proxy, "2020-08-21 16:59:57") as browser,
    ):
        begun = {code: browser.begin(report_path(code), figures(43), by=code) for code in (whole, held)}
        proxy.wait_until(at("2020-08-21 16:59:59"))
        browser.finish(*begun[whole])
        in_time = browser.answer_on(begun[whole][0])
        proxy.wait_until(at("2020-08-21 17:00:00"))
        browser.finish(*begun[held])
        late = browser.answer_on(begun[held][0])
        arrivals = [received(database, code) for code in (whole, held)]

    assert (in_time.status, in_time.location) == (302, receipt_path(whole))
    assert (late.status, 'value="43"' in late.body) == (422, True)  # the late form with the figures
    assert arrivals == [["2020-08-21 09:59:59"], []]


@contextlib.contextmanager
def awaited(proxy, moment):
    """A connection made when it is needed: nginx closes an idle one after seconds."""
    proxy.wait_until(at(moment))
    with http2.connection(proxy) as browser:
        yield browser


def test_flood_of_sign_ins_on_one_connection_ends_at_the_proxy(proxy):
    """Its requests count like those of as many connections; a page beside them is served."""
    nothing = {"username": "nobody", "csrfmiddlewaretoken": "x"}  # refused before a password is checked: fast
    with http2.connection(replace(proxy, source="127.0.0.3")) as browser:
        begun = [browser.begin(LOGIN, nothing) for _ in range(120)]  # an address may have a hundred unfinished ones
        for stream, body in begun:
            browser.finish(stream, body)
        told = [browser.answer_on(stream) for stream, _body in begun]
        page = browser.get(LOGIN)
    turned_away = [answer for answer in told if answer.status == 429 and BUSY in answer.body]
    assert len(told) > len(turned_away) > 0
    assert {answer.status for answer in told} == {403, 429}
    assert page.status == 200


def test_one_connection_holds_no_more_than_its_address_may(proxy):
    """Streams count: one connection has the same limit as a hundred."""
    with http2.connection(replace(proxy, source="127.0.0.4")) as browser:
        for _ in range(100):
            browser.begin(report_path("C04"), figures(9), by="")
        refused = browser.get("/healthz")
    assert (refused.status, BUSY in refused.body) == (429, True)
    assert proxy.get("/healthz").status == 200
