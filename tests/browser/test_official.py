"""The ministry's figures as two people: the city enters one and asks, the district answers."""

import pytest
from playwright.sync_api import expect

from reporting.models import ExplanationRequest, OfficialFigure

from ..factories import DAY, make_official, make_report
from .inspection import inspect
from .steps import follow, send, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CITY, DISTRICT = f"/units/31/official/{DAY}/", f"/units/306/official/{DAY}/"


@pytest.fixture
def claiming(cast):
    """1.500 reported in the district, of which the ministry has counted nothing yet; it has of the city."""
    make_report(cast.commune, installs=50, opening=950)
    make_report(cast.neighbour, installs=20, opening=480)
    make_official(cast.city, 1650, recorded_at="2020-08-21T17:05+07:00")
    return cast


@pytest.mark.matrix  # a walk of many pages
def test_city_asks_and_the_district_answers_beside_the_difference(claiming, open_browser, set_clock):
    set_clock("2020-08-21 18:00:00")
    city, district = open_browser(), open_browser()
    sign_in(city, claiming.city_clerk)
    follow(city.get_by_role("link", name="Đối chiếu với Cục Tin học hóa"))
    assert city.url.endswith(CITY)
    expect(city.locator(".official .status")).to_have_count(0)
    inspect(city)

    # One figure, wrong at first: what was typed comes back.
    city.get_by_text("Nhập số liệu", exact=True).click()
    inspect(city)
    city.locator("main").get_by_label("Đơn vị", exact=False).first.select_option("306")
    city.get_by_label("Số liệu của Cục Tin học hóa (bắt buộc)").fill("1.400")
    city.get_by_label("Đếm lúc").fill("19h00")
    assert send(city, "Ghi nhận").status == 422
    expect(city.locator(".summary")).to_be_focused()
    expect(city.get_by_label("Số liệu của Cục Tin học hóa (bắt buộc)")).to_have_value("1.400")
    inspect(city)
    city.get_by_label("Đếm lúc").fill("17h00")
    assert send(city, "Ghi nhận").status == 200
    line = city.locator("#unit-306")
    expect(line).to_contain_text("Địa phương báo cáo nhiều hơn")
    expect(line).to_contain_text("+7,14%")
    assert OfficialFigure.objects.get(unit=claiming.district).value == 1400

    # The question, which needs words.
    line.get_by_text("Yêu cầu giải trình").click()
    inspect(city)
    assert send(city, "Gửi yêu cầu").status == 422
    expect(city.locator(".summary")).to_be_focused()
    inspect(city)
    city.get_by_label("Nội dung cần giải trình").fill("Vì sao cao hơn?")
    assert send(city, "Gửi yêu cầu").status == 200
    expect(line).to_contain_text("chờ giải trình")
    inspect(city)

    # The answer, by way of the list of what is to be done.
    sign_in(district, claiming.district_clerk, to="/inbox/")
    inspect(district)
    follow(district.get_by_role("link", name="Quận Hải An, 21/08/2020"))
    assert DISTRICT in district.url
    inspect(district)
    assert send(district, "Gửi giải trình").status == 422
    inspect(district)
    district.get_by_label("Giải trình (bắt buộc)").fill("Đếm cả máy của người tạm trú")
    assert send(district, "Gửi giải trình").status == 200
    expect(district.locator("#unit-306")).to_contain_text("Giải trình: Đếm cả máy của người tạm trú")
    expect(district.get_by_role("button", name="Gửi giải trình")).to_have_count(0)
    inspect(district)

    city.reload()
    expect(line).to_contain_text("Giải trình: Đếm cả máy của người tạm trú")
    city.goto(f"/units/31/?day={DAY}")
    expect(city.locator(".second-series")).to_contain_text("Quận Hải An +100 (+7,14%)")
    inspect(city)
    asked = ExplanationRequest.objects.get()
    assert (asked.claimed, asked.counted, asked.answered_by) == (1500, 1400, claiming.district_clerk)


def test_city_asks_without_script(claiming, open_browser, set_clock):
    set_clock("2020-08-21 18:00:00")
    make_official(claiming.district, 1000, recorded_at="2020-08-21T17:05+07:00")
    page = open_browser(java_script_enabled=False)
    sign_in(page, claiming.city_clerk, to=CITY)
    page.locator("#unit-306").get_by_text("Yêu cầu giải trình").click()
    page.get_by_label("Nội dung cần giải trình").fill("Vì sao cao hơn?")
    send(page, "Gửi yêu cầu")
    expect(page.locator("#unit-306")).to_contain_text("chờ giải trình")
