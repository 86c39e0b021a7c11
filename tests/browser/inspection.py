"""What every page must be: no wider than its screen, free of accessibility findings, in Vietnamese, easy to touch."""

import os
import re
from functools import cache
from itertools import count
from pathlib import Path

import polib
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.conf import settings

PICTURES = os.environ.get("BROWSER_PICTURES", "")  # a folder that keeps a picture of each page inspected
TOUCH = 44  # CSS pixels
# A tick box is touched by its label, a choice by its whole line.
TOUCHED = (
    "button, .button, .step, summary, textarea, select, .choices label, .tick, .head-inbox, .tabs a, .to-do a, "
    ".contacts a, input:not([type=hidden]):not([type=checkbox]):not([type=radio])"
)
TOO_SMALL = """([selector, least]) => [...document.querySelectorAll(selector)]
  .filter((element) => element.checkVisibility() && element.getClientRects().length)
  .map((element) => [element, element.getBoundingClientRect()])
  .map(([element, box]) => [element, box, element.closest(".dense") && matchMedia("(min-width: 46.01rem)").matches])
  .filter(([, box, isDense]) => box.height < (isDense ? 28 : least) || box.width < (isDense ? 28 : least))
  .map(([element, box]) => `${element.outerHTML.slice(0, 90)}: ${box.width} x ${box.height}`)"""
CUT_OFF = """() => [...document.querySelectorAll("body *")]
  .filter((element) => element.checkVisibility() && !element.closest("svg, thead, .hidden, .skip"))
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1
    || (element.matches("button, .button, .big, .status, td, th") && element.scrollWidth > element.clientWidth + 1))
  .map((element) => element.outerHTML.slice(0, 90))"""
# Texts that are the same in every language, such as names of the API, are marked in the page.
WORDS = """() => {
  const names = [...document.querySelectorAll("[translate=no]:not([hidden])")]
  names.forEach((element) => { element.hidden = true })
  const text = document.body.innerText
  names.forEach((element) => { element.hidden = false })
  return [document.title, text, ...[...document.querySelectorAll("[aria-label], [title]")]
    .flatMap((element) => [element.getAttribute("aria-label"), element.getAttribute("title")])].join("\\n")
}"""
# Nothing is returned for the thousands of other nodes, which are right.
VIOLATIONS = "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => ({ violations }))"
# English words that are no Vietnamese syllables: Django's own strings are not in our catalogue.
ENGLISH_WORDS = re.compile(
    r"\b(the|of|and|your|is|are|was|not|with|for|please|enter|password|must|this|that|you|day|report|unit)\b", re.I
)
# The link to the other language, and the name of a key.
ENGLISH_BUTTON, KEY = re.compile(r"^\s*English\s*$", re.M), re.compile(r"\bphím Enter\b")

_numbers = count(1)


def inspect(page):
    """Check the page as it is, once it has loaded."""
    check_appearance(page)
    check_accessibility(page)


def check_appearance(page, *, language="vi"):
    """What anybody sees: nothing cut off, all of it in one language, large enough to touch."""
    page.wait_for_load_state()
    _keep_picture(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{page.url} scrolls sideways"
    assert page.evaluate(CUT_OFF) == []
    assert page.evaluate(TOO_SMALL, [TOUCHED, TOUCH]) == []
    assert page.locator("html").get_attribute("lang") == language
    if language == "vi":
        assert english_left(page.evaluate(WORDS)) == []


def check_accessibility(page):
    """axe finds nothing. Its half a megabyte is loaded once per page, however often it is checked."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    findings = AxeResults(page.evaluate(VIOLATIONS))
    assert findings.violations_count == 0, findings.generate_report()


def english_left(text):
    """English phrases of our catalogue, and English words, in what should be Vietnamese."""
    text = KEY.sub("", ENGLISH_BUTTON.sub("", text))
    phrases = [match[0] for phrase in _english_phrases() if (match := phrase.search(text))]
    return phrases + [match[0] for match in ENGLISH_WORDS.finditer(text)]


@cache
def _english_phrases():
    catalogue = polib.pofile(str(Path(settings.LOCALE_PATHS[0], "vi", "LC_MESSAGES", "django.po")))
    patterns = []
    for entry in catalogue:
        for phrase in filter(None, [entry.msgid, entry.msgid_plural]):
            fixed = re.split(r"%\(\w+\)s|\{\w+\}", phrase)
            if phrase != entry.msgstr and re.search(r"\w\W+\w", phrase) and re.search(r"[a-z]", "".join(fixed), re.I):
                patterns.append(re.compile(r"\S+".join(re.escape(part) for part in fixed)))
    return patterns


def _keep_picture(page):
    if PICTURES:
        test = re.sub(r"\W+", "-", os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].removesuffix(" (call)"))
        page.screenshot(path=Path(PICTURES, f"{test.strip('-')}-{next(_numbers):03}.png"), full_page=True)
