"""Chromium against the live server: one browser for all tests, a context of its own for each person in a test.

A page that complains in the console, breaks the content security policy or fails to load a part fails its test.
"""

import shutil

import pytest
from django.utils import timezone
from playwright.sync_api import sync_playwright

from ..factories import at

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREENS = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}
NEWCOMER_ARRIVES = "2020-08-21 15:35:30"
PATIENCE = 10_000  # milliseconds that a condition may take on a busy machine
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
STATUS_OF_A_PAGE = "Failed to load resource: the server responded with a status of"


@pytest.fixture(scope="session")
def browser():
    with pytest.MonkeyPatch.context() as environment:
        # Playwright keeps an event loop in the tests' thread, and Django would refuse to query there.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
            yield browser
            browser.close()


@pytest.fixture(params=SCREENS.values(), ids=SCREENS.keys())
def screen(request):
    """Each flow runs on a phone and at a desk."""
    return request.param


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
def open_browser(browser, live_server, screen, set_clock, expected_complaints):
    """A function that gives a person a browser of his own; what the pages complain of fails the test at its end."""
    contexts, complaints = [], []

    def watch(page):
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: complaints.extend(_complaint(message, expected_complaints)))
        page.on("response", lambda response: complaints.extend(_failed_part(response)))

    def open_one(**options):
        context = browser.new_context(
            base_url=live_server.url, viewport=screen, **{"locale": "vi-VN", "accept_downloads": True, **options}
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("page", watch)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_browser):
    return open_browser()


def _complaint(message, expected):
    """Errors and warnings; the status of a page itself (422, 409, 404) is the test's to judge."""
    if message.type in ("error", "warning") and not message.text.startswith((STATUS_OF_A_PAGE, *expected)):
        yield f"{message.location['url']}: {message.text}"


def _failed_part(response):
    is_page = response.request.is_navigation_request() or response.request.method == "POST"
    if response.status >= 400 and not is_page:
        yield f"{response.url}: {response.status}"
