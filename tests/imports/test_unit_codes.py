"""Zeros that Excel dropped from codes are put back, asked about, or refused; never is a second unit made of them."""

import pytest

from reporting.models import Unit

from .. import factories as f
from .. import sheets
from .test_imports import MINISTRY, NEXT, UNITS, applied, errors, planned

HEAD = ["Mã đơn vị", "Tên đơn vị", "Loại đơn vị", "Cấp", "Mã đơn vị cấp trên"]


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
        HEAD,
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
    assert errors(plan) == [("A2", "Mã “1” có thể là 00001, 001, 01: ghi đủ các số 0 ở đầu.")]


def test_new_code_is_padded_to_the_width_of_its_level(ha_noi):
    data = sheets.workbook(HEAD, [280, "Cống Vị", "phường", "cấp xã", 1])
    applied(data, ha_noi, UNITS, effective_on=NEXT)
    assert Unit.objects.get(code="00280").parent.code == "001"


def test_width_that_nothing_tells_is_asked_about(db):
    f.make_directive()
    province = f.make_unit("02", level="city", name="Hà Giang", kind="tỉnh")
    f.make_unit("0241", parent=f.make_unit("024", parent=province, level="district"), population=9)
    data = sheets.workbook(HEAD, [715, "Quang Trung", "phường", "cấp xã", 24])
    [row] = planned(data, f.make_user("02", province), UNITS, effective_on=NEXT).doubtful
    assert row.asked == ("Mã 715: danh mục ghi 00715 ở cấp này. Có phải Excel đã bỏ các số 0 ở đầu?",)


@pytest.mark.parametrize("other", ["0271", "000271"])
def test_codes_that_differ_only_by_zeros_are_refused(other, ha_noi):
    data = sheets.workbook(HEAD, [other, "Trúc Bạch", "phường", "cấp xã", "001"])
    words = f"hai mã {other} và 00271 chỉ khác nhau ở các số 0 ở đầu: ghi mã đầy đủ."
    assert errors(planned(data, ha_noi, UNITS, effective_on=NEXT)) == [("A2", words)]
