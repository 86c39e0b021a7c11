"""The bulletin: printed on exactly one A4 page with all its figures, however much there is to say; also as a text."""

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from reporting import acts, demo
from reporting.imports.kinds.units import import_units
from reporting.models import PassedUp, Report, Unit

from ..factories import DAY, RECORDED_AT, at, make_directive, make_report, make_user, stamp
from .devices import SCREENS
from .inspection import check_accessibility, check_appearance, inspect
from .steps import sign_in, with_history

BEFORE = DAY - timedelta(days=1)
SEALED_AT = at("2020-08-20 17:40")
LONG = (
    "Nhiều hộ gia đình đi vắng cả ngày, người cao tuổi không có điện thoại thông minh, máy đời cũ không cài được; " * 9
)
WIDTH, HEIGHT = 182, 277  # millimetres inside the margins of A4
PIXELS = 96 / 25.4  # a millimetre
# Parts outside the page or too large for their own box. A picture cuts off what lies outside of it.
OUTSIDE = """([width, height]) => [...document.querySelectorAll(".sheet, .sheet *")]
  .filter((element) => element.checkVisibility() && !element.closest(".hidden, title, desc"))
  .filter((element) => {
    const box = element.getBoundingClientRect();
    const picture = element.ownerSVGElement?.getBoundingClientRect();
    const isOutside = box.left < -1 || box.right > width + 1 || box.top < -1 || box.bottom > height + 1;
    const isCut = picture && element.matches("text") && (box.left < picture.left - 1 || box.right > picture.right + 1
      || box.top < picture.top - 1 || box.bottom > picture.bottom + 1);
    return isOutside || isCut || (!picture && !element.matches("svg") && element.scrollWidth > element.clientWidth + 1
      && element.clientWidth > 0);
  })
  .map((element) => `${element.outerHTML.slice(0, 90)}: ${JSON.stringify(element.getBoundingClientRect())}`)"""
WORDS = """() => {
  const words = [], walker = document.createTreeWalker(document.querySelector(".sheet"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.checkVisibility() && !parent.closest(".hidden, title, desc")) words.push(walker.currentNode.data);
  }
  return words.join(" ");
}"""


@pytest.fixture
def city(db):
    """The 233 units. Some of each district and of the agencies have not reported; all have long difficulties."""
    for name in ("haiphong-2020-units.csv", "haiphong-agencies.csv"):
        import_units(Path(demo.DATA, name).read_bytes(), now=lambda: RECORDED_AT)
    make_directive(target_date=DAY + timedelta(days=20))
    city = Unit.objects.get(parent=None)
    clerk = make_user("31", city)
    for position, unit in enumerate(Unit.objects.filter(children=None).order_by("level", "code")):
        if unit.level == Unit.Level.AGENCY or position % 3 == 2:
            continue
        make_report(unit, BEFORE - timedelta(days=1), installs=position // 2, opening=90 + position)
        report = make_report(unit, BEFORE, installs=position // 2, note=LONG)
        if position % 20 == 0:
            PassedUp.objects.create(report=report, by=clerk, at=at("2020-08-20 17:20"))
    acts.seal(unit=city, day=BEFORE, reason="Sớm", **stamp(clerk, SEALED_AT))
    city.clerk = clerk
    return city


@pytest.mark.matrix
@pytest.mark.parametrize("screen", [SCREENS["desk"]], ids=["desk"])
def test_bulletin_of_a_whole_city_fits_one_page_and_any_screen(city, page, tmp_path):
    sign_in(page, city.clerk)
    judge_paper(page, f"/units/31/bulletin/{BEFORE}/?as_of=seal", tmp_path, lines=16)
    judge_paper(page, f"/units/31/bulletin/{BEFORE}/?as_of=2020-08-20T18:00", tmp_path, lines=16)
    judge_paper(page, f"/units/306/bulletin/{BEFORE}/", tmp_path, lines=9)
    judge_paper(page, f"/units/311/bulletin/{BEFORE}/", tmp_path, lines=38)
    judge_paper(page, f"/units/318/bulletin/{BEFORE}/", tmp_path, lines=0)

    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"/units/31/bulletin/{BEFORE}/")
    style = page.evaluate("(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))")
    assert style == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]

    page.emulate_media(media="screen", color_scheme="light")
    for path in (f"/units/31/bulletin/{BEFORE}/?as_of=seal", f"/units/311/bulletin/{BEFORE}/"):
        page.goto(path)
        look_on_any_screen(page)
    page.goto(f"/units/31/ranking/?day={BEFORE}")
    look_on_any_screen(page)
    page.locator("#commune").get_by_role("link", name="Sau").click()
    expect(page.locator("#commune .rank").first).to_have_text("51")
    expect(page.locator("#commune tbody tr")).to_have_count(50)
    look_on_any_screen(page)


