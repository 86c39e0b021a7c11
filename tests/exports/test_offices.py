"""Who issues a paper: the same office is at the head of a form, of the bulletin and of the day's paper."""

import pytest
from django.utils import translation

from reporting.exports.offices import Letterhead, issues_papers, issuing_office, letterhead
from reporting.models import Unit


def named(code, level, kind, name):
    unit = Unit(code=code, level=level)
    unit.kind, unit.name = kind, name
    return unit


COUNTRY = named("VN", "country", "", "Việt Nam")
CITY = named("31", "city", "thành phố", "Hải Phòng")
DISTRICT = named("306", "district", "quận", "Hải An")
COMMUNE = named("11416", "commune", "phường", "Đằng Hải")
AGENCY = named("SYT", "agency", "", "Sở Y tế")
YOUTH = named("TDTN", "agency", "", "Thành đoàn Hải Phòng")


@pytest.fixture(autouse=True)
def _vietnamese():
    with translation.override("vi"):
        yield


@pytest.mark.parametrize(
    ("unit", "managing", "issuing"),
    [
        (COUNTRY, "", "VIỆT NAM"),
        (CITY, "UBND THÀNH PHỐ HẢI PHÒNG", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG"),
        (DISTRICT, "", "ỦY BAN NHÂN DÂN QUẬN HẢI AN"),
        (COMMUNE, "", "ỦY BAN NHÂN DÂN PHƯỜNG ĐẰNG HẢI"),
        (AGENCY, "UBND THÀNH PHỐ HẢI PHÒNG", "SỞ Y TẾ"),
        (YOUTH, "", "THÀNH ĐOÀN HẢI PHÒNG"),
    ],
)
def test_bodies_at_the_head_of_a_form(unit, managing, issuing):
    head = letterhead(unit, name=unit.full_name, city="Thành phố Hải Phòng")
    assert head == Letterhead(managing, issuing, "Hải Phòng")


@pytest.mark.parametrize(
    ("unit", "superior", "name"),
    [
        (CITY, None, "Sở Thông tin và Truyền thông"),
        (DISTRICT, CITY, "Ủy ban nhân dân quận Hải An"),
        (COMMUNE, DISTRICT, "Ủy ban nhân dân phường Đằng Hải"),
    ],
)
def test_office_that_issues_a_paper(unit, superior, name):
    assert issuing_office(unit, superior).name == name


def test_country_and_agencies_issue_no_papers():
    assert [issues_papers(unit) for unit in (COUNTRY, AGENCY, CITY)] == [False, False, True]


def test_paper_of_a_city_is_the_same_below_a_country():
    assert issuing_office(CITY, COUNTRY) == issuing_office(CITY, None)
