"""Sentences made of parts; the record decides which parts there are."""

import re
from datetime import date

import pytest
from django.template import Context, Template

from reporting.models import LateRequest, Unit
from reporting.templatetags import reporting as tags

from .factories import make_figure


def unsaved_request(*, level=Unit.Level.COMMUNE, **fields):
    return LateRequest(unit=Unit(level=level), **{"installs": None, "adjustment": 0, **fields})


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (unsaved_request(installs=1088), "1.088 máy"),
        (unsaved_request(installs=88, level=Unit.Level.AGENCY), "88 người cài mới"),
        (
            unsaved_request(installs=88, covers_from=date(2020, 8, 19), households_visited=46, opening=3324),
            "88 máy (tính từ ngày 19/08), số hộ mới đến vận động: 46, trước đợt: 3.324",
        ),
        (unsaved_request(installs=88, cumulative=3412, covers_from=date(2020, 8, 19)), "lũy kế 3.412"),
        (unsaved_request(adjustment=-12), "điều chỉnh lũy kế -12"),
    ],
)
def test_what_is_asked_for(request_, words):
    assert tags.request_words(request_) == words
    assert tags.waiting_words(request_) == f"chờ tiếp nhận: {re.split(r' [(]|, ', words)[0]}"


def test_sources_of_figures():
    sources = [("Niên giám", date(2020, 1, 1)), ("", date(2020, 8, 1))]
    assert tags.sources_words(sources) == "Niên giám, 01/01/2020; 01/08/2020"


def test_names_in_a_row_are_escaped_by_the_page():
    rows = [make_figure("31/11407/", name="Cát <b>Bi</b>"), make_figure("31/11416/", name="Đằng Hải")]
    page = Template("{% load reporting %}{{ rows|joined_names }}").render(Context({"rows": rows}))
    assert page == "Cát &lt;b&gt;Bi&lt;/b&gt;, Đằng Hải"
