"""The guide of who reports is one sheet of A4; the hints of a first visit go with one click."""

import re

import pytest
from playwright.sync_api import expect

from .inspection import inspect
from .steps import follow, sign_in, with_history

SIDES = ("top", "right", "bottom", "left")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.matrix  # a walk of many pages
def test_guide_of_who_reports_prints_on_one_sheet_in_both_languages(cast, open_browser):
    page = open_browser(screen={"width": 1280, "height": 800})
    for language in ("vi", "en"):
        page.goto("/guide/officer/")
        if language == "en":
            follow(page.get_by_role("button", name="English"))
            page.goto("/guide/officer/")
        page.locator(".guide img").last.scroll_into_view_if_needed()
        page.wait_for_function("[...document.images].every((image) => image.complete && image.naturalWidth)")
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", margin=dict.fromkeys(SIDES, "15mm")))) == 1


@pytest.mark.matrix  # a walk of many pages
def test_hints_are_closed_for_good(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    hints = page.get_by_role("region", name="Lần đầu sử dụng?")
    expect(hints.get_by_role("listitem")).to_have_count(3)
    inspect(page)
    follow(hints.get_by_role("button", name="Đã hiểu, không hiện lại"))
    expect(page.locator("form.report")).to_be_visible()
    expect(hints).to_have_count(0)
    page.goto("/guide/")
    inspect(page)
