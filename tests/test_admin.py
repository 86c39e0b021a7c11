"""The administrator's pages: for the superuser only; nothing is deleted."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from reporting.models import Unit, User

from . import factories as f
from .prepared import undone
from .some import some
from .views.visits import frozen

# Status of the list, the page of one record, the page to add one, a POST that changes one, a POST that deletes one.
PAGES = {"unit": (200, 200, 403, 302, 403), "user": (200, 200, 200, 200, 403)}


@pytest.fixture
def signed_in(client, cast):
    with frozen("2020-08-21 12:00"):
        client.force_login(cast.admin)
        yield client


def statuses(client, name):
    pk = apps.get_model("reporting", name).objects.first().pk
    base = f"admin:reporting_{name}"
    return (
        client.get(reverse(f"{base}_changelist")).status_code,
        client.get(reverse(f"{base}_change", args=[pk])).status_code,
        client.get(reverse(f"{base}_add")).status_code,
        client.post(reverse(f"{base}_change", args=[pk]), {"phone": "0225 1"}).status_code,
        client.post(reverse(f"{base}_delete", args=[pk]), {"post": "yes"}).status_code,
    )


def records():
    return {name: apps.get_model("reporting", name).objects.count() for name in [*PAGES, "accessrecord"]}


def test_admin_has_pages_for_these_alone():
    registered = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "reporting"}
    assert registered == set(PAGES)


def test_admin_allows_the_superuser_no_more_than_is_written_here(cast, signed_in, subtests):
    before = records()
    for name, allowed in PAGES.items():
        with subtests.test(name=name), undone():
            assert statuses(signed_in, name) == allowed
            noted = {"accessrecord": before["accessrecord"] + (allowed[3] == 302)}  # the change of the telephone
            assert records() == before | noted


@pytest.mark.parametrize("person", some(["officer", "district_clerk", "city_clerk", "leader", None], ["city_clerk"]))
def test_admin_sends_everybody_else_to_sign_in(person, cast, client, subtests):
    if person:
        client.force_login(getattr(cast, person))
    for name in PAGES:
        with subtests.test(name=name), undone():
            assert statuses(client, name) == (302,) * 5


@pytest.mark.matrix  # slow
def test_admin_shows_staff_without_superuser_nothing(cast, client, subtests):
    staff = f.make_user("staff", cast.city)
    staff.is_staff = True
    staff.save()
    client.force_login(staff)
    assert client.get(reverse("admin:index")).context["app_list"] == []
    for name in PAGES:
        with subtests.test(name=name), undone():
            assert statuses(client, name) == (403,) * 5


def test_admin_deletes_nothing_in_bulk(cast, signed_in, subtests):
    before = records()
    for name in PAGES:
        pks = list(apps.get_model("reporting", name).objects.values_list("pk", flat=True))
        with subtests.test(name=name), undone():
            signed_in.post(
                reverse(f"admin:reporting_{name}_changelist"), {"action": "delete_selected", "_selected_action": pks}
            )
            assert records() == before


def test_admin_changes_of_a_unit_its_telephone_only(cast, signed_in):
    typed = {"phone": "0225 1", "code": "999", "level": "city", "parent": "", "closed_on": "21/08/2020", "name": "X"}
    signed_in.post(reverse("admin:reporting_unit_change", args=[cast.commune.pk]), typed)
    unit = Unit.objects.named(f.DAY).get(pk=cast.commune.pk)
    assert (unit.phone, unit.code, unit.level, unit.parent, unit.closed_on, unit.full_name) == (
        *("0225 1", "11416", "commune", cast.district, None, "Phường Đằng Hải"),
    )


def test_admin_changes_the_password_on_the_guarded_page(signed_in):
    """Django's own page counts no wrong password."""
    path = reverse("admin:password_change")
    for answer in (signed_in.get(path), signed_in.post(path, {"old_password": "wrong"})):
        assert (answer.status_code, answer.url) == (302, reverse("password_change"))


def test_admin_adds_a_person_of_a_unit(cast, signed_in, client):
    typed = {
        "username": "11416-2",
        "unit": cast.commune.pk,
        "usable_password": "true",
        "password1": f.PASSWORD,
        "password2": f.PASSWORD,
    }
    assert signed_in.post(reverse("admin:reporting_user_add"), typed).status_code == 302
    person = User.objects.get(username="11416-2")
    assert (person.unit, person.is_viewer, person.is_staff, person.is_superuser) == (cast.commune, False, False, False)
    assert person.check_password(f.PASSWORD) is True


def test_admin_refuses_a_person_without_a_unit(cast, signed_in):
    typed = {"username": "x", "usable_password": "true", "password1": f.PASSWORD, "password2": f.PASSWORD}
    before = User.objects.count()
    response = signed_in.post(reverse("admin:reporting_user_add"), typed)
    assert (response.status_code, User.objects.count()) == (200, before)


def test_head_of_what_was_refused_is_in_vietnamese(cast, client):
    client.force_login(cast.admin)
    for sent, words in (({}, "Hãy sửa các lỗi dưới đây."), ({"username": "canbo moi"}, "Hãy sửa các lỗi dưới đây.")):
        page = client.post("/admin/reporting/user/add/", sent).text
        assert words in page
        assert not [english for english in ("Please correct", "Error:") if english in page]
