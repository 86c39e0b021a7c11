"""Sentences of pages and papers that were false once: each names the fact that it needs."""

import io
from datetime import time, timedelta
from decimal import Decimal

import lxml.html
import pytest
from docx import Document
from openpyxl import load_workbook

from reporting import acts

from .. import factories as f
from .visits import look

BEFORE = f.DAY - timedelta(days=1)
EVENING = "2020-08-21 18:45"
SPLIT = (
    "action,code,name,kind,parent_code,population,split_from,handed_over\nnew,11417,Cát Bi 2,phường,311,3000,11407,900"
)
OPENED = {"11416": 4100, "11407": 2650, "11470": 900, "318": 90}


@pytest.fixture
def campaign(cast):
    """All communes have reported the day before; the agency never."""
    for unit in (cast.commune, cast.neighbour, cast.stranger, cast.island):
        f.make_report(unit, BEFORE, installs=10, opening=OPENED[unit.code])
    return cast


def direct(share, ends):
    f.make_directive(f.FIRST_DAY, number="2/CV", target_share=Decimal(share), target_date=f.DAY + timedelta(days=ends))


def split(cast):
    f.reorganise(SPLIT, effective_on=f.DAY, by=cast.city_clerk, at=f.at("2020-08-20 12:00"))


def report(*units, installs=10, **fields):
    for unit in units:
        f.make_report(unit, installs=installs, **fields)


def said(person, name, *args, moment=EVENING, query=""):
    """The words of the page."""
    page = lxml.html.fromstring(look(person, name, *args, moment=moment, query=query).text)
    return " ".join(page.text_content().split())


def written(cast, code="31"):
    paper = Document(io.BytesIO(look(cast.city_clerk, "paper", code, f.DAY, moment=EVENING).content))
    return "\n".join(one.text for one in paper.paragraphs)


def test_split_after_the_target_date_is_no_correction(campaign):
    direct("0.19", -1)
    split(campaign)
    report(campaign.commune, campaign.neighbour)
    assert "Ngày 20/8/2020: 19,85%, đạt. Đến 21/8/2020: 17,27%." in written(campaign, "306")
    about = {"unit": campaign.commune, "day": f.DAY, "adjustment": -9, "reason": "Trùng", "base_version": 1}
    acts.adjust(**about, **f.stamp(campaign.district_clerk, f.at("2020-08-21 18:00")))
    assert "Đến 21/8/2020, sau điều chỉnh: 17,24%." in written(campaign, "306")


def test_day_before_that_is_restated_or_incomplete_says_so(campaign):
    """It was 19,58% in the paper of the day before."""
    split(campaign)
    f.make_unit("11473", parent=campaign.other_district, name="Minh Đức", kind="thị trấn", population=500)
    report(campaign.commune, campaign.neighbour, campaign.stranger, campaign.island)
    assert "(7.780 máy, 18,00%, 4/5 đơn vị báo cáo, theo địa bàn, dân số hiện nay)" in written(campaign)


@pytest.mark.parametrize("name", ["paper", "bulletin"])
def test_no_report_due_is_not_said_while_an_agency_owes_one(name, campaign):
    communes = [campaign.commune, campaign.neighbour, campaign.stranger, campaign.island]
    for unit in communes:
        f.make_exempt_day(unit, f.DAY)

    def words():
        return written(campaign) if name == "paper" else said(campaign.city_clerk, "bulletin", "31", f.DAY)

    assert "không đơn vị nào phải báo cáo" not in words()
    f.make_exempt_day(campaign.agency, f.DAY)
    assert "không đơn vị nào phải báo cáo" in words()


def test_bulletin_says_that_all_have_reported_only_if_the_agency_has(campaign):
    report(campaign.commune, campaign.neighbour, campaign.stranger, campaign.island)
    everybody = "Tất cả các đơn vị đã báo cáo."
    assert everybody not in said(campaign.city_clerk, "bulletin", "31", f.DAY)
    report(campaign.agency, hour=time(11))
    assert said(campaign.city_clerk, "bulletin", "31", f.DAY).count(everybody) == 2


