"""A person's downloads are limited, and nobody else's; refused before the file is made."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import resolve

import reporting
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
    "data_package": f"/units/306/workbook/{DAY}/{DAY}.zip",
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


def test_every_file_that_is_noted_as_taken_away_comes_from_a_route_that_is_limited():
    """Whichever view names a file to be saved."""
    views = Path(reporting.__file__).parent / "views"
    naming = {path.stem for path in views.glob("*.py") if "Content-Disposition" in path.read_text()}
    assert naming == {resolve(path).func.__module__.rpartition(".")[2] for path in FILES.values()}


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


def test_pages_and_reporting_go_on(reported):
    for _time in range(4):
        take(reported.officer, "12:00", f"/units/11416/workbook/{DAY}.xlsx")
    assert take(reported.officer, "12:00", f"/units/11416/workbook/{DAY}.xlsx").status_code == 429
    assert take(reported.officer, "12:00", f"/units/11416/report/{DAY}/").status_code == 200
    assert take(reported.officer, "12:00", "/units/11416/").status_code == 200


def test_what_was_not_given_does_not_count(reported):
    refused = ["/units/11470/workbook/2020-08-21.xlsx", f"/units/306/workbook/{DAY}/2020-08-06.csv"]
    statuses = [take(reported.district_clerk, "12:00", path).status_code for path in refused * 3]
    assert statuses == [404, 422] * 3
    assert take(reported.district_clerk, "12:00").status_code == 200


def test_stranger_is_asked_to_sign_in_and_learns_no_limit(reported, client):
    assert client.get(WORKBOOK).url == f"/accounts/login/?next={WORKBOOK}"


def test_limit_of_nought_is_none(reported, settings):
    settings.DOWNLOADS_PER_10_MINUTES = 0
    assert {take(reported.city_clerk, "12:00").status_code for _time in range(5)} == {200}


def test_addresses_here_are_those_of_their_routes():
    assert {name: resolve(path).view_name for name, path in FILES.items()} == {
        name: f"reporting:{name}" for name in FILES
    }
