"""Through the shipped nginx file, over TLS: the deadline and bodies held back, hanging bodies, forged headers, a
restart."""

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.conf import settings as django_settings
from django.db import connection

from . import proxied, served
from .factories import DAY, at
from .served import figures, finished, receipt_path, report_path

pytestmark = [
    pytest.mark.matrix,  # without the proxy, it is in every run: test_server.py
    pytest.mark.skipif(not os.path.exists(proxied.NGINX), reason="apt-get install nginx-light"),
]
AT_A_TIME = 100  # unfinished requests of one address, as in the file
LOGIN = "/accounts/login/"


TOKEN = "t" * 32


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with served.database(tmp_path_factory.mktemp("proxied"), vendor=connection.vendor) as database:
        yield database


@pytest.fixture(scope="module")
def static(tmp_path_factory):
    folder = tmp_path_factory.mktemp("static")
    (folder / "page.css").write_text("body { color: black }\n" * 99)
    (folder / "page.css.gz").write_bytes(b"compressed beforehand")
    return folder


@pytest.fixture(scope="module")
def proxy(database, static, tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxy")
    about = {"clock": at("2020-08-21 10:00"), "folder": folder, "static": static, "METRICS_TOKEN": TOKEN}
    with proxied.server(database, **about) as proxy:
        yield proxy


def received(database, code):
    """The arrival of the unit's report of the day, in UTC: late from 10:00 on."""
    sql = f"""
        SELECT r.received_at FROM reporting_report r JOIN reporting_unit u ON u.id = r.unit_id
        WHERE u.code = '{code}' AND r.day = '{DAY}'
    """
    return [str(row[0])[:19] for row in database.rows(sql)]


def test_hour_cannot_be_held_open_behind_the_proxy(database, tmp_path):
    """Two heads before the deadline: the last byte of one comes before it too, the other one a second later."""
    whole, held = "C00", "C01"
    with proxied.server(database, clock=at("2020-08-21 16:59:48"), folder=tmp_path) as proxy:
        proxy.wait_until(at("2020-08-21 16:59:57"))
        begun = {code: proxy.begin(report_path(code), figures(44), by=code) for code in (whole, held)}
        proxy.wait_until(at("2020-08-21 16:59:59"))
        in_time = finished(*begun[whole])
        proxy.wait_until(at("2020-08-21 17:00:00"))
        late = finished(*begun[held])

    assert (in_time.status, in_time.location) == (302, receipt_path(whole))
    assert received(database, whole) == ["2020-08-21 09:59:59"]
    assert (late.status, 'value="44"' in late.body) == (422, True)  # the late form with the figures
    assert received(database, held) == []


def test_report_is_answered_beside_fifty_hanging_bodies(database, proxy):
    with contextlib.ExitStack() as stack:
        hanging = [proxy.begin(report_path("C04"), figures(9), by="C04")[0] for _ in range(50)]
        for connection_ in hanging:
            stack.enter_context(contextlib.closing(connection_))
        answer = proxy.post(report_path("C05"), figures(45), by="C05")
        healthy = proxy.get("/healthz")
        still = [connection_ for connection_ in hanging if is_silent(connection_)]

    assert (answer.status, answer.location) == (302, receipt_path("C05"))
    assert (healthy.status, healthy.body.splitlines()[0]) == (200, "ok")
    assert len(still) == 50


def is_silent(connection_):
    """Whether nothing has come on the connection: it is neither answered nor closed."""
    connection_.sock.settimeout(0.01)
    try:
        connection_.sock.recv(1)
    except (TimeoutError, ssl.SSLWantReadError):
        return True
    return False


def test_one_address_holds_no_more_than_its_share(proxy):
    with contextlib.ExitStack() as stack:
        for _ in range(AT_A_TIME):
            stack.enter_context(contextlib.closing(proxy.begin(report_path("C04"), figures(9), by="")[0]))
        refused = proxy.get("/healthz")
        neighbour = replace(proxy, source="127.0.0.2").get("/healthz")
    assert (refused.status, "Đang có quá nhiều lượt truy cập" in refused.body) == (429, True)
    assert neighbour.status == 200


def test_flood_of_sign_ins_keeps_nobody_out(proxy):
    """Neither at another address nor, in a browser that has opened the page, at the same one."""
    flooding, done = replace(proxy, source="127.0.0.3"), threading.Event()
    wrong = {"username": "nobody", "password": "wrong", "csrfmiddlewaretoken": served.CSRF}

    def flood(_thread):
        while not done.is_set():
            yield flooding.post(LOGIN, wrong, by="").status

    with ThreadPoolExecutor(40) as pool:
        floods = [pool.submit(lambda: Counter(flood(0))) for _thread in range(40)]
        time.sleep(2)
        began = time.monotonic()
        for source, code in (("127.0.0.1", "C06"), ("127.0.0.3", "C05")):
            assert proxied.Browser(replace(proxy, source=source)).sign_in(code) == 302
        took = time.monotonic() - began
        done.set()
        assert sum((one.result() for one in floods), Counter())[429] > 40  # the proxy passes on twenty a second
    assert took < 10


def test_sign_in_page_does_not_wait_for_tries_at_the_same_address(tmp_path):
    """No server is behind the proxy here, so both get 502."""
    (tmp_path / "servers").mkdir()
    with proxied._nginx(tmp_path, tmp_path / "socket", None) as (port, _plain_port), ThreadPoolExecutor(40) as pool:
        tls, until = ssl.create_default_context(cafile=tmp_path / "certificate.pem"), time.monotonic() + 6

        def seconds(method):
            with contextlib.closing(http.client.HTTPSConnection("localhost", port, context=tls)) as connection_:
                began = time.monotonic()
                connection_.request(method, LOGIN)
                assert connection_.getresponse().status == 502
                return time.monotonic() - began

        def flood(_thread):
            while time.monotonic() < until:
                seconds("POST")

        floods = [pool.submit(flood, thread) for thread in range(39)]
        time.sleep(3)
        tried, opened = seconds("POST"), seconds("GET")
        [one.result() for one in floods]
    assert tried > 1 > opened


def test_flood_of_reports_waits_at_the_proxy_whatever_sessions_they_name(tmp_path):
    """Six hundred go through at once, then thirty a second; no server is behind it here, so they get 502.

    If the others were refused at once, whoever floods would ask again and keep the machine busy with refusals.
    """
    (tmp_path / "servers").mkdir()
    with proxied._nginx(tmp_path, tmp_path / "socket", None) as (port, _plain_port):
        tls = ssl.create_default_context(cafile=tmp_path / "certificate.pem")

        def flood(thread):
            with contextlib.closing(http.client.HTTPSConnection("localhost", port, context=tls)) as connection_:
                for number in range(45):
                    headers = {"Cookie": f"__Host-sessionid={thread * 45 + number:032}"}
                    connection_.request("POST", report_path("C04"), headers=headers)
                    answer = connection_.getresponse()
                    answer.read()
                    yield answer.status

        began = time.monotonic()
        with ThreadPoolExecutor(20) as pool:
            statuses = {status for some in pool.map(lambda thread: list(flood(thread)), range(20)) for status in some}
    assert statuses == {502}
    assert time.monotonic() - began > 8


@pytest.mark.parametrize(
    "cookie",
    ["{0}", '"{0}"', "{0}; __Host-sessionid={1:032}", "{1:032}; __Host-sessionid={0}", "{0}; x=__Host-sessionid={1}"],
)
def test_session_that_asks_faster_than_people_do_waits_however_it_is_written(cookie, proxy):
    def seconds_for(count, method, path):
        def ask(number):
            with contextlib.closing(proxy.connect()) as connection_:
                said = cookie.format("a" * 32, number)
                connection_.request(method, path, headers={"Cookie": f"__Host-sessionid={said}"})
                return connection_.getresponse().status

        began = time.monotonic()
        with ThreadPoolExecutor(count) as pool:
            answers = set(pool.map(ask, range(count)))
        return answers, time.monotonic() - began

    pages, took = seconds_for(24, "GET", "/healthz")
    reports, reports_took = seconds_for(12, "POST", report_path("C04"))
    assert (pages, took > 2) == ({200}, True), took
    assert reports <= {403, 429}  # strangers have four threads of a worker
    assert reports_took < took, "reports waited for pages: they would arrive later"


def test_strangers_headers_say_nothing(database, proxy):
    """They change neither the address, so five wrong passwords make him wait, nor the arrival, nor the request's id."""
    for number in range(6):
        wrong = {"username": "C07", "password": "wrong", "csrfmiddlewaretoken": served.CSRF}
        last = send(proxy, LOGIN, wrong, "", {"X-Forwarded-For": f"192.0.2.{number}", "X-Request-ID": "f" * 32})
    assert last == 429
    for _ in range(40):  # server and proxy write their lines after the answer
        named = json.loads(proxy.log.read_text().splitlines()[-1])["request"]
        by_nginx = (proxy.log.parent / "nginx-bluezone-report.log").read_text().splitlines()[-1].rsplit(" ")[-1]
        if by_nginx == named:
            break
        time.sleep(0.05)
    assert (by_nginx, named == "f" * 32) == (named, False)
    early = {"X-Request-Start": f"t={at('2020-08-21 09:59:50').timestamp()}"}
    assert send(proxy, report_path("C08"), figures(46), "C08", early) == 302
    [moment] = received(database, "C08")
    assert "2020-08-21 03:00:00" <= moment < "2020-08-21 10:00:00"


def send(proxy, path, fields, by, headers):
    known = proxy._headers(by)
    return replace(proxy).send(path, fields, {**known, **headers})


def test_door_is_tls_with_http_2_and_compressed_files(proxy, static):
    tls = ssl.create_default_context(cafile=None)
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    tls.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", proxy.port)) as plain, tls.wrap_socket(plain) as wrapped:
        assert wrapped.selected_alpn_protocol() == "h2"

    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", proxy.plain_port)) as in_the_clear:
        in_the_clear.request("GET", "/units/31/?day=2020-08-21")
        moved = in_the_clear.getresponse()
        assert (moved.status, moved.headers["Location"]) == (301, "https://localhost/units/31/?day=2020-08-21")

    with contextlib.closing(proxy.connect()) as connection_:
        connection_.request("GET", "/static/page.css", headers={"Accept-Encoding": "gzip"})
        response = connection_.getresponse()
        assert (response.status, response.read()) == (200, b"compressed beforehand")
        assert response.headers["Content-Encoding"] == "gzip"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_how_it_stands_is_told_on_this_machine_and_to_the_token(path, proxy):
    assert proxy.get(path).status != 404
    assert replace(proxy, source="127.0.0.2").get(path).status == 404
    with contextlib.closing(replace(proxy, source="127.0.0.2").connect()) as connection_:
        connection_.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert connection_.getresponse().status != 404


def test_reload_under_load_loses_no_report(database, proxy):
    """Workers are replaced while 160 reports come over eight connections: each is answered and stored."""
    codes = served.SILENT[:8]
    before = dict(database.rows(VERSIONS))

    def line(code):
        statuses, stood = [], before.get(code, 0)
        for number in range(20):
            fields = {**figures(21 + number), "base_version": stood + number}
            statuses.append(proxy.post(report_path(code), fields, by=code).status)
            if number == 5 and code == codes[0]:
                os.kill(proxy.process.pid, signal.SIGHUP)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        answers = [status for statuses in pool.map(line, codes) for status in statuses]

    assert answers == [302] * 160
    after = dict(database.rows(VERSIONS))
    assert {code: after[code] - before.get(code, 0) for code in codes} == dict.fromkeys(codes, 20)


VERSIONS = f"""
    SELECT u.code, r.version FROM reporting_report r JOIN reporting_unit u ON u.id = r.unit_id
    WHERE r.day = '{DAY}' AND r.kind = 'daily'
"""


def test_bounds_of_file_and_settings_are_the_same():
    shipped = (proxied.ROOT / "deploy" / "nginx.conf").read_text()
    assert f"client_max_body_size {django_settings.BODY_LONGEST // 1024**2}m;" in shipped
