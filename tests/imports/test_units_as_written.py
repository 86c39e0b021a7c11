"""Units as offices write them: levels and kinds, lost zeros, names of two units, catalogues, templates."""

import io

import openpyxl
import pytest
from django.utils import translation

from reporting.files import spreadsheets
from reporting.files.cells import Unreadable
from reporting.imports.kinds import units
from reporting.imports.unit_lines import Directory, Unknown
from reporting.models import Unit

from .. import factories as f, sheets
from ..views.visits import look
from .test_imports import HAI_AN, NEXT, UNITS, applied, errors, planned

# Levels and kinds; a "thành phố" that could be two things is asked about.

CODE_HEAD = ["Mã đơn vị", "Tên đơn vị", "Loại đơn vị", "Cấp", "Mã đơn vị cấp trên"]


@pytest.fixture
def ha_noi(db):
    """Province, district and commune of one number."""
    f.make_directive()
    province = f.make_unit("01", level="city", name="Hà Nội", kind="thành phố")
    district = f.make_unit("001", parent=province, level="district", name="Ba Đình", kind="quận")
    f.make_unit("00001", parent=district, name="Phúc Xá", kind="phường", population=20000)
    f.make_unit("00271", parent=district, name="Trúc Bạch", kind="phường", population=20000)
    return f.make_user("01", province)


@pytest.mark.parametrize(
    ("written", "level", "kind"),
    [
        (("TT.", "Thị trấn"), "commune", "thị trấn"),
        (("Q.", "Quận"), "district", "quận"),
        (("thành phố thuộc tỉnh", "Thành phố thuộc tỉnh"), "district", "thành phố"),
        (("TP. trực thuộc trung ương", "thành phố trực thuộc trung ương"), "city", "TP. trực thuộc trung ương"),
        (("đặc khu", "cấp xã"), "commune", "đặc khu"),
        (("", "trung ương"), "country", ""),
    ],
)
def test_levels_and_kinds_are_read_as_offices_write_them(written, level, kind):
    assert (units.read_level(written[1]), units.read_kind(written[0])) == (level, kind)


def test_city_that_could_be_two_things_is_asked_about(ha_noi):
    [(_cell, words)] = errors(
        planned([CODE_HEAD, ["769", "Thủ Đức", "thành phố", "thành phố", "01"]], ha_noi, UNITS, effective_on=NEXT)
    )
    assert words == "“thành phố” không phải là một cấp: ghi “cấp tỉnh”, “cấp huyện”, “cấp xã” hoặc “sở, ban, ngành”."


# Zeros that Excel dropped from codes are put back, asked about, or refused; never is a second unit made of them.


def test_known_units_are_found_by_codes_without_zeros(ha_noi):
    communes = [[1, "Phúc Xá", "phường", "cấp xã", 1], [271, "Trúc Bạch", "phường", "cấp xã", 1]]
    plan = planned([CODE_HEAD, *communes, [1, "Ba Đình", "quận", "cấp huyện", 1]], ha_noi, UNITS, effective_on=NEXT)
    assert [row.outcome for row in plan.rows] == ["unchanged"] * 3
    [row] = planned([["Mã đơn vị", "Trước đợt"], [271, 500]], ha_noi).rows
    assert row.unit == "Phường Trúc Bạch"


@pytest.mark.parametrize("code", ["0271", "000271", 271])
def test_code_that_differs_only_by_zeros_is_that_of_the_known_unit(code, ha_noi):
    plan = planned([CODE_HEAD, [code, "Trúc Bạch", "phường", "cấp xã", "001"]], ha_noi, UNITS, effective_on=NEXT)
    assert [row.outcome for row in plan.rows] == ["unchanged"]


def test_new_code_is_as_long_as_in_the_catalogue(ha_noi):
    applied([CODE_HEAD, [280, "Cống Vị", "phường", "cấp xã", 1]], ha_noi, UNITS, effective_on=NEXT)
    assert Unit.objects.get(code="00280").parent.code == "001"


# A province and its city of one name: a file that says only the name is asked which of them it means.


@pytest.fixture
def directory(db):
    province = f.make_unit("02", level="city", name="Hà Giang", kind="tỉnh")
    city = f.make_unit("024", parent=province, level="district", name="Hà Giang", kind="thành phố")
    f.make_unit("0241", parent=city, name="Quang Trung", kind="phường", population=5000)
    units = Unit.objects.named(f.DAY)
    return Directory(units, lambda _unit, _is_superior: True)


