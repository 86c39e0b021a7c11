"""Lanes: which request may take a thread, which waits, which is refused."""

from django.core import signing

from reporting import clock, gate
from reporting.gate import PAGES, REPORTS, STRANGERS, Place, Queue
from tests.factories import at, make_extension
from tests.views.visits import frozen

DEVICE = signing.dumps({"name": "phone", "people": [7]}, salt="device with marks")
BROWSER = signing.dumps({"name": "new", "people": []}, salt="device with marks")


def cookies(person=None, device=""):
    return {"sessionid": gate.session_key(person) if person else "", "device": device}


def test_lane_of_a_request():
    report = "/units/11416/report/2020-08-21/"
    named = {
        (report, "7", ""): Place(REPORTS, "person 7", "", ("11416", "2020-08-21")),
        ("/units/11416/reports/2020-08-21/", "7", ""): Place(REPORTS, "person 7", "", ("11416", "2020-08-21")),
        ("/units/11416/", "7", DEVICE): Place(PAGES, "person 7"),
        ("/accounts/login/", None, DEVICE): Place(REPORTS, "device phone"),
        ("/accounts/login/", None, BROWSER): Place(STRANGERS, "address 192.0.2.1", "new"),
        ("/accounts/login/", None, "forged"): Place(STRANGERS, "address 192.0.2.1", "none, GET"),
        (report, None, DEVICE): Place(STRANGERS, "address 192.0.2.1", "phone"),
        ("/api/v1/units", None, ""): Place(STRANGERS, "address 192.0.2.1", "none, GET"),
    }
    asked = {one: gate.place_of("GET", one[0], cookies(*one[1:]), "192.0.2.1") for one in named}
    assert asked == named


def test_made_up_session_key_names_nobody():
    real = gate.session_key(7)
    for key in ("", "a" * 32, "a" * 32 + "7", real[:-1], real + "1"):
        assert gate.person_of(key) == ""
    assert gate.person_of(real) == "7"


def test_session_of_a_person_names_the_person(client, cast):
    client.force_login(cast.officer)
    assert gate.person_of(client.session.session_key) == str(cast.officer.pk)


def started(queue):
    """The requests that get a thread now, in their order."""
    return [taken[1] for taken in iter(queue.take, None)]


def filled(*places):
    queue = Queue()
    for number, place in enumerate(places):
        queue.add(place, number)
    return queue


def test_strangers_get_a_third_of_the_threads_and_reports_the_rest(monkeypatch):
    monkeypatch.setattr(gate, "_deadlines", ())
    queue = filled(*[Place(lane, f"{n}") for lane in (STRANGERS, PAGES, REPORTS) for n in range(9)])
    lanes = [taken[0].lane for taken in iter(queue.take, None)]
    assert lanes == [REPORTS, PAGES, STRANGERS, REPORTS, REPORTS, REPORTS]  # nobody waits for the end of a rush
    queue = filled(*[Place(lane, f"{n}") for lane in (STRANGERS, PAGES) for n in range(9)])
    assert [taken[0].lane for taken in iter(queue.take, None)] == [PAGES, STRANGERS, PAGES, PAGES]
    queue = filled(*[Place(STRANGERS, f"{n}") for n in range(9)])
    assert len(started(queue)) == STRANGERS.threads == REPORTS.threads // 3


def test_more_threads_are_reserved_before_a_deadline(monkeypatch):
    now = clock.now()
    for hour, threads in (
        (now + gate.RESERVED_FOR / 2, PAGES.near_the_hour),
        (now + gate.RESERVED_FOR * 2, PAGES.threads),
        (now - gate.RESERVED_FOR, PAGES.threads),
    ):
        monkeypatch.setattr(gate, "_deadlines", [hour])
        assert len(started(filled(*[Place(PAGES, f"{n}") for n in range(9)]))) == threads


def test_deadlines_of_the_day_reach_the_gate(client, cast):
    make_extension(cast.district, until=at("2020-08-21 18:30"))
    with frozen("2020-08-21 12:00"):
        client.get("/accounts/login/")
    assert set(gate._deadlines) == {at("2020-08-21 17:00"), at("2020-08-21 18:30")}


def test_one_person_and_one_address_have_their_share():
    queue = filled(*[Place(PAGES, "person 1")] * 9)
    assert started(queue) == [0, 1]
    queue.end(Place(PAGES, "person 1"))
    assert started(queue) == [2]
    assert started(filled(*[Place(STRANGERS, "address 1")] * 9)) == [0]


def test_one_unit_and_day_has_its_share():
    one = [Place(REPORTS, f"person {n}", "", ("11416", "2020-08-21")) for n in range(5)]
    queue = filled(*one, Place(REPORTS, "person 9", "", ("11407", "2020-08-21")))
    assert started(queue) == [0, 1, 5]
    queue.end(one[0])
    assert started(queue) == [2]


def test_whoever_has_waited_behind_many_of_another_is_next():
    """A queue in the order of arrival fails this: the last comes after all the others."""
    queue = filled(*[Place(STRANGERS, "address 1", "attacker")] * 50, Place(STRANGERS, "address 1", "other"))
    order = []
    while taken := queue.take():
        order.append(taken[1])
        queue.end(taken[0])
    assert (order[:3], len(order)) == ([0, 50, 1], 51)


def test_second_press_keeps_the_place_of_the_first():
    one = Place(REPORTS, "person 1")
    queue = filled(one, one, *[Place(REPORTS, f"person {n}") for n in range(2, 9)])
    assert started(queue) == [0, 2, 3, 4, 5, 6]
    queue.end(one)
    assert started(queue) == [1]


def test_too_many_waiting_requests_of_one_are_refused_and_of_another_not():
    queue, place = Queue(), Place(REPORTS, "person 1")
    added = [queue.add(place, n) for n in range(REPORTS.waiting + 3)]
    assert added == [True] * REPORTS.waiting + [False] * 3
    assert queue.add(Place(REPORTS, "person 2"), 0)
    queue.take()
    assert queue.add(place, 0)