def look_on_any_screen(page):
    for screen in SCREENS.values():
        page.set_viewport_size(screen)
        check_appearance(page)
        check_accessibility(page)


def judge_paper(page, address, folder, *, lines):
    """Check the printed bulletin: the number of lines of its table, that it is one complete page, and nothing else on
    it."""
    page.emulate_media(media="null")  # paper is used when the printer asks
    page.set_viewport_size(SCREENS["desk"])
    page.goto(address)
    assert page.locator(".sheet-tables tbody tr").count() == lines
    assert page.locator(".sheet-said li").count() == (3 if lines else 0)
    pages, size, printed = printout(page, folder)
    assert (address, pages, size) == (address, "1", "A4")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round(WIDTH * PIXELS), "height": round(HEIGHT * PIXELS)})
    assert page.evaluate(OUTSIDE, [round(WIDTH * PIXELS), round(HEIGHT * PIXELS)]) == []
    shown = words(page.evaluate(WORDS))
    assert len([word for word in shown if word[:1].isdigit()]) > 3 * lines
    assert shown - printed == set()
    assert not {"Danh", "In", "nhóm"} & printed  # nothing of the screen's frame


@pytest.mark.matrix  # slow: visits many pages
def test_three_lines_are_copied(cast, open_browser, live_server):
    with_history(cast)
    page = open_browser(permissions=("clipboard-write",))
    sign_in(page, cast.district_clerk, to=f"/units/306/?day={BEFORE}&state=result")
    page.get_by_role("link", name="Bản tin", exact=True).click()
    page.get_by_role("button", name="Sao chép bản tin").click()
    expect(page.get_by_role("button", name="Đã sao chép")).to_be_focused()
    assert _pasted(page) == (
        "Đến 17h00 ngày 20/08/2020 quận Hải An có 3.412 máy cài, đạt 10,00% (tạm tính, 1/2) dân số (chỉ tiêu 60%);"
        " trong ngày cài mới 88 máy; 1/2 đơn vị đã báo cáo.\n"
        "Chưa báo cáo: Phường Cát Bi."
    )
    assert Report.objects.filter(day=BEFORE).count() == 1
    inspect(page)


def _pasted(page):
    """The text that the person would paste elsewhere: no page of this host may read the clipboard itself."""
    page.evaluate("document.body.append(Object.assign(document.createElement('textarea'), { id: 'elsewhere' }))")
    page.locator("#elsewhere").press("ControlOrMeta+V")
    text = page.locator("#elsewhere").input_value()
    page.evaluate("document.getElementById('elsewhere').remove()")
    return text


def test_bulletin_without_script_has_the_text_and_no_dead_button(cast, open_browser):
    with_history(cast)
    page = open_browser(java_script_enabled=False)
    sign_in(page, cast.district_clerk, to=f"/units/306/bulletin/{BEFORE}/")
    expect(page.get_by_role("textbox", name="Bản tin gửi nhóm")).to_have_value(
        re.compile("^Đến 17h00 ngày 20/08/2020 quận Hải An có")
    )
    expect(page.get_by_role("button", name="Sao chép bản tin")).to_have_count(0)
    expect(page.locator("#print")).to_be_hidden()


def words(text):
    return set(text.split())


def printout(page, folder):
    """Number and size of the pages as the browser prints them, and the words on them."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: apt-get install poppler-utils")
    path = folder / "bulletin.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    about = run("pdfinfo", path)
    size = "A4" if re.search(r"Page size: +59[45][.\d]* x 84[12][.\d]* pts", about) else about
    return re.search(r"Pages: +(\d+)", about)[1], size, words(run("pdftotext", "-raw", path, "-"))


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
