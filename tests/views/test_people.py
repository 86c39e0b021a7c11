"""Accounts: the city manages all, a district those of its communes; nobody changes accounts that are not below him."""

import re
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
import segno
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from reporting.models import AccessRecord, User
from tests.factories import PASSWORD, at, make_user

from .test_sign_in_page import sign_in
from .visits import frozen, markup, signed_in

NOON = "2020-08-21 12:00"
HOA = {"last_name": "Phạm Thị", "first_name": "Hoà", "phone": "0912 345 678", "email": ""}


@pytest.fixture(autouse=True)
def noon():
    with frozen(NOON):
        yield


def address(route, person=None):
    return reverse(f"reporting:{route}", args=[person.pk] if person else [])


def password_on_slip(page):
    """The one-time password on the slip."""
    return unescape(re.search(r'<code class="secret">([^<]+)</code>', page.text)[1])


def listed(user, query=""):
    page = signed_in(user).get(address("people") + query)
    return [row.person.username for row in page.context["page"]]


def fields(person, **changed):
    kept = {"unit": person.unit_id, "last_name": "Nguyễn Thị", "first_name": "Hà", "phone": "", "email": ""}
    return {**kept, **changed}


# Who sees and changes whom.


@pytest.mark.parametrize("unit", ["district", "city", "stranger", "agency"])
def test_district_puts_nobody_into_a_unit_that_is_not_below_it(unit, cast):
    client, elsewhere = signed_in(cast.district_clerk), getattr(cast, unit)
    page = client.post(address("person", cast.officer), fields(cast.officer, unit=elsewhere.pk))
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["unit"])
    page = client.post(address("person_add"), HOA | {"unit": elsewhere.pk})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["unit"])
    assert User.objects.get(pk=cast.officer.pk).unit == cast.commune
    assert User.objects.count() == 10


def test_nobody_is_made_an_administrator_by_these_pages(cast):
    sent = fields(cast.officer, is_superuser="on", is_staff="on", username="x", password="x")
    assert signed_in(cast.city_clerk).post(address("person", cast.officer), sent).status_code == 302
    officer = User.objects.get(pk=cast.officer.pk)
    assert (officer.is_superuser, officer.is_staff, officer.username) == (False, False, "11416")
    assert officer.check_password(PASSWORD)


def test_administrator_keeps_the_accounts_of_all_units_but_no_administrators(cast):
    make_user("other")
    admin = signed_in(cast.admin)
    assert admin.get("/").url == address("people")
    assert admin.get(address("people")).text.count("<tbody>") == 1
    assert admin.post(address("person_add"), HOA | {"unit": cast.city.pk}).status_code == 200
    assert User.objects.get(username="0912345678").unit == cast.city
    assert admin.post(address("person_reset", cast.city_clerk)).status_code == 200
    for person in (cast.admin, User.objects.get(username="other")):
        assert admin.post(address("person_leave", person)).status_code == 404


def test_administrator_before_the_first_units_is_told_that_there_is_no_page(db):
    admin = signed_in(make_user("admin"))
    assert [admin.get(path).status_code for path in ("/", "/people/")] == [404, 404]


@pytest.mark.parametrize("username", ["31", "admin"])
def test_command_gives_an_account_back_or_closes_it(username, cast):
    other = make_user("other", second_factor_at=at("2020-08-20 08:00")) if username == "admin" else None
    person = other or cast.city_clerk
    here = signed_in(person)
    call_command("reset_account", person.username, stdout=(out := StringIO()))
    password = out.getvalue().split()[1]
    assert here.get(address("people")).status_code == 302
    person.refresh_from_db()
    assert (person.second_factor_at, person.must_change_password, person.check_password(password)) == (None, True, True)
    call_command("reset_account", person.username, "--close", stdout=StringIO())
    assert User.objects.get(pk=person.pk).is_active is False
    noted = AccessRecord.objects.filter(about=person).exclude(kind="signed_in").values_list("kind", "by_name")
    assert set(noted) == {(kind, "manage.py reset_account") for kind in ("password_reset", "person_changed")}


def test_command_says_whom_it_has_not_found(db):
    with pytest.raises(CommandError, match=r"^nobody: "):
        call_command("reset_account", "nobody")


