"""The evening at the city: the day is sealed, a figure is corrected, and the page says why it has changed."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from reporting.models import Report, Seal

from ..factories import DAY, make_report
from .inspection import inspect
from .steps import follow, send, sign_in, with_history

SCREEN = "desk"
SEAL_PATH = f"/units/31/seal/{DAY}/"


@pytest.mark.matrix  # slow: visits many pages
def test_day_is_sealed_corrected_compared_and_seen_as_it_stood(cast, open_browser, set_clock):
    with_history(cast)
    make_report(cast.commune, installs=88, by=cast.officer)
    make_report(cast.neighbour, DAY - timedelta(days=1), installs=20, opening=500)
    city = open_browser()

    set_clock("2020-08-21 17:00:30")
    sign_in(city, cast.city_clerk)
    follow(city.locator("#card-seal a"))
    expect(city.locator(".closed")).to_have_text("Chốt được số liệu ngày từ 17h02 ngày 21/08/2020.")
    expect(city.locator("#seal-button")).to_have_count(0)
    inspect(city)
    set_clock("2020-08-21 17:05:00")
    city.reload()
    expect(city.locator("#asking")).to_contain_text("Không xác nhận được nữa: Quận Hải An, Huyện Thuỷ Nguyên.")
    inspect(city)
    assert send(city, "Chốt khi còn thiếu").status == 422  # a reason is required
    inspect(city)
    city.get_by_label("Lý do").fill("Họp sớm")
    assert send(city, "Chốt khi còn thiếu").status == 200
    assert send(city, "Hoàn tác chốt").status == 200
    city.get_by_label("Lý do").fill("Họp sớm")
    assert send(city, "Chốt khi còn thiếu").status == 200
    seal = Seal.objects.get()
    expect(city.locator("main > .notice p").first).to_have_text("Đã chốt số liệu ngày.")
    expect(city.locator(".code")).to_have_text(seal.short_digest)
    expect(city.locator(".status-done")).to_have_text("✓ Khớp")
    expect(city.locator("main")).to_contain_text("Từ lần chốt gần nhất không có gì thay đổi.")
    city.get_by_text("SHA-256", exact=True).click()
    expect(city.locator(".digest")).to_have_text(seal.digest)
    inspect(city)

    set_clock("2020-08-21 18:00:00")  # a commune telephones: it was 96
    city.goto(f"/units/306/entry/{DAY}/")
    city.get_by_label("Lý do", exact=False).first.fill("Đếm lại")
    city.get_by_label("Hiện cả 1 đơn vị đã gửi").check()
    city.locator("#row-11416").get_by_label("Số máy cài mới").fill("96")
    assert send(city, "LƯU").status == 200
    assert Report.objects.get(unit=cast.commune, day=DAY).installs == 96

    city.goto("/")
    since = city.locator(".since-seal")
    expect(since).to_contain_text("Bản chốt 17h05 ngày 21/08/2020: 4.020")
    expect(since).to_contain_text("Hiện tại: 4.028, chênh +8: 1 lần sửa số liệu +8.")
    expect(city.locator(".look-back")).to_have_count(0)
    inspect(city)
    follow(since.get_by_role("link", name="So với bản chốt"))
    expect(city.locator(".since")).to_contain_text("Lũy kế 4.020 → 4.028, chênh +8")
    line = city.locator("tr[data-code='306']")
    line.locator("summary").click()
    expect(line.locator(".steps li")).to_contain_text("+8 Phường Đằng Hải: điều chỉnh số liệu, 96 máy")
    inspect(city)

    follow(city.get_by_role("link", name="Số liệu bản chốt"))
    expect(city.locator(".look-back")).to_have_text(
        re.compile(r"Đang xem bản chốt lúc 17h05 ngày 21/08/2020, không phải số hiện tại\.")
    )
    city.get_by_text("Cách tính", exact=True).click()
    expect(city.locator(".counted")).to_contain_text("đã cài 4.020 / ")
    inspect(city)
    city.get_by_text("Thời điểm khác", exact=True).click()
    city.get_by_label("Số liệu tại").fill("20/08/2020 18h00")
    assert follow(city.get_by_role("button", name="Xem").last).status == 422
    inspect(city)
    city.go_back()
    city.get_by_text("Thời điểm khác", exact=True).click()
    city.get_by_label("Số liệu tại").fill("21/8 17h30")
    assert follow(city.get_by_role("button", name="Xem").last).status == 200
    expect(city.locator(".look-back")).to_have_text(
        re.compile(r"Đang xem số liệu tại thời điểm 17h30 ngày 21/08/2020, không phải số hiện tại\.")
    )
    inspect(city)
    follow(city.locator("tr[data-code='306'] a").first)  # the notice stays on every page
    expect(city.locator(".look-back")).to_contain_text("17h30 ngày 21/08/2020")
    expect(city.locator("tr[data-code='11416'] [data-label='Mới']")).to_have_text("88")
    inspect(city)

    city.goto(SEAL_PATH)
    assert send(city, "Chốt lại").status == 422  # a reason is required
    inspect(city)
    city.get_by_label("Lý do").fill("Phường đếm lại")
    assert send(city, "Chốt lại").status == 200
    expect(city.locator(".status-done")).to_have_text(["✓ Khớp", "✓ Khớp"])
    expect(city.locator(".code").last).to_have_text(seal.short_digest)  # the first seal stays
    inspect(city)
