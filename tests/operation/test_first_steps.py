"""The first steps in their order; the second run asks nothing and changes nothing."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from reporting.models import Directive, Unit, User

from ..views.visits import frozen

ANSWERS = ["", "272/UBND-VX", "UBND thành phố", "Cài đặt Bluezone", "23/8/2020", "0912 345 678", "Nguyễn Thị Hà", ""]


@pytest.fixture
def questions_of(monkeypatch):
    """The questions asked; the answers are ANSWERS, or the given ones."""
    questions = []

    def answering(answers):
        left = iter(answers)
        monkeypatch.setattr("builtins.input", lambda words: questions.append(words) or next(left))
        return questions

    return answering


def first_steps():
    out = io.StringIO()
    with frozen("2020-08-21 09:00"):
        call_command("first_steps", stdout=out)
    return out.getvalue()


def test_first_steps_lead_to_an_account_that_signs_in(db, questions_of):
    questions = questions_of(ANSWERS)
    said = first_steps()
    assert len(questions) == len(ANSWERS)
    assert Unit.objects.count() == 233
    order = Directive.objects.get()
    assert (order.number, str(order.effective_from)) == ("272/UBND-VX", "2020-08-23")  # a Sunday
    person = User.objects.get()
    assert (person.username, person.get_full_name(), person.unit.code) == ("0912345678", "Nguyễn Thị Hà", "31")
    assert (person.is_superuser, person.must_change_password) == (False, True)
    password = re.search(r"một lần.*: (\S+)\n", said)[1]
    client = Client()
    with frozen("2020-08-21 09:30"):
        sent = client.post("/accounts/login/", {"username": person.username, "password": password})
    assert sent.status_code == 302

    again = first_steps()
    assert (len(questions), Directive.objects.count(), User.objects.count()) == (len(ANSWERS), 1, 1)
    assert ("0912345678" in again, password in again) == (True, False)


@pytest.mark.matrix  # slow
@pytest.mark.parametrize(
    ("wrong", "words"),
    [({4: "32/8/2020"}, "32/8/2020"), ({1: ""}, "272"), ({5: "không có"}, ""), ({1: "x" * 61}, "60")],
)
def test_answer_that_cannot_be_ends_it_in_words(wrong, words, db, questions_of):
    questions_of([wrong.get(number, answer) for number, answer in enumerate(ANSWERS)])
    with pytest.raises(CommandError):
        first_steps()
    assert User.objects.count() == 0