def test_nobody_is_said_to_have_reported_only_if_no_agency_has(cast):
    words = "Chưa có báo cáo nào"
    assert words in said(cast.city_clerk, "unit", "31", query="?state=result")
    report(cast.agency)
    assert words not in said(cast.city_clerk, "unit", "31", query="?state=result")


def test_source_of_a_population_that_is_not_known_is_not_named(campaign):
    source = "Tổng điều tra dân số"
    assert source in said(campaign.city_clerk, "unit", "31", query="?state=result")
    f.make_unit("11473", parent=campaign.other_district, name="Minh Đức", kind="thị trấn")
    assert source not in said(campaign.city_clerk, "unit", "31", query="?state=result")


@pytest.mark.parametrize(("name", "args", "query"), [("unit", ["11416"], ""), ("ranking", ["306"], f"?day={f.DAY}")])
def test_page_after_the_hour_says_until_when_its_figures_were_received(name, args, query, campaign):
    report(campaign.commune)
    about = {"unit": campaign.commune, "day": f.DAY, "adjustment": -9, "reason": "Trùng", "base_version": 1}
    acts.adjust(**about, **f.stamp(campaign.district_clerk, f.at("2020-08-21 18:00")))
    person = campaign.officer if name == "unit" else campaign.district_clerk
    words = "17h00 ngày 21/08/2020, theo báo cáo nhận đến 18h45 ngày 21/08/2020"
    assert words in said(person, name, *args, query=query)
    assert "theo báo cáo nhận đến" not in said(person, name, *args, query=query, moment="2020-08-21 16:00")


def test_country_names_the_moment_of_its_figures_not_the_deadline(db):
    """A report accepted after the hour stood in a bulletin "as of 17h00"."""
    nation = f.make_nation()
    report(nation.foreigner, opening=50)
    assert "tính đến 18h45 ngày 21/08/2020" in said(nation.country_clerk, "bulletin", "VN", f.DAY)


def test_figures_of_now_are_not_said_to_be_sealed(campaign):
    report(campaign.commune)
    acts.seal(unit=campaign.city, day=f.DAY, reason="Sớm", **f.stamp(campaign.city_clerk, f.at("2020-08-21 17:40")))
    query = f"?day={f.DAY}"
    assert "Đã chốt 17h40" in said(campaign.leader, "unit", "31", query=query)
    assert "Đã chốt 17h40" not in said(campaign.leader, "unit", "31", query=f"{query}&as_of=now")


def test_unit_that_reached_its_target_late_reads_so(campaign):
    direct("0.209", -1)
    report(campaign.commune, installs=200)
    words = said(campaign.officer, "unit", "11416")
    assert "Ngày 20/08: 20,81%, không đạt. Đạt ngày 21/08, chậm 1 ngày." in words


def test_needed_and_present_rate_stand_side_by_side_only_if_they_agree_with_the_title(cast):
    """Needed 13, now 12: by less than one install, and the title says that the target will be reached."""
    direct("0.6", 6)
    for back in range(7, 0, -1):
        opening = 2822 if back == 7 else 0
        f.make_report(cast.stranger, f.DAY - timedelta(days=back), installs=13 - (back == 7), opening=opening)
    report(cast.stranger, installs=13)
    words = said(cast.other_clerk, "unit", "311", query="?state=result")
    assert "Kịp 60%" in words
    assert "Mỗi ngày cần" not in words


def test_workbook_of_a_range_says_that_its_figures_are_those_of_now(campaign):
    """A day in the middle was sealed and corrected: the file said of neither."""
    file = look(campaign.city_clerk, "workbook_range", "31", BEFORE, f.DAY, moment=EVENING).getvalue()
    about = load_workbook(io.BytesIO(file))["Tổng hợp"]["A2"].value
    assert about.endswith("Từ 20/08/2020 đến 21/08/2020. Số liệu hiện nay, 18h45 ngày 21/08/2020")
