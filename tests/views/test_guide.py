"""The guide: everybody is led to that of his own role, it has its pictures, and its hints can be closed for good."""

import re

from django.contrib.staticfiles import finders
from django.test import Client

from reporting.pages import navigation

from .visits import frozen, look, markup


def test_everybody_is_led_to_the_guide_of_his_own_work(cast, subtests):
    for person, role in [
        ("officer", "officer"),
        ("focal_person", "officer"),
        ("island_officer", "officer"),
        ("district_clerk", "district"),
        ("city_clerk", "city"),
        ("leader", "leader"),
        ("admin", "city"),
    ]:
        with subtests.test(person=person):
            assert look(getattr(cast, person), "guide").context["role"] == role
    assert Client().get("/guide/").context["role"] == "officer"
    assert Client().get("/guide/nobody/").status_code == 404


def test_each_guide_has_its_steps_and_pictures_in_both_languages(db, client, subtests):
    pictures, titles = set(), {}
    for language in ("vi", "en"):
        client.cookies["django_language"] = language
        for role in navigation.GUIDE_TITLES:
            with subtests.test(role=role, language=language):
                page = client.get(f"/guide/{role}/")
                titles[role, language] = re.findall(r"<h2>(.*?)</h2>", page.text)
                shown = re.findall(r'<img\s+src="/static/([^"]+)"', page.text)
                assert [finders.find(picture) is not None for picture in shown] == [True] * len(shown)
                assert (len(shown) > 0, "" in titles[role, language]) == (True, False)
                pictures |= set(shown)
    assert {name.rpartition("-")[2] for name in pictures} == {"vi.png", "en.png"}
    steps = {key: len(found) for key, found in titles.items()}
    assert [steps[role, "vi"] for role in navigation.GUIDE_TITLES] == [5, 5, 5, 4]
    assert all(steps[role, "en"] == steps[role, "vi"] for role in navigation.GUIDE_TITLES)
    assert all(set(titles[role, "en"]).isdisjoint(titles[role, "vi"]) for role in navigation.GUIDE_TITLES)


def test_every_page_leads_to_the_guide(cast):
    assert 'href="/guide/"' in markup(look(cast.officer, "inbox")).partition("<footer")[2]
    assert 'href="/guide/"' in Client().get("/accounts/login/").text


def test_hints_of_a_first_visit_are_gone_for_good_once_closed(cast, client, subtests):
    for person, unit in [("officer", "11416"), ("district_clerk", "306")]:
        with subtests.test(person=person), frozen("2020-08-21 12:00"):
            client.force_login(getattr(cast, person))
            page = client.get(f"/units/{unit}/")
            hints = re.findall(r"<li.*?>", page.text.partition('class="hints"')[2].partition("</ul>")[0])
            assert hints == (["<li>", '<li class="on-desk">'] if unit == "306" else ["<li>"] * 3)  # one names a key
            assert 'class="hints"' not in client.get("/units/11416/?day=2020-08-20&as_of=seal").text
            assert client.post("/account/hints/close/").url == "/"
            client.logout()
            client.force_login(getattr(cast, person))  # on any device
            assert 'class="hints"' not in client.get(f"/units/{unit}/").text


def test_hints_stand_on_the_page_of_ones_own_unit_alone(cast):
    assert 'class="hints"' not in look(cast.district_clerk, "unit", "11416").text
