"""A merger: its units are picked by name, its effect is shown, then it is recorded and undone."""

from playwright.sync_api import expect

from reporting.models import Reorganisation

from ..factories import make_unit
from .inspection import inspect
from .steps import follow, send, sign_in


def test_merger_is_picked_with_the_keyboard_shown_recorded_and_undone(cast, page):
    for number in range(12):
        make_unit(f"3{number:04d}", parent=cast.other_district, name=f"An {number}", kind="xã", population=1000)
    sign_in(page, cast.city_clerk, to="/campaign/reorganise/")
    expect(page.get_by_label("Các thay đổi, mỗi thay đổi một dòng")).to_be_hidden()
    inspect(page)
    page.get_by_role("combobox", name="Đơn vị được sáp nhập hoặc đổi tên").focus()
    page.keyboard.type("cat bi")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("dang hai")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Nhập vào đơn vị")).to_have_value("Phường Đằng Hải")
    page.get_by_label("Hiệu lực từ ngày").fill("1/9/2020")
    page.get_by_label("Quyết định").fill("Nghị quyết 15")
    assert send(page, "Xem trước").status == 200
    expect(page.get_by_role("heading", name="Những thay đổi từ ngày 01/09/2020 theo Nghị quyết 15")).to_be_focused()
    expect(page.locator(".plan li")).to_have_text(
        "Phường Cát Bi (11407) kết thúc hoạt động, nhập vào Phường Đằng Hải (11416). "
        "Phường Đằng Hải (11416): dân số 34.098 (19.748 + 14.350)."
    )
    inspect(page)
    assert send(page, "Thêm thay đổi khác theo cùng văn bản").status == 200
    unit = page.get_by_role("combobox", name="Đơn vị được sáp nhập hoặc đổi tên")
    expect(unit).to_have_value("")
    unit.fill("an 7")
    unit.press("Enter")
    page.get_by_label("Tên sau khi sắp xếp").fill("Xã An Bảy")
    assert send(page, "Xem trước").status == 200
    expect(page.locator(".plan li").last).to_have_text("Xã An 7 (30007) đổi tên thành Xã An Bảy.")
    assert send(page, "GHI NHẬN").status == 200
    assert Reorganisation.objects.get().table.split("\n")[1:] == ["merge,11407,11416,,", "rename,30007,,An Bảy,xã"]
    inspect(page)
    follow(page.get_by_role("link", name="Hoàn tác"))
    page.get_by_label("Lý do thu hồi").fill("Nhầm đơn vị")
    assert send(page, "Xem trước").status == 200
    assert send(page, "THU HỒI").status == 200
    assert Reorganisation._base_manager.get().is_withdrawn
