"""A person and a superior change an account at once: what the superior closed, moved or reset stays so."""

import pytest
from django.contrib.auth.forms import PasswordChangeForm
from django.test import Client
from django.urls import reverse

from reporting.forms.people import ChangePasswordForm
from reporting.models import User
from reporting.people import accounts

from ..factories import PASSWORD, at
from ..views.visits import frozen

NOON = at("2020-08-21 12:00")
NEW = "Chín con trâu 2020"


def meanwhile(monkeypatch, act):
    """Hashing a password takes a third of a second; others act during the first one."""
    hashing, waiting = accounts.make_password, [act]

    def make_password(password, *args, **options):
        hashed = hashing(password, *args, **options)
        while waiting:
            waiting.pop()()
        return hashed

    monkeypatch.setattr(accounts, "make_password", make_password)
    monkeypatch.setattr("django.contrib.auth.base_user.make_password", make_password)


SUPERIORS = {
    "closed": lambda cast: accounts.close_account(User.objects.get(pk=cast.officer.pk), by=cast.district_clerk),
    "reset": lambda cast: accounts.give_new_password(
        User.objects.get(pk=cast.officer.pk), by=cast.district_clerk, at=NOON
    ),
    "made a reader": lambda cast: User.objects.filter(pk=cast.officer.pk).update(is_viewer=True),
    "moved": lambda cast: User.objects.filter(pk=cast.officer.pk).update(unit=cast.neighbour),
}
KEPT = ("is_active", "is_viewer", "unit_id", "must_change_password", "is_superuser")


def form_of(person, form=ChangePasswordForm):
    filled = form(person, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    filled.fields["old_password"].required = False
    filled.clean_old_password = lambda: PASSWORD
    assert filled.is_valid(), filled.errors
    return filled


@pytest.mark.parametrize("name", SUPERIORS)
def test_change_of_ones_password_undoes_nothing(name, cast, monkeypatch):
    form = form_of(User.objects.get(pk=cast.officer.pk))
    before = User.objects.values(*KEPT).get(pk=cast.officer.pk)
    meanwhile(monkeypatch, lambda: SUPERIORS[name](cast))
    is_ended = name in ("closed", "reset")
    if is_ended:
        with pytest.raises(accounts.Overtaken):
            form.save()
    else:
        form.save()
    assert User.objects.values(*KEPT).get(pk=cast.officer.pk) != before
    assert User.objects.get(pk=cast.officer.pk).check_password(NEW) is not is_ended


@pytest.mark.parametrize("name", SUPERIORS)
def test_control_django_s_own_form_undoes_it(name, cast, monkeypatch):
    """Its `user.save()` writes back all that was read at the start of the request."""
    form = form_of(User.objects.get(pk=cast.officer.pk), PasswordChangeForm)
    before = User.objects.values(*KEPT).get(pk=cast.officer.pk)
    meanwhile(monkeypatch, lambda: SUPERIORS[name](cast))
    form.save()
    assert User.objects.values(*KEPT).get(pk=cast.officer.pk) == before


def test_superior_who_no_longer_is_one_closes_nobody(cast):
    person = User.objects.get(pk=cast.officer.pk)
    User.objects.filter(pk=person.pk).update(unit=cast.stranger)
    with pytest.raises(accounts.Overtaken):
        accounts.close_account(person, by=cast.district_clerk)
    assert User.objects.get(pk=person.pk).is_active


def test_particulars_that_were_changed_meanwhile_are_not_written_over(cast):
    person = User.objects.get(pk=cast.officer.pk)
    before = {"phone": person.phone, "last_name": person.last_name}
    User.objects.filter(pk=person.pk).update(phone="0911", is_viewer=True)
    with pytest.raises(accounts.Overtaken):
        accounts.change_account(person, before, {**before, "phone": "0922"}, by=cast.district_clerk)
    accounts.change_account(person, before, {**before, "last_name": "Trần"}, by=cast.district_clerk)
    kept = User.objects.get(pk=person.pk)
    assert (kept.phone, kept.last_name, kept.is_viewer) == ("0911", "Trần", True)


def test_stronger_hash_is_made_over_the_old_one_alone(cast, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    read = User.objects.get(pk=cast.officer.pk)
    slip = accounts.give_new_password(User.objects.get(pk=cast.officer.pk), by=cast.district_clerk, at=NOON)
    assert read.check_password(PASSWORD)  # with the account as it was read
    assert User.objects.get(pk=cast.officer.pk).check_password(slip.password)


def test_wrong_old_passwords_are_counted_and_make_wait(cast, client):
    with frozen("2020-08-21 12:00"):
        client.force_login(cast.officer)
    typed = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}

    def why(old):
        page = client.post(reverse("password_change"), {**typed, "old_password": old})
        return page.context["form"].errors.as_data()["old_password"][0].code

    with frozen("2020-08-21 12:00"):  # on a busy machine the wait would be over
        assert [why("wrong") for _time in range(6)] == ["password_incorrect"] * 5 + ["too_soon"]
        assert why(PASSWORD) == "too_soon"
        assert Client().post(reverse("login"), {"username": "11416", "password": PASSWORD}).status_code == 429
    assert not User.objects.get(pk=cast.officer.pk).check_password(NEW)


def test_hash_made_anew_on_the_way_is_nobody_elses_change(cast, client, settings):
    client.force_login(cast.officer)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    weak = {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"}
    assert client.post(reverse("password_change"), weak).status_code == 200
    typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post(reverse("password_change"), typed).status_code == 302
    assert client.get("/inbox/").status_code == 200
