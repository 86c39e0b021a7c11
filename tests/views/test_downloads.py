"""Files of several days: what is given, what is refused and with which words."""

import csv
import html
import io
import re
import zipfile
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook

from reporting import acts
from tests.factories import DAY, FIRST_DAY, at, make_office, make_report
from tests.prepared import prepared

from .visits import errors, look

LATER = "2020-12-01 12:00"  # the campaign is longer than a workbook may be


def fetched(response):
    return b"".join(response.streaming_content)


@prepared
def reported(cast):
    make_report(cast.commune, DAY - timedelta(days=1), installs=8, opening=100)
    make_report(cast.commune, installs=5)
    return cast


def test_csv_of_several_days_is_streamed(reported):
    response = look(reported.district_clerk, "csv_range", "306", DAY, DAY)
    assert (response.status_code, response.streaming) == (200, True)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="bluezone-306-2020-08-21-2020-08-21.csv"'
    shown = ("day", "unit", "superior_name", "unit_name", "installs", "cumulative", "share", "status", "as_of")
    noon = "2020-08-21T12:00:00+07:00"
    assert [[line[name] for name in shown] for line in csv.DictReader(io.StringIO(fetched(response).decode()))] == [
        ["2020-08-21", "11407", "Quận Hải An", "Phường Cát Bi", "", "", "", "not_due_yet", noon],
        ["2020-08-21", "11416", "Quận Hải An", "Phường Đằng Hải", "5", "113", "0.0057", "on_time", noon],
    ]


@pytest.fixture
def sealed(cast):
    """The last two days, each sealed in its evening; the first was corrected on the second, after its seal."""
    before = DAY - timedelta(days=1)
    make_report(cast.commune, before, installs=8, opening=100)
    _seal(cast, before)
    make_report(cast.commune, installs=5)
    noon = at(f"{DAY} 12:00")
    about = {"unit": cast.commune, "day": before, "adjustment": -2, "reason": "Trùng máy", "base_version": 1}
    acts.adjust(**about, by=cast.district_clerk, at=noon, now=lambda: noon)
    _seal(cast, DAY)
    return cast


def _seal(cast, day):
    moment = at(f"{day} 17:40")
    acts.seal(unit=cast.city, day=day, by=None, at=moment, now=lambda: moment)


# The commune's last three days: as sealed (the first never was), and as known at the last seal.
AS_SEALED = [(None, None), (108, "2020-08-20T17:40:00+07:00"), (111, "2020-08-21T17:40:00+07:00")]
AT_ONE_INSTANT = [100, 106, 111]


def told_of_commune(response, kind):
    """By day, the cumulative and the instant in a file."""
    if kind == "xlsx":
        rows = list(load_workbook(io.BytesIO(response.content))["Dữ liệu"].iter_rows(values_only=True))
        lines = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
        return [(one["Lũy kế"], one["Số liệu tại thời điểm"]) for one in lines if one["Mã đơn vị"] == "11416"]
    lines = csv.DictReader(io.StringIO(fetched(response).decode()))
    found = [line for line in lines if line["unit"] == "11416"]
    return [(int(line["cumulative"]) if line["cumulative"] else None, line["as_of"] or None) for line in found]


