"""Error pages: each in the reader's language, with a next step, and nothing written."""

import os
import re
import subprocess
import sys
from html import unescape

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, RequestFactory

from reporting.views import errors
from tests.factories import DAY
from tests.served import ROOT

from .visits import frozen, look, send, written


def away(*args, **kwargs):
    raise OperationalError("the database is away")


def test_page_not_found_leads_home(cast):
    page = look(cast.officer, "unit", "11407")
    assert (page.status_code, page.templates[0].name) == (404, "404.html")
    assert page.text.count('<a class="button" href="/">') == 1


def test_address_of_a_form_opened_by_itself_leads_home(cast):
    for person, address in [(cast.district_clerk, f"/units/306/board/{DAY}/remind/"), (None, "/accounts/logout/")]:
        client = Client()
        if person:
            client.force_login(person)
        page = client.get(address)
        assert (page.status_code, page.templates[0].name, written()) == (405, "405.html", (0, 0))
        assert page.headers["Allow"].startswith("POST")
        assert page.text.count('<a class="button" href="/">') == 1
        assert client.head(address).content == b""


def test_permission_denied_leads_home(cast):
    page = send(cast.district_clerk, cast.commune, installs="88", note="<b>Mạng yếu</b>")
    assert (page.status_code, page.templates[0].name, written()) == (403, "403.html", (0, 0))
    assert {"88", "&lt;b&gt;Mạng yếu&lt;/b&gt;"} <= set(re.findall(r"<dd>(.*?)</dd>", page.text))  # to copy it
    assert page.text.count('<a class="button" href="/">') == 1


def test_csrf_failure_says_not_saved_and_leads_back_to_the_form(cast):
    client = Client(enforce_csrf_checks=True)
    address = f"/units/11416/report/{DAY}/"
    with frozen("2020-08-21 12:00"):
        client.force_login(cast.officer)
        page = client.post(address, {"installs": "88", "opening": "0", "note": "<b>Mạng yếu</b>"})
    assert (page.status_code, page.templates[0].name, written()) == (403, "403_csrf.html", (0, 0))
    assert page.text.count(f'<a class="button" href="{address}">') == 1
    assert re.findall(r"<dd>(.*?)</dd>", page.text) == ["88", "0", "&lt;b&gt;Mạng yếu&lt;/b&gt;"]


def while_away(client, method, path, fields, monkeypatch, error=OperationalError):
    def fail(*args, **kwargs):
        raise error("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "ensure_connection", fail)
        return getattr(client, method)(path, fields)


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
@pytest.mark.parametrize("path", ["/", "/units/31/", "/units/306/board/2020-08-21/", "/inbox/"])
def test_page_while_the_database_is_away_says_what_to_do_meanwhile(path, error, cast, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(cast.city_clerk)
    page = while_away(client, "get", path, {}, monkeypatch, error)
    assert (page.status_code, page.headers["Retry-After"], page.headers["Cache-Control"]) == (503, "60", "no-store")
    assert page.text.count('<html lang="vi">') == 1
    for words in ("điện thoại cho đơn vị cấp trên", "không đơn vị nào bị tính trễ hạn"):
        assert page.text.count(words) == 1
    assert page.text.count(f'<a class="button" href="{path}">Thử lại</a>') == 1
    assert page.text.count("<form") == 0
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_figures_sent_while_the_database_is_away_can_be_sent_again_as_they_were(cast, monkeypatch):
    client = Client(raise_request_exception=False)
    path = f"/units/11416/report/{DAY}/"
    fields = {"installs": "88", "opening": "0", "base_version": "0", "note": 'Mạng yếu "<b>"'}
    with frozen("2020-08-21 12:00"):
        client.force_login(cast.officer)
        page = while_away(client, "post", path, fields, monkeypatch)
        kept = re.findall('<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
        assert (page.status_code, page.text.count(f'<form method="post" action="{path}">')) == (503, 1)
        assert [(name, unescape(value)) for name, value in kept] == list(fields.items())
        assert "<b>" not in page.text
        assert client.post(path, dict(kept)).status_code == 302
    assert written() == (2, 2)  # the opening report and the day's


def test_password_never_comes_back_in_a_page(cast, monkeypatch):
    client = Client(raise_request_exception=False)
    page = while_away(client, "post", "/accounts/login/", {"username": "11416", "password": "geheim"}, monkeypatch)
    assert (page.status_code, page.text.count("geheim"), page.text.count("<form")) == (503, 0, 0)


def test_body_that_cannot_be_read_is_no_failure_of_the_page(cast, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(cast.officer)
    broken = {"data": b"--x", "content_type": "multipart/form-data; boundary=\u00e9"}
    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
        page = client.post(f"/units/11416/report/{DAY}/", **broken)
    assert page.status_code in (400, 503)


def test_other_failures_of_the_database_are_server_errors(cast, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(cast.officer)
    page = while_away(client, "get", "/units/11416/", {}, monkeypatch, IntegrityError)
    assert (page.status_code, page.text) == (500, errors.server_error(RequestFactory().get("/")).text)


ASK = """
import django
django.setup()
from django.test import Client
from django.test.utils import setup_test_environment
setup_test_environment()
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = "a" * 32
for path in ("/units/31/", "/healthz"):
    print(client.get(path).status_code)
"""


@pytest.mark.matrix  # separate processes
@pytest.mark.parametrize("url", ["postgres://nobody@/nowhere/nothing", "sqlite:////nowhere/nothing.sqlite3"])
def test_database_that_is_not_there_is_said_to_be_away(url):
    """In a separate process, without a replaced connection."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "SECRET_KEY": "x", "DATABASE_URL": url}
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    assert asked.stdout.split() == ["503", "503"], asked.stderr


FOREIGN = {"note": "Gọi ngay số 0900 000 000"}


@pytest.mark.parametrize("path", ["/no-such-page/", "/accounts/login/"])
def test_text_that_another_site_sends_stands_on_no_page(path, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.officer)
    page = client.post(path, FOREIGN, headers={"origin": "https://evil.example"})
    assert (page.status_code in (403, 404), "0900" in page.text) == (True, False)


def test_form_of_ones_own_to_a_page_that_is_no_more_comes_back(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.officer)
    token = re.search('name="csrfmiddlewaretoken" value="([^"]*)"', client.get(f"/units/11416/report/{DAY}/").text)[1]
    address = f"/units/11407/report/{DAY}/"
    page = client.post(address, {"note": "Mạng yếu", "csrfmiddlewaretoken": token})
    assert (page.status_code, page.text.count("Mạng yếu")) == (404, 1)


def test_control_form_without_a_token_shows_its_text_from_this_host_alone(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.officer)
    pages = [
        client.post(f"/units/11416/report/{DAY}/", FOREIGN, headers={"origin": origin})
        for origin in ("http://testserver", "https://evil.example")
    ]
    assert [("0900" in page.text, page.status_code) for page in pages] == [(True, 403), (False, 403)]
