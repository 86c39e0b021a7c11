"""Mails on a phone and on a desktop: no wider than the screen, whatever they contain."""

from datetime import timedelta

import pytest

from reporting import mails, outbox
from reporting.models import Message
from tests import factories as f
from tests.outbox.test_outbox import choose

from .devices import SCREENS

AT = f.at("2020-08-21 17:20")
KINDS = [Message.Kind.SILENT, Message.Kind.BULLETIN]


@pytest.fixture
def pages(db, settings):
    """The mails to the city's clerk, as HTML pages by kind."""
    settings.SITE_ADDRESS = "https://bluezone.example.vn"
    cast = f.make_cast()
    choice = choose(cast.city_clerk)
    f.make_report(cast.commune, installs=12_345, opening=7000)
    for kind in KINDS:
        outbox.write_messages(kind, [choice], cause="x", at=AT, day=f.DAY, useful_until=AT + timedelta(hours=1))
    found = {}
    for message in Message.objects.filter(key__contains=":x:").select_related("person__unit", "unit"):
        found[message.kind] = mails.mail(message, choice.address, at=AT).alternatives[0][0]
    return found


@pytest.mark.matrix  # slow: visits many pages
def test_mail_fits_its_screen(pages, browser):
    assert set(pages) == set(KINDS)
    for screen in SCREENS.values():
        page = browser.new_page(viewport=screen)
        for kind, content in pages.items():
            page.set_content(content)
            assert page.locator("tbody tr").count() > 0 or kind == Message.Kind.BULLETIN
            assert page.evaluate("document.documentElement.scrollWidth") == screen["width"], kind
        page.close()