@pytest.mark.parametrize(
    ("route", "kind", "written"),
    [
        ("workbook_range", "xlsx", lambda moment: moment and datetime.fromisoformat(moment).replace(tzinfo=None)),
        ("csv_range", "csv", lambda moment: moment),
    ],
)
def test_range_as_sealed_gives_each_day_its_own_seal(route, kind, written, sealed):
    first, seen = DAY - timedelta(days=2), {"moment": "2020-08-22 08:00"}
    response = look(sealed.city_clerk, route, "31", first, DAY, query="?as_of=seal", **seen)
    assert f"bluezone-31-2020-08-19-2020-08-21-chot.{kind}" in response["Content-Disposition"]
    assert (response["Bluezone-As-Of"], response["Bluezone-Zone"]) == ("seal", "Asia/Ho_Chi_Minh")
    wanted = [(total, written(moment)) for total, moment in AS_SEALED]
    assert told_of_commune(response, kind) == wanted
    query = "?as_of=2020-08-21T17:40"
    at_once = told_of_commune(look(sealed.city_clerk, route, "31", first, DAY, query=query, **seen), kind)
    assert [total for total, _moment in at_once] == AT_ONE_INSTANT
    unsealed = look(sealed.city_clerk, route, "31", first, first, query="?as_of=seal", **seen)  # none of its days
    assert told_of_commune(unsealed, kind) == wanted[:1]
    if kind == "xlsx":
        lines = load_workbook(io.BytesIO(unsealed.content))["Tổng hợp"].iter_rows(values_only=True)
        assert [set(line[1:]) for line in lines if line[0] == "19/08/2020"] == [{None}]


def cells(response):
    book = load_workbook(io.BytesIO(response.content))
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_workbook_of_a_sealed_day_is_that_of_the_seal_cell_by_cell(sealed):
    """Unless the figures of now are asked for by name; then file and head say so."""
    day, seen = DAY - timedelta(days=1), {"moment": "2020-08-22 08:00"}
    usual, as_sealed, now = (
        look(sealed.city_clerk, "workbook", "31", day, query=query, **seen)
        for query in ("", "?as_of=seal", "?as_of=now")
    )
    assert cells(usual) == cells(as_sealed) != cells(now)
    assert [told_of_commune(one, "xlsx")[0][0] for one in (usual, now)] == [108, 106]
    assert [one["Content-Disposition"].split("2020-08-20")[1] for one in (usual, now)] == [
        '-chot.xlsx"',
        '-hien-nay.xlsx"',
    ]
    assert "Số liệu hiện nay, không phải bản chốt lúc 17h40 ngày 20/08/2020" in str(cells(now).values())


def test_csv_of_a_sealed_day_is_that_of_the_seal(sealed):
    day, seen = DAY - timedelta(days=1), {"moment": "2020-08-22 08:00"}
    found = [
        told_of_commune(look(sealed.city_clerk, "csv_range", "31", day, day, query=query, **seen), "csv")[0][0]
        for query in ("", "?as_of=now")
    ]
    assert found == [108, 106]


def test_current_figures_of_a_sealed_day_are_a_choice_by_name(sealed):
    seen = {"moment": "2020-08-22 08:00"}
    sheet = look(sealed.city_clerk, "bulletin", "31", DAY - timedelta(days=1), **seen).text
    for page in (sheet, look(sealed.city_clerk, "unit", "31", query="?day=2020-08-20&state=result", **seen).text):
        links = set(re.findall(r'<a\s+href="(\?[^"]*as_of=now[^"]*)"', page.partition("<main")[2]))
        assert links
        assert all("day=2020-08-20" in link for link in links)
    link = max(links)
    now = look(sealed.city_clerk, "unit", "31", query=html.unescape(link), **seen).text
    files = set(re.findall(r'href="/units/31/(?:workbook|paper|bulletin)/2020-08-20([^"]*)"', now))
    assert files == {".xlsx?as_of=now", ".docx?as_of=now", "/?as_of=now"}
    assert "số liệu hiện nay, không phải bản chốt 17h40" in now
    message = look(sealed.city_clerk, "bulletin", "31", DAY - timedelta(days=1), query="?as_of=now", **seen).text
    assert "đã chốt lúc 17h40 ngày 20/08/2020; đây là số liệu hiện tại" in message


def test_paper_has_the_offices_signer_and_recipients(reported):
    make_office(reported.city, signer="Nguyễn Văn A", recipients="Thành ủy")
    response = look(reported.city_clerk, "paper", "31", DAY)
    with zipfile.ZipFile(io.BytesIO(response.content)) as file:
        text = file.read("word/document.xml").decode()
    assert [words for words in ("Nguyễn Văn A", "Thành ủy") if words not in text] == []


