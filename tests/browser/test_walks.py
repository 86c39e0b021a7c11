"""Random walks of an officer's phone, with the real service worker: each press ends in one state, as on the server.

Numbers from 11 on and from 9011 on are pressed, those from 70 on only typed, those from 600 on sent by another device.
"""

import re
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random

import pytest
from django.conf import settings as configured
from playwright.sync_api import Error, TimeoutError

from reporting import clock
from reporting.acts import Conflict, DayClosed
from reporting.models import LateRequest, Revision
from reporting.views import public

from ..factories import DAY, make_extension, make_report
from .steps import DAY_BEFORE, give_session, sign_in, with_history

IN_EVERY_RUN, OTHERS, STEPS = range(1), range(1, 100), 14
HOURS = ["2020-08-21 16:59:58", "2020-08-21 17:01:00", "2020-08-21 18:01:00"]
# A browser that does not answer fails the walk; otherwise Playwright waits for ever.
ANSWER = "Promise.race([%s, new Promise((_done, failed) => setTimeout(failed, 20000, 'no answer'))])"
READY = "(async () => { while (document.readyState !== 'complete') await new Promise((go) => setTimeout(go, 50)); })()"
KEPT = ANSWER % f"{READY}.then(() => (typeof outbox === 'undefined' ? [] : outbox.all()))"
UPDATE = "navigator.serviceWorker.getRegistration().then((one) => { one?.update().catch(() => {}); })"
# A form that is ready says that it has saved what was typed.
TYPE = """(number) => {
  const form = document.querySelector("form.report[data-of]");
  if (!form?.elements.namedItem("installs")?.checkVisibility()) return "no form";
  for (const [name, value] of [["installs", number], ["reason", "Mất mạng"], ["explanation", "Đã đếm lại"]]) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  form.elements.installs.focus();
  form.elements.installs.dispatchEvent(new Event("input", { bubbles: true }));
  return form.querySelector(".draft [role=status]").textContent.startsWith("Đã lưu");
}"""
PRESS = """(number) => {
  const form = document.querySelector("form.report[data-of]");
  if (form?.elements.namedItem("installs")?.value !== number) return null;
  if (form.elements.confirm) form.elements.confirm.checked = true;
  form.requestSubmit(form.querySelector("button.primary"));
  return form.dataset.of.split("/")[0];
}"""
ANSWERS = "() => [...document.querySelectorAll('dialog[open] button:not([hidden])')].map((one) => one.value)"
SHOWN_TO = "(own) => [undefined, own].includes(document.querySelector('form.report')?.dataset.of.split('/')[0])"
# What the page says of the presses, kept for the end of the walk.
LISTEN = r"""new MutationObserver(() => {
  const said = document.querySelector(".outbox:not([hidden])")?.innerText;
  if (said) localStorage.said = `${localStorage.said || ""}\n${said}`;
}).observe(document, { childList: true, subtree: true })"""
SAID = "() => localStorage.said || ' '"  # never false, for which it would wait
REPLACED = "đã được thay bằng số gửi sau"
ENDS = ["recorded", "asked", "late", "refused", "conflict", "replaced", "discarded"]
SENT = "...item.fields"
LIVE = "...(self.document ? Object.fromEntries(new FormData(document.querySelector('form.report'))) : item.fields)"


