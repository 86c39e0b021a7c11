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
    assert (unit_kinds.kind_of(name), unit_kinds.bare_name(name), unit_kinds.short_name(name)) == (kind, bare, short)


@pytest.mark.parametrize(
    ("kinds", "among", "words"),
    [
        (["thị trấn", "xã", "xã"], unit_kinds.KINDS, "xã, thị trấn"),
        (["thành phố", "huyện", "phường"], unit_kinds.KINDS, "phường, huyện, thành phố"),
        (["xã", ""], unit_kinds.KINDS, ""),
        ([], unit_kinds.KINDS, ""),
        (["quận", "xã"], unit_kinds.OF_COMMUNES, ""),
    ],
)
def test_kinds_are_named_in_their_order_or_not_at_all(kinds, among, words):
    assert unit_kinds.joined_kinds(kinds, among=among) == words


def test_every_kind_has_a_short_form():
    assert set(unit_kinds.SHORT) == set(unit_kinds.KINDS)
