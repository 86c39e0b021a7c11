"""What people in the tests hold in their hands: a context of Chromium each, lent, wiped when it comes back.

A new context costs half a second of a core, for Chromium starts a process for it; wiping one costs a twentieth. What
cannot be wiped off (a script put into every page, a stopped clock) is done to a device of one's own, thrown away.
"""

from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, Route

SCREENS = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}
PATIENCE = 10_000  # milliseconds that a condition may take on a busy machine
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
NOWHERE = "/nowhere"  # a page of this host on which nothing runs and whose icon need not be asked for
FORGET = "() => { for (const kept of [localStorage, sessionStorage]) kept.clear(); }"
IS_STOPPED = "() => '__pwClock' in window"
BLOCKED_WORKER = "Service Worker registration blocked by Playwright"  # in all tests but those of the worker itself
STATUS_OF_A_PAGE = "Failed to load resource: the server responded with a status of"


@dataclass(eq=False)
class Device:
    """A context with the one page that is looked at, and what its pages complained of."""

    kind: tuple
    is_own: bool
    context: BrowserContext
    page: Page
    complaints: list[tuple[str, str]] = field(default_factory=list)  # where, and what

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append((page.url, str(error))))
        page.on("console", self._hear)
        page.on("response", self._look_at)

    def complaints_but(self, expected: list[str]) -> list[str]:
        """What was complained of, without what begins as expected."""
        return [f"{where}: {what}" for where, what in self.complaints if not what.startswith(tuple(expected))]

    def _hear(self, message: ConsoleMessage) -> None:
        """Errors and warnings; the status of a page itself (422, 409, 404) is the test's to judge."""
        if message.type in ("error", "warning") and not message.text.startswith((STATUS_OF_A_PAGE, BLOCKED_WORKER)):
            self.complaints.append((message.location["url"], message.text))

    def _look_at(self, response: Response) -> None:
        is_page = response.request.is_navigation_request() or response.request.method == "POST"
        if response.status >= 400 and not is_page:
            self.complaints.append((response.url, str(response.status)))


class Devices:
    """Those of one browser; as many of a kind as ever were held at once."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser, self._base_url = browser, base_url
        self._idle: list[Device] = []

    def lend(
        self, *, screen: dict, scheme: str = "light", permissions: tuple = (), own: bool = False, **kind
    ) -> Device:
        """One with that screen; `kind` is what Chromium fixes when it makes a context, and `own` makes a new one."""
        usual = {"locale": "vi-VN", "java_script_enabled": True, "service_workers": "block"}
        wanted = tuple(sorted({**usual, **kind}.items()))
        device = self._take(wanted) if not own else self._make(wanted, is_own=True)
        device.complaints.clear()
        device.context.grant_permissions(list(permissions))
        device.page.set_viewport_size(screen)
        device.page.emulate_media(color_scheme=scheme)
        return device

    def take_back(self, device: Device) -> None:
        """Wipe it, so that who holds it next finds nothing of this one."""
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
        page.route(NOWHERE, _nothing, times=1)
        page.goto(NOWHERE)  # what a page does when it is left is done before all is forgotten
        page.evaluate(FORGET)
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
