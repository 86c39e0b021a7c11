"""A page that the browser has is not made again while nothing has changed, and is as soon as anything has."""

import threading
from datetime import time, timedelta

import pytest
from django.apps import apps
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from reporting import fingerprint, triggers
from reporting.hours import permissions
from reporting.hours.permissions import Situation
from reporting.models import AccessRecord, Unit, User
from tests.acts import test_matrix as matrix
from tests.prepared import prepared, undone
from tests.standing import unset

from .. import factories as f
from .visits import frozen

DAY = f.DAY.isoformat()
PAGES = {
    "city": ("city_clerk", "/units/31/"),
    "its board": ("city_clerk", f"/units/31/board/{DAY}/"),
    "bulletin": ("city_clerk", f"/units/31/bulletin/{DAY}/"),
    "district": ("district_clerk", "/units/306/"),
    "board": ("district_clerk", f"/units/306/board/{DAY}/"),
    "ranking": ("district_clerk", "/units/306/ranking/"),
    "home": ("officer", "/units/11416/"),
    "workbook": ("leader", f"/units/31/workbook/{DAY}.xlsx"),
}
SHOWN, LATER = "2020-08-21 15:36:10", "2020-08-21 15:47:30"


@prepared
def reported(cast):
    for unit in (cast.commune, cast.neighbour, cast.stranger, cast.island, cast.agency):
        f.make_report(unit, f.DAY - timedelta(days=1), installs=30, opening=100)
    f.make_report(cast.neighbour, installs=7)
    return cast


def browser(person, *, script=True) -> Client:
    client = Client()
    client.force_login(person)
    if script:
        client.cookies["script"] = "1"
    return client


def get(client, address, moment=SHOWN, tag=""):
    with frozen(moment):
        return client.get(address, headers={"If-None-Match": tag} if tag else {})


def all_pages(cast):
    """By name the browser of each page, its address and the tag under which it went out."""
    for name, (person, address) in PAGES.items():
        client = browser(getattr(cast, person))
        get(client, address)  # the first gives the cookie with the secret of the forms
        page = get(client, address)
        assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-cache"), name
        yield name, client, address, page.headers["ETag"]


def test_page_is_not_made_again_while_nothing_is_written(reported, subtests):
    for name, client, address, tag in all_pages(reported):
        with subtests.test(name):
            answer = get(client, address, LATER, tag)
            assert (answer.status_code, answer.content) == (304, b"")
            assert (answer.headers["ETag"], answer.headers["Cache-Control"]) == (tag, "private, no-cache")
            assert get(client, address, LATER, f'"other", {tag}').status_code == 304
            assert get(client, address, LATER, '"other"').status_code == 200


def test_page_without_a_script_stands_for_its_minute(reported, subtests):
    for name, (person, address) in PAGES.items():
        with subtests.test(name):
            client = browser(getattr(reported, person), script=False)
            get(client, address)
            tag = get(client, address, SHOWN).headers["ETag"]
            assert get(client, address, "2020-08-21 15:36:50", tag).status_code == 304
            after_a_minute = get(client, address, "2020-08-21 15:37:05", tag).status_code
            assert after_a_minute == (304 if name == "workbook" else 200)


def test_report_is_on_every_page_at_once(reported, subtests):
    shown = list(all_pages(reported))
    f.make_report(reported.stranger, installs=4)  # of another district: it moves the shares above and the places
    for name, client, address, tag in shown:
        with subtests.test(name):
            assert get(client, address, SHOWN, tag).status_code == 200


def test_what_no_page_shows_changes_none(reported):
    _name, client, address, tag = next(iter(all_pages(reported)))
    f.make_access_record(reported.officer)
    User.objects.filter(pk=reported.officer.pk).update(last_login=f.at(SHOWN), last_signed_in_at=f.at(SHOWN))
    assert get(client, address, SHOWN, tag).status_code == 304
    User.objects.filter(pk=reported.officer.pk).update(phone="0912 000 001")
    assert get(client, address, SHOWN, tag).status_code == 200


