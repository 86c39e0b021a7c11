"""Units as offices write them: levels and kinds, codes that lost their zeros, names of two units, whole catalogues."""

import pytest
from django.utils import translation

from reporting import imports
from reporting.acts.unit_register import BadFile
from reporting.files import spreadsheets
from reporting.files.cells import Unreadable
from reporting.imports.kinds import units
from reporting.imports.kinds.units import import_units
from reporting.imports.plan import rows_of
from reporting.imports.unit_lines import Directory, Unknown
from reporting.models import BaseFigure, Unit

from .. import factories as f, sheets
from .test_imports import MINISTRY, NEXT, UNITS, applied, errors, planned

# Levels and kinds; a "thành phố" that could be two things is asked about.

LEVEL_HEAD = "Mã đơn vị,Tên đơn vị,Loại đơn vị,Cấp,Mã đơn vị cấp trên\n"


def read(text):
    book = spreadsheets.read_book((LEVEL_HEAD + text).encode(), "x.csv")
    lines, readers, _sums = units.read_units(imports.table_of(UNITS, book), f.DAY)
    rows = rows_of(readers)
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
    assert (units.read_level(written[1]), units.read_kind(written[0])) == (level, kind)


def test_city_that_could_be_two_things_is_asked_about(cast):
    data = (LEVEL_HEAD + "769,Thủ Đức,thành phố,thành phố,31\n").encode()
    [(_cell, words)] = errors(planned(data, cast.city_clerk, UNITS, effective_on=NEXT))
    assert words == "“thành phố” không phải là một cấp: ghi “cấp tỉnh”, “cấp huyện”, “cấp xã” hoặc “sở, ban, ngành”."


def test_city_that_the_register_knows_is_not_asked_about(db):
    f.make_unit("769", level="district", name="Thủ Đức", kind="thành phố")
    assert read("769,Thủ Đức,TP.,TP.,\n") == ({"769": ("district", "thành phố")}, [])
    assert Unit.objects.get().level == "district"


# Zeros that Excel dropped from codes are put back, asked about, or refused; never is a second unit made of them.

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


def test_known_units_are_found_by_codes_without_zeros(ha_noi):
    data = sheets.workbook(
        CODE_HEAD,
        [1, "Phúc Xá", "phường", "cấp xã", 1],
        [271, "Trúc Bạch", "phường", "cấp xã", 1],
        [1, "Ba Đình", "quận", "cấp huyện", 1],
    )
    assert [row.outcome for row in planned(data, ha_noi, UNITS, effective_on=NEXT).rows] == ["unchanged"] * 3
    figures = sheets.workbook(["Mã đơn vị", "Lượt tải"], [271, 500])
    [row] = planned(figures, ha_noi, MINISTRY, day=f.DAY, source="x").rows
    assert row.unit == "Phường Trúc Bạch"


def test_number_of_three_units_is_asked_about(ha_noi):
    plan = planned(sheets.workbook(["Mã đơn vị", "Lượt tải"], [1, 5]), ha_noi, MINISTRY, day=f.DAY, source="x")
    three = "Phường Phúc Xá (Quận Ba Đình, 00001), Quận Ba Đình (Thành phố Hà Nội, 001), Thành phố Hà Nội (01)"
    assert errors(plan) == [("A2", f"“1” có thể là {three}: ghi rõ mã hoặc đơn vị cấp trên.")]


def test_new_code_is_padded_to_the_width_of_its_level(ha_noi):
    f.make_unit("1234567", parent=Unit.objects.get(code="001"), population=5)
    data = sheets.workbook(CODE_HEAD, [280, "Cống Vị", "phường", "cấp xã", 1])
    applied(data, ha_noi, UNITS, effective_on=NEXT)
    assert Unit.objects.get(code="00280").parent.code == "001"