# The list.


@pytest.mark.sql
def test_list_tells_the_state_and_finds_in_any_spelling(cast):
    make_user("moi", cast.commune, last_name="Trần Thuỷ", first_name="Tiên")
    make_user("cu", cast.commune, is_active=False, first_signed_in_at=at("2020-08-01 08:00"))
    signed_in(cast.officer)
    sign_in(Client(REMOTE_ADDR="203.0.113.7"), "11407")
    assert listed(cast.district_clerk, "?state=never") == ["moi"]
    assert listed(cast.district_clerk, "?state=left") == ["cu"]
    assert listed(cast.district_clerk, "?state=active") == ["306", "11407", "11416"]
    assert [listed(cast.district_clerk, f"?q={text}") for text in ("tran thuy", "Thủy tiên", "cat bi", "nobody")] == [
        ["moi"],
        ["moi"],
        ["11407"],
        [],
    ]
    assert signed_in(cast.district_clerk).get(address("people") + "?state=nonsense").status_code == 422


def test_list_is_in_the_order_of_the_tree_fifty_a_page(cast):
    assert listed(cast.city_clerk) == ["admin", "31", "lanhdao", "306", "11407", "11416", "311", "11470", "318", "SYT"]
    for number in range(60):
        make_user(f"nguoi-{number}", cast.commune)
    page = signed_in(cast.city_clerk).get(address("people") + "?state=never")
    assert (len(page.context["page"]), page.text.count("?state=never&amp;page=2#")) == (50, 1)


# A new account, its slip, its first sign-in.


def test_new_account_signs_in_with_what_the_slip_says_and_chooses_a_password(cast):
    page = signed_in(cast.district_clerk).post(address("person_add"), HOA | {"unit": cast.commune.pk})
    assert page.status_code == 200
    for words in ("Phường Đằng Hải", "Phạm Thị Hoà", "0912345678", "12h00 ngày 28/08/2020", "http://testserver/"):
        assert words in page.text
    assert markup(page).count('<img class="slip-code" src="data:image/svg+xml') == 1
    assert "no-store" in page.headers["Cache-Control"]
    added = User.objects.get(username="0912345678")
    assert (added.unit, added.is_viewer, added.must_change_password) == (cast.commune, False, True)
    assert (added.is_staff, added.is_superuser, added.is_active) == (False, False, True)
    [record] = AccessRecord.objects.filter(kind="person_added")
    assert (record.by, record.about, record.unit) == (cast.district_clerk, added, cast.commune)
    client = Client()
    assert sign_in(client, "0912345678", password_on_slip(page)).url == "/"
    assert client.get("/").url.startswith("/accounts/password_change/")


def test_code_on_the_slip_holds_the_address_and_no_password(cast, monkeypatch):
    made = []
    make = segno.make
    monkeypatch.setattr(segno, "make", lambda content, **options: made.append(content) or make(content, **options))
    signed_in(cast.district_clerk).post(address("person_add"), HOA | {"unit": cast.commune.pk})
    assert made == ["http://testserver/"]


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"new_username": "11416"}, ["new_username"]),
        ({"new_username": "SyT"}, ["new_username"]),
        ({"new_username": "a b"}, ["new_username"]),
        ({"phone": ""}, ["new_username"]),
        ({"phone": "gọi tôi"}, ["phone"]),
        ({"first_name": ""}, ["first_name"]),
        ({"email": "nobody"}, ["email"]),
        ({"unit": ""}, ["unit"]),
    ],
)
def test_account_that_cannot_be_is_refused(change, refused, cast):
    page = signed_in(cast.district_clerk).post(address("person_add"), HOA | {"unit": cast.commune.pk} | change)
    assert (page.status_code, list(page.context["form"].errors)) == (422, refused)
    assert User.objects.count() == 10


@pytest.mark.parametrize(
    ("typed", "username"),
    [({"phone": "+84 912 345 678"}, "0912345678"), ({"new_username": "pham.hoa"}, "pham.hoa")],
)
def test_user_name_is_the_mobile_number_unless_another_is_typed(typed, username, cast):
    signed_in(cast.city_clerk).post(address("person_add"), HOA | {"unit": cast.agency.pk} | typed)
    assert User.objects.get(username=username).unit == cast.agency


