import re
from datetime import time, timedelta

import pytest
import time_machine
from django.urls import reverse

from reporting import acts
from reporting.figures import rollup, verification
from reporting.models import Report, Revision
from reporting.pages import receipts
from tests.factories import DAY, FIRST_DAY, ask, at, make_downtime, make_report, stamp

from .visits import look, send, words_of

YESTERDAY = DAY - timedelta(days=1)


def receipt(page) -> list[str]:
    """The receipt line by line, without the labels."""
    section = re.search(r'<section class="receipt".*?</section>', page.text, re.DOTALL)[0]
    lines = re.findall(r"<dd[^>]*>(.*?)</dd>", section, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in lines]


def test_report_detail_is_a_receipt_of_number_second_total_and_share(cast):
    make_report(cast.commune, YESTERDAY, 88, opening=3324)
    sent = send(cast.officer, cast.commune, "2020-08-21 16:59:59.999", opening="", installs="88")
    page = look(cast.officer, "report_detail", "11416", DAY)
    assert sent.url == page.request["PATH_INFO"]
    lines = receipt(page)
    assert lines[:4] == ["11416-20200821-1", "16:59:59 21/08/2020", "88", "3.500"]
    assert re.findall(r"[\d.,]+%|\d+\.\d+", lines[4]) == ["17,72%", "19.748"]
    assert lines[-1] == "Nguyễn Thị Hà"
    assert page.text.count('class="status status-on_time"') == 1


def test_report_detail_of_a_changed_report_shows_both_arrivals_and_the_history(cast):
    make_report(cast.commune, installs=30, opening=3324, arrived_at=at("2020-08-21 10:02:03"), by=cast.officer)
    make_report(cast.commune, installs=88, arrived_at=at("2020-08-21 16:42:10"), by=cast.officer, reason="Đếm thiếu")
    page = look(cast.officer, "report_detail", "11416", DAY)
    assert receipt(page)[:5] == [
        "11416-20200821-2",
        "16:42:10 21/08/2020",
        "10:02:03 21/08/2020: 30",
        "88",
        "3.412",
    ]
    history = re.search(r'<ol class="history".*?</ol>', page.text, re.DOTALL)[0]
    assert re.findall(r"\d\d:\d\d:\d\d|\+\d+|Đếm thiếu", history) == ["16:42:10", "+58", "Đếm thiếu", "10:02:03", "+30"]


@pytest.fixture
def corrected(cast):
    """88 at 16:41; 96 requested at 17:10 and accepted at 18:05."""
    make_report(cast.commune, installs=88, opening=3324, arrived_at=at("2020-08-21 16:41"), by=cast.officer)
    typed = {"installs": 96, "reason": "Đếm thiếu", "base_version": 1}
    asked = acts.send_late_request(unit=cast.commune, day=DAY, **typed, by=cast.officer, at=at("2020-08-21 17:10"))
    taken_in = at("2020-08-21 18:05")
    acts.decide(late_request=asked, is_accepted=True, by=cast.district_clerk, at=taken_in, now=lambda: taken_in)
    return cast


def test_receipt_says_each_figure_with_its_own_hour(corrected):
    page = look(corrected.officer, "report_detail", "11416", DAY, moment="2020-08-21 19:00")
    arrivals = ["17:10:00 21/08/2020", "16:41:00 21/08/2020: 88", "18:05:00 21/08/2020: 96"]
    assert receipt(page)[1:5] == [*arrivals, "96"]


@pytest.mark.parametrize("person", ["officer", "district_clerk"])
def test_page_of_the_unit_says_each_figure_with_its_own_hour(person, corrected):
    evening = {"moment": "2020-08-21 19:00"}
    page = words_of(look(getattr(corrected, person), "unit", "11416", **evening))
    assert "tiếp nhận lần đầu lúc 16h41: 88 máy; điều chỉnh lúc 18h05: 96 máy" in page
    assert "16h41 88 → 96 lúc 18h05" in page  # in the list of days
    assert "16h41: 96" not in page
    then = words_of(look(corrected.district_clerk, "unit", "11416", **evening, query="?as_of=2020-08-21T17:30"))
    assert "tiếp nhận lúc 16h41: 88 máy" in then
    assert ("→ 96" in then, "96 máy" in then) == (False, False)


def test_page_of_an_excused_unit_says_why_and_urges_nobody(cast):
    evening = {"moment": "2020-08-21 18:00"}
    assert "Gọi ngay" in words_of(look(cast.officer, "unit", "11416", **evening))
    make_downtime()
    page = words_of(look(cast.officer, "unit", "11416", **evening))
    down = "hệ thống ngừng hoạt động từ 16h30 ngày 21/08/2020 đến 17h10 ngày 21/08/2020 (Mất điện máy chủ)"
    assert ("Không tính trễ" in page, down in page, "Gọi ngay" in page) == (True, True, False)