def test_new_code_is_as_long_as_those_of_its_level(db):
    f.make_directive()
    province = f.make_unit("02", level="city", name="Hà Giang", kind="tỉnh")
    f.make_unit("0241", parent=f.make_unit("024", parent=province, level="district"), population=9)
    data = sheets.workbook(CODE_HEAD, [715, "Quang Trung", "phường", "cấp xã", 24])
    clerk = f.make_user("02", province)
    [row] = planned(data, clerk, UNITS, effective_on=NEXT).rows
    assert (row.what, row.asked) == ("0715", ())
    data = sheets.workbook(CODE_HEAD, *([code, "Tên", "xã", "cấp xã", 24] for code in (715, 11999)))
    rows = planned(data, clerk, UNITS, effective_on=NEXT).rows
    assert [row.what for row in rows] == ["00715", "11999"]  # one code of the file has the catalogue's length


def test_agency_whose_superior_may_be_two_units_is_refused(ha_noi):
    data = sheets.workbook(CODE_HEAD, ["SYT", "Sở Y tế", "", "sở, ban, ngành", 1])
    words = "đơn vị cấp trên 1 không có trong tệp và chưa có trong hệ thống."
    assert errors(planned(data, ha_noi, UNITS, effective_on=NEXT)) == [("A2", words)]


@pytest.mark.parametrize("other", ["0271", "000271"])
def test_codes_that_differ_only_by_zeros_are_refused(other, ha_noi):
    data = sheets.workbook(CODE_HEAD, [other, "Trúc Bạch", "phường", "cấp xã", "001"])
    words = f"hai mã {other} và 00271 chỉ khác nhau ở các số 0 ở đầu: ghi mã đầy đủ."
    assert errors(planned(data, ha_noi, UNITS, effective_on=NEXT)) == [("A2", words)]


# A province and its city of one name: a file that says only the name is asked which of them it means.


@pytest.fixture
def directory(db):
    province = f.make_unit("02", level="city", name="Hà Giang", kind="tỉnh")
    city = f.make_unit("024", parent=province, level="district", name="Hà Giang", kind="thành phố")
    f.make_unit("0241", parent=city, name="Quang Trung", kind="phường", population=5000)
    units = Unit.objects.named(f.DAY)
    return Directory(units, units.superior_levels())


@pytest.mark.parametrize("ask", ["find", "superior"])
def test_name_of_two_units_is_asked_about(directory, ask):
    with pytest.raises(Unknown) as asked:
        directory.find("", "Hà Giang") if ask == "find" else directory.superior("Hà Giang")
    assert str(asked.value) == (
        "“Hà Giang” có thể là Tỉnh Hà Giang (02), Thành phố Hà Giang (Tỉnh Hà Giang, 024): ghi rõ mã "
        "hoặc đơn vị cấp trên."
    )


@pytest.mark.parametrize(
    ("written", "code"), [("tỉnh Hà Giang", "02"), ("TP. Hà Giang", "024"), ("UBND tỉnh Ha Giang", "02")]
)
def test_kind_says_which_of_the_two_is_meant(directory, written, code):
    assert directory.find("", written).code == directory.superior(written).code == code


# The statistics office's catalogue of a province becomes its tree in one import; texts of before Unicode are read.

CATALOGUE_HEAD = ["Tỉnh Thành Phố", "Mã TP", "Quận Huyện", "Mã QH", "Phường Xã", "Mã PX", "Cấp", "Tên Tiếng Anh"]


def test_catalogue_of_a_province_is_one_import(db):
    lines = [
        ["Thành phố Hà Nội", 1, f"Quận Số {d}", d, f"Phường Tên {d}-{n}", d * 100 + n, "Phường", None]
        for d in range(1, 127)
        for n in range(10)
    ]
    lines.append(["Thành phố Hà Nội", 1, "Huyện Đảo Xa", 500, None, None, "Huyện", None])
    import_units(sheets.workbook(["DANH MỤC"], CATALOGUE_HEAD, *lines))
    commune = Unit.objects.named(f.DAY).get(code="00105")
    assert (commune.full_name, commune.parent.code, commune.path) == ("Phường Tên 1-5", "001", "01/001/00105/")
    assert import_units(sheets.workbook(CATALOGUE_HEAD, *lines)).counts == {"unchanged": 1 + 127 + 1260}