class Walk:
    def __init__(self, page, cast, seed, *, set_clock, monkeypatch):
        self.page, self.cast, self.random, self.user = page, cast, Random(seed), cast.officer
        self.set_clock, self.monkeypatch, self.hours = set_clock, monkeypatch, iter(HOURS)
        self.officers = {"11416": cast.officer, "11407": cast.neighbour_officer}
        self.numbers, self.typed, self.others = count(11), count(70), count(600)
        self.pressed, self.discarded, self.trace = {}, set(), []  # pressed: the unit of each number
        self.unknown = set()  # pressed, or the page was left before
        self.is_cut, self.server, self.held = False, "answers", []
        page.context.route("**/report/**", self.answer)
        page.context.add_init_script(LISTEN)

    def answer(self, route):
        if self.server == "away":
            route.fulfill(status=self.random.choice([502, 503, 504]), body="away")
        elif self.server == "silent" and self.is_own_page_of_a_form(route.request):
            route.abort("timedout")  # the worker waits for it until the browser gives up, after five minutes
        elif self.server == "silent" and route.request.resource_type == "fetch":
            if self.random.random() < 0.5:
                with suppress(Error):  # the page is left
                    route.fetch(max_redirects=0)  # it has the press, which the phone does not know
            self.held.append(route)
        else:
            route.fallback()

    @staticmethod
    def is_own_page_of_a_form(request):
        return request.method == "POST" and request.service_worker and "x-press" not in request.headers

    def run(self, steps):
        for step in steps:
            self.trace.append(step)
            getattr(self, step)()
            self.page.wait_for_timeout(self.random.choice([0, 50, 200]))

    def persist(self, act):
        for _time in range(20):
            try:
                return act()
            except TimeoutError:
                self.leave_stuck_page()
            except Error:  # the page itself goes elsewhere
                self.page.wait_for_timeout(300)
        raise AssertionError("the page does not answer")

    def leave_stuck_page(self):
        """Chromium under this driver sometimes ends no navigation while a worker is renewed: people open a new tab."""
        stuck, self.page = self.page, self.page.context.new_page()
        self.trace.append("stuck")
        stuck.close()
        with suppress(Error):
            self.page.goto("/")

    def go(self, path):
        return self.persist(lambda: self.page.goto(path))

    @staticmethod
    def sees(element):
        """Whether it is there. Playwright's own `is_visible` waits for ever for a page that is being left."""
        with suppress(Error):
            element.wait_for(timeout=1000)
            return True

    def kept(self):
        """Number, state and person of each press and draft on the device."""
        records = self.persist(lambda: self.page.wait_for_function(KEPT).json_value())
        return [(int(one["number"]), one["state"], one["user"]) for one in records if one.get("number", "–") != "–"]

    def type(self, number=None):
        number = str(number or next(self.typed))
        typed = self.persist(lambda: self.page.wait_for_function(TYPE, arg=number, polling=50).json_value())
        return number if typed is True else ""

    def press(self, number=None):
        number = self.type(number or next(self.numbers))
        try:
            unit = self.page.evaluate(PRESS, number) if number else ""
        except Error:  # the page was left
            self.unknown.add(int(number))
        else:
            self.pressed |= {int(number): unit} if unit else {}

    def question(self):
        number = 9000 + next(self.numbers)
        self.press(number)
        self.page.wait_for_timeout(600)
        if self.sees(self.page.locator(".question")):
            self.press(number)  # with the tick

    def line(self):
        self.is_cut, self.server = not self.is_cut, "answers"
        self.page.context.set_offline(self.is_cut)
        while self.held:
            self.held.pop().abort()

    def fault(self):
        self.server = self.random.choice(["silent", "away"])

    def visit(self):
        self.go(self.random.choice(["/", "/", f"/units/11416/late/{DAY}/"]))

    def hour(self):
        self.set_clock(next(self.hours, HOURS[-1]))

    def extension(self):
        make_extension(self.cast.commune)

    def colleague(self):
        """Sends from another device."""
        number = next(self.others)
        with suppress(Conflict, DayClosed):
            make_report(self.cast.commune, installs=number, by=self.cast.officer, arrived_at=clock.now())

    def tab(self):
        pages = self.page.context.pages
        self.page = self.random.choice(pages) if len(pages) > 2 else self.page.context.new_page()
        self.page.bring_to_front()
        if self.page.url == "about:blank":
            self.go("/")

    def officer(self):
        """Another officer takes the phone."""
        own, user = next(one for one in self.officers.items() if one[1] != self.user)
        self.sign_in(user)
        if not self.is_cut and self.server == "answers":
            self.persist(lambda: self.page.wait_for_function(SHOWN_TO, arg=own))

    def sign_in(self, user):
        self.user = user
        give_session(self.page, user)
        self.go("/")

    def sign_out(self):
        if not self.sees(self.page.get_by_text("Menu", exact=True)):
            return
        unsent = {number for number, _state, user in self.kept() if user == self.user.username}
        with suppress(Error):  # the page is left
            self.page.get_by_text("Menu", exact=True).click(timeout=1000)
            self.page.get_by_role("button", name="Đăng xuất", exact=True).click(timeout=1000)
        self.page.wait_for_timeout(300)
        answers = self.persist(lambda: self.page.wait_for_function(ANSWERS).json_value())
        if answers:
            answer, is_given = self.random.choice(answers), False
            with suppress(Error):  # the page is left
                self.page.locator(f"dialog[open] button[value='{answer}']").click(timeout=5000)
                is_given = True
            is_given = is_given or self.sees(self.page.get_by_label("Mật khẩu"))
            self.discarded |= unsent if is_given and answer == "discard" else set()
        self.page.wait_for_timeout(500)
        if self.sees(self.page.get_by_label("Mật khẩu")):
            self.sign_in(self.user)

    def release(self):
        digest = str(self.random.random())
        self.monkeypatch.setattr(public, "render_to_string", lambda name: digest)
        with suppress(Error):  # the page is left
            self.page.evaluate(UPDATE)

    def settle(self):
        """The line is back; each person signs in and answers what the phone asks."""
        self.is_cut = True
        self.line()
        for page in self.page.context.pages:
            if page != self.page:
                page.close()
        for user in self.officers.values():
            self.sign_in(user)
            for _time in range(120):
                self.persist(lambda: self.page.wait_for_function("() => typeof outbox !== 'undefined'"))
                if not any((state, name) == ("waiting", user.username) for _number, state, name in self.kept()):
                    break
                with suppress(Error):  # the page is left, or the line has another state
                    self.page.evaluate("dispatchEvent(new Event('online'))")
                    self.page.get_by_role("button", name="Gửi", exact=True).first.click(timeout=400)

    def check(self):
        own = Revision.objects.filter(report__day=DAY, kind=Revision.Kind.OWN, installs__isnull=False)
        recorded = [*own.exclude(installs__range=(600, 699)).values_list("installs", "report__unit__code")]
        recorded += LateRequest.objects.values_list("installs", "unit__code")
        assert len(recorded) == len(set(recorded)), "recorded twice"
        assert {one for one in recorded if one[0] not in self.unknown} <= set(self.pressed.items()), "never pressed"
        kept, said = self.kept(), self.persist(lambda: self.page.wait_for_function(SAID).json_value())
        for place, (number, unit) in enumerate(self.pressed.items(), 1):
            ends = [state for one, state, _user in kept if one == number and state != "draft"]
            if (number, unit) in recorded:
                ends = [state for state in ends if state != "received"] + ["recorded"]
            elif not ends and re.search(rf"\b{number} · [^·]+ · {REPLACED}", said):
                ends = ["replaced"]
            elif not ends and number in self.discarded:
                ends = ["discarded"]
            later = {*[*self.pressed][place:], *self.unknown}
            if not any(one in later and of == unit for one, of in recorded):
                ends = [state for state in ends if state != "replaced"]
            assert [state in ENDS for state in ends] == [True], f"{number} ended as {ends}"


