"""A province and its city of one name: a file that says only the name is asked which of them it means."""

import pytest

from reporting.imports.named_units import Directory, Unknown
from reporting.models import Unit
from tests import factories as f


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
