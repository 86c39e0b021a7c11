"""Chromium against the live server: one browser for all tests of a process, a device for each person in a test.

A test fails if a page writes to the console, breaks the content security policy or cannot load a part.
"""

import shutil

import pytest
from django.conf import settings as configured
from django.utils import timezone
from playwright.sync_api import expect, sync_playwright

from bluezone_report.static_files import with_imports
from reporting.views import public

from ..factories import at
from .devices import PATIENCE, SCREENS, Devices

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEWCOMER_ARRIVES = "2020-08-21 15:35:30"


def pytest_itemcollected(item):
    """Every test here needs Chromium; the live server reads on its own connection what the test stores."""
    item.add_marker(pytest.mark.browser)
    item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def _joined(tmp_path_factory):
    """A folder with the style sheets as they are sent, each joined into one file."""
    static, sheets = configured.BASE_DIR / "static", ["reporting/reporting.css", "reporting/desk.css"]
    folder = tmp_path_factory.mktemp("static")
    (folder / "reporting").mkdir()
    for sheet in sheets:
        (folder / sheet).write_text(with_imports(sheet, lambda name: (static / name).read_text()))
    return folder


@pytest.fixture(autouse=True)
def _style_sheet_in_one(_joined, settings):
    """Otherwise axe would look for imported parts beside the page, and not find them."""
    settings.STATICFILES_DIRS = [_joined, *settings.STATICFILES_DIRS]


@pytest.fixture(scope="session")
def browser():
    with pytest.MonkeyPatch.context() as environment:
        # Playwright keeps an event loop in the tests' thread, so Django would refuse queries there.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=PATIENCE)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
            yield browser
            browser.close()


@pytest.fixture(scope="session")
def devices(browser, live_server):
    return Devices(browser, live_server.url)


@pytest.fixture
def screen(request):
    """A phone's screen; in files about desk work a desktop's. test_every_route.py uses both for every page."""
    return SCREENS[getattr(request.module, "SCREEN", "phone")]


@pytest.fixture(autouse=True)
def _worker_waits_for_a_busy_machine(monkeypatch):
    """Otherwise it would give the stored form for a page that is only slow."""
    monkeypatch.setattr(public, "PATIENCE", PATIENCE)


@pytest.fixture
def set_clock(settings):
    """Set the server's clock: it continues from the given moment."""

    def set_to(moment):
        settings.DEMO_OFFSET = (at(moment) - timezone.now()).total_seconds()

    set_to(NEWCOMER_ARRIVES)
    return set_to


@pytest.fixture
def expected_complaints():
    """Beginnings of the browser's own messages about what a test does, such as cutting its connection."""
    return []


@pytest.fixture
def open_browser(devices, live_server, screen, set_clock, expected_complaints):
    """A function that gives a person a device; messages of its pages fail the test at the end.

    Its options are those of `Devices.lend`.
    """
    lent = []

    def open_one(**options):
        lent.append(devices.lend(**{"screen": screen, **options}))
        return lent[-1].page

    yield open_one
    for device in lent:
        devices.take_back(device)
    assert [complaint for device in lent for complaint in device.complaints_but(expected_complaints)] == []


@pytest.fixture
def page(open_browser):
    return open_browser()
