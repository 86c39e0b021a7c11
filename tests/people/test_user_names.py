"""No two user names look the same: without accents and of one width, whatever the case, through every way in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from reporting.models import User
from tests import factories as f
from tests import odd_input
from tests.sheets import csv
from tests.views.visits import frozen

pytestmark = pytest.mark.sql
# Of each kind one through the whole of every way; all of them by the forms in tests/forms/test_odd_input.py.
TYPED = ("canbo.x", "ｃａｎｂｏ.y", "ﬁn.a", "３０６", "LANHDAO", "саnbo", "can\u200bbo", "x²", "<b>")


def known() -> set[str]:
    return set(User.objects.values_list("username", flat=True))


def by_the_page(cast, typed):
    fields = {"unit": cast.commune.pk, "last_name": "Lê", "first_name": "An", "phone": "", "username": typed}
    client = Client()
    client.force_login(cast.district_clerk)
    client.post("/people/add/", fields)


def by_a_file(cast, typed):
    head = ("Mã đơn vị", "Họ tên", "Điện thoại", "Tên đăng nhập")
    sent = SimpleUploadedFile("a.csv", csv(head, ("11416", "Lê An", "", typed)))
    client = Client()
    client.force_login(cast.district_clerk)
    page = client.post("/imports/people/", {"file": sent})
    shown = client.get(page.url)
    if shown.context["plan"].can_be_applied:
        client.post(page.url, {"shown": shown.context["plan"].digest})


def by_the_admin(cast, typed):
    client = Client()
    client.force_login(cast.admin)
    words = {"password1": f.PASSWORD * 2, "password2": f.PASSWORD * 2, "unit": cast.commune.pk, "username": typed}
    client.post("/admin/reporting/user/add/", {**words, "usable_password": "true"})


@pytest.mark.parametrize("way", [by_the_page, by_a_file, by_the_admin])
def test_user_name_is_the_same_through_every_way_in(way, cast):
    before = known()
    for typed in TYPED:
        becomes = odd_input.NAMES[typed]
        with transaction.atomic(), frozen("2020-08-21 10:00"):
            way(cast, typed)
            assert known() - before == ({becomes} if becomes else set()), typed
            transaction.set_rollback(True)


@pytest.mark.parametrize("name", ["LanhDao", "LANHDAO", "lanhdao"])
def test_database_takes_no_name_twice_whatever_its_case(name, cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.make_user(name, cast.city)
