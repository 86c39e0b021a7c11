"""The devices of people in the tests: one Chromium context each, lent, and wiped when it comes back.

A new context costs half a second of a core, because Chromium starts a process for it; wiping costs a twentieth of that.
A test that does what cannot be undone (a script in every page, a stopped clock) gets a device of its own, which is
thrown away.
"""

from contextlib import suppress
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Response, Route

SCREENS = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}
PATIENCE = 30_000  # milliseconds to wait for a condition on a busy machine
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
NOWHERE = "/nowhere"  # a page of this host without scripts and without an icon
FORGET = "() => { sessionStorage.clear(); indexedDB.deleteDatabase('outbox'); }"
IS_STOPPED = "() => '__pwClock' in window"
BLOCKED_WORKER = "Service Worker registration blocked by Playwright"  # in all tests except those of the worker itself
STATUS_OF_A_PAGE = "Failed to load resource: the server responded with a status of"


@dataclass(eq=False)
class Device:
    """A context with one page, and the messages of its pages."""

    kind: tuple
    is_own: bool
    context: BrowserContext
    page: Page
    complaints: list[tuple[str, str]] = field(default_factory=list)  # address, and message

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append((page.url, str(error))))
        page.on("console", self._hear)
        page.on("response", self._look_at)

    def complaints_but(self, expected: list[str]) -> list[str]:
        """The messages, except those that begin as expected."""
        return [f"{where}: {what}" for where, what in self.complaints if not what.startswith(tuple(expected))]

    def _hear(self, message: ConsoleMessage) -> None:
        """Errors and warnings. The test itself checks the status of a page (422, 409, 404)."""
        if message.type in ("error", "warning") and not message.text.startswith((STATUS_OF_A_PAGE, BLOCKED_WORKER)):
            self.complaints.append((message.location["url"], message.text))

    def _look_at(self, response: Response) -> None:
        is_page = response.request.is_navigation_request() or response.request.method == "POST"
        if response.status >= 400 and not is_page:
            self.complaints.append((response.url, str(response.status)))


class Devices:
    """The devices of one browser; as many of a kind as were in use at once."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser, self._base_url = browser, base_url
        self._idle: list[Device] = []

    def lend(
        self, *, screen: dict, scheme: str = "light", permissions: tuple = (), own: bool = False, **kind
    ) -> Device:
        """A device with that screen; `kind` is fixed when a context is made, and `own` makes a new one."""
        usual = {"locale": "vi-VN", "java_script_enabled": True, "service_workers": "block"}
        wanted = tuple(sorted({**usual, **kind}.items()))
        device = self._take(wanted) if not own else self._make(wanted, is_own=True)
        device.complaints.clear()
        device.context.grant_permissions(list(permissions))
        device.page.set_viewport_size(screen)
        device.page.emulate_media(color_scheme=scheme)
        return device

    def take_back(self, device: Device) -> None:
        """Wipe it, so that the next person finds nothing of this one."""
        if device.is_own:
            device.context.close()
            return
        page, context = device.page, device.context
        for other in context.pages:
            if other is not page:
                other.close()
        context.set_offline(False)
        context.unroute_all()
        page.unroute_all()
        page.emulate_media(media="null", reduced_motion="null")
        page.route(NOWHERE, _nothing)
        with suppress(Error):  # the page itself goes elsewhere
            page.goto(NOWHERE)  # scripts that run when a page is left must finish first
        page.goto(NOWHERE)
        page.evaluate(FORGET)
        page.unroute_all()
        context.clear_cookies()
        context.clear_permissions()
        assert not page.evaluate(IS_STOPPED), "no clock is set going again: ask for a device of one's own"
        self._idle.append(device)

    def _take(self, kind: tuple) -> Device:
        for device in reversed(self._idle):
            if device.kind == kind:
                self._idle.remove(device)
                return device
        return self._make(kind)

    def _make(self, kind: tuple, *, is_own: bool = False) -> Device:
        context = self._browser.new_context(base_url=self._base_url, accept_downloads=True, **dict(kind))
        context.set_default_timeout(PATIENCE)
        context.add_init_script(REPORT_VIOLATIONS)
        device = Device(kind, is_own, context, context.new_page())
        device.watch(device.page)
        context.on("page", device.watch)
        return device


def _nothing(route: Route) -> None:
    route.fulfill(body='<link rel="icon" href="data:,">', content_type="text/html")