def marks():
    return User.objects.annotate(marks=fingerprint.marks(connection.vendor)).values_list("marks", flat=True).first()


@pytest.mark.sql
@pytest.mark.parametrize("situation", Situation)
def test_every_act_changes_every_page(situation, db, subtests):
    """The table of permissions, played: whatever is done, and by whom, the marks that all pages go by are others."""
    cast = f.make_cast()
    world, people = matrix.World(cast, situation), matrix.PEOPLE
    for act in permissions.Act:
        by = next((who for who, role in people.items() if permissions.may(role, act, situation)), None)
        if by is None or (act in permissions.OF_THE_SUPERIORS_DAY and situation in permissions.NOT_OF_A_SUPERIORS_DAY):
            continue
        with subtests.test(act=act.value), undone():
            world.prepare(act)
            before = marks()
            world.play(act, getattr(cast, by))
            assert marks() != before


@pytest.mark.sql
def test_whoever_writes_past_the_product_is_seen_too(reported, subtests):
    for statement in (
        "UPDATE reporting_report SET is_late = NOT is_late WHERE kind = 'daily'",
        "UPDATE reporting_unit SET phone = '1' WHERE code = '306'",
        "DELETE FROM reporting_reminder",
    ):
        with subtests.test(statement), undone(), connection.cursor() as cursor:
            f.make_reminder(reported.commune, reported.district_clerk)
            before = marks()
            cursor.execute(statement)
            assert marks() != before


@pytest.mark.sql
def test_every_table_that_pages_show_is_marked_for_every_event(db):
    """Of each table of the product it is said whether a page shows it; those of which it does have their triggers."""
    names = {model.__name__ for model in apps.get_app_config("reporting").get_models()}
    assert fingerprint.UNSEEN.keys() < names
    standing = triggers._standing(connection)
    for model in fingerprint.seen():
        assert fingerprint.statements(connection.vendor, model).keys() <= standing.keys(), model


@pytest.mark.sql
def test_what_is_taken_back_changes_nothing(reported):
    before = marks()
    with undone():
        f.make_report(reported.commune)
        assert marks() != before
    assert marks() == before


@pytest.mark.sql
@pytest.mark.django_db(transaction=True)
def test_two_writers_mark_side_by_side_in_any_order():
    """Neither waits for the other, and who comes second changes the marks again although it began first.

    SQLite lets one write at a time: there the first ends before the second begins.
    """
    first, second = (f.make_unit(code, level=Unit.Level.CITY) for code in ("01", "02"))
    has_begun, may_end = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Unit.objects.filter(pk=first.pk).update(phone="1")
            has_begun.set()
            may_end.wait(20)
        connection.close()

    f.make_user("x", first)
    thread = threading.Thread(target=slow)
    thread.start()
    has_begun.wait(20)

    def end():
        may_end.set()
        thread.join(20)

    def write():  # waits for nobody
        Unit.objects.filter(pk=second.pk).update(phone="2")

    found = [marks()]
    for step in (write, end) if connection.vendor == "postgresql" else (end, write):
        step()
        found.append(marks())
    assert len(set(found)) == 3


@pytest.mark.parametrize(
    ("change", "is_seen"),
    [
        (lambda client: client.cookies.load({"language": "en"}), True),
        (lambda client: client.cookies.load({"csrftoken": "b" * 32}), True),  # its forms would be refused
        (lambda client: get(client, PAGES["board"][1] + "?show=all"), True),  # which the page remembers
        (lambda client: None, False),
    ],
)
def test_what_else_a_page_depends_on(change, is_seen, reported, settings):
    settings.LANGUAGE_COOKIE_NAME = "language"
    client, address = browser(reported.district_clerk), PAGES["board"][1]
    get(client, address)
    tag = get(client, address).headers["ETag"]
    change(client)
    assert get(client, address, LATER, tag).status_code == (200 if is_seen else 304)


