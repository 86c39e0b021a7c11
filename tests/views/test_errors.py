"""Error pages: each in the reader's language, with a way on, and nothing written."""

import re

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, RequestFactory

from reporting import rollup
from reporting.views import errors
from tests.factories import DAY

from .visits import frozen, look, send, written


def away(*args, **kwargs):
    raise OperationalError("the database is away")


def test_page_not_found_leads_home(cast):
    page = look(cast.officer, "unit", "11407")
    assert (page.status_code, page.templates[0].name) == (404, "404.html")
    assert page.text.count('<a class="button" href="/">') == 1


def test_page_not_found_is_there_for_nobody_in_particular(client, db):
    page = client.get("/nothing/")
    assert (page.status_code, page.templates[0].name) == (404, "404.html")


def test_permission_denied_leads_home(cast):
    page = send(cast.district_clerk, cast.commune)
    assert (page.status_code, page.templates[0].name, written()) == (403, "403.html", (0, 0))
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


def test_server_error_is_a_page_with_a_way_home(cast, monkeypatch):
    def fail(*args):
        raise ValueError("broken")

    monkeypatch.setattr(rollup, "rows", fail)
    page = look(cast.officer, "unit", "11416", raise_request_exception=False)
    assert page.status_code == 500
    assert (page.text.count('<html lang="vi">'), page.text.count('href="/"')) == (1, 1)


def test_server_error_needs_no_database():
    page = errors.server_error(RequestFactory().get("/"))
    assert (page.status_code, page.text.count('href="/"')) == (500, 1)


@pytest.mark.parametrize("method", ["get", "post"])
def test_server_error_while_the_database_is_away_is_the_same_page(method, cast, monkeypatch):
    client = Client(raise_request_exception=False)
    client.force_login(cast.officer)
    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
        page = getattr(client, method)(f"/units/11416/report/{DAY}/", {"installs": "88"})
    assert (page.status_code, page.text) == (500, errors.server_error(None).text)
