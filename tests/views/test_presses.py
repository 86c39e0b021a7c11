"""What a phone's outbox sends: one state for each press, and the same press gets the same receipt."""

from uuid import uuid4

import pytest
from django.urls import reverse

from reporting import acts
from reporting.models import LateRequest, Press, Report, Revision
from tests.factories import DAY, at, make_report

from .visits import frozen, look, send, signed_in, status_of, written

pytestmark = pytest.mark.sql
BEFORE, AFTER = "2020-08-21 16:59:50", "2020-08-21 17:02"


def press(user, unit, moment="2020-08-21 12:00", *, key=None, **typed):
    return send(user, unit, moment, headers={"X-Press": str(key or uuid4())}, **typed)


def test_same_press_gets_the_same_receipt_whatever_was_recorded_since(cast):
    key = uuid4()
    first = press(cast.officer, cast.commune, key=key).json()
    send(cast.officer, cast.commune, "2020-08-21 13:00", installs="96", base_version="1", opening="")
    before = written()
    again = press(cast.officer, cast.commune, "2020-08-21 17:30", key=key)
    assert (again.status_code, again.json(), written()) == (200, first, before)
    assert (first["state"], first["version"]) == ("received", 1)
    assert Press.objects.get().revision == Revision.objects.get(kind="own", installs=88)


def test_press_of_another_person_is_not_answered_with_a_receipt(cast):
    key = uuid4()
    press(cast.officer, cast.commune, key=key)
    answer = press(cast.neighbour_officer, cast.neighbour, key=key)
    assert (answer.status_code, Press.objects.get().by) == (400, cast.officer)
    assert not Report.objects.filter(unit=cast.neighbour, day=DAY).exists()


@pytest.mark.parametrize(
    ("state", "status", "moment", "typed"),
    [
        ("conflict", 409, BEFORE, {"opening": "", "installs": "71"}),
        ("asked", 422, BEFORE, {"base_version": "1", "opening": "", "installs": "9000"}),
        ("refused", 422, BEFORE, {"base_version": "1", "installs": "1,5"}),
        ("late", 422, AFTER, {"base_version": "1", "opening": "", "installs": "96"}),
    ],
)
def test_each_press_that_is_not_received_has_one_state_with_words(cast, state, status, moment, typed):
    make_report(cast.commune, installs=70, opening=100)
    before = written()
    answer = press(cast.officer, cast.commune, moment, **typed)
    assert (answer.status_code, answer.json()["state"], bool(answer.json()["words"])) == (status, state, True)
    assert (written(), Press.objects.count()) == (before, 0)


def test_late_request_is_taken_once(cast):
    key, client = uuid4(), signed_in(cast.officer)
    with frozen(AFTER):
        client = signed_in(cast.officer)
        typed = {"installs": "88", "opening": "0", "base_version": "0", "reason": "Mất mạng"}
        path, headers = reverse("reporting:late_request", args=["11416", DAY]), {"X-Press": str(key)}
        first = client.post(path, typed, headers=headers)
        LateRequest.objects.update(decided_at="2020-08-21T10:03Z", decided_by=cast.district_clerk, decision="declined")
        again = client.post(path, typed, headers=headers)
    assert (first.json(), first.status_code) == (again.json(), 200)
    assert LateRequest.objects.count() == 1


def test_id_that_is_none_is_a_bad_request(cast):
    assert send(cast.officer, cast.commune, headers={"X-Press": "1"}).status_code == 400


def test_phone_asks_for_the_clock_and_until_when_the_day_is_open(cast):
    make_report(cast.commune, installs=88)
    page = look(cast.officer, "report_state", "11416", DAY, moment=BEFORE).json()
    assert (page["now"], page["open_until"]) == ("2020-08-21T09:59:50+00:00", "2020-08-21T17:00:00+07:00")
    assert (page["is_open"], page["phase"], page["version"], page["user"]) == (True, "before", 1, "11416")
    assert look(cast.officer, "report_state", "11416", DAY, moment=AFTER).json()["is_open"] is False
    assert look(cast.city_clerk, "report_state", "11416", DAY).status_code == 403


def test_open_question_comes_back_for_ten_minutes_to_whom_it_was_asked(cast):
    make_report(cast.commune, DAY.replace(day=20), 88, opening=3324)
    send(cast.officer, cast.commune, BEFORE, opening="", installs="9000")
    before = written()
    for page in ("report", "unit"):
        args = ("11416", DAY)[: 2 if page == "report" else 1]
        form = look(cast.officer, page, *args, moment="2020-08-21 17:09").context["form"]
        assert (form["installs"].value(), bool(form.questions), form.offers_cumulative) == ("9.000", True, True)
        assert not look(cast.officer, page, *args, moment="2020-08-21 17:10").context["form"].questions
    assert written() == before


def test_figure_typed_beside_a_question_of_before_meets_no_conflict_after_an_own_void(cast):
    make_report(cast.commune, DAY.replace(day=20), 88, opening=3324)
    make_report(cast.commune, installs=150)
    acts.void(unit=cast.commune, day=DAY, reason="nhầm", base_version=1, by=cast.officer, at=at("2020-08-21 16:00"))
    version = Report.objects.get(unit=cast.commune, day=DAY).version
    send(cast.officer, cast.commune, BEFORE, opening="", installs="9000", base_version=str(version))
    form = look(cast.officer, "report", "11416", DAY, moment=BEFORE).context["form"]
    assert (bool(form.questions), form["base_version"].value()) == (True, str(version))


def test_both_offered_answers_have_the_ten_minutes(cast):
    make_report(cast.commune, DAY.replace(day=20), 88, opening=3324)
    send(cast.officer, cast.commune, BEFORE, opening="", installs="9000")
    press(
        cast.officer,
        cast.commune,
        AFTER,
        opening="",
        installs="9000",
        as_cumulative="on",
        confirm="on",
        explanation="x",
    )
    assert (Report.objects.get(day=DAY).installs, status_of(cast.commune)) == (9000 - 3412, "on_time")
