"""Malicious stored text is plain text on every page: nothing runs, nothing is loaded, the policy never has to act.

`payloads.fill` puts it into every field that takes text, past all forms; then every page is opened, also the
administrator's. `open_browser` fails if something runs on a page or if the page writes a message.
"""

import pytest
from django.contrib import admin

from reporting.models import Downtime, ImportFile

from ..payloads import ATTRIBUTE, BEFORE, IMAGE, LINK, OVERRIDE, SCRIPT, TYPED, fill, text_of
from .steps import give_session
from .test_every_route import PAGES

# The beginning of the text fits the short fields too; long fields have all of it.
REST = f"{SCRIPT}{IMAGE}{ATTRIBUTE}{LINK}{OVERRIDE}@SUM(1)"
WALKS = {"script": SCRIPT + REST, "attribute": ATTRIBUTE + REST}
WATCH = """
window.hit = () => console.error("a payload ran");
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => console.error(`${name}() ran`);
"""
INJECTED = """[...document.querySelectorAll("[onerror], [onfocus], [onload], script:not([src]), img[src=x]")]
  .map((element) => element.outerHTML.slice(0, 200))"""
ALL_TEXT = """() => [document.documentElement.textContent,
  ...[...document.querySelectorAll("input, textarea, option")].map((element) => element.value),
  ...[...document.querySelectorAll("*")].flatMap((element) => [...element.attributes].map((a) => a.value)),
].join("\\n")"""
OF_MANY_UNITS = "Unit.region"  # shown with more than forty units right below one: tests/test_trees.py
# Withdrawn only together with their reorganisation, whose page shows the reason to the city.
OF_A_REORGANISATION = {"BaseFigure.withdrawal_reason", "UnitName.withdrawal_reason"}
OTHERS = [
    ("neighbour_officer", "/units/11407/"),
    ("neighbour_officer", f"/units/11407/late/{BEFORE}/"),
    ("neighbour_officer", "/inbox/"),
    ("other_clerk", f"/units/311/review/{BEFORE}/"),
    ("other_clerk", "/inbox/"),
]


def administrators_pages():
    for model, page in admin.site._registry.items():
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        if model._meta.app_label == "reporting":
            yield path
            yield f"{path}{page.model._base_manager.order_by('pk').last().pk}/change/"


def visits(cast):
    """Who visits what: the visits of test_every_route.py, a file before it is applied, the administrator's pages."""
    found = {}
    for person, path in [*OTHERS, *(visit for of_a_route in PAGES.values() for visit in of_a_route)]:
        found.setdefault(person, []).append(path)
    kept = ImportFile.objects.get()
    shown = ["error", "changed", "new", "unchanged", "left_out"]
    found["city_clerk"] += [f"/imports/reports/{kept.pk}/?show={outcome}" for outcome in shown]
    found["admin"] = ["/admin/", *administrators_pages()]
    return found


def fail(dialog):
    pytest.fail(dialog.message)


def single(text):
    return " ".join(text.split())


@pytest.mark.matrix
@pytest.mark.parametrize("payload", WALKS.values(), ids=WALKS)
def test_payload_is_text_on_every_page_that_shows_it(payload, cast, open_browser):
    fill(cast, payload)
    wanted = {name: single(text_of(name, payload)) for name in TYPED if name != OF_MANY_UNITS}
    seen = {}
    page = open_browser(own=True)
    page.add_init_script(WATCH)
    page.on("dialog", fail)
    for person, paths in visits(cast).items():
        page.context.clear_cookies()
        if person:
            give_session(page, getattr(cast, person))
        for path in paths:
            page.goto(path.format(officer=cast.officer.pk, downtime=Downtime.objects.first().pk))
            assert "/login/" not in page.url or not person, path
            assert page.evaluate(INJECTED) == [], path
            text = single(page.evaluate(ALL_TEXT))
            for name, whole in wanted.items():
                if whole in text:
                    seen.setdefault(name, set()).add(person)
    assert set(wanted) - set(seen) == OF_A_REORGANISATION
    assert {"admin"} not in seen.values()
