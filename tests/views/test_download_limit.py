"""A person's downloads are limited, and nobody else's; refused before the file is made."""

import pytest
from django.test import Client

from reporting.exports import workbook
from reporting.models import AccessRecord
from reporting.urls import urlpatterns
from tests.factories import DAY, make_report
from tests.some import some

from .visits import frozen

WORKBOOK = f"/units/306/workbook/{DAY}.xlsx"
# One address of every route that gives a file, for the city's clerk.
FILES = {
    "workbook": WORKBOOK,
    "paper": f"/units/306/paper/{DAY}.docx",
    "workbook_range": f"/units/306/workbook/{DAY}/{DAY}.xlsx",
    "csv_range": f"/units/306/workbook/{DAY}/{DAY}.csv",
    "import_template": "/imports/units/template.xlsx",
    "access_records_csv": "/people/access.csv",
}


@pytest.fixture(autouse=True)
def three(settings):
    settings.DOWNLOADS_PER_10_MINUTES = 3


@pytest.fixture
def reported(cast):
    make_report(cast.commune)
    return cast


def take(user, moment, path=WORKBOOK, method="get"):
    client = Client()
    with frozen(f"2020-08-21 {moment}"):
        client.force_login(user)
        return getattr(client, method)(path)


def test_every_route_that_gives_a_file_is_limited():
    limited = {pattern.name for pattern in urlpatterns if getattr(pattern.callback, "is_limited_download", False)}
    assert limited == set(FILES)


@pytest.mark.parametrize("path", some(FILES.values(), [FILES["workbook"], FILES["csv_range"]]))
def test_fourth_file_within_ten_minutes_is_refused_with_the_hour_at_which_it_goes_on(path, reported):
    statuses = [take(reported.city_clerk, f"12:0{minute}").status_code for minute in range(3)]
    assert statuses == [200, 200, 200]
    refused = take(reported.city_clerk, "12:03:30", path)
    assert (refused.status_code, refused["Retry-After"]) == (429, "390")
    assert "Content-Disposition" not in refused
    assert "Bạn đã tải 3 tệp trong 10 phút. Có thể tải tiếp từ 12:10:00 21/08/2020." in refused.text
    assert "no-store" in refused["Cache-Control"]
    assert take(reported.city_clerk, "12:09:59", path).status_code == 429
    assert take(reported.city_clerk, "12:10:00", path).status_code == 200
    assert take(reported.city_clerk, "12:10:30", path).status_code == 429  # the window slides: the second still counts


def test_refusal_makes_no_file_and_is_no_download(reported, monkeypatch):
    for _time in range(3):
        take(reported.city_clerk, "12:00")
    made = []
    monkeypatch.setattr(workbook, "day_workbook", lambda *args, **options: made.append(args))
    assert [take(reported.city_clerk, "12:01", method=method).status_code for method in ("get", "head")] == [429, 429]
    assert (made, AccessRecord.objects.filter(kind="downloaded").count()) == ([], 3)


def test_head_does_as_much_work_and_counts_as_much(reported):
    statuses = [take(reported.city_clerk, "12:00", method=method).status_code for method in ("head", "get", "head")]
    assert statuses == [200, 200, 200]
    assert {take(reported.city_clerk, "12:01", method=method).status_code for method in ("head", "get")} == {429}
    details = AccessRecord.objects.filter(kind="downloaded").order_by("pk").values_list("detail", flat=True)
    name = f"bluezone-306-{DAY}.xlsx"
    assert list(details) == [f"HEAD {name}", name, f"HEAD {name}"]


def test_nobody_else_is_held_up(reported):
    assert [take(reported.city_clerk, "12:00").status_code for _time in range(4)] == [200, 200, 200, 429]
    assert take(reported.district_clerk, "12:00").status_code == 200
    assert take(reported.leader, "12:00").status_code == 200  # of the same unit
