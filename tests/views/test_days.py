"""A day as people type it, a future day, and the moment of a look back in the page's own format."""

import re
from datetime import timedelta

import pytest

from tests.prepared import prepared

from .. import factories as f
from ..references import dead
from .visits import look

TOMORROW, BEFORE = f.DAY + timedelta(days=1), f.FIRST_DAY - timedelta(days=1)
TO_COME = "Chưa đến ngày 22/08/2020."
TOO_EARLY = "Ngày 05/08/2020 trước đợt; đợt bắt đầu từ ngày 06/08/2020."
OF_A_DAY = ["board", "entry", "review", "seal", "changes", "bulletin", "official", "workbook", "paper"]


@prepared
def reported(cast):
    f.make_report(cast.commune, f.DAY - timedelta(days=1), installs=20, opening=500, by=cast.officer)
    return cast


def message_and_link(page):
    """The page's message, and where its button leads."""
    assert dead(page.text) == []
    words = re.search(r'<div class="summary" role="alert" id="id_day_error">\s*<p>(.*?)</p>', page.text)[1]
    return words, re.findall(r'<a class="button" href="([^"]*)"', page.text)[-1]


def test_day_still_to_come_is_a_sentence_on_every_page_of_a_day(reported, subtests):
    for name in OF_A_DAY:
        with subtests.test(page=name):
            page = look(reported.city_clerk, name, "31", TOMORROW)
            assert page.status_code == 422
            words, address = message_and_link(page)
            assert words == TO_COME
            assert look(reported.city_clerk, name, "31", f.DAY).wsgi_request.path == address


@pytest.mark.parametrize("name", ["unit", "report_list", "ranking"])
def test_day_that_is_picked_may_be_typed_anew(name, reported, subtests):
    for query, expected in (("22/8", TO_COME), (f"{BEFORE}", TOO_EARLY), ("x", "Nhập ngày dạng 21/08/2020.")):
        with subtests.test(query=query):
            page = look(reported.district_clerk, name, "306", query=f"?day={query}")
            words, address = message_and_link(page)
            assert (page.status_code, address) == (422, look(reported.district_clerk, name, "306").wsgi_request.path)
            assert words == expected
            assert page.text.count('<form class="day-picker" method="get">') == 1


def test_strangers_page_of_tomorrow_says_nothing_of_the_unit(reported):
    page = look(reported.officer, "unit", "11470", query="?day=22/08/2020")
    assert (page.status_code, "Núi Đèo" in page.text) == (422, False)
    assert look(reported.officer, "board", "311", TOMORROW).status_code == 404


@pytest.mark.parametrize("typed", ["21/08/2020", "9h", "21/08/2020 25h00", "31/02/2020 9h00", "21/08/2020 9h00 x"])
def test_moment_that_is_none_is_refused_with_an_example(typed, reported):
    page = look(reported.city_clerk, "unit", "31", query=f"?as_of={typed}")
    assert page.status_code == 422
    assert "Nhập thời điểm dạng 21/08/2020 17h00." in page.text
