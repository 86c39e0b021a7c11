"""The guide for an officer fits one A4 sheet; one click closes the hints of a first visit."""

import re

import pytest

from .steps import follow

SIDES = ("top", "right", "bottom", "left")


@pytest.mark.matrix  # slow: visits many pages
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
