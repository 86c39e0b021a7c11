"""Vietnamese calls a level by the kinds of its units, English by one word; a province is never called a city."""

import pytest
from django.utils import translation

from reporting.text import unit_kinds

CASES = [
    (("city", ["tỉnh"], 1), "tỉnh", "province"),
    (("city", ["thành phố"], 1), "thành phố", "city"),
    (("city", ["thành phố", "tỉnh"], 2), "tỉnh, thành phố", "provinces and cities"),
    (("district", ["huyện", "quận"], 2), "quận, huyện", "districts"),
    (("district", ["thành phố", "thị xã", "huyện"], 1), "huyện, thị xã, thành phố", "district"),
    (("district", [], 2), "đơn vị cấp huyện", "districts"),
    (("commune", ["đặc khu", "phường", "xã"], 2), "xã, phường, đặc khu", "communes"),
    (("commune", ["", "xã"], 1), "xã", "commune"),
    (("country", [""], 1), "trung ương", "country"),
]


@pytest.mark.parametrize(("asked", "vietnamese", "english"), CASES)
def test_level_is_called_by_its_kinds(asked, vietnamese, english):
    level, kinds, count = asked
    assert unit_kinds.level_words(level, kinds, count=count) == vietnamese
    with translation.override("en"):
        assert unit_kinds.level_words(level, kinds, count=count) == english


def test_whole_of_a_unit_is_of_its_kind():
    assert unit_kinds.whole_unit("city", "tỉnh") == "toàn tỉnh"
    assert unit_kinds.whole_unit("district", "huyện") == "toàn huyện"
    assert unit_kinds.whole_unit("country", "") == "cả nước"
    with translation.override("en"):
        assert unit_kinds.whole_unit("city", "tỉnh") == "the whole province"
