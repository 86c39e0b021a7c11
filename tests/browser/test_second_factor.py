"""The second factor in Chromium: set up with the key that the page shows, asked for at the sign-in."""

from base64 import b32decode

import pytest
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import expect

from .inspection import inspect
from .steps import follow, send, sign_in, sign_in_by_hand


def shown_by(phone):
    """The code that the phone with the key shows, by the real time."""
    return f"{TOTP(phone).token():06}"


def typed_into_phone(letters):
    letters = letters.replace(" ", "")
    return b32decode(letters + "=" * (-len(letters) % 8))


def as_if_half_a_minute_later():
    """A code is valid once; the test would have to wait for the next one."""
    TOTPDevice.objects.update(last_t=-1)


@pytest.mark.matrix  # slow: visits many pages
def test_whole_way_from_the_offer_to_the_sign_in_with_a_code(cast, page):
    sign_in(page, cast.city_clerk)
    follow(page.locator(".hints").get_by_role("link", name="Bật xác thực hai lớp"))
    inspect(page)
    follow(page.get_by_role("link", name="Bật", exact=True))
    expect(page.get_by_role("img", name="Mã QR chứa khóa xác thực hai lớp")).to_be_visible()
    page.get_by_text("Không quét được? Nhập khóa bằng tay").click()
    inspect(page)

    phone = typed_into_phone(page.locator("#key").inner_text())
    page.get_by_label("Mã xác thực").fill("12345")
    assert send(page, "Xác nhận").status == 422
    expect(page.locator(".summary")).to_be_focused()
    inspect(page)
    page.get_by_label("Mã xác thực").fill(shown_by(phone))
    send(page, "Xác nhận")
    expect(page.get_by_role("status").first).to_contain_text("Đã bật xác thực hai lớp.")
    inspect(page)
    expect(page.locator(".hints").get_by_role("link", name="Bật xác thực hai lớp")).to_have_count(0)

    page.get_by_text("Menu", exact=True).click()
    send(page, "Đăng xuất")
    as_if_half_a_minute_later()
    sign_in_by_hand(page, cast.city_clerk, to="/people/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mã xác thực hai lớp")
    expect(page.get_by_label("Mã xác thực")).to_be_focused()
    expect(page.get_by_text("Menu", exact=True)).to_have_count(0)
    inspect(page)
    page.get_by_label("Mã xác thực").fill("12345")
    assert send(page, "Tiếp tục").status == 422
    inspect(page)
    code = shown_by(phone)
    page.get_by_label("Mã xác thực").fill(f"{code[:3]} {code[3:]}")
    send(page, "Tiếp tục")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tài khoản")

    page.get_by_text("Menu", exact=True).click()
    follow(page.get_by_role("link", name="Xác thực hai lớp"))
    expect(page.locator(".day-line")).to_contain_text("✓ Đã bật lúc")
    inspect(page)
