"""A session belongs to one person, and ends when it should, on every device: all tests of this in one place."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from reporting.models import Cover, Report, User
from tests.factories import DAY, PASSWORD, at, make_cover

from .test_sign_in_page import LOGIN, is_signed_in, sign_in
from .visits import frozen, signed_in, written

pytestmark = pytest.mark.sql

NEW = "tám con chim sẻ nâu"
NOON, EVENING = "2020-08-21 12:00", "2020-08-21 17:30"
FIGURES = {"installs": "88", "opening": "0", "base_version": "0", "note": "Mạng yếu ở thôn 3"}


def devices(count=2, username="11416"):
    """Browsers in which the person has signed in, each separately."""
    browsers = [Client() for _device in range(count)]
    for device in browsers:
        assert sign_in(device, username).status_code == 302
    return browsers


def thief(client):
    """Another browser with a copy of the cookie."""
    other = Client()
    other.cookies["sessionid"] = client.cookies["sessionid"].value
    return other


# Fixation.


@pytest.mark.parametrize("is_known", [True, False], ids=["a session of the server's", "an invented one"])
def test_session_planted_before_signing_in_is_not_the_one_after(is_known, cast, client):
    planted = "a" * 32
    if is_known:
        client.get(LOGIN)
        client.session.save()
        planted = client.session.session_key
    client.cookies["sessionid"] = planted
    sign_in(client)
    assert is_signed_in(client)
    assert client.cookies["sessionid"].value != planted
    other = Client()
    other.cookies["sessionid"] = planted
    assert not is_signed_in(other)


def test_next_person_at_the_browser_gets_a_new_session(cast, client):
    sign_in(client)
    kept = thief(client)
    sign_in(client, "11407")  # a person who is signed in already is led on
    client.post(reverse("logout"))
    sign_in(client, "11407")
    assert client.session["_auth_user_id"] == str(cast.neighbour_officer.pk)
    assert not is_signed_in(kept)


# Replay: a copied cookie opens nothing any more.


def test_cookie_opens_nothing_after_signing_out(cast):
    here, there = devices()
    copy = thief(here)
    assert is_signed_in(copy)
    assert here.get(reverse("logout")).status_code == 405  # only by a POST
    assert is_signed_in(copy)
    here.post(reverse("logout"))
    assert [is_signed_in(device) for device in (here, copy, there)] == [False, False, True]


def leave(cast):
    assert signed_in(cast.district_clerk).post(f"/people/{cast.officer.pk}/leave/").status_code == 302


def move(cast):
    sent = {"unit": cast.neighbour.pk, "last_name": "Nguyễn Thị", "first_name": "Hà"}
    assert signed_in(cast.district_clerk).post(f"/people/{cast.officer.pk}/", sent).status_code == 302


def reset(cast):
    assert signed_in(cast.district_clerk).post(f"/people/{cast.officer.pk}/reset/").status_code == 200


def change_the_password(cast):
    user = User.objects.get(pk=cast.officer.pk)
    user.set_password(NEW)
    user.save()


CHANGES = [leave, move, reset, change_the_password]


@pytest.mark.parametrize("change", CHANGES)
def test_change_of_the_person_ends_his_sessions_on_every_device_at_the_next_request(change, cast):
    browsers = devices(3)
    copies = [thief(device) for device in browsers]
    colleague = devices(1, "11407")[0]
    assert [is_signed_in(device) for device in browsers + copies] == [True] * 6
    change(cast)
    assert [is_signed_in(device) for device in browsers + copies] == [False] * 6
    assert is_signed_in(colleague)


def test_session_does_not_come_to_life_again_with_its_person(cast, client):
    sign_in(client)
    leave(cast)
    assert not is_signed_in(client)
    User.objects.filter(pk=cast.officer.pk).update(is_active=True)
    assert not is_signed_in(client)


def test_own_change_of_password_ends_other_devices_and_the_old_cookie(cast):
    here, there = devices()
    copy = thief(here)
    typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert here.post(reverse("password_change"), typed).status_code == 302
    assert [is_signed_in(device) for device in (here, there, copy)] == [True, False, False]


# The end of the day.


def test_session_ends_twelve_hours_after_signing_in_however_it_is_used(cast, client):
    with frozen("2020-08-21 07:30"):
        assert sign_in(client).cookies["sessionid"]["max-age"] == 12 * 60 * 60
    with frozen("2020-08-21 19:29:59"):
        session = client.session
        session["step"] = {"a page": "all"}  # whatever a page stores in it
        session.save()
        assert is_signed_in(client)
    with frozen("2020-08-21 19:30:01"):
        assert not is_signed_in(client)
        assert not is_signed_in(thief(client))


# A cover that has ended.


@pytest.fixture
def covering(cast):
    """The officer of Đằng Hải, with the form of Cát Bi, which he covers until tomorrow, open in two browsers."""
    make_cover(cast.neighbour, cast.officer, cast.district_clerk, DAY, DAY.replace(day=22))
    return cast


def typed_again(page) -> list[str]:
    return [unescape(text) for text in re.findall(r"<dd>(.*?)</dd>", page.text)]


def test_cover_that_is_ended_ends_on_every_device_and_the_figures_are_shown_again(covering):
    path = f"/units/11407/report/{DAY}/"
    with frozen(NOON):
        browsers = devices()
        assert [device.get(path).status_code for device in browsers] == [200, 200]
        clerk = signed_in(covering.district_clerk)
        assert clerk.post(f"/people/covers/{Cover.objects.get().pk}/end/").status_code == 302
        assert Cover.objects.get().ended_at == at(NOON)
        for device in browsers:
            page = device.post(path, FIGURES)
            assert (page.status_code, typed_again(page), written()) == (404, ["88", "0", "Mạng yếu ở thôn 3"], (0, 0))
            assert "Nội dung này chưa được lưu." in page.text
            assert device.get("/units/11407/").status_code == 404
            assert is_signed_in(device)  # his own unit's pages are his as before
        assert device.post(f"/units/11416/report/{DAY}/", FIGURES).status_code == 302
    assert [report.unit.code for report in Report.objects.filter(day=DAY)] == ["11416"]


def test_cover_that_ends_overnight_ends_in_open_sessions_and_shows_the_figures(covering):
    path = f"/units/11407/report/{DAY.replace(day=22)}/"
    with frozen("2020-08-22 23:50"):
        [device] = devices(1)
        assert device.get(path).status_code == 200
    with frozen("2020-08-23 00:10"):
        page = device.post(path, FIGURES)
        assert (page.status_code, typed_again(page), written()) == (404, ["88", "0", "Mạng yếu ở thôn 3"], (0, 0))
        assert is_signed_in(device)
