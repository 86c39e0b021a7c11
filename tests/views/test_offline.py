"""What a device stores for offline use is the same for everybody and contains nothing personal."""

import json
import re

from django.contrib.staticfiles import finders
from django.test import Client
from django.utils.translation import get_language

from reporting.views import public

from .visits import frozen


def worker(client):
    return client.get("/service-worker.js")


def shell(page):
    return json.loads(re.search(r"const SHELL = (\[.*?\]);", page.text)[1])


def test_empty_form_is_the_same_for_everybody(cast, client):
    with frozen("2020-08-21 12:00"):
        strangers = Client().get("/offline/?language=vi")
        client.force_login(cast.officer)
        own = client.get("/offline/?language=vi")
    assert own.content == strangers.content
    assert [text for text in ("11416", "Đằng Hải", "csrf", "Hà") if text in own.text] == []


def test_worker_keeps_public_parts_alone_and_changes_its_store_with_them(db, client):
    page = worker(client)
    assert (page["Content-Type"], page["Cache-Control"]) == ("text/javascript", "no-cache")
    assert shell(page)[:2] == ["/offline/?language=vi", "/offline/?language=en"]
    assert all(finders.find(part.removeprefix("/static/")) for part in shell(page)[2:])
    client.cookies["django_language"] = "en"
    assert worker(client).content == page.content  # a switch of the language is no new version
    assert "No connection" in Client().get(shell(page)[1]).text


def test_worker_changes_with_the_rendered_page_in_any_language(db, client, monkeypatch):
    before = worker(client).content
    monkeypatch.setattr(public, "render_to_string", lambda name: f"page in {get_language()}")
    in_both = worker(client).content
    monkeypatch.setattr(public, "render_to_string", lambda name: "new" if get_language() == "en" else "page in vi")
    assert len({before, in_both, worker(client).content}) == 3


def test_manifest_names_icons_that_are_there(db, client):
    page = client.get("/manifest.webmanifest")
    assert page["Content-Type"] == "application/manifest+json"
    described = json.loads(page.content)
    assert (described["start_url"], described["display"], described["short_name"]) == ("/", "standalone", "Bluezone")
    for icon in described["icons"]:
        found = finders.find(icon["src"].removeprefix("/static/"))
        with open(found, "rb") as file:
            head = file.read(24)
        side = int.from_bytes(head[16:20], "big")
        assert (head[:4], icon["sizes"]) == (b"\x89PNG", f"{side}x{side}")
