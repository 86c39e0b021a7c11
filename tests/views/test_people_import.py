"""Accounts from a file on the pages: preview, apply, and the slips, which are shown once."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core.files.uploadedfile import SimpleUploadedFile

from reporting import imports
from reporting.models import AccessRecord, Import, ImportFile, User
from reporting.people import accounts

from .. import factories as f, sheets
from .visits import signed_in

NOON = f.at("2020-08-21 12:00")
HEAD = ["Mã đơn vị", "Họ và tên", "Điện thoại", "Chỉ xem", "Tên đăng nhập"]
HOA = ["11416", "Phạm Thị Hoà", "0912 345 678", "", ""]
BA = ["11407", "Lê <b>Ba</b>", "0912 345 679", "x", ""]


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def upload(client, *rows, **fields):
    file = SimpleUploadedFile("cán bộ.xlsx", sheets.workbook(HEAD, *rows))
    return client.post("/imports/people/", {"file": file, **fields})


def record(client, *rows, **fields):
    """Upload, preview, and record what was shown: returns the address, and the answer of the act."""
    place = upload(client, *rows, **fields).url
    return place, client.post(place, {"shown": client.get(place).context["plan"].digest}, follow=True)


def passwords(page):
    return re.findall(r'<code class="secret">([^<]+)</code>', page.text)


@pytest.mark.parametrize("person", ["city_clerk", "district_clerk"])
def test_slips_are_shown_to_their_maker_until_they_are_printed(person, cast):
    client = signed_in(getattr(cast, person))
    place, page = record(client, HOA, BA)
    assert page.status_code == 200
    found = [re.sub(r"<[^>]+>", "", user) for user in re.findall(r"<dd><code>(\w+)</code>", page.text)]
    assert found == ["0912345679", "0912345678"]
    for username, password in zip(found, passwords(page), strict=True):
        user = User.objects.get(username=username)
        assert (check_password(password, user.password), user.must_change_password) == (True, True)
    assert "no-store" in page["Cache-Control"]
    assert "Content-Disposition" not in page
    for again in (client.get(place), client.post(place, {"shown": "x"})):  # a second press shows the same slips
        assert passwords(again) == passwords(page)
    assert all(password not in str(ImportFile.objects.values()) for password in passwords(page))
    other = f.make_user("31x", cast.city)
    assert signed_in(other).get(place).status_code == 404
    assert client.post(place, {"printed": "1"}).status_code == 302
    assert client.get(place).status_code == 404
    recorded = AccessRecord.objects.filter(kind="person_added").values_list("by__username", "address")
    assert set(recorded) == {(getattr(cast, person).username, "127.0.0.1")}


def test_slips_end_after_an_hour_or_with_a_password_of_ones_own(cast):
    client = signed_in(cast.city_clerk)
    place, _page = record(client, HOA, BA)
    accounts.choose_password(User.objects.get(username="0912345678"), "mot mat khau rieng")
    assert len(passwords(client.get(place))) == 1
    with time_machine.travel(NOON + timedelta(minutes=61), tick=False):
        assert signed_in(cast.city_clerk).get(place).status_code == 404


def test_accounts_are_not_made_where_their_slips_cannot_be_kept(cast, monkeypatch):
    client = signed_in(cast.city_clerk)
    place = upload(client, HOA).url
    shown = {"shown": client.get(place).context["plan"].digest}
    monkeypatch.setattr(ImportFile, "save", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        client.post(place, shown)
    assert not User.objects.filter(username="0912345678").exists()
    monkeypatch.undo()
    assert len(passwords(client.post(place, shown, follow=True))) == 1


def test_press_while_the_first_is_at_work_leads_to_its_result(cast, monkeypatch):
    client = signed_in(cast.city_clerk)
    place = upload(client, HOA).url
    shown, apply, first = {"shown": client.get(place).context["plan"].digest}, imports.apply, []

    def overtaken(*about, **options):
        if not first:
            first.append(1)
            first.append(client.post(place, shown, follow=True))
        return apply(*about, **options)

    monkeypatch.setattr(imports, "apply", overtaken)
    second = client.post(place, shown, follow=True)
    assert passwords(second) == passwords(first[1])
    assert (len(passwords(second)), Import.objects.count()) == (1, 1)


def test_list_to_sign_holds_no_password(cast):
    _place, page = record(signed_in(cast.city_clerk), HOA, BA, ["SYT", "Trần Y", "0912345670", "", ""])
    sections = re.findall(r'<section class="(sheet|list)".*?</section>', page.text, re.DOTALL)
    assert sections == ["sheet", "list", "sheet", "list"]
    lists = re.findall(r'<section class="list".*?</section>', page.text, re.DOTALL)
    assert len(passwords(page)) == 3
    assert [password for password in passwords(page) if any(password in found for found in lists)] == []
    assert "DANH SÁCH BÀN GIAO TÀI KHOẢN" in lists[0]
    line = r"<tr>\s*<td>(\d)</td>\s*<td>([^<]*)</td>\s*<td>([^<]*)</td>\s*<td>(\w+)</td>"
    assert re.findall(line, lists[0]) == [
        ("1", "Phường Cát Bi", "Lê &lt;b&gt;Ba&lt;/b&gt;", "0912345679"),
        ("2", "Phường Đằng Hải", "Phạm Thị Hoà", "0912345678"),
    ]


def test_accounts_offer_the_import_to_those_who_may(cast):
    assert 'href="/imports/people/"' in signed_in(cast.district_clerk).get("/people/").text
    assert 'href="/imports/people/"' not in signed_in(cast.island_officer).get("/people/").text