WALKED = ["press"] * 5 + ["type"] * 3 + ["line"] * 4 + ["visit"] * 4 + ["tab"] * 2 + ["fault"] * 2
WALKED += ["question", "extension", "hour", "officer", "sign_out", "release", "colleague"]


@pytest.fixture
def start(cast, open_browser, set_clock, monkeypatch, expected_complaints):
    def begin(seed, script=None):
        expected_complaints.extend(["Failed to load resource", "The FetchEvent for", "50", "404", "403"])
        monkeypatch.setattr(public, "PATIENCE", 8000)  # less than Playwright waits for a page
        with_history(cast)
        make_report(cast.neighbour, DAY_BEFORE, installs=50, opening=3000)
        page = open_browser(own=True, service_workers="allow")
        if script:
            page.context.route("**/form.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
        sign_in(page, cast.officer)
        assert page.evaluate(ANSWER % "navigator.serviceWorker.ready.then(() => true)")
        return Walk(page, cast, seed, set_clock=set_clock, monkeypatch=monkeypatch)

    return begin


@pytest.mark.parametrize("seed", [*IN_EVERY_RUN, *(pytest.param(one, marks=pytest.mark.matrix) for one in OTHERS)])
def test_each_press_of_a_walk_ends_in_one_state_as_on_the_server(seed, start):
    walk = start(seed)
    try:
        walk.run(walk.random.choices(WALKED, k=STEPS))
        walk.settle()
        walk.check()
    except BaseException as failure:
        failure.add_note(f"{walk.trace}, pressed {walk.pressed}, kept {walk.kept()}")
        raise


def test_control_that_sends_the_live_form_is_found(start):
    script = Path(configured.BASE_DIR, "static/reporting/form.js").read_text()
    assert SENT in script
    walk = start(0, script.replace(SENT, LIVE))
    walk.run(["line", "press", "type", "line"])
    walk.settle()
    with pytest.raises(AssertionError, match="never pressed"):
        walk.check()