def test_user_name_with_accents_is_refused_in_vietnamese(cast):
    page = signed_in(cast.city_clerk).post(address("person_add"), HOA | {"unit": cast.agency.pk, "new_username": "hòa"})
    words = "Tên đăng nhập chỉ gồm chữ không dấu, chữ số và các ký tự @ . + - _"
    assert page.context["form"].errors["new_username"] == [words]


def test_second_press_says_whose_the_user_name_is(cast):
    for _press in range(2):
        page = signed_in(cast.district_clerk).post(address("person_add"), HOA | {"unit": cast.commune.pk})
    assert "Tên đăng nhập này là của" in page.context["form"].errors["new_username"][0]
    page = signed_in(cast.other_clerk).post(address("person_add"), HOA | {"unit": cast.stranger.pk})
    assert page.context["form"].errors["new_username"] == ["Tên đăng nhập này đã có người dùng."]


# Changes.


def test_change_of_particulars_is_kept_and_noted(cast):
    sent = fields(cast.officer, first_name="Hằng", phone="0225 3842 000", email="hang@example.vn", is_viewer="on")
    assert signed_in(cast.district_clerk).post(address("person", cast.officer), sent).status_code == 302
    officer = User.objects.get(pk=cast.officer.pk)
    assert (officer.display_name, officer.phone, officer.email, officer.is_viewer) == (
        "Nguyễn Thị Hằng",
        "0225 3842 000",
        "hang@example.vn",
        True,
    )
    [record] = AccessRecord.objects.filter(kind="person_changed")
    assert (record.by, record.about, record.detail) == (
        cast.district_clerk,
        cast.officer,
        "Tên, Điện thoại, Thư điện tử, Chỉ xem (lãnh đạo)",
    )


def test_reset_ends_the_old_password_its_slip_and_all_sessions(cast):
    officer, clerk = signed_in(cast.officer), signed_in(cast.district_clerk)
    first = password_on_slip(clerk.post(address("person_reset", cast.officer)))
    assert officer.get("/inbox/").status_code == 302
    second = password_on_slip(clerk.post(address("person_reset", cast.officer)))
    assert User.objects.get(pk=cast.officer.pk).password_expires_at == at(NOON) + timedelta(days=7)
    assert first != second
    assert [sign_in(Client(), password=word).status_code for word in (PASSWORD, first, second)] == [200, 200, 302]
    assert AccessRecord.objects.filter(kind="password_reset", about=cast.officer, by=cast.district_clerk).count() == 2


def test_password_of_a_slip_is_stored_nowhere_in_the_clear(cast):
    clerk = signed_in(cast.district_clerk)
    word = password_on_slip(clerk.post(address("person_reset", cast.officer)))
    assert word not in str(list(User.objects.values())) + str(list(AccessRecord.objects.values()))
    assert word not in str(dict(clerk.session.items()))
    assert word not in clerk.get(address("person", cast.officer)).text


def test_person_who_has_left_opens_nothing_and_comes_back_with_a_new_password(cast):
    officer, clerk = signed_in(cast.officer), signed_in(cast.district_clerk)
    assert clerk.post(address("person_leave", cast.officer)).status_code == 302
    assert officer.get("/inbox/").status_code == 302
    assert sign_in(Client()).status_code == 200
    assert "đã nghỉ" in clerk.get(address("person", cast.officer)).text
    word = password_on_slip(clerk.post(address("person_reset", cast.officer)))
    assert officer.get("/inbox/").status_code == 302
    assert [sign_in(Client(), password=text).status_code for text in (PASSWORD, word)] == [200, 302]


def test_free_text_of_an_account_is_shown_as_text(cast):
    sent = fields(cast.officer, first_name="<script>alert(1)</script>", last_name='"><img src=x onerror=alert(1)>')
    clerk = signed_in(cast.city_clerk)
    assert clerk.post(address("person", cast.officer), sent).status_code == 302
    for page in (
        clerk.get(address("people")),
        clerk.get(address("person", cast.officer)),
        clerk.get("/people/access/"),
    ):
        assert "&lt;script&gt;" in page.text
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
