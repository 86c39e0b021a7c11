"""The bulletin's page: who sees it, what it says, and that it explains why there is little to say."""

import pytest

from tests.factories import DAY, make_report, make_unit, make_user
from tests.prepared import prepared

from .test_ranking import words
from .visits import look


@prepared
def reported(cast):
    make_report(cast.commune, installs=88, opening=3324, note="Nhiều hộ đi vắng")
    make_report(cast.stranger, installs=50, opening=100)
    make_report(cast.island, installs=1, opening=311)
    return cast


# If there is little to say, every page says what and why.

PAGES = ["unit", "ranking", "bulletin"]


def read(user, name, code, **options):
    args = (code, DAY) if name == "bulletin" else (code,)
    page = look(user, name, *args, **options)
    assert page.status_code == 200
    return words(page.text)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("person", "code"), [("city_clerk", "31"), ("district_clerk", "306")])
def test_first_day_without_a_report(name, person, code, cast):
    text = read(getattr(cast, person), name, code)
    assert "Chưa có báo cáo nào: tỷ lệ, thứ hạng và biểu đồ sẽ có khi báo cáo đầu tiên được gửi." in text
    assert "0,00%" not in text


@pytest.mark.parametrize("name", PAGES)
def test_unit_without_a_population_is_named_and_the_share_is_a_dash(name, reported):
    make_unit("N", parent=reported.district, name="Nam Hải", kind="phường")
    make_unit("N2", parent=reported.other_district, name="An Sơn", kind="xã")
    assert "Chưa tính được tỷ lệ chung: chưa có số liệu dân số của Phường Nam Hải." in read(
        reported.district_clerk, name, "306"
    )
    text = read(reported.city_clerk, name, "31")
    assert "chưa có số liệu dân số của Xã An Sơn, Phường Nam Hải." in text


@pytest.mark.parametrize("name", PAGES)
def test_district_without_a_unit_below_reports_for_itself(name, cast):
    empty = make_unit("399", parent=cast.city, level="district", name="Mới", kind="quận")
    text = read(make_user("399", empty), name, "399")
    assert "Đơn vị này không có đơn vị trực thuộc: tự báo cáo số liệu của mình." in text


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("code", ["31", "306"])
def test_before_any_directive_nothing_is_due(name, code, db):
    city = make_unit("31", level="city", name="Hải Phòng", kind="thành phố")
    district = make_unit("306", parent=city, level="district", name="Hải An", kind="quận")
    make_unit("11416", parent=district, name="Đằng Hải", kind="phường", population=19748)
    text = read(make_user("31", city), name, code)
    assert "Chưa có văn bản chỉ đạo áp dụng cho ngày này: chưa đơn vị nào phải báo cáo." in text
    assert "Tất cả các đơn vị đã báo cáo" not in text
