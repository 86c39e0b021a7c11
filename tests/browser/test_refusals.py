"""What is not taken at once comes back with the figures in the form, the reason, and a way on."""

import re

import pytest
from playwright.sync_api import expect

from reporting.models import Report

from ..factories import DAY
from .inspection import inspect
from .steps import REPORT_PATH, open_more, send, sign_in, with_history

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WHOLE_NUMBER = "Chỉ nhập số nguyên bằng chữ số, ví dụ 1234 hoặc 1.234."


def test_bad_input_is_explained_at_the_top_and_at_the_field(cast, page):
    with_history(cast)
    sign_in(page, cast.officer)
    page.get_by_label("Số máy cài mới").fill("1,5")
    open_more(page)
    page.get_by_label("Số hộ mới đến vận động").fill("12 hộ")
    page.get_by_label("Khó khăn, vướng mắc").fill("Mạng yếu")

    assert send(page).status == 422

    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("heading")).to_have_text("Báo cáo chưa được gửi")
    expect(summary.locator("a")).to_have_text(
        [f"Số máy cài mới: {WHOLE_NUMBER}", f"Số hộ mới đến vận động: {WHOLE_NUMBER}"]
    )
    expect(page.locator(".field .error")).to_have_text([WHOLE_NUMBER, WHOLE_NUMBER])
    households = page.get_by_label("Số hộ mới đến vận động")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("1,5")
    expect(households).to_have_value("12 hộ")
    expect(page.get_by_label("Khó khăn, vướng mắc")).to_have_value("Mạng yếu")
    expect(households).to_have_accessible_description(re.compile(re.escape(WHOLE_NUMBER)))
    inspect(page)
    summary.locator("a").nth(1).click()
    expect(households).to_be_focused()
    assert not Report.objects.filter(unit=cast.commune, day=DAY).exists()

    page.get_by_label("Số máy cài mới").fill("88")
    households.fill("12")
    assert send(page).status == 200
    expect(page.locator(".receipt")).to_contain_text("3.500")


@pytest.mark.matrix  # a walk of many pages
def test_doubtful_number_is_asked_about_and_sent_with_a_reason(cast, page, set_clock):
    with_history(cast)
    sign_in(page, cast.officer)
    set_clock("2020-08-21 16:59:50")
    page.get_by_label("Số máy cài mới").fill("2.800")
    assert send(page).status == 422
    question = page.locator(".question")
    expect(question).to_be_focused()
    expect(question).to_contain_text("2.800 gần bằng hoặc lớn hơn lũy kế đã có (3.412)")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("2.800")
    inspect(page)

    set_clock("2020-08-21 17:03:00")  # the answer comes after the hour, the figures had arrived before it
    page.get_by_label("Số liệu đúng, vẫn gửi").check()
    assert send(page, "GỬI").status == 422
    expect(page.locator(".field .error")).to_have_text("Nêu lý do số liệu này đúng.")
    inspect(page)
    expect(page.get_by_label("Số liệu đúng, vẫn gửi")).to_be_checked()
    page.get_by_label("Giải trình (bắt buộc)").fill("Ra quân toàn phường")
    assert send(page, "GỬI").status == 200
    receipt = page.locator(".receipt")
    expect(receipt).to_contain_text("Đúng hạn")
    expect(receipt).to_contain_text(re.compile(r"16:59:5\d 21/08/2020"))
    expect(page.get_by_text("Giải trình: Ra quân toàn phường")).to_be_visible()
    inspect(page)


def test_after_the_hour_figures_are_kept_and_the_telephone_is_a_link(cast, page, set_clock):
    with_history(cast)
    set_clock("2020-08-21 16:59:00")
    sign_in(page, cast.officer)
    page.get_by_label("Số máy cài mới").fill("88")
    open_more(page)
    page.get_by_label("Khó khăn, vướng mắc").fill("Mất điện")
    set_clock("2020-08-21 17:00:00")

    assert send(page).status == 422

    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Đã hết hạn: báo cáo ngày 21/08/2020 phải gửi trước 17h00 21/08/2020.")
    expect(summary).to_contain_text("Số liệu vừa nhập vẫn còn trong biểu mẫu.")
    expect(summary.get_by_role("link", name="0225 000 0306")).to_have_attribute("href", "tel:02250000306")
    expect(page.get_by_label("Số máy cài mới")).to_have_value("88")
    expect(page.get_by_label("Khó khăn, vướng mắc")).to_have_value("Mất điện")
    expect(page.locator(".countdown")).to_have_count(0)
    inspect(page)
    assert not Report.objects.filter(unit=cast.commune, day=DAY).exists()

    for address in (REPORT_PATH, "/"):  # and who comes only now is told why there is no form
        page.goto(address)
        closed = page.locator(".closed")
        expect(closed).to_contain_text("Đã hết hạn: báo cáo ngày 21/08/2020 phải gửi trước 17h00 21/08/2020.")
        expect(closed.get_by_role("link", name="0225 000 0306")).to_be_visible()
        expect(page.locator("form.report")).to_have_count(0)
        inspect(page)
