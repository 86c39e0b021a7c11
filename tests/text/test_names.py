import unicodedata

import pytest
from hypothesis import given, strategies as st

from reporting import demo
from reporting.imports.kinds.units import import_units
from reporting.models import Unit
from reporting.text.names import fold, sort_key

from ..factories import RECORDED_AT, make_unit
from ..players import played

# Letters go before tones: Bạch is before Ban.
IN_ORDER = [
    *["An", "An Dương", "An Đồng", "An Lão", "Ba Đình", "Bà Rịa", "Bả", "Bã", "Bá", "Bạ", "Bạch Long Vĩ", "Ban"],
    *["Cát Bà", "Cát Bi", "Cát Hải", "Dư Hàng", "Đằng Giang", "Đằng Hải", "Đông Hải", "Đông Hải 1", "Đông Hải 2"],
    *["Đông Hải 10", "Hải An", "Kiến An", "Kiến Thuỵ", "Lê Chân", "Ngô Quyền", "Thuỷ Đường", "Thuỷ Nguyên"],
    *["Thuỷ Sơn", "Tiên Lãng", "Vĩnh Bảo"],
]


@pytest.mark.parametrize("names", [IN_ORDER, "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz", "aàảãáạ"])
def test_names_letters_and_tones_sort_in_the_order_of_the_vietnamese_alphabet(names):
    keys = [sort_key(name) for name in names]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thuỷ Nguyên", "Thủy Nguyên"),
        ("Kiến Thuỵ", "Kiến Thụy"),
        ("Hoà Bình", "Hòa Bình"),
        ("HẢI AN", "Hải An"),
        ("Hải An", unicodedata.normalize("NFD", "Hải An")),
        ("Hải  An", " Hải An "),
    ],
)
def test_spellings_of_one_name_are_one(one, other):
    assert sort_key(one) == sort_key(other)
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Thuỷ  Nguyên", "thuy nguyen"),
        ("Đằng Hải", "dang hai"),
        ("Dư Hàng Kênh", "du hang kenh"),
        ("Ơ Ư Ă Â Ê Ô Đ", "o u a a e o d"),
        ("Đông Hải 1", "dong hai 1"),
        ("", ""),
    ],
)
def test_folded_name_has_no_accents(name, folded):
    assert fold(name) == folded


@played(100)
@given(st.text())
def test_keys_are_lower_case_letters_and_digits_whatever_the_name(name):
    assert set(sort_key(name)) <= set("abcdefghijklmnopqrstuvwxyz0123456789")
    assert fold(fold(name)) == fold(name)


def test_database_sorts_the_keys_as_python_does(db):
    for number, name in enumerate(reversed(IN_ORDER)):
        make_unit(f"{number}", name=name)
    names = Unit.objects.order_by("sort_key").values_list("names__name", flat=True)
    assert list(names) == IN_ORDER


def test_database_sorts_the_real_names_as_python_does(db):
    import_units((demo.DATA / "haiphong-2020-units.csv").read_bytes(), now=lambda: RECORDED_AT)
    units = list(Unit.objects.all())
    assert [unit.code for unit in units] == [u.code for u in sorted(units, key=lambda u: (u.sort_key, u.code))]
