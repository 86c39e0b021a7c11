"""Levels and kinds are read as offices write them; a "thành phố" that could be two things is asked about."""

import pytest

from reporting.files import spreadsheets
from reporting.imports.kinds import unit_spellings, units
from reporting.imports.layout import find
from reporting.models import Unit
from tests import factories as f

HEAD = "Mã đơn vị,Tên đơn vị,Loại đơn vị,Cấp,Mã đơn vị cấp trên\n"
PROVINCE = "02,Hà Giang,Tỉnh,cấp tỉnh,\n"


def read(text):
    lines, rows, _doubted = units.read_units(find(spreadsheets.read_book((HEAD + text).encode(), "x.csv"), units.KIND))
    return {line.code: (line.level, line.kind) for line in lines}, [row.words for row in rows]


@pytest.mark.parametrize(
    ("written", "level", "kind"),
    [
        (("TX.", "thị xã"), "district", "thị xã"),
        (("TT.", "Thị trấn"), "commune", "thị trấn"),
        (("P", "phường"), "commune", "phường"),
        (("Q.", "Quận"), "district", "quận"),
        (("Tỉnh", "Tỉnh"), "city", "tỉnh"),
        (("thành phố thuộc tỉnh", "Thành phố thuộc tỉnh"), "district", "thành phố"),
        (("TP. trực thuộc trung ương", "thành phố trực thuộc trung ương"), "city", "TP. trực thuộc trung ương"),
        (("đặc khu", "cấp xã"), "commune", "đặc khu"),
        (("", "trung ương"), "country", ""),
    ],
)
def test_levels_and_kinds_are_read_as_offices_write_them(written, level, kind):
    assert (unit_spellings.level(written[1]), unit_spellings.kind(written[0])) == (level, kind)


def test_city_below_a_province_is_of_district_level(db):
    found, asked = read(PROVINCE + "024,Hà Giang,TP.,TP.,02\n0241,Quang Trung,P.,phường,024\n")
    assert found == {"02": ("city", "tỉnh"), "024": ("district", "thành phố"), "0241": ("commune", "phường")}
    assert asked == []


def test_city_below_the_country_or_above_districts_is_of_province_level(db):
    found, asked = read("VN,Việt Nam,,trung ương,\n31,Hải Phòng,thành phố,thành phố,VN\n")
    assert (found["31"], asked) == (("city", "thành phố"), [])
    found, asked = read("31,Hải Phòng,thành phố,thành phố,\n306,Hải An,quận,quận,31\n")
    assert (found["31"], asked) == (("city", "thành phố"), [])


def test_city_that_could_be_two_things_is_asked_about(db):
    found, asked = read("769,Thủ Đức,thành phố,thành phố,\n26794,Linh Xuân,phường,phường,769\n")
    assert found["769"][0] == "thanh pho"
    assert asked == [
        "“Thủ Đức”: “thành phố” có thể là thành phố trực thuộc trung ương hoặc thành phố thuộc tỉnh. Ghi cấp là "
        "“cấp tỉnh” hoặc “cấp huyện”."
    ]


def test_city_that_the_register_knows_is_not_asked_about(db):
    f.make_unit("769", level="district", name="Thủ Đức", kind="thành phố")
    assert read("769,Thủ Đức,TP.,TP.,\n") == ({"769": ("district", "thành phố")}, [])
    assert Unit.objects.get().level == "district"
