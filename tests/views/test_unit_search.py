"""Units are found by any part of their name, in any spelling, among those that the person sees."""

from urllib.parse import urlencode

from .. import factories as f
from .visits import look


def names(page):
    return [unit.full_name for unit in page.context["matches"].units]


def search(cast, person, sought):
    return look(getattr(cast, person), "unit_search", query=f"?{urlencode({'q': sought})}")


def test_accents_spelling_and_order_are_free(cast, subtests):
    f.make_unit("11500", parent=cast.district, name="Đằng Lâm", kind="phường")
    for sought in ("Đằng", "đằng phường", "ĐANG", "dang", "Phường dằng", "dang hai an", "hai an, dang"):
        with subtests.test(sought=sought):
            assert names(search(cast, "city_clerk", sought)) == ["Phường Đằng Hải", "Phường Đằng Lâm"]


def test_a_districts_name_in_either_spelling_finds_it_and_then_its_units(cast, subtests):
    for sought in ("Thủy Nguyên", "thuỷ nguyên", "THUY NGUYEN", "huyen thuy"):
        with subtests.test(sought=sought):
            assert names(search(cast, "city_clerk", sought)) == ["Huyện Thuỷ Nguyên", "Thị trấn Núi Đèo"]


def test_the_only_one_found_is_shown_at_once(cast):
    assert search(cast, "city_clerk", "nui deo")["Location"] == "/units/11470/"
    assert search(cast, "city_clerk", "11416")["Location"] == "/units/11416/"


def test_the_nearest_name_comes_first_and_the_district_is_named(cast):
    page = search(cast, "city_clerk", "hai an")
    assert names(page)[0] == "Quận Hải An"
    assert {"Phường Đằng Hải", "Phường Cát Bi"} <= set(names(page))
    assert "Quận Hải An" in page.text.partition("Phường Cát Bi")[2]


def test_nobody_finds_what_is_not_his(cast):
    page = search(cast, "district_clerk", "thuy nguyen")
    assert (page.status_code, names(page)) == (200, [])
    assert "thuy nguyen" in page.text
