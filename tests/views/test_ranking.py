"""The ranking page: one table per level, fifty lines at a time; who sees it, and what a commune sees of it."""

import re
from datetime import timedelta
from html import unescape

import pytest

from tests.factories import DAY, make_report, make_unit
from tests.prepared import prepared

from .visits import look

YESTERDAY, WEEK_AGO = DAY - timedelta(days=1), DAY - timedelta(days=7)


def words(markup):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def tables(page):
    """By level the table's lines, each the words of its cells."""
    sections = re.findall(r'<section id="(\w+)".*?<tbody>(.*?)</tbody>', page.text, re.DOTALL)
    return {
        level: [
            [words(cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)] for row in body.split("</tr>")
        ]
        for level, body in sections
    }


def lines(page, level):
    return [row for row in tables(page)[level] if row]


@prepared
def reported(cast):
    """Đằng Hải was first a week ago; Cát Bi has passed it; Núi Đèo is unchanged; the island has few people."""
    for day, installs in ((WEEK_AGO, 100), (YESTERDAY, 0), (DAY, 10)):
        make_report(cast.commune, day, installs, opening=3000)
    for day, installs in ((WEEK_AGO, 7), (YESTERDAY, 20), (DAY, 2000)):
        make_report(cast.neighbour, day, installs, opening=900)
    make_report(cast.stranger, WEEK_AGO, installs=50, opening=0)
    make_report(cast.island, installs=1, opening=311)
    make_report(cast.agency, installs=1, opening=3000)
    return cast


def test_district_sees_its_communes_with_growth(reported):
    page = look(reported.district_clerk, "ranking", "306")
    assert list(tables(page)) == ["commune"]
    assert lines(page, "commune") == [
        ["1", "Phường Cát Bi", "20,39%", "+13,94", "+14,07", "2.927", "14.350"],
        ["2", "Phường Đằng Hải", "15,74%", "+0,05", "+0,05", "3.110", "19.748"],
    ]
    assert "tạm tính" not in words(page.text)
    assert "Tỷ lệ trên dân số. Nguồn: Tổng điều tra dân số và nhà ở 2019, 01/04/2019." in words(page.text)


def test_city_sees_districts_and_all_communes_with_their_districts_and_agencies_apart(reported):
    page = look(reported.city_clerk, "ranking", "31")
    assert {level: [row[:3] for row in lines(page, level)] for level in tables(page)} == {
        "district": [
            ["1", "Huyện Bạch Long Vĩ * quy mô rất nhỏ: 624 dân", "50,00%"],
            ["2", "Quận Hải An", "17,70%"],
            ["3", "Huyện Thuỷ Nguyên", "1,00%"],
        ],
        "commune": [
            ["1", "Phường Cát Bi Quận Hải An", "20,39%"],
            ["2", "Phường Đằng Hải Quận Hải An", "15,74%"],
            ["3", "Thị trấn Núi Đèo Huyện Thuỷ Nguyên", "1,00%"],
        ],
        "agency": [["1", "Sở Y tế", "40,44%"]],
    }
    assert "3/4 đơn vị đã báo cáo · tạm tính, 3/4" in words(page.text)
    assert lines(page, "district")[2][3:5] == ["–", "0,00"]  # it has sent nothing today, which is not zero


def test_island_sees_its_place_among_the_districts_and_an_agency_none(reported):
    assert "Xếp thứ 1/3 của Thành phố Hải Phòng" in words(look(reported.island_officer, "ranking", "318").text)
    page = look(reported.focal_person, "ranking", "SYT")
    assert "Sở, ban, ngành, đoàn thể chỉ xếp hạng trên trang của thành phố Hải Phòng." in words(page.text)


def test_day_and_moment_are_those_asked_for(reported):
    page = look(reported.district_clerk, "ranking", "306", query=f"?day={YESTERDAY}")
    assert [row[:3] for row in lines(page, "commune")] == [
        ["1", "Phường Đằng Hải", "15,69%"],
        ["2", "Phường Cát Bi", "6,45%"],
    ]
    page = look(reported.district_clerk, "ranking", "306", query="?as_of=2020-08-21T09:00")
    assert [row[:2] for row in lines(page, "commune")] == [["1", "Phường Đằng Hải"], ["2", "Phường Cát Bi"]]
    assert 'href="/units/11416/?day=2020-08-21&as_of=2020-08-21T09%3A00"' in unescape(page.text)


def test_fifty_lines_a_page_however_many_are_asked_for_and_the_rank_goes_on(cast):
    for number in range(60):
        unit = make_unit(f"9{number:02}", parent=cast.district, name=f"Xã {number:02}", population=10_000)
        make_report(unit, installs=number + 1)
    first = look(cast.district_clerk, "ranking", "306", query="?commune-per_page=1000")
    second = look(cast.district_clerk, "ranking", "306", query="?commune-page=2")
    assert (len(lines(first, "commune")), len(lines(second, "commune"))) == (50, 12)
    assert [row[0] for row in lines(first, "commune")] == [str(rank) for rank in range(1, 51)]
    assert [row[0] for row in lines(second, "commune")] == [*map(str, range(51, 61)), "–", "–"]
    assert "Trang 1/2" in words(first.text)
    beyond = look(cast.district_clerk, "ranking", "306", query="?commune-page=99")
    assert lines(beyond, "commune") == lines(second, "commune")


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        ("rank", ["11407", "11416", "N"]),
        ("-rank", ["N", "11416", "11407"]),
        ("name", ["11407", "11416", "N"]),
        ("people", ["11416", "11407", "N"]),
        ("cumulative", ["11416", "11407", "N"]),
        ("growth_day", ["11407", "11416", "N"]),
        ("share", ["11407", "11416", "N"]),
        ("nonsense", ["11407", "11416", "N"]),
    ],
)
def test_table_sorts_by_each_column_and_who_has_no_figure_comes_last(sort, codes, reported):
    make_unit("N", parent=reported.district, name="Nam Hải", kind="phường")
    page = look(reported.district_clerk, "ranking", "306", query=f"?commune-sort={sort}")
    assert re.findall(r'<tr data-code="(\w+)"', page.text) == codes
    assert "Phường Nam Hải chưa có số liệu dân số" in words(page.text)


# What the page says if there is nothing to rank.


def test_first_day_has_nothing_to_compare_and_says_so(cast):
    make_report(cast.commune, day := DAY.replace(day=6), installs=10, opening=3000)
    page = look(cast.district_clerk, "ranking", "306", moment="2020-08-06 12:00", query=f"?day={day}")
    assert "Ngày đầu của đợt: chưa có ngày trước để so sánh." in words(page.text)
    assert lines(page, "commune")[0] == ["1", "Phường Đằng Hải", "15,24%", "–", "–", "3.010", "19.748"]
