"""A refused form comes back with its figures, the reason, and what to do next."""

import re

from playwright.sync_api import expect

from reporting.models import Report

from ..factories import DAY
from .inspection import inspect
from .steps import open_more, send, sign_in, with_history

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