def test_population_in_a_catalogue_is_that_of_the_lowest_unit_of_its_line(db):
    head = [*CATALOGUE_HEAD[:6], "Dân số", "Nguồn dân số"]
    lines = [["Thành phố Hà Nội", 1, "Quận Một", 1, f"Phường Tên {n}", n, 1000 + n, "TĐT"] for n in (11, 12)]
    import_units(sheets.workbook(head, *lines))
    recorded = BaseFigure.objects.values_list("unit__code", "population")
    assert sorted(recorded) == [("00011", 1011), ("00012", 1012)]


def test_figure_of_a_unit_that_an_earlier_line_of_a_catalogue_names_is_refused(db):
    head = [*CATALOGUE_HEAD[:6], "Dân số", "Nguồn dân số"]
    lines = [["Thành phố Hà Nội", 1, "Quận Một", 1, *more] for more in (["Phường Tên", 11, 9, "x"], ["", None, 9, "x"])]
    with pytest.raises(BadFile) as refused:
        import_units(sheets.workbook(head, *lines))
    assert [number for number, _words in refused.value.problems] == [3]


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
IN_TCVN3 = {new: chr(old) for old, new in spreadsheets.TCVN3.items()}
OLD = {
    "utf-8": TEXT.encode(),
    "utf-16": TEXT.encode("utf-16"),
    "tcvn3": TEXT.translate(IN_TCVN3).encode("latin-1"),
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


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["Phường Trần Thành Ngọ", "Số máy đã cài"], ["Phường Trần Thành Ngọ", "Số máy đã cài"]),
        (["Xã Bát Trang".translate(IN_TCVN3), "Mỹ Đức".translate(IN_TCVN3)], ["Xã Bát Trang", "Mỹ Đức"]),
        (["Xã Bát Trang".translate(IN_TCVN3), "Mỹ Đức"], ["X· B¸t Trang", "Mỹ Đức"]),  # both: not for us to guess
        (["Café · Bluezone"], ["Café · Bluezone"]),
    ],
)
def test_workbook_in_an_old_font_is_read_in_unicode(written, read):
    [sheet] = spreadsheets.read_book(sheets.workbook([*written, 5]), "a.xlsx").sheets
    assert [cell.value for cell in sheet.rows[1].values()] == [*read, 5]


def test_other_encodings_are_refused_with_the_way_on():
    with translation.override("vi"), pytest.raises(Unreadable, match="CSV UTF-8"):
        spreadsheets.read_book("Ж;1\n2;3\n".encode("cp1251"), "a.csv")


# Known units are found by name; what has no column in the file stays as it is.


def test_known_units_are_found_by_name(cast):
    heads = ["TT", "Đơn vị", "Dân số", "Nguồn", "Số điện thoại trực"]
    lines = [[1, "UBND phường Đằng Hải", 20000, "Niên giám 2020", "0225.3700.100"], [2, "Cát Bi", 14350, None, None]]
    plan = planned(sheets.workbook(["DANH BẠ"], heads, *lines), cast.city_clerk, UNITS, effective_on=NEXT, source="")
    assert [(row.address, row.outcome, row.after) for row in plan.rows] == [
        *(("C3", "changed", "20.000"), ("E3", "left_out", "0225.3700.100"), ("B4", "unchanged", "")),
    ]


def test_unit_that_is_not_known_by_name_needs_its_code_and_level(cast):
    plan = planned(sheets.workbook(["Đơn vị", "Dân số"], ["Phường Mới", 9]), cast.city_clerk, UNITS, effective_on=NEXT)
    words = "Không có đơn vị nào tên “Phường Mới”. Đơn vị mới phải có mã và cấp: thêm hai cột đó vào tệp."
    assert errors(plan) == [("A2", words)]


def test_only_a_changed_population_needs_a_source(cast):
    heads = ["Mã đơn vị", "Tên đơn vị", "Dân số 2019"]
    data = sheets.workbook(heads, ["11416", "Đằng Hải", 19748], ["11407", "Cát Bi", 15000])
    plan = planned(data, cast.city_clerk, UNITS, effective_on=NEXT, source="")
    assert errors(plan) == [("A3", "Số liệu chưa có nguồn.")]
    plan = planned(data, cast.city_clerk, UNITS, effective_on=NEXT, source="Niên giám 2019")
    assert [(row.address, row.outcome) for row in plan.rows] == [("A2", "unchanged"), ("C3", "changed")]
