"""The statistics office's catalogue of a province becomes its tree in one import; texts of before Unicode are read."""

import pytest
from django.utils import translation

from reporting.files import spreadsheets
from reporting.files.cells import Unreadable
from reporting.imports.kinds.units import import_units
from reporting.models import Unit

from .. import factories as f
from .. import sheets
from .test_imports import NEXT, UNITS, applied, planned

HEAD = ["Tỉnh Thành Phố", "Mã TP", "Quận Huyện", "Mã QH", "Phường Xã", "Mã PX", "Cấp", "Tên Tiếng Anh"]


def test_catalogue_of_a_province_is_one_import(db):
    lines = [
        ["Thành phố Hà Nội", 1, f"Quận Số {d}", d, f"Phường Tên {d}-{n}", d * 100 + n, "Phường", None]
        for d in range(1, 127)
        for n in range(10)
    ]
    lines.append(["Thành phố Hà Nội", 1, "Huyện Đảo Xa", 500, None, None, "Huyện", None])
    done = import_units(sheets.workbook(["DANH MỤC"], HEAD, *lines))
    assert len(done.created) == 1 + 127 + 1260
    commune = Unit.objects.named(f.DAY).get(code="00105")
    assert (commune.full_name, commune.parent.code, commune.path) == ("Phường Tên 1-5", "001", "01/001/00105/")
    again = import_units(sheets.workbook(HEAD, *lines))
    assert (len(again.unchanged), again.created) == (1388, [])


def test_list_of_provinces_goes_below_the_country(db):
    f.make_unit("VN", level="country", name="Việt Nam", kind="")
    import_units(
        sheets.workbook(
            ["Mã", "Tên", "Cấp"], ["01", "Thành phố Hà Nội", "Thành phố Trung ương"], ["02", "Tỉnh Hà Giang", "Tỉnh"]
        )
    )
    found = Unit.objects.named(f.DAY).filter(level="city").order_by("code")
    assert [(unit.full_name, unit.parent.code) for unit in found] == [
        ("Thành phố Hà Nội", "VN"),
        ("Tỉnh Hà Giang", "VN"),
    ]


def test_name_that_begins_with_another_kind_is_asked_about(cast):
    heads = ["Mã đơn vị", "Tên", "Loại", "Cấp", "Mã cấp trên"]
    data = sheets.workbook(
        heads, ["11998", "Xã Tân Lập", "", "cấp xã", "306"], ["11999", "Xã Đàn", "phường", "cấp xã", "306"]
    )
    plan = planned(data, cast.city_clerk, UNITS, effective_on=NEXT)
    assert [row.address for row in plan.doubtful] == ["A3"]
    applied(data, cast.city_clerk, UNITS, effective_on=NEXT, explanation="Tên phường")
    named = Unit.objects.named(NEXT).filter(code__in=["11998", "11999"]).order_by("code")
    assert [unit.full_name for unit in named] == ["Xã Tân Lập", "Phường Xã Đàn"]


TEXT = "Mã đơn vị;Đơn vị;Lũy kế\n11416;Phường Đằng Hải;1234\n"
OLD = {
    "utf-8": TEXT.encode(),
    "utf-16": TEXT.encode("utf-16"),
    "tcvn3": TEXT.translate({new: chr(old) for old, new in spreadsheets.TCVN3.items()}).encode("latin-1"),
    "cp1258": b"M\xe3 \xf0\xf5n v\xb8;".replace(b"\xb8", b"i\xf2")
    + "Ðơn vi\u0323;Lu\u0303y kê\u0301\n11416;Phươ\u0300ng Đă\u0300ng Ha\u0309i;1234\n".replace("Ð", "Đ").encode(
        "cp1258"
    ),
}


@pytest.mark.parametrize("encoding", OLD)
def test_text_of_any_encoding_is_read(encoding):
    [sheet] = spreadsheets.read_book(OLD[encoding], "a.csv").sheets
    assert [cell.value for cell in sheet.rows[2].values()] == ["11416", "Phường Đằng Hải", "1234"]
    assert [cell.value for cell in sheet.rows[1].values()][1:] == ["Đơn vị", "Lũy kế"]


def test_other_encodings_are_refused_with_the_way_on():
    with translation.override("vi"), pytest.raises(Unreadable, match="CSV UTF-8"):
        spreadsheets.read_book("Ж;1\n2;3\n".encode("cp1251"), "a.csv")
