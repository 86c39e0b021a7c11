"""Several senders at once: no message is sent by two of them."""

import threading

import pytest
from django.db import connection, transaction

from reporting import outbox
from reporting.models import Message
from tests import factories as f
from tests.threads import TIMEOUT, at_once

from .test_outbox import choose

pytestmark = pytest.mark.django_db(transaction=True)
SENDERS, AT = 6, f.at("2020-08-21 17:00")


@pytest.fixture
def waiting(db):
    cast = f.make_cast()
    choice = choose(cast.city_clerk)
    for number in range(SENDERS):
        outbox.write_messages(Message.Kind.DIFFERS, [choice], cause=str(number), at=AT, day=f.DAY)


def test_each_sender_takes_another_message(waiting):
    taken = at_once(*[lambda: outbox.reserve_next(AT)] * SENDERS)
    assert sorted(message.pk for message in taken) == sorted(Message.objects.values_list("pk", flat=True))
    assert outbox.reserve_next(AT) is None


def test_message_in_somebodys_hands_is_passed_over(waiting):
    """On PostgreSQL no sender waits for another's row; on SQLite they write one after the other."""
    held, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            first = Message.objects.select_for_update().order_by("id").first()
            held.set()
            if connection.vendor == "postgresql":
                assert done.wait(TIMEOUT)
        return first.pk

    def take():
        assert held.wait(TIMEOUT)
        try:
            return outbox.reserve_next(AT).pk
        finally:
            done.set()

    first, second = at_once(hold, take)
    assert (first != second) == (connection.vendor == "postgresql")


def test_the_same_cause_written_by_many_is_there_once(waiting):
    choice = Message.objects.first().person.mail_choice
    at_once(*[lambda: outbox.write_messages(Message.Kind.SILENT, [choice], cause="7", at=AT, day=f.DAY)] * SENDERS)
    assert Message.objects.filter(kind=Message.Kind.SILENT).count() == 1
