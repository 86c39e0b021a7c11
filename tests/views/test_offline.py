"""What a device stores for offline use is the same for everybody and contains nothing personal."""

import json
import re

from django.contrib.staticfiles import finders
from django.test import Client

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
    form, *parts = shell(page)
    assert form == "/offline/?language=vi"
    assert all(finders.find(part.removeprefix("/static/")) for part in parts)
    client.cookies["django_language"] = "en"
    english = worker(client)
    assert shell(english)[0] == "/offline/?language=en"
    stores = {re.search(r"shell-(\w{12})", each.text)[1] for each in (page, english)}
    assert len(stores) == 2
    assert "No connection" in Client().get(shell(english)[0]).text


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
