"""Printed slips for many accounts: eight to an A4, nothing cut off, each district's list to sign behind its slips."""

import re
import shutil
import subprocess

import pytest
from playwright.sync_api import expect

from .. import sheets
from .devices import SCREENS
from .inspection import inspect
from .steps import send, sign_in
from .test_imports import choose

DESK = pytest.mark.parametrize("screen", [SCREENS["desk"]], ids=["desk"])
HEAD = ["Mã đơn vị", "Họ và tên", "Điện thoại", "Chỉ xem"]
LONG = "Nguyễn Hoàng Phạm Thị Ngọc Khánh Trang Anh Thư"
# What is cut off on paper: a slip too small for its words; words or a picture outside their slip.
CUT = """() => [...document.querySelectorAll(".slip, .slip *, .list td, .list th")]
  .filter((element) => {
    const slip = (element.closest(".slip") ?? element).getBoundingClientRect(), box = element.getBoundingClientRect();
    return element.scrollWidth > element.clientWidth + 1 && element.matches(".slip, td, th, dd")
      || element.scrollHeight > element.clientHeight + 1 && element.matches(".slip")
      || box.left < slip.left - 1 || box.right > slip.right + 1 || box.top < slip.top - 1
      || box.bottom > slip.bottom + 1;
  })
  .map((element) => element.outerHTML.slice(0, 90))"""


def people(*units):
    """Lines of (code, number of people); the last of each unit is a viewer with a very long name."""
    rows, number = [], 0
    for code, count in units:
        for position in range(count):
            number += 1
            is_last = position == count - 1
            name = LONG if is_last else f"Nguyễn Văn {chr(65 + position % 26)}"
            rows.append([code, name, f"09{number:08}", "x" if is_last else ""])
    return sheets.workbook(HEAD, *rows)


def printout(page, folder):
    """The words of each page as the browser prints them."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: apt-get install poppler-utils")
    path = folder / "slips.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], check=True, capture_output=True, text=True, timeout=60)
    size = subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True, timeout=60)
    assert re.search(r"Page size: +59[45][.\d]* x 84[12][.\d]* pts", size.stdout)
    return text.stdout.split("\f")[:-1]


@pytest.mark.matrix  # slow: visits many pages
@DESK
def test_slips_of_two_districts_are_printed_eight_to_a_page_with_their_lists(cast, page, tmp_path):
    cast.agency.rename(
        name="Trung tâm Xúc tiến Đầu tư, Thương mại, Du lịch và Khu kinh tế ven biển Hải Phòng",
        kind="",
        effective_on=cast.agency.names.get().effective_on,
        at=cast.agency.names.get().recorded_at,
    )
    sign_in(page, cast.city_clerk, to="/imports/people/")
    choose(page, people(("11416", 7), ("11407", 12), ("11470", 8), ("SYT", 1)))
    send(page, "Xem trước")
    expect(page.get_by_text("28 phiếu có mật khẩu dùng một lần")).to_be_visible()
    inspect(page)
    send(page, "LƯU 28 TÀI KHOẢN")
    inspect(page)
    secrets = [secret.strip() for secret in page.locator(".secret").all_inner_texts()]
    assert len(set(secrets)) == 28
    pages = printout(page, tmp_path)
    counts = [len(re.findall("Mật khẩu dùng một lần", words)) for words in pages]
    is_list = ["DANH SÁCH BÀN GIAO TÀI KHOẢN" in words for words in pages]
    assert [("list" if of_list else count) for of_list, count in zip(is_list, counts, strict=True)] == [
        *(8, 8, 3, "list", 0),  # nineteen lines continue on a second page
        *(8, "list", 1, "list"),
    ]
    printed = [secret for words in pages for secret in re.findall(r"\b(?:[a-z2-9]{4}-){2}[a-z2-9]{4}\b", words)]
    assert sorted(printed) == sorted(secrets)
    lists = "".join(words for words, count in zip(pages, counts, strict=True) if not count)
    assert [secret for secret in secrets if secret in lists] == []
    assert all(f"09{number:08}" in lists for number in range(1, 29))
    assert ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in lists, "SỞ THÔNG TIN VÀ TRUYỀN THÔNG" in lists) == (True, True)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 733, "height": 1062})  # an A4 without its margins
    assert page.evaluate(CUT) == []
    heights = page.evaluate("[...document.querySelectorAll('.slip')].map((slip) => slip.offsetHeight)")
    assert (len(heights), max(heights) - min(heights) <= 1) == (28, True)
