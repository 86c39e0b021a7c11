"""The day of a commune's officer: sees where she stands, types a figure, holds a receipt."""

import re

import pytest
from playwright.sync_api import expect

from reporting.models import Report
from reporting.text import formatting

from ..factories import DAY, make_report
from .inspection import inspect
from .steps import REPORT_PATH, open_more, send, sign_in, sign_in_by_hand, with_history

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_commune_reports_and_district_and_city_see_it(cast, page, open_browser, screen):
    with_history(cast)
    make_report(cast.neighbour, installs=12, opening=1000)

    page.goto("/")
    inspect(page)
    sign_in_by_hand(page, cast.officer)
    expect(page.get_by_role("heading", name="Phường Đằng Hải")).to_be_visible()
    expect(page.locator(".state-line")).to_contain_text("Chưa đến hạn")
    expect(page.locator(".countdown")).to_have_text("còn 1 giờ 24 phút")
    inspect(page)

    page.get_by_label("Số máy cài mới").press_sequentially("88")
    expect(page.locator(".outcome")).to_have_text("lũy kế 3.412 → 3.500 · 17,27% → 17,72%")
    open_more(page)
    page.get_by_label("Số hộ mới đến vận động").fill("46")
    inspect(page)

    assert send(page).status == 200
    report = Report.objects.get(unit=cast.commune, day=DAY)
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("Đúng hạn")
    assert _receipt_lines(receipt) == {
        "Số phiếu": "11416-20200821-1",
        "Thời điểm tiếp nhận": formatting.exact(report.received_at),
        "Số máy cài mới": "88",
        "Số hộ mới đến vận động": "46",
        "Lũy kế": "3.500",
        "Tỷ lệ trên dân số": "17,72% trên 19.748",
        "Người gửi": "Nguyễn Thị Hà",
    }
    assert re.fullmatch(r"15:3\d:\d\d 21/08/2020", formatting.exact(report.received_at))
    box = receipt.bounding_box()
    assert box["y"] + box["height"] <= 740, "the receipt is longer than a phone's screen"
    inspect(page)

    district = open_browser()
    sign_in(district, cast.district_clerk, to="/units/306/?columns=all")
    row = district.locator("tr[data-code='11416']")
    assert _cells(row) == {
        "Đã báo cáo": "✓ Đúng hạn",
        "Mới": "88",
        "Lũy kế": "3.500",
        "Tỷ lệ": "17,72%",
        "Dân số": "19.748",
        "Chỉ tiêu": "11.849",
        "Còn thiếu": "8.349",
        "Số hộ mới": "46",
    }
    inspect(district)
    city = open_browser()
    sign_in(city, cast.city_clerk, to="/units/31/?columns=all")
    row = city.locator("tr[data-code='306']")
    assert _cells(row) == {
        "Đã báo cáo": "2/2",
        "Xác nhận": "– chưa xác nhận",
        "Mới": "100",
        "Lũy kế": "4.512",
        "Tỷ lệ": "13,23%",
        "Dân số": "34.098",
        "Chỉ tiêu": "20.459",
        "Còn thiếu": "15.947",
        "Số hộ mới": "46",
    }
    inspect(city)
    city.get_by_role("link", name="Quận Hải An", exact=True).first.click()
    expect(city.locator("tr[data-code='11416'] .share")).to_contain_text("17,72%")
    city.get_by_role("link", name="Phường Đằng Hải", exact=True).first.click()
    expect(city.locator(".state-line")).to_contain_text("Đúng hạn")
    expect(city.locator("form.report")).to_have_count(0)
    inspect(city)


def test_send_button_is_above_the_keyboard_of_a_small_phone(cast, open_browser):
    """Of 640 pixels a keyboard takes some 280."""
    with_history(cast)
    page = open_browser(screen={"width": 360, "height": 640})
    for path in ("/", REPORT_PATH):
        sign_in(page, cast.officer, to=path)
        page.get_by_label("Số máy cài mới").fill("88")
        box = page.get_by_role("button", name="GỬI BÁO CÁO").bounding_box()
        assert box["y"] + box["height"] <= 360


def test_countdown_runs_to_the_hour(cast, open_browser):
    with_history(cast)
    page = open_browser(own=True)
    page.clock.install()
    sign_in(page, cast.officer)
    countdown = page.locator(".countdown")
    expect(countdown).to_have_text("còn 1 giờ 24 phút")
    page.clock.fast_forward("01:00")
    expect(countdown).to_have_text("còn 1 giờ 23 phút")
    page.clock.fast_forward("01:20:00")
    expect(countdown).to_have_text(re.compile(r"còn 3 phút \d+ giây"))
    page.clock.fast_forward("03:30")
    expect(countdown).to_have_text("Đã hết hạn báo cáo")
    inspect(page)


@pytest.mark.matrix  # like others that are in every run
def test_countdown_ticks_by_itself_in_the_last_hour(cast, page, set_clock):
    with_history(cast)
    set_clock("2020-08-21 16:50:00")
    sign_in(page, cast.officer)
    countdown = page.locator(".countdown")
    expect(countdown).to_have_text(re.compile(r"còn 9 phút \d+ giây"))
    expect(countdown).not_to_have_text(countdown.inner_text())


@pytest.mark.matrix  # like others that are in every run
def test_first_report_asks_for_the_installs_before_the_campaign(cast, page):
    sign_in(page, cast.officer)
    page.get_by_label("Số máy đã cài trước ngày 06/08/2020").fill("3.324")
    page.get_by_label("Số máy cài mới").fill("0")
    expect(page.locator(".outcome")).to_have_text("lũy kế 3.324 → 3.324 · 16,83% → 16,83%")
    inspect(page)
    send(page)
    expect(page.locator(".receipt")).to_contain_text("3.324")
    inspect(page)


