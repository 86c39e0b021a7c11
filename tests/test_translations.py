"""The Vietnamese catalogue is complete and compiled; dates and numbers are as officials write them."""

import re
from datetime import date
from pathlib import Path

import polib
import pytest
from django import forms
from django.conf import settings
from django.utils import formats, translation

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


def test_form_is_read_in_vietnamese(cast):
    page = look(cast.officer, "unit", "11416")
    for words in ("Phường Đằng Hải", "Thứ Sáu 21/08/2020", "Chưa báo cáo", "Số máy cài mới", "GỬI BÁO CÁO"):
        assert words in page.text
    assert "còn 5 giờ 0 phút" in page.text
    assert page.headers["Content-Language"] == "vi"


def test_vietnamese_dates_are_day_month_year():
    with translation.override("vi"):
        assert forms.DateField().clean("05/08/2020") == date(2020, 8, 5)
        assert formats.date_format(date(2020, 8, 5)) == "05/08/2020"
        assert formats.date_format(date(2020, 8, 5), "SHORT_DATE_FORMAT") == "05/08/2020"


def test_vietnamese_numbers_have_dots_for_thousands_and_a_decimal_comma():
    with translation.override("vi"):
        assert formats.number_format(1234567, force_grouping=True) == "1.234.567"
        assert formats.number_format(28.99, decimal_pos=2) == "28,99"


def _texts(catalogue):
    return {(entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural) for entry in catalogue}


def _pairs(entry):
    """Each Vietnamese text with its English original; Vietnamese has one form, that of the plural."""
    if entry.msgid_plural:
        return [(entry.msgid_plural, text) for text in entry.msgstr_plural.values()]
    return [(entry.msgid, entry.msgstr)]
