"""Signing in and out."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from reporting import checks
from reporting.models import User
from tests.factories import PASSWORD, at, make_report

LOGIN = "/accounts/login/"


def sign_in(client, username="11416", password=PASSWORD, **fields):
    return client.post(LOGIN, {"username": username, "password": password, **fields})


def is_signed_in(client) -> bool:
    """Whether the browser's session still opens a page."""
    return client.get("/inbox/").status_code == 200


def test_sign_in_leads_to_the_overview(client, cast):
    response = sign_in(client)
    assert (response.status_code, response.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(cast.officer.pk)


@pytest.mark.parametrize(
    ("username", "password"), [("11416", "wrong"), ("nobody", PASSWORD), ("", PASSWORD), ("11416", ""), ("\x00", "x")]
)
def test_sign_in_with_a_wrong_name_or_password_is_refused(username, password, client, cast):
    response = sign_in(client, username, password)
    assert (response.status_code, response.context["form"].is_valid()) == (200, False)
    assert "_auth_user_id" not in client.session


def test_sign_in_goes_on_to_the_page_that_was_asked_for(client, cast):
    page = "/units/11416/report/2020-08-21/"
    asked = client.get(page)
    assert asked.url == f"{LOGIN}?next={page}"
    assert (
        client.get(asked.url).text.count(f'<input type="hidden" name="next" value="{page}">') == 2
    )  # password, passkey
    assert sign_in(client, next=page).url == page


def test_change_of_password_takes_the_new_one_only(client, cast):
    sign_in(client)
    new = "another-office-password"
    typed = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("password_change"), typed).url == reverse("password_change_done")
    assert client.get(reverse("password_change_done")).status_code == 200
    client.post(reverse("logout"))
    assert [sign_in(client, password=password).status_code for password in (PASSWORD, new)] == [200, 302]


@pytest.mark.parametrize("new", ["short", "1234567890123", "bluezone"])
def test_change_to_a_weak_password_is_refused(new, client, cast):
    sign_in(client)
    response = client.post(
        reverse("password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )
    assert (response.status_code, list(response.context["form"].errors)) == (200, ["new_password2"])


@pytest.mark.parametrize(("is_demo", "usernames"), [(True, ["11416", "306", "31"]), (False, [])])
def test_sign_in_page_offers_three_roles_in_a_demonstration_only(is_demo, usernames, client, db, settings):
    settings.DEMO = is_demo
    page = client.get(LOGIN)
    assert [role["username"] for role in page.context["demo_roles"]] == usernames
    assert page.text.count('class="demo-band"') == is_demo


@pytest.mark.parametrize("to", [LOGIN, f"{LOGIN}?next={LOGIN}"])
def test_who_is_signed_in_is_never_led_in_a_circle(to, client, cast):
    client.force_login(cast.officer)
    answer = client.get(LOGIN, {"next": to})
    assert (answer.status_code, answer.url) == (302, "/")


def test_demonstration_leaves_later_figures_alone(cast, settings):
    settings.DEMO = True
    make_report(cast.commune)
    with pytest.raises(CommandError, match="NEW=1"):
        call_command("demo", at=at("2020-08-01 08:00"), stdout=StringIO())
    assert cast.commune.reports.exists()


def test_made_up_figures_go_into_a_demonstration_only(db):
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo", stdout=StringIO())


def test_made_up_figures_go_into_an_empty_database_only(admin_user, settings):
    settings.DEMO = True
    with pytest.raises(CommandError, match="not empty"):
        call_command("demo", stdout=StringIO())


def test_account_with_the_demonstrations_password_fails_the_check(cast, settings):
    assert checks.nobody_has_the_password_of_the_demonstration(None) == []
    for person in (cast.officer, cast.city_clerk):
        person.set_password(settings.DEMO_PASSWORD)
        person.save()
    (error,) = checks.nobody_has_the_password_of_the_demonstration(None)
    assert (error.id, "opens 2 accounts" in error.msg) == ("reporting.E002", True)
    User.objects.filter(pk__in=(cast.officer.pk, cast.city_clerk.pk)).update(is_active=False)
    assert checks.nobody_has_the_password_of_the_demonstration(None) == []
