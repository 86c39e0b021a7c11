"""Header, main links, trail and footer: on every page, and each leads where it says."""

import re

from django.conf import settings

from ..factories import DAY
from .visits import look, markup

WAYS = {
    "officer": ["Báo cáo", "Các ngày", "Việc cần xử lý"],
    "island_officer": ["Báo cáo", "Các ngày", "Việc cần xử lý"],
    "focal_person": ["Báo cáo", "Các ngày", "Việc cần xử lý"],
    "district_clerk": ["Hôm nay", "Xếp hạng", "Báo cáo và tải về", "Tìm"],
    "city_clerk": ["Hôm nay", "Xếp hạng", "Báo cáo và tải về", "Thiết lập", "Tìm"],
    "leader": ["Hôm nay", "Xếp hạng", "Báo cáo và tải về", "Tìm"],
    "admin": [],
}


def ways(page):
    bar = re.search(r'<nav class="main-ways".*?</nav>', markup(page))
    return re.findall(r'<a href="([^"]+)"[^>]*> <svg.*?</svg> ([^<]+?) </a>', bar[0]) if bar else []


def test_everybody_has_the_ways_that_are_his_and_each_leads_on(cast, client, subtests):
    for person, words in WAYS.items():
        with subtests.test(person=person):
            user = getattr(cast, person)
            found = ways(look(user, "unit", user.unit.code if user.unit else "31"))
            assert [each for _address, each in found] == words
            client.force_login(user)
            assert [client.get(address).status_code for address, _words in found] == [200] * len(found)


def test_trail_ends_in_the_unit(cast, subtests):
    for name, args, steps in [
        ("unit", ["306"], [("/units/31/", "Thành phố Hải Phòng"), ("", "Quận Hải An")]),
        ("board", ["306", DAY], [("/units/31/", "Thành phố Hải Phòng"), ("/units/306/", "Quận Hải An")]),
    ]:
        with subtests.test(name=name):
            trail = re.search(r'<nav class="trail".*?</nav>', markup(look(cast.city_clerk, name, *args)))[0]
            found = re.findall(r'<li[^>]*>\s*(?:<a href="([^"?]+)[^>]*>)?([^<]+)', trail)
            assert found == steps
    assert '<nav class="trail"' not in look(cast.city_clerk, "unit", "31").text


def test_foot_has_the_duty_telephone_of_the_unit_above_and_the_language(cast):
    foot = re.search(r'<footer class="foot">.*?</footer>', markup(look(cast.officer, "unit", "11416")))[0]
    assert 'href="tel:02250000306"' in foot
    assert ("English" in foot, f"Phiên bản {settings.VERSION}" in foot) == (True, True)