def test_page_of_one_person_is_no_page_of_another(reported):
    clients = [browser(person) for person in (reported.leader, reported.city_clerk)]
    for client in clients:
        client.cookies["csrftoken"] = "c" * 32
    tag = get(clients[0], "/units/31/").headers["ETag"]
    assert get(clients[0], "/units/31/", SHOWN, tag).status_code == 304
    assert get(clients[1], "/units/31/", SHOWN, tag).status_code == 200
    assert get(browser(reported.stranger_officer), "/units/306/", SHOWN, tag).status_code == 404


def test_who_may_see_it_no_more_gets_no_answer_from_a_tag(reported):
    client = browser(reported.officer)
    get(client, "/units/11416/")
    tag = get(client, "/units/11416/").headers["ETag"]
    reported.officer.unit = reported.stranger
    reported.officer.save()
    answer = get(client, "/units/11416/", SHOWN, tag)
    assert (answer.status_code, answer.url) == (302, "/accounts/login/?next=/units/11416/")  # his sessions have ended


def test_page_that_says_something_once_is_kept_by_nobody(reported):
    client = browser(reported.city_clerk)
    store = CookieStorage(RequestFactory().get("/"))
    said = store._encode([Message(constants.SUCCESS, "Sent.")])
    client.cookies["messages"] = said
    page = get(client, "/units/31/")
    assert "Sent." in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert "ETag" not in page.headers


def test_refusals_are_kept_by_nobody(reported):
    for address, status in [("/units/31/?as_of=2030-01-01T00:00", 422), ("/units/nothing/", 404)]:
        answer = get(browser(reported.city_clerk), address)
        assert (answer.status_code, "ETag" in answer.headers) == (status, False)
        assert "no-store" in answer.headers["Cache-Control"]


def test_signing_out_takes_the_kept_pages_along(reported):
    client = browser(reported.city_clerk)
    with frozen(SHOWN):
        assert client.post(reverse("logout")).headers["Clear-Site-Data"] == '"cache"'
        assert "Clear-Site-Data" not in client.get(reverse("login")).headers
    client = browser(reported.city_clerk)
    with frozen("2020-08-21 10:00"):
        client.force_login(reported.city_clerk)
    assert get(client, "/units/31/", "2020-08-21 11:30").headers["Clear-Site-Data"] == '"cache"'  # left alone


def test_file_that_is_had_already_is_not_taken_again(reported):
    client, address = browser(reported.leader), PAGES["workbook"][1]
    get(client, address)
    tag = get(client, address).headers["ETag"]
    before = AccessRecord.objects.count()
    answer = get(client, address, LATER, tag)
    assert (answer.status_code, "Content-Disposition" in answer.headers) == (304, False)
    assert AccessRecord.objects.count() == before


# The clock alone: what a page shows changes at moments that its tag knows of, but for the minute that the script sets.


@prepared
def busy(reported):
    """Hours of every kind on one day."""
    cast = reported
    f.make_extension(cast.district, until=f.at("2020-08-21 17:40"))
    f.make_unit_hour(cast.other_district, time(16, 20))
    f.make_asked_hour(cast.district, time(16, 10))
    f.make_reopening(cast.commune, cast.district_clerk, f.DAY - timedelta(days=1), until=f.at("2020-08-21 17:13"))
    return cast


def moments(step: timedelta, *, since="2020-08-21 15:00", until="2020-08-21 18:30"):
    moment, end = f.at(since), f.at(until)
    while moment <= end:
        yield f"{moment:%Y-%m-%d %H:%M:%S}"
        moment += step


@pytest.mark.matrix  # dear
@pytest.mark.parametrize("step", [30, pytest.param(5, marks=pytest.mark.matrix)])
def test_clock_changes_no_page_that_stands(step, busy, subtests):
    for name, (person, address) in PAGES.items():
        if name == "workbook":
            continue
        with subtests.test(name):
            client, seen = browser(getattr(busy, person)), {}
            client.cookies["csrftoken"] = "c" * 32
            for moment in moments(timedelta(minutes=step, seconds=7)):
                page = get(client, address, moment)
                shown = unset(page.text)
                assert seen.setdefault(page.headers["ETag"], shown) == shown, moment
            assert len(seen) > 1