def test_receipt_pairs_the_sender_and_who_adjusts_each_with_his_own_time(cast):
    make_report(cast.commune, installs=88, opening=3324, arrived_at=at("2020-08-21 09:30"), by=cast.officer)
    adjusted = {"adjustment": -4, "reason": "đếm hai lần", "by": cast.district_clerk, "at": at("2020-08-21 17:10")}
    acts.adjust(unit=cast.commune, day=DAY, base_version=1, **adjusted)
    lines = receipt(look(cast.officer, "report_detail", "11416", DAY, moment="2020-08-21 19:00"))
    adjuster = f"-4 17:10:00 21/08/2020, {cast.district_clerk.display_name}"
    assert lines[1:4] == ["09:30:00 21/08/2020", "88", adjuster]
    assert lines[-1] == cast.officer.display_name


@pytest.mark.parametrize(
    ("installs", "told"),
    [
        ([88], None),
        ([88, 88], None),
        ([88, 96], (88, 96)),
        ([88, 96, 96], (88, 96)),
        ([88, 96, 90], (88, 90)),
        ([88, 96, 88], None),
        ([88, None], None),
        ([88, None, 96], None),  # the day's first report is a different one since
        ([88, None, 96, 97], (96, 97)),
    ],
)
def test_figure_is_corrected_since_the_report_that_stands(installs, told):
    assert corrected_of(installs, sent_by="on_behalf") == told


def test_voided_and_reentered_figure_keeps_the_units_own_arrival():
    assert corrected_of([88, None, 96], sent_by="own") == (88, 96)
    assert corrected_of([88, None, 96, 97], sent_by="own") == (88, 97)
    assert corrected_of([88, None, 88], sent_by="own") is None


def corrected_of(installs, *, sent_by):
    steps = [
        Revision(number=number, installs=value, received_at=at(f"2020-08-21 {9 + number}:00"), kind="correction")
        for number, value in enumerate(installs, start=1)
    ]
    steps[0].kind = sent_by
    found = receipts.correction(DAY, steps)
    return found and (found.first.installs, found.last.installs)


def test_opening_report_is_not_called_on_time_and_cannot_be_changed(cast):
    make_report(cast.commune, opening=3324)
    page = look(cast.officer, "report_detail", "11416", FIRST_DAY - timedelta(days=1))
    assert (receipt(page)[2:4], page.text.count('class="status')) == (["3.324", "3.324"], 0)
    assert page.text.count("/units/11416/report/") == 0


def test_officer_takes_a_report_back_before_the_hour(cast, client):
    make_report(cast.commune, installs=880, opening=100, by=cast.officer)
    client.force_login(cast.officer)
    address = reverse("reporting:report_void", args=[cast.commune.code, DAY])
    with time_machine.travel(at("2020-08-21 16:59:59"), tick=False):
        assert client.post(address, {"base_version": 1, "reason": ""}).status_code == 422
        assert client.post(address, {"base_version": 7, "reason": "nhầm"}).status_code == 409
        assert Report.objects.get(unit=cast.commune, day=DAY).installs == 880
        assert client.post(address, {"base_version": 1, "reason": "nhầm"}).status_code == 302
    assert Report.objects.get(unit=cast.commune, day=DAY).installs is None
    text = look(cast.officer, "report_detail", "11416", DAY).text
    assert ("status-missing" in text, "status-awaited" in text) == (False, True)  # its deadline is still to come
    assert ("Báo cáo đã hủy" in text, "Hủy lúc" in text, "Người hủy" in text) == (True, True, True)
    assert re.search("<title>(.*?) ·", text)[1] == "Báo cáo đã hủy"
    assert ("Phiếu tiếp nhận</h1>" in text, "Tiếp nhận lần đầu" in text, "Người gửi" in text) == (False, False, False)


def test_report_that_the_officer_took_back_makes_a_late_one_not_on_time(cast):
    make_report(cast.commune, installs=5, opening=100, by=cast.officer, hour=time(15))
    signed = {"by": cast.officer, "at": at("2020-08-21 16:30"), "now": lambda: at("2020-08-21 16:30")}
    acts.void(unit=cast.commune, day=DAY, reason="nhầm", base_version=1, **signed)
    asked = ask(cast.commune, cast.officer, installs=77, opening=None, base_version=2)
    acts.decide(late_request=asked, is_accepted=True, **stamp(cast.district_clerk, at("2020-08-21 17:40")))
    for as_of in (None, at("2020-08-21 18:00")):
        row = rollup.rows(cast.commune, DAY, as_of, at=at("2020-08-21 18:00")).own
        assert (row.status, row.received_at) == ("late", asked.received_at)
    text = look(cast.district_clerk, "report_detail", "11416", DAY).text
    assert ("status-late" in text, "status-on_time" in text, "15:00:00: 5" in text) == (True, False, False)
    assert [*verification.histories()] == []