def test_name_of_two_units_is_asked_about(directory):
    with pytest.raises(Unknown) as asked:
        directory.superior("Hà Giang")
    assert str(asked.value) == (
        "“Hà Giang” có thể là Tỉnh Hà Giang (02), Thành phố Hà Giang (Tỉnh Hà Giang, 024): ghi rõ mã "
        "hoặc đơn vị cấp trên."
    )


@pytest.mark.parametrize(
    ("written", "code"), [("tỉnh Hà Giang", "02"), ("TP. Hà Giang", "024"), ("UBND tỉnh Ha Giang", "02")]
)
def test_kind_says_which_of_the_two_is_meant(directory, written, code):
    assert directory.superior(written).code == code


# A list of the statistics office has a line for each commune; texts of before Unicode are read.


def test_list_of_communes_is_read_as_it_is(ha_noi):
    head = ["Tỉnh Thành Phố", "Mã TP", "Quận Huyện", "Mã QH", "Phường Xã", "Mã PX", "Loại"]
    line = ["Thành phố Hà Nội", 1, "Quận Ba Đình", 1, "Phường Cống Vị", 280, "Phường"]
    applied([["DANH MỤC"], head, line], ha_noi, UNITS, effective_on=NEXT)
    commune = Unit.objects.named(NEXT).get(code="00280")
    assert (commune.full_name, commune.level, commune.path) == ("Phường Cống Vị", "commune", "01/001/00280/")


def test_kind_in_the_name_is_taken_off(cast):
    rows = [CODE_HEAD, ["11998", "Xã Tân Lập", "", "cấp xã", "306"], ["11999", "Xã Đàn", "phường", "cấp xã", "306"]]
    applied(rows, cast.city_clerk, UNITS, effective_on=NEXT)
    named = Unit.objects.named(NEXT).filter(code__in=["11998", "11999"]).order_by("code")
    assert [unit.full_name for unit in named] == ["Xã Tân Lập", "Phường Xã Đàn"]


TEXT = "Mã đơn vị;Đơn vị;Lũy kế\n11416;Phường Đằng Hải;1234\n"
CP1258 = "Đơn vi\u0323;Lu\u0303y kê\u0301\n11416;Phươ\u0300ng Đă\u0300ng Ha\u0309i;1234\n"
IN_TCVN3 = {new: chr(old) for old, new in spreadsheets.TCVN3.items()}
OLD = {
    "utf-8": TEXT.encode(),
    "utf-16": TEXT.encode("utf-16"),
    "tcvn3": TEXT.translate(IN_TCVN3).encode("latin-1"),
    "cp1258": b"M\xe3 \xf0\xf5n vi\xf2;" + CP1258.encode("cp1258"),
}


def cells(data, name):
    """The cells of the first sheet by row, without those of the first column."""
    rows = spreadsheets.read_book(data, name).sheets[0].rows.values()
    return [[cell.value for cell in row.values()][1:] for row in rows]


@pytest.mark.parametrize("encoding", OLD)
def test_text_of_any_encoding_is_read(encoding):
    assert cells(OLD[encoding], "a.csv") == [["Đơn vị", "Lũy kế"], ["Phường Đằng Hải", "1234"]]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["Xã Bát Trang".translate(IN_TCVN3), "Mỹ Đức".translate(IN_TCVN3)], ["Xã Bát Trang", "Mỹ Đức"]),
        (["Xã Bát Trang".translate(IN_TCVN3), "Mỹ Đức"], None),  # both: not for us to guess
        (["PHạM THị Tí".translate(IN_TCVN3), "PHạM THị, Hà".translate(IN_TCVN3)], ["PHẠM THỊ TÍ", "PHẠM THỊ, Hà"]),
    ],
)
def test_workbook_in_an_old_font_is_read_in_unicode(written, read):
    assert cells(sheets.workbook([5, *written]), "a.xlsx") == [read or written]


def test_other_encodings_are_refused_with_the_way_on():
    with translation.override("vi"), pytest.raises(Unreadable, match="CSV UTF-8"):
        spreadsheets.read_book("Ж;1\n2;3\n".encode("cp1251"), "a.csv")


def test_template_holds_the_units_as_they_are_and_sent_back_changes_nothing(cast):
    answer = look(cast.city_clerk, "import_template", "units")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    lines = {row[0]: row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0]}
    assert len(lines) == Unit.objects.count()
    assert lines["306"][:5] == tuple(HAI_AN)
    plan = planned(answer.content, cast.city_clerk, UNITS, effective_on=NEXT)
    assert (plan.errors, {row.outcome for row in plan.rows}) == ([], {"unchanged"})
