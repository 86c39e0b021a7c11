"""The page on which a person gives a mail address, confirms it, and chooses mails."""

import pytest
from django.test import Client

from reporting import outbox
from reporting.models import AccessRecord, MailChoice, Message
from tests import factories as f
from tests.outbox.test_outbox import choose
from tests.references import dead
from tests.views.visits import NOON, errors, frozen, look

PATH = "/account/mail/"


def post(user, path=PATH, moment=NOON, **typed):
    client = Client()
    with frozen(moment):
        client.force_login(user)
        session = client.session
        session["password_given_at"] = f.at(moment).isoformat()
        session.save()
        return client.post(path, typed)


def test_address_gets_a_code_and_nothing_else_until_it_is_typed(cast):
    assert post(cast.officer, address="hang@example.vn").status_code == 302
    choice = MailChoice.objects.get()
    assert (choice.person, choice.address, choice.confirmed_at) == (cast.officer, "hang@example.vn", None)
    assert [message.kind for message in Message.objects.all()] == ["code"]
    assert list(MailChoice.objects.confirmed()) == []
    page = post(cast.officer, f"{PATH}confirm/", code="12 34")
    assert (page.status_code, page.context["code_form"].errors.as_data()["code"][0].code) == (422, "wrong")
    assert post(cast.officer, f"{PATH}confirm/", code=f" {outbox.address_code(choice)} ").status_code == 302
    assert MailChoice.objects.confirmed().get().confirmed_at == f.at(NOON)
    assert post(cast.officer, f"{PATH}confirm/", code="1").status_code == 404  # nothing left to confirm


def test_server_that_sends_no_mail_offers_none_and_takes_no_address(cast, settings):
    settings.MAILS = False
    page = post(cast.officer, address="hang@example.vn")
    assert (page.status_code, "Máy chủ chưa gửi được thư" in page.text, 'name="address"' in page.text) == (
        422, True, False
    )  # fmt: skip
    assert dead(post(cast.officer, address="").text) == []
    assert not MailChoice.objects.exists()
    assert not Message.objects.exists()


def test_three_codes_are_sent_within_an_hour_and_no_more(cast):
    for number in range(3):
        sent = post(cast.officer, address=f"hang{number}@example.vn", moment=f"2020-08-21 12:00:0{number}")
        assert sent.status_code == 302
    page = post(cast.officer, address="another@example.vn", moment="2020-08-21 12:59:59")
    assert (page.status_code, errors(page)) == (422, {"address": ["too_many"]})
    assert (Message.objects.count(), MailChoice.objects.get().address) == (3, "hang2@example.vn")
    assert post(cast.officer, address="another@example.vn", moment="2020-08-21 13:00:00").status_code == 302


def test_change_of_the_address_leaves_a_record(cast):
    post(cast.officer, address="hang@example.vn")
    post(cast.officer, f"{PATH}confirm/", code=outbox.address_code(MailChoice.objects.get()))
    records = AccessRecord.objects.filter(kind="person_changed", by=cast.officer, about=cast.officer).order_by("pk")
    assert [record.detail for record in records] == ["đổi địa chỉ thư, chưa xác nhận", "đã xác nhận địa chỉ thư"]


def test_another_address_must_be_confirmed(cast):
    choose(cast.officer, minutes_before=60)
    post(cast.officer, address="moi@example.vn")
    choice = MailChoice.objects.get()
    assert (choice.address, choice.confirmed_at, choice.minutes_before) == ("moi@example.vn", None, 60)


def test_invalid_address_is_an_error_of_its_field(cast):
    for typed in ("", "hang", "hang@example.vn\nBcc: x@example.vn", "a" * 250 + "@example.vn"):
        page = post(cast.officer, address=typed)
        assert page.status_code == 422
        assert set(errors(page)) == {"address"}
    assert not MailChoice.objects.exists()


OFFERED = {
    "officer": ["wants_reminder", "minutes_before"],
    "focal_person": ["wants_reminder", "minutes_before"],
    "district_clerk": ["wants_silent", "wants_bulletin"],
    "city_clerk": ["wants_silent", "wants_bulletin", "wants_events"],
    "leader": ["wants_bulletin"],
}


@pytest.mark.parametrize("person", OFFERED)
def test_person_chooses_among_the_mails_of_his_role(person, cast):
    user = getattr(cast, person)
    choose(user)
    page = look(user, "mail")
    assert sorted(page.context["choice_form"].fields) == sorted(OFFERED[person])
    assert post(user, f"{PATH}choose/", minutes_before="120", wants_events="on").status_code == 302
    choice = MailChoice.objects.get()
    for name in OFFERED[person]:
        assert getattr(choice, name) == {"minutes_before": 120, "wants_events": True}.get(name, False)
    if person != "city_clerk":
        assert post(user, f"{PATH}choose/", minutes_before="17").status_code == (
            422 if "minutes_before" in page.text else 302
        )


def test_person_changes_only_his_own_choice(cast):
    choose(cast.neighbour_officer)
    assert post(cast.officer, f"{PATH}choose/", minutes_before="15").status_code == 404
    assert "11407@example.vn" not in look(cast.officer, "mail").text
