"""A passkey in Chromium, with a virtual authenticator: one press after the sign-in, one press to sign in."""

import time

from playwright.sync_api import expect

from .inspection import inspect
from .steps import follow, send, sign_in_by_hand

BUTTON = "Dùng vân tay hoặc mã PIN của máy này"


def give_authenticator(page):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_one_press_adds_it_and_one_press_signs_in(cast, page):
    give_authenticator(page)
    sign_in_by_hand(page, cast.officer, to="/account/sessions/")
    inspect(page)
    send(page, BUTTON)
    expect(page.get_by_role("status").first).to_contain_text("Từ nay đăng nhập được bằng vân tay")
    expect(page.get_by_role("button", name="Gỡ", exact=True)).to_have_count(1)
    page.get_by_text("Menu", exact=True).click()
    send(page, "Đăng xuất")
    inspect(page)
    began = time.monotonic()
    follow(page.get_by_role("button", name=BUTTON))
    page.locator("form.report").wait_for()
    assert time.monotonic() - began < 5
    print(f"from pressing to the form: {time.monotonic() - began:.2f} s")
