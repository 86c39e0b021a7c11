"""The first steps in their order; the second run asks nothing and changes nothing."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from reporting import demo
from reporting.models import Unit, User

from .. import factories as f
from ..views.visits import frozen, signed_in

ANSWERS = ["Thành phố Hải Phòng", "31", "0912 345 678", "Nguyễn Thị Hà", ""]


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
    city = Unit.objects.named(f.DAY).get()
    assert (city.full_name, city.level, city.is_sealing) == ("Thành phố Hải Phòng", "city", True)
    assert "/imports/units/" in said
    person = User.objects.get()
    assert (person.username, person.get_full_name(), person.unit.code) == ("0912345678", "Nguyễn Thị Hà", "31")
    assert (person.is_superuser, person.must_change_password) == (False, True)
    password = re.search(r"một lần.*: (\S+)\n", said)[1]
    client = Client()
    with frozen("2020-08-21 09:30"):
        sent = client.post("/accounts/login/", {"username": person.username, "password": password})
    assert sent.status_code == 302

    again = first_steps()
    assert (len(questions), Unit.objects.count(), User.objects.count()) == (len(ANSWERS), 1, 1)
    assert ("0912345678" in again, password in again) == (True, False)


def test_who_seals_imports_the_units_on_the_page_and_records_the_order(db, questions_of):
    questions_of(ANSWERS)
    first_steps()
    person = User.objects.get()
    person.must_change_password = False
    person.save()
    client, data = signed_in(person), (demo.DATA / "haiphong-2020-units.csv").read_bytes()
    with frozen("2020-08-21 09:40"):
        assert client.get("/", follow=True).status_code == 200
        sent = {"file": SimpleUploadedFile("a.csv", data), "effective_on": "01/04/2019", "source": ""}
        place = client.post("/imports/units/", sent).url
        shown = client.get(place).context["plan"]
        assert (shown.errors, client.post(place, {"shown": shown.digest}).status_code) == ([], 302)
        assert Unit.objects.count() == 233


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({0: "Hải Phòng"}, "Hải Phòng: ghi “Tỉnh” hoặc “Thành phố” trước tên."),
        ({1: "3 1"}, "“3 1” không phải mã"),
        ({2: "không có"}, "Tên đăng nhập: chưa nhập."),
        ({3: ""}, "Họ tên người chốt số liệu: chưa nhập."),
    ],
)
def test_answer_that_cannot_be_ends_it_in_words(wrong, words, db, questions_of):
    questions_of([wrong.get(number, answer) for number, answer in enumerate(ANSWERS)])
    with pytest.raises(CommandError, match=words):
        first_steps()
    assert User.objects.count() == 0
