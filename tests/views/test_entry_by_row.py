"""Entry on behalf, row by row: the script sends a row when the cursor leaves it, and gets the stored row back."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting.models import Report, Revision

from .. import factories as f

YESTERDAY = f.DAY - timedelta(days=1)
URL = reverse("reporting:entry", args=["306", f.DAY])


@pytest.fixture
def clerk(cast, client):
    with time_machine.travel(f.at("2020-08-21 16:41:05"), tick=False):
        f.make_report(cast.commune, YESTERDAY, installs=100, opening=1000, by=cast.officer)
        f.make_report(cast.neighbour, YESTERDAY, installs=7, opening=1000)
        client.force_login(cast.district_clerk)
        yield client


def send(client, code, **cells):
    return client.post(URL, {"row": code, **{f"{code}-{name}": value for name, value in cells.items()}})


def messages_of(page):
    return re.search(r'data-said="(.*?)"', page.text)[1]


def installs():
    return {report.unit.code: report.installs for report in Report.objects.filter(day=f.DAY).select_related("unit")}


def test_row_is_saved_and_comes_back_with_the_second_and_the_new_version(clerk, cast):
    page = send(clerk, "11407", installs="12", base_version="0")
    assert (page.status_code, installs()) == (200, {"11407": 12})
    assert messages_of(page) == "Đã lưu 1 · còn 1"
    assert "đã lưu 16:41:05" in page.text
    assert re.findall(r'<tr[^>]*id="(row-\d+)"', re.sub(r"\s+", " ", page.text)) == ["row-11407"]
    assert 'name="11407-base_version" value="1"' in page.text
    assert Revision.objects.get(report__unit=cast.neighbour, report__day=f.DAY).kind == "on_behalf"


@pytest.mark.parametrize(
    ("cells", "status", "words"),
    [
        ({"installs": "1,5"}, 422, "số nguyên"),
        ({"installs": "900"}, 422, "900"),  # a doubt is asked about and not saved
        ({"installs": "20000000"}, 422, "error"),
    ],
)
def test_refusals_and_doubts_come_back_in_the_row(cells, status, words, clerk):
    page = send(clerk, "11407", **cells)
    assert (page.status_code, installs()) == (status, {})
    assert messages_of(page) == "Chưa lưu Phường Cát Bi: xem dòng của đơn vị."
    assert words in page.text[page.text.index('class="entry-errors ') :]
    assert f'value="{cells["installs"]}"' in page.text


def test_after_the_hour_the_row_asks_for_the_reason(clerk):
    with time_machine.travel(f.at("2020-08-21 17:40"), tick=False):
        page = send(clerk, "11407", installs="12", base_version="0")
        assert (page.status_code, installs()) == (422, {})
        assert "data-waits" in page.text
        page = clerk.post(URL, {"row": "11407", "11407-installs": "12", "reason": "điện thoại"})
        assert (page.status_code, installs()) == (200, {"11407": 12})


def test_columns_are_those_of_the_page_that_sent_it(clerk, cast):
    """The last row that needed an opening number is still in a table with that column."""
    cells = "<td></td>"
    without = send(clerk, "11407", installs="12", base_version="0").text
    with_it = clerk.post(URL, {"row": "11407", "11407-installs": "13", "11407-base_version": "1", "asks_opening": "1"})
    assert with_it.text.count(cells) == without.count(cells) + 1
