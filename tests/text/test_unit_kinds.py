import pytest

from reporting.text import unit_kinds


@pytest.mark.parametrize(
    ("name", "kind", "bare", "short"),
    [
        ("Quận Hải An", "quận", "Hải An", "Q. Hải An"),
        ("Thành phố Hải Phòng", "thành phố", "Hải Phòng", "TP. Hải Phòng"),
        ("Thị xã Đồ Sơn", "thị xã", "Đồ Sơn", "TX. Đồ Sơn"),
        ("Thị trấn Núi Đèo", "thị trấn", "Núi Đèo", "TT. Núi Đèo"),
        ("Xã Xã Mới", "xã", "Xã Mới", "X. Xã Mới"),
        ("Xãm", "", "Xãm", "Xãm"),
        ("Sở Y tế", "", "Sở Y tế", "Sở Y tế"),
        ("", "", "", ""),
    ],
)
def test_kind_is_told_from_the_name(name, kind, bare, short):
    assert (unit_kinds.kind_of(name), unit_kinds.bare(name), unit_kinds.shortened(name)) == (kind, bare, short)


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["thị trấn", "xã", "xã"], "xã, thị trấn"),
        (["thành phố", "huyện", "phường"], "phường, huyện, thành phố"),
        (["xã", ""], ""),
        ([], ""),
    ],
)
def test_kinds_are_named_in_their_order_or_not_at_all(kinds, words):
    assert unit_kinds.together(kinds) == words


def test_kinds_of_communes_alone_do_not_name_a_district():
    assert unit_kinds.together(["quận", "xã"], among=unit_kinds.OF_COMMUNES) == ""


def test_every_kind_has_a_short_form():
    assert set(unit_kinds.SHORT) == set(unit_kinds.KINDS)
