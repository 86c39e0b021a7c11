"""A button pressed twice, so that both requests run at once: the second finds what the first has written."""

from datetime import timedelta

import pytest
from django.test import Client

from reporting import outbox
from reporting.forms.people import CoverForm, TokenForm
from reporting.models import Cover, Message, Token, User

from ..factories import DAY, at, make_cast
from ..threads import BLOCKED, at_once, pause_together
from .visits import frozen

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def moments_of_the_proxy(settings):
    settings.TRUST_REQUEST_START = True


def pressed_twice(person, path, *sent):
    """The answers, in the order of the presses."""
    clients = [Client(raise_request_exception=False) for _press in sent]
    with frozen("2020-08-21 12:00"):
        for client in clients:
            client.force_login(person)
        stamps = [f"t={at('2020-08-21 11:59:59').timestamp() + number / 9:.3f}" for number in range(len(sent))]
        acts = [
            lambda c=c, fields=fields, stamp=stamp: c.post(path, fields, headers={"x-request-start": stamp})
            for c, fields, stamp in zip(clients, sent, stamps, strict=True)
        ]
        return at_once(*acts)


def test_colleague_covers_a_unit_once(monkeypatch):
    cast = make_cast()
    days = {"first_day": DAY, "last_day": DAY}
    sent = {"person": cast.officer.pk, "unit": cast.neighbour.pk, **days}
    pause_together(monkeypatch, after=[(CoverForm, "clean")], patience=BLOCKED)
    answers = pressed_twice(cast.district_clerk, "/people/covers/", sent, sent)
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert Cover.objects.count() == 1


def test_system_gets_one_token(monkeypatch):
    cast = make_cast()
    User.objects.update(second_factor_at=at("2020-08-01 08:00"))
    monkeypatch.setattr("reporting.people.second_factor.owes_code", lambda user: False)
    sent = {"name": "Kho dữ liệu", "unit": cast.city.pk, "last_day": DAY + timedelta(days=60)}
    pause_together(monkeypatch, after=[(TokenForm, "clean")], patience=BLOCKED)
    answers = pressed_twice(cast.city_clerk, "/people/tokens/", sent, sent)
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    assert Token.objects.count() == 1


def test_person_gets_no_more_codes_by_mail_than_are_allowed():
    cast = make_cast()
    sent = [{"address": f"a{number}@example.vn"} for number in range(outbox.MOST_CODES + 1)]
    answers = pressed_twice(cast.officer, "/account/mail/", *sent)
    assert sorted(answer.status_code for answer in answers) == [302] * outbox.MOST_CODES + [422]
    assert Message.objects.filter(kind=Message.Kind.CODE).count() == outbox.MOST_CODES
