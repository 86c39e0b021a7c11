"""The gate for expensive work: the limit over all processes, one per person, and the answer to the others."""

import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from django.test import Client

import reporting
from reporting import gate
from reporting.urls import urlpatterns
from tests.factories import DAY, make_report
from tests.views.visits import frozen

RANGE = f"/units/306/workbook/{DAY}/{DAY}.xlsx"


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    """The locks of this test only."""
    settings.GATE_FOLDER = str(tmp_path)
    gate._folder.cache_clear()
    yield
    gate._folder.cache_clear()


def most_at_once(askers, work, default=None):
    """How many have a turn at the same time, at most, and how many are told to come back."""
    within, most, busy = [], [], []

    def ask(who):
        try:
            with gate.asked_by(who), gate.turn(work):
                within.append(1)
                most.append(len(within))
                time.sleep(0.1)
                within.pop()
        except gate.Busy:
            busy.append(who)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(ask, askers))
    return max(most, default=default), len(busy)


def test_strangers_leave_one_turn_to_known_people():
    work = gate.Work("tried", at_once=3, back_in=1, places=BoundedSemaphore(12))
    assert most_at_once([""] * 4, work) == (2, 0)
    assert most_at_once([f"person {n}" for n in range(4)], work) == (3, 0)


def test_two_threads_of_a_process_wait_for_the_same_work():
    work = gate.Work("tried", at_once=8, back_in=1)
    assert most_at_once([f"person {n}" for n in range(12)], work) == (2, 10)


def test_one_person_has_one_turn():
    work = gate.Work("tried", at_once=8, back_in=1)
    assert most_at_once(["person 1"] * 2, work) == (1, 1)


def test_who_has_a_place_waits_for_a_turn():
    work = gate.Work("tried", at_once=1, back_in=1)
    assert most_at_once(["person 1", "person 2"], work) == (1, 0)


def test_who_waits_too_long_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(gate, "PATIENCE", 0.05)
    work = gate.Work("tried", at_once=1, back_in=1)
    with ExitStack() as held:
        gate.take_turn(held, work)
        assert most_at_once(["person 1"], work, default=0) == (0, 1)


def test_turn_within_a_turn_is_the_same():
    work = gate.Work("tried", at_once=1, back_in=1)
    with gate.asked_by("person 1"), gate.turn(work), gate.turn(work):
        pass


def held_in_another_process(work, told):
    with gate.turn(work):
        told.set()
        time.sleep(60)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # by threads of other tests
def test_turn_holds_in_all_processes_and_ends_with_its_process(monkeypatch):
    monkeypatch.setattr(gate, "PATIENCE", 0.2)
    work = gate.Work("tried", at_once=1, back_in=1)
    processes = multiprocessing.get_context("fork")
    told = processes.Event()
    other = processes.Process(target=held_in_another_process, args=(work, told))
    other.start()
    assert told.wait(10)
    with gate.asked_by("person 1"):
        with pytest.raises(gate.Busy), gate.turn(work):
            pass
        os.kill(other.pid, signal.SIGKILL)
        other.join()
        with gate.turn(work):
            pass


def test_control_without_the_gate_all_are_at_work_at_once():
    work = gate.Work("tried", at_once=12, back_in=1)
    most, busy = most_at_once([f"person {n}" for n in range(2)], work)
    assert (most, busy) == (2, 0)


# Files.


@pytest.fixture
def turns_end_with_the_next_request():
    """Not in this file: turns are what it tests."""


def take(user, path=RANGE, method="get"):
    client = Client()
    with frozen("2020-08-21 12:00"):
        client.force_login(user)
        return getattr(client, method)(path)


def test_every_route_that_gives_a_file_takes_a_turn():
    """Every view that sends a file to be saved."""
    views = Path(reporting.__file__).parent / "views"
    naming = {path.stem for path in views.glob("*.py") if "Content-Disposition" in path.read_text()}
    callbacks = {pattern.name: pattern.callback for pattern in urlpatterns}
    taking = {name: view for name, view in callbacks.items() if hasattr(view, "takes_a_file_turn")}
    assert naming == {view.__module__.rpartition(".")[2] for view in taking.values()}
    assert set(taking) == {
        *("workbook", "paper", "workbook_range", "csv_range", "import_template"),
    }


@pytest.mark.parametrize("method", ["get", "head"])
def test_who_makes_a_file_already_is_told_to_come_back_and_no_other(method, cast):
    make_report(cast.commune)
    with gate.asked_by(f"person {cast.city_clerk.pk}"), ExitStack() as held:
        gate.take_turn(held, gate.FILE)
        busy, reporting_page = take(cast.city_clerk, method=method), take(cast.city_clerk, "/units/306/")
        gate.take_turn(held, gate.LOOK_BACK)
        past = take(cast.city_clerk, f"/units/306/?as_of={DAY}T17:00", method=method)
    assert (busy.status_code, busy["Retry-After"], reporting_page.status_code) == (429, "5", 200)
    assert (past.status_code, past["Retry-After"]) == (429, "1")
    assert busy.get("Refresh") == ("5" if method == "get" else None)
    assert take(cast.city_clerk).status_code == 200


def test_person_saves_one_whole_grid_at_a_time(cast):
    """One row at a time is cheap, and the page sends several."""
    path, row = "/units/306/entry/2020-08-21/", {"row": cast.commune.code, f"{cast.commune.code}-installs": "5"}

    def save(person, **sent):
        client = Client()
        with frozen("2020-08-21 12:00"):
            client.force_login(person)
            return client.post(path, sent).status_code

    with gate.asked_by(f"person {cast.district_clerk.pk}"), ExitStack() as held:
        gate.take_turn(held, gate.GRID)
        answers = [save(cast.district_clerk), save(cast.district_clerk, **row), save(cast.city_clerk)]
    assert (answers[0], 429 in answers[1:], save(cast.district_clerk)) == (429, False, 302)


def test_streamed_file_keeps_its_turn_until_it_is_sent(cast):
    make_report(cast.commune)
    path = RANGE.replace(".xlsx", ".csv")
    under_way = take(cast.city_clerk, path)
    assert take(cast.city_clerk, path).status_code == 429
    assert under_way.getvalue()
    assert take(cast.city_clerk, path).getvalue()
