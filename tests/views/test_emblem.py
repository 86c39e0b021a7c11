"""The emblem: put by who sets the campaign, shown to everybody, served as a picture alone, taken away again."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reporting.models import AccessRecord, Emblem
from tests import factories as f
from tests.files.test_emblems import png

from .visits import frozen, look, signed_in

PAGE = "/campaign/emblem/"
NOON = "2020-08-21 12:00"


@pytest.fixture
def city(cast):
    return signed_in(cast.city_clerk)


def send(client, data, name="bieu-trung.png"):
    with frozen(NOON):
        return client.post(PAGE, {"file": SimpleUploadedFile(name, data)})


def src(page):
    """The addresses of the emblems in a page."""
    return [part.split('"')[0] for part in page.text.split('src="')[1:] if part.startswith("/emblem/")]


def test_emblem_is_shown_to_everybody_and_served_as_a_picture_alone(city, cast):
    assert send(city, png(), name="anything.exe").status_code == 302
    kept = Emblem.objects.get()
    assert (kept.by, kept.unit, kept.digest) == (cast.city_clerk, cast.city, hashlib.sha256(kept.content).hexdigest())
    address = f"/emblem/{kept.digest}"
    with frozen(NOON):
        assert src(Client().get("/accounts/login/")) == [address, address]  # in the head, and large
    assert src(look(cast.officer, "unit", "11416")) == [address]
    for client in (Client(), city):
        answer = client.get(address)
        assert (answer.status_code, answer.content) == (200, bytes(kept.content))
        assert {name: answer.headers[name] for name in ("Content-Type", "X-Content-Type-Options")} == {
            "Content-Type": "image/png",
            "X-Content-Type-Options": "nosniff",
        }
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    record = AccessRecord.objects.filter(kind="campaign_changed").get()
    assert (record.by, record.unit, record.detail) == (cast.city_clerk, cast.city, f"biểu trưng: {kept.digest[:12]}")


def test_emblem_is_taken_away_and_stays_in_history(city, cast):
    send(city, png())
    address = f"/emblem/{Emblem.objects.get().digest}"
    with frozen(NOON):
        assert city.post(PAGE, {"remove": "1"}).status_code == 302
        assert src(city.get(PAGE)) == []
    assert (Emblem.objects.count(), Client().get(address).status_code) == (2, 404)
    assert src(look(cast.officer, "unit", "11416")) == []
    send(city, png())
    assert Client().get(address).status_code == 200


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GIF89a", "Tệp không phải là PNG."),
        (b"x" * 200_000, "Hình lớn hơn 100 KB."),
    ],
)
def test_what_is_no_emblem_is_refused_and_nothing_is_kept(city, data, words):
    answer = send(city, data)
    assert (answer.status_code, answer.context["form"].errors) == (422, {"file": [words]})
    assert not Emblem.objects.exists()


def test_emblem_of_another_city_is_not_shown(db):
    nation = f.make_nation()
    f.make_emblem(nation.city)
    person = f.make_user("cantho", nation.foreigner)
    assert src(look(person, "unit", nation.foreigner.code)) == []
