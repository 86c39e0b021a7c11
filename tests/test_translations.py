"""The Vietnamese catalogue is complete and compiled; dates and numbers are as officials write them."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

from .views.visits import look

CATALOGUE = Path(settings.LOCALE_PATHS[0], "vi", "LC_MESSAGES", "django.po")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(CATALOGUE))


def test_compiled_catalogue_equals_its_source(catalogue):
    assert _texts(polib.mofile(str(CATALOGUE.with_suffix(".mo")))) == _texts(catalogue)


def test_catalogue_holds_nothing_fuzzy_untranslated_or_obsolete(catalogue):
    unfinished = [*catalogue.fuzzy_entries(), *catalogue.untranslated_entries(), *catalogue.obsolete_entries()]
    assert [entry.msgid for entry in unfinished] == []


def test_placeholders_are_the_same_in_both_languages(catalogue):
    differing = [
        (msgid, msgstr)
        for entry in catalogue
        if entry.msgctxt != "level of units"  # English has one word, Vietnamese uses the kinds
        for msgid, msgstr in _pairs(entry)
        if sorted(PLACEHOLDER.findall(msgid)) != sorted(PLACEHOLDER.findall(msgstr))
    ]
    assert differing == []


NOUNS = (  # of the domain, with a second meaning in English or on another page
    *("confirmation", "decision", "order", "place", "plan", "remark", "report", "request", "result"),
    *("return", "seal", "sum"),
)


def test_noun_of_the_domain_has_one_sense(catalogue):
    """An order of the kind “plan” was once printed as “what will be recorded”, the other “plan” of the pages."""
    with_context = {entry.msgid.lower() for entry in catalogue if entry.msgctxt}
    bare = {entry.msgid.lower(): entry.msgid for entry in catalogue if not entry.msgctxt}
    assert {"plan", "seal", "decision"} <= with_context
    assert [bare[noun] for noun in NOUNS if noun in bare and noun in with_context] == []
    senses = {}
    for entry in catalogue:
        if entry.msgid.lower() in NOUNS:
            senses.setdefault((entry.msgctxt, entry.msgid.lower()), set()).add(entry.msgstr.lower())
    assert [sense for sense, words in senses.items() if len(words) > 1] == []


def test_form_is_read_in_vietnamese(cast):
    page = look(cast.officer, "unit", "11416")
    for words in ("Phường Đằng Hải", "Thứ Sáu 21/08/2020", "Chưa báo cáo", "Số máy cài mới", "GỬI BÁO CÁO"):
        assert words in page.text
    assert "còn 5 giờ 0 phút" in page.text
    assert page.headers["Content-Language"] == "vi"


def _texts(catalogue):
    return {(entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural) for entry in catalogue}


def _pairs(entry):
    """Each Vietnamese text with its English original; Vietnamese has one form, that of the plural."""
    if entry.msgid_plural:
        return [(entry.msgid_plural, text) for text in entry.msgstr_plural.values()]
    return [(entry.msgid, entry.msgstr)]
