"""Chromium against the live server: one browser for all tests of a process, a device for each person in a test.

A page that complains in the console, breaks the content security policy or fails to load a part fails its test.
"""

import shutil

import pytest
from django.conf import settings as configured
from django.utils import timezone
from playwright.sync_api import sync_playwright

from bluezone_report.static_files import with_imports

from ..factories import at
from .devices import SCREENS, Devices

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
    """Every test here needs Chromium, and what it stores is read by the live server, on a connection of its own."""
    item.add_marker(pytest.mark.browser)
    item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def _joined(tmp_path_factory):
    """A folder with the style sheets as they are sent, each in one."""
    static, sheets = configured.BASE_DIR / "static", ["reporting/reporting.css", "reporting/desk.css"]
    folder = tmp_path_factory.mktemp("static")
    (folder / "reporting").mkdir()
    for sheet in sheets:
        (folder / sheet).write_text(with_imports(sheet, lambda name: (static / name).read_text()))
    return folder


@pytest.fixture(autouse=True)
def _style_sheet_in_one(_joined, settings):
    """axe would look for the parts of another beside the page, and not find them."""
    settings.STATICFILES_DIRS = [_joined, *settings.STATICFILES_DIRS]


@pytest.fixture(scope="session")
def browser():
    with pytest.MonkeyPatch.context() as environment:
        # Playwright keeps an event loop in the tests' thread, and Django would refuse to query there.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
            yield browser
            browser.close()


@pytest.fixture(scope="session")
def devices(browser, live_server):
    return Devices(browser, live_server.url)


@pytest.fixture
def screen(request):
    """A phone's, but in a file about people who sit at a desk; test_every_route.py looks at every page on both."""
    return SCREENS[getattr(request.module, "SCREEN", "phone")]


@pytest.fixture
def set_clock(settings):
    """Moves the server's clock: it reads the moment given, and goes on from there."""

    def set_to(moment):
        settings.DEMO_OFFSET = (at(moment) - timezone.now()).total_seconds()

    set_to(NEWCOMER_ARRIVES)
    return set_to


@pytest.fixture
def expected_complaints():
    """Beginnings of what the browser itself says of what a test does to it, such as cutting its line."""
    return []


@pytest.fixture
def open_browser(devices, live_server, screen, set_clock, expected_complaints):
    """A function that gives a person a device; what its pages complain of fails the test at its end.

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
