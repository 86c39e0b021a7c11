"""Ten minutes before the hour a district sees all whom it must call, and on a phone their telephones are in reach."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from reporting import demo
from reporting.imports.kinds.units import import_units
from reporting.models import Unit

from ..factories import DAY, RECORDED_AT, make_directive, make_report, make_user
from .inspection import check_appearance
from .steps import send, sign_in

MISSING = 11
LAPTOP, PHONE = {"width": 1366, "height": 650}, {"width": 360, "height": 740}  # of a laptop what the browser leaves
# Whole, on the screen, and not under the bar at its foot.
IN_SIGHT = """(selector) => [...document.querySelectorAll(selector)].filter((part) => {
  const { x, y, width, height } = part.getBoundingClientRect();
  return [1, height - 1].every((down) => part.contains(document.elementFromPoint(x + width / 2, y + down)));
}).length"""


@pytest.fixture
def district(transactional_db):
    """Thuỷ Nguyên, where 26 of 37 communes have reported."""
    import_units(Path(demo.DATA, "haiphong-2020-units.csv").read_bytes(), now=lambda: RECORDED_AT)
    make_directive()
    district = Unit.objects.get(code="311")
    communes = list(district.children.order_by("code"))
    for number, unit in enumerate(communes):
        make_user(unit.code, unit, last_name="Nguyễn Thị Thu", first_name="Hương", phone=f"0225 000 {unit.pk:04d}")
        make_report(unit, DAY - timedelta(days=1), installs=number, opening=2000)
        if number >= MISSING:
            make_report(unit, DAY, installs=number)
    return district


def test_all_missing_units_are_in_sight_before_and_after_a_reminder(district, open_browser, set_clock):
    set_clock("2020-08-21 16:50:00")
    laptop, phone = open_browser(screen=LAPTOP), open_browser(screen=PHONE)
    clerk = make_user("311", district, hints_closed=True)
    for page in (laptop, phone):
        sign_in(page, clerk)
    assert laptop.evaluate(IN_SIGHT, "#board-rows tr") == MISSING
    assert phone.evaluate(IN_SIGHT, "#board-rows tr") >= 6
    assert phone.evaluate(IN_SIGHT, "#board-rows .tel .button") >= 6
    send(laptop, "Gửi nhắc 11 đơn vị")
    phone.reload()
    for page in (laptop, phone):
        expect(page.locator("#board-rows")).to_contain_text("✓ 16h50")
        check_appearance(page)
    assert laptop.evaluate(IN_SIGHT, "#board-rows tr") == MISSING
    assert phone.evaluate(IN_SIGHT, "#board-rows .tel .button") >= 6