def test_unknown_or_repeated_parameter_of_a_file_is_refused_with_the_nearest_name(reported):
    for query, words in (
        ("?asof=seal", "asof: Không có tham số này. Có phải là as_of?"),
        ("?day=2020-08-20", "day: Không có tham số này. Các tham số hợp lệ: as_of"),
        ("?as_of=&as_of=seal", "as_of: Tham số này được ghi nhiều lần."),
    ):
        for route, days in (("workbook", [DAY]), ("paper", [DAY]), ("csv_range", [FIRST_DAY, DAY])):
            response = look(reported.city_clerk, route, "31", *days, query=query)
            assert (response.status_code, words in response.text) == (422, True), (route, query)


@pytest.mark.parametrize("route", ["workbook_range", "csv_range"])
def test_range_as_of_a_moment_names_it_and_not_one_to_come(route, reported):
    seen = {"moment": "2020-08-22 08:00", "query": "?as_of=2020-08-21T18:00"}
    response = look(reported.city_clerk, route, "31", FIRST_DAY, DAY, **seen)
    assert "bluezone-31-2020-08-06-2020-08-21-luc-2020-08-21T1800." in response["Content-Disposition"]
    assert response["Bluezone-As-Of"] == "2020-08-21T18:00:00+07:00"
    refused = look(reported.city_clerk, route, "31", FIRST_DAY, DAY, query="?as_of=2020-08-22T18:00")
    assert (refused.status_code, [error.code for error in refused.context["errors"].as_data()]) == (422, ["future"])


@pytest.mark.parametrize(
    ("first", "last", "status", "expected"),
    [
        (FIRST_DAY, DAY, 200, {}),
        (DAY, DAY, 200, {}),
        (DAY, FIRST_DAY, 422, {"to": ["ends_before"]}),
        (FIRST_DAY - timedelta(days=1), DAY, 422, {"from": ["no_such_day"]}),
        (FIRST_DAY, DAY + timedelta(days=1), 422, {"to": ["no_such_day"]}),
        (DAY + timedelta(days=1), DAY + timedelta(days=2), 422, {"from": ["no_such_day"], "to": ["no_such_day"]}),
    ],
)
@pytest.mark.parametrize("route", ["workbook_range", "csv_range"])
def test_days_that_can_be_had(route, first, last, status, expected, reported):
    response = look(reported.city_clerk, route, "31", first, last)
    assert response.status_code == status
    if status == 422:
        assert errors(response) == expected
        assert "Chưa tải được các ngày này" in response.text


def test_workbook_takes_92_days_and_others_any_number(reported):
    last = date(2020, 12, 1)
    assert look(reported.city_clerk, "workbook_range", "31", date(2020, 9, 1), last, moment=LATER).status_code == 200
    response = look(reported.city_clerk, "workbook_range", "31", date(2020, 8, 31), last, moment=LATER)
    assert (response.status_code, errors(response)) == (422, {"from": ["too_long"]})
    assert "Một sổ Excel chứa tối đa 92 ngày. Chọn CSV" in response.text
    lines = look(reported.city_clerk, "csv_range", "31", date(2020, 8, 31), last, moment=LATER)
    assert (lines.status_code, len(fetched(lines).decode().splitlines())) == (200, 1 + 93 * 5)


def test_form_on_the_page_of_days_leads_to_the_file(reported):
    for kind, query in (("xlsx", "format=xlsx"), ("csv", "format=csv")):
        asked = f"?from=06/08/2020&to=2020-08-21&{query}"
        response = look(reported.officer, "report_list", "11416", query=asked)
        assert response.status_code == 302
        assert response["Location"] == f"/units/11416/workbook/2020-08-06/2020-08-21.{kind}"