@pytest.mark.matrix  # like others that are in every run
def test_total_alone_is_enough(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    open_more(page)
    page.get_by_label("Số máy đã cài đến nay (lũy kế)").fill("3.500")
    expect(page.locator(".outcome")).to_have_text("lũy kế 3.412 → 3.500 · 17,27% → 17,72%")
    inspect(page)
    send(page)
    assert _receipt_lines(page.locator(".receipt"))["Số máy cài mới"] == "88"


@pytest.mark.matrix  # like others that are in every run
def test_report_is_changed_before_the_hour(cast, page):
    with_history(cast)
    make_report(cast.commune, installs=1030, by=cast.officer, note="Hộ đi vắng")
    sign_in(page, cast.officer)
    page.get_by_role("link", name="Sửa báo cáo").click()
    expect(page.locator(".notice")).to_have_text(
        "Đã gửi lúc 10h00: 1.030 máy. Số nhập lại là tổng cả ngày và thay cho 1.030."
    )
    installs = page.get_by_label("Số máy cài mới")
    expect(installs).to_have_value("1.030")
    expect(page.locator(".outcome")).to_have_text(
        "lũy kế 3.412 → 4.442 · 17,27% → 22,49% · ! khác thường, sẽ được hỏi lại"
    )
    inspect(page)
    send(page, "GỬI LẠI BÁO CÁO")  # as it stands: the dot is no decimal point
    expect(page.locator(".notice")).to_have_text("Số liệu này đã được tiếp nhận lúc 10:00:00 21/08/2020.")
    page.get_by_role("link", name="Sửa báo cáo").click()
    installs.fill("130")
    send(page, "GỬI LẠI BÁO CÁO")
    expect(page.locator(".history li")).to_have_count(2)
    assert _receipt_lines(page.locator(".receipt"))["Lũy kế"] == "3.542"
    inspect(page)
    assert list(Report.objects.get(unit=cast.commune, day=DAY).revisions.values_list("installs", flat=True)) == [
        1030,
        130,
    ]


def test_form_works_without_script(cast, open_browser):
    with_history(cast)
    page = open_browser(java_script_enabled=False)
    sign_in(page, cast.officer)
    expect(page.locator(".countdown")).to_have_text("còn 1 giờ 24 phút")
    page.get_by_label("Số máy cài mới").fill("1,5")
    assert send(page).status == 422
    expect(page.locator(".summary")).to_be_focused()
    page.get_by_label("Số máy cài mới").fill("88")
    assert send(page).status == 200
    expect(page.locator(".receipt")).to_contain_text("3.500")


@pytest.mark.matrix  # like others that are in every run
def test_agency_reports_its_total_first(cast, page):
    make_report(cast.agency, DAY.replace(day=20), installs=40, opening=3000)
    sign_in(page, cast.focal_person)
    labels = page.locator("form.report label")
    expect(labels).to_have_text(
        ["Số người đã cài đến nay (lũy kế) (bắt buộc)", "Số người cài mới trong ngày", "Khó khăn, vướng mắc"]
    )
    expect(labels.nth(1)).to_be_hidden()
    page.get_by_label("Số người đã cài đến nay (lũy kế)").fill("3100")
    expect(page.locator(".outcome")).to_have_text("lũy kế 3.040 → 3.100 · 40,97% → 41,77%")
    inspect(page)
    open_more(page)
    inspect(page)
    send(page)
    lines = _receipt_lines(page.locator(".receipt"))
    assert (lines["Số người cài mới trong ngày"], lines["Lũy kế"]) == ("60", "3.100")
    inspect(page)


@pytest.mark.matrix  # like others that are in every run
def test_days_of_the_unit(cast, page):
    with_history(cast)
    sign_in(page, cast.officer, to=REPORT_PATH)
    inspect(page)
    page.get_by_text("Menu").click()
    inspect(page)
    page.get_by_role("link", name="Các ngày", exact=True).click()
    expect(page.locator(".days tbody tr")).to_have_count(16)
    inspect(page)
    page.locator(".days a", has_text="20/08").click()
    expect(page.get_by_role("heading", name="Phiếu tiếp nhận")).to_be_visible()
    page.goto("/units/11416/?day=2020-08-20")
    expect(page.get_by_label("Ngày báo cáo")).to_have_value("20/08/2020")
    inspect(page)


def _receipt_lines(receipt):
    terms, values = receipt.locator("dt").all_inner_texts(), receipt.locator("dd").all_inner_texts()
    return dict(zip(terms, (" ".join(value.split()) for value in values), strict=True))


def _cells(row):
    cells = row.locator("td:not(.trend)").all()
    return {cell.get_attribute("data-label"): " ".join(cell.inner_text().split()) for cell in cells}


def test_number_that_is_corrected_is_asked_about_no_more(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    page.get_by_label("Số máy cài mới").fill("2.800")
    assert send(page).status == 422
    expect(page.get_by_role("button", name="GỬI SỐ ĐÃ SỬA")).to_be_hidden()
    page.get_by_label("Số máy cài mới").fill("28")
    expect(page.locator(".question")).to_have_count(0)
    expect(page.get_by_label("Giải trình (bắt buộc)")).to_have_count(0)
    inspect(page)
    assert send(page, "GỬI SỐ ĐÃ SỬA").status == 200
    expect(page.locator(".receipt")).to_contain_text("3.440")
