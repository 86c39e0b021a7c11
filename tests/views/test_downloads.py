"""Files of several days: what is given, what is refused and with which words."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from reporting import acts
from tests.factories import DAY, FIRST_DAY, at, make_report
from tests.prepared import prepared

from .visits import errors, look

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LATER = "2020-12-01 12:00"  # the campaign is longer than a workbook takes


def fetched(response):
    return b"".join(response.streaming_content)


@prepared
def reported(cast):
    make_report(cast.commune, DAY - timedelta(days=1), installs=8, opening=100)
    make_report(cast.commune, installs=5)
    return cast


def test_workbook_of_several_days_is_downloaded(reported):
    response = look(reported.district_clerk, "workbook_range", "306", FIRST_DAY, DAY)
    assert (response.status_code, response["Content-Type"]) == (200, XLSX)
    assert response["Content-Disposition"] == 'attachment; filename="bluezone-306-2020-08-06-2020-08-21.xlsx"'
    book = load_workbook(io.BytesIO(response.content))
    assert [row[4] for row in book["Theo ngày"].iter_rows(min_row=5, values_only=True)] == [None] * 14 + [8, 5]


def test_csv_of_several_days_is_streamed(reported):
    response = look(reported.district_clerk, "csv_range", "306", DAY, DAY)
    assert (response.status_code, response.streaming) == (200, True)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="bluezone-306-2020-08-21-2020-08-21.csv"'
    lines = fetched(response).decode("utf-8-sig").splitlines()
    assert lines[1:] == [
        "21/08/2020;11407;dân cư;Quận Hải An;Phường Cát Bi;;0;;14350;;;Chưa đến hạn",
        "21/08/2020;11416;dân cư;Quận Hải An;Phường Đằng Hải;5;0;113;19748;0,57%;;Đúng hạn",
    ]


@pytest.mark.parametrize("route", ["workbook_range", "csv_range"])
def test_range_as_of_the_seal_and_of_a_moment(route, reported):
    moment = at("2020-08-21 17:40")
    acts.seal(unit=reported.city, day=DAY, reason="Sớm", by=reported.city_clerk, at=moment, now=lambda: moment)
    for query, kind in (("?as_of=seal", "-chot"), ("?as_of=2020-08-21T18:00", "-luc-2020-08-21T1800")):
        response = look(reported.city_clerk, route, "31", FIRST_DAY, DAY, moment="2020-08-22 08:00", query=query)
        assert response.status_code == 200
        assert f"bluezone-31-2020-08-06-2020-08-21{kind}." in response["Content-Disposition"]
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


def test_workbook_takes_92_days_and_names_two_ways_for_more(reported):
    last = date(2020, 12, 1)
    assert look(reported.city_clerk, "workbook_range", "31", date(2020, 9, 1), last, moment=LATER).status_code == 200
    response = look(reported.city_clerk, "workbook_range", "31", date(2020, 8, 31), last, moment=LATER)
    assert (response.status_code, errors(response)) == (422, {"from": ["too_long"]})
    assert "Một sổ Excel chứa tối đa 92 ngày." in response.text
    assert 'href="/units/31/workbook/2020-08-31/2020-12-01.csv"' in response.text
    assert "python manage.py export_range 31 2020-08-31 2020-12-01 bluezone.xlsx" in response.text
    csv = look(reported.city_clerk, "csv_range", "31", date(2020, 8, 31), last, moment=LATER)
    assert (csv.status_code, len(fetched(csv).decode().splitlines())) == (200, 1 + 93 * 5)


def test_form_on_the_page_of_days_leads_to_the_file(reported):
    for kind, query in (("xlsx", "format=xlsx"), ("csv", "format=csv")):
        asked = f"?from=06/08/2020&to=2020-08-21&{query}"
        response = look(reported.officer, "report_list", "11416", query=asked)
        assert response.status_code == 302
        assert response["Location"] == f"/units/11416/workbook/2020-08-06/2020-08-21.{kind}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?from=21/08/2020&to=06/08/2020&format=xlsx", {"to": ["ends_before"]}),
        ("?from=01/01/2020&to=06/08/2020&format=csv", {"from": ["no_such_day"]}),
        ("?from=x&to=06/08/2020&format=csv", {"from": ["invalid"]}),
        ("?from=06/08/2020&to=21/08/2020&format=pdf", {"format": ["invalid_choice"]}),
    ],
)
def test_form_on_the_page_of_days_refuses_with_the_days_kept(query, expected, reported):
    response = look(reported.officer, "report_list", "11416", query=query)
    assert (response.status_code, errors(response)) == (422, expected)
    assert 'value="06/08/2020"' in response.text


def test_form_on_the_page_of_days_offers_the_last_thirty(reported):
    response = look(reported.officer, "report_list", "11416", moment="2020-10-10 12:00")
    assert response.status_code == 200
    assert ('value="11/09/2020"' in response.text, 'value="10/10/2020"' in response.text) == (True, True)
