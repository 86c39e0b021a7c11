"""The access record: each event leaves one record with who, when, from where and about whom."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from reporting.models import AccessRecord
from tests.factories import DAY, PASSWORD, at, make_access_record, make_report

from .test_sign_in_page import sign_in
from .visits import frozen, look

OFFICE = "203.0.113.7"
PAGE = "/people/access/"


@pytest.fixture
def browser():
    """A person's browser at noon, at a known address."""
    with frozen("2020-08-21 12:00"):
        yield Client(REMOTE_ADDR=OFFICE)


def recorded(*kinds):
    """The records as who, what, about whom, which unit, detail; oldest first."""
    records = AccessRecord.objects.order_by("id").select_related("by", "about", "unit")
    if kinds:
        records = records.filter(kind__in=kinds)
    assert {(record.at, record.address) for record in records} <= {(at("2020-08-21 12:00"), OFFICE)}
    return [
        (
            record.by.username if record.by else None,
            record.by_name,
            record.kind,
            record.about.username if record.about else None,
            record.unit.code if record.unit else None,
            record.detail,
        )
        for record in records
    ]


def test_refusal_of_an_unknown_name_is_noted_as_it_was_typed(cast, browser):
    sign_in(browser, "=cmd|x", "wrong")
    assert recorded() == [(None, "=cmd|x", "refused", None, None, "")]


def test_change_of_the_password_is_noted(cast, browser):
    sign_in(browser)
    new = "tám con chim sẻ nâu"
    browser.post(reverse("password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert recorded("password_changed") == [("11416", "Nguyễn Thị Hà", "password_changed", None, "11416", "")]


def test_download_is_noted_with_its_unit_and_file(cast, browser):
    make_report(cast.commune)
    sign_in(browser, "306")
    assert browser.get(f"/units/11416/workbook/{DAY}.xlsx").status_code == 200
    assert browser.get("/units/11416/").status_code == 200
    assert browser.get(f"/units/11470/workbook/{DAY}.xlsx").status_code == 404
    assert recorded("downloaded") == [("306", "306", "downloaded", None, "11416", f"bluezone-11416-{DAY}.xlsx")]


def test_order_of_the_city_is_noted(cast, browser):
    sign_in(browser, "31")
    form = {"exempt-unit": cast.district.pk, "exempt-day": "02/09/2020", "exempt-reason": "Quốc khánh"}
    assert browser.post("/campaign/exempt/", form | {"exempt-reason": ""}).status_code == 422
    shown = browser.post("/campaign/exempt/", form).context["bound"].data["exempt-shown"]
    assert recorded("campaign_changed") == []
    assert browser.post("/campaign/exempt/", form | {"exempt-shown": shown}).status_code == 302
    [(who, _name, _kind, about, unit, detail)] = recorded("campaign_changed")
    assert (who, about, unit) == ("31", None, "306")
    assert detail.startswith("ngày không yêu cầu báo cáo: ")


def test_reorganisation_is_noted(cast, browser):
    sign_in(browser, "31")
    typed = {"effective_on": "01/09/2020", "source": "Nghị quyết 872", "table": "action,code,into\nmerge,11416,11407\n"}
    plan = browser.post("/campaign/reorganise/", typed)
    assert recorded("unit_changed") == []
    shown = re.search(r'name="shown" value="(\w+)"', plan.text)[1]
    assert browser.post("/campaign/reorganise/", typed | {"shown": shown}).status_code == 302
    assert recorded("unit_changed") == [("31", "31", "unit_changed", None, "31", "Nghị quyết 872 (01/09/2020)")]


# The page and the file.


@pytest.fixture
def four_records(cast):
    make_access_record(cast.officer)
    make_access_record(cast.district_clerk, "downloaded", at=at("2020-08-20 09:00"), detail="bluezone-306.xlsx")
    make_access_record(cast.other_clerk, at=at("2020-07-01 09:00"))
    AccessRecord.objects.create(at=at("2020-08-21 08:30"), kind="refused", by_name="=1+1;<b>", about=cast.officer)
    return cast


def shown(cast, query=""):
    """The lines of the page except the visit itself, as kind and name."""
    page = look(cast.city_clerk, "access_records", query=query)
    return [(record.kind, record.by_name) for record in page.context["records"] if record.by != cast.city_clerk]


OFFICERS, REFUSED, CLERKS = ("signed_in", "Nguyễn Thị Hà"), ("refused", "=1+1;<b>"), ("downloaded", "306")


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("", [REFUSED, OFFICERS, CLERKS]),
        ("?kind=signed_in", [OFFICERS]),
        ("?who=11416", [REFUSED, OFFICERS]),
        ("?who=306", [CLERKS]),
        ("?who=Nguyễn", [REFUSED, OFFICERS]),
        ("?from=2020-08-20&to=20/08/2020", [CLERKS]),
        ("?from=2020-07-01&to=2020-07-01", [("signed_in", "311")]),
        ("?kind=signed_out", []),
    ],
)
def test_page_shows_what_is_asked_for(query, lines, four_records):
    assert shown(four_records, query) == lines


@pytest.mark.parametrize("query", ["?kind=nonsense", "?from=nonsense", "?from=2020-08-21&to=2020-08-20"])
def test_question_that_cannot_be_is_refused(query, four_records):
    assert look(four_records.city_clerk, "access_records", query=query).status_code == 422


def test_page_is_in_vietnamese_and_escapes_what_was_typed(four_records):
    page = look(four_records.city_clerk, "access_records")
    assert "Nhật ký truy cập" in page.text
    assert "08:00:00 21/08/2020" in page.text
    assert "&lt;b&gt;" in page.text
    assert "<b>" not in page.text
