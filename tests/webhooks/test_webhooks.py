"""Webhooks: what is told to whom, how it is signed, where it is never sent, and what a slow system holds up."""

import contextlib
import importlib.util
import socket
import threading
import time
from datetime import timedelta
from http.server import HTTPServer
from pathlib import Path

import pytest

from reporting import acts, clock
from reporting.mails import delivery
from reporting.models import Endpoint, Message, Revision
from reporting.outbox import endpoints, events
from reporting.webhooks import sending
from tests import factories as f
from tests.prepared import prepared

RECEIVER = Path(__file__).resolve().parent.parent.parent / "docs" / "receiver.py"
NOW = "2020-08-21 17:11"
MINUTE = timedelta(minutes=1)


def receiver_class(secret):
    spec = importlib.util.spec_from_file_location("receiver", RECEIVER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told = []
    return type(
        "Receiver", (module.Receiver,), {"secret": secret, "seen": set(), "take": staticmethod(told.append)}
    ), told


@pytest.fixture
def listening():
    """Starts the receiver of the docs with a secret; its address and what it is told."""
    servers = []

    def start(secret):
        handler, told = receiver_class(secret)
        handler.log_message = lambda *args: None
        server = HTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/hook?system=1", told

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def _loopback_is_named(settings):
    settings.WEBHOOK_NETWORKS, settings.SITE_ADDRESS = ["127.0.0.0/8"], "https://bluezone.example.vn"


@prepared
def told(cast):
    f.make_report(cast.commune, installs=88, opening=1000)
    f.make_report(cast.neighbour, installs=7, opening=0)
    return cast


def give(unit, by, address="http://127.0.0.1:1/"):
    return endpoints.give(unit=unit, name="Kho", address=address, by=by, at=f.at("2020-08-21 12:00"))


def at(moment):
    return {"at": f.at(moment), "now": lambda: f.at(moment)}


def play(cast):
    """The city seals, the day is opened again, its district confirms, and then a figure is corrected."""
    versions = {"11416": 1, "11407": 1}
    acts.sign_off(unit=cast.district, day=f.DAY, versions=versions, by=cast.district_clerk, **at("2020-08-21 17:05"))
    acts.seal(unit=cast.city, day=f.DAY, by=None, **at("2020-08-21 17:06"))
    until = f.at("2020-08-21 19:00")
    by = {"unit": cast.commune, "day": f.DAY, "by": cast.district_clerk}
    acts.reopen(until=until, reason="sai", base_version=1, **by, **at("2020-08-21 17:07"))
    acts.adjust(adjustment=-8, reason="trùng", base_version=1, **by, **at("2020-08-21 17:08"))


def waiting(endpoint):
    found = Message.objects.filter(endpoint=endpoint).order_by("id")
    return [(message.event, message.unit.code) for message in found]


def test_each_hears_of_what_is_his(told):
    city, district, stranger = (
        give(unit, told.city_clerk)[0] for unit in (told.city, told.district, told.other_district)
    )
    play(told)
    events.write_corrections(f.at(NOW))
    events.write_corrections(f.at(NOW))
    assert waiting(city) == [("confirmed", "306"), ("sealed", "31"), ("reopened", "11416"), ("corrected", "11416")]
    assert waiting(district) == [("confirmed", "306"), ("sealed", "306"), ("reopened", "11416"), ("corrected", "11416")]
    assert waiting(stranger) == [("sealed", "311")]


def test_nothing_of_before_and_nothing_before_the_seal_is_a_correction(told):
    endpoint, _secret = give(told.city, told.city_clerk)
    assert endpoint.seen == Revision.objects.latest("pk").pk
    f.make_report(told.stranger)
    by = {"unit": told.commune, "day": f.DAY, "by": told.district_clerk}
    acts.adjust(adjustment=-1, reason="x", base_version=1, **by, **at("2020-08-21 15:00"))
    events.write_corrections(f.at(NOW))
    assert waiting(endpoint) == []


def test_receiver_of_the_docs_takes_each_once_and_no_figure_is_in_it(told, listening, time_machine):
    time_machine.move_to(f.at(NOW))
    endpoint, secret = give(told.city, told.city_clerk)
    address, heard = listening(secret)
    Endpoint.objects.update(address=address)
    play(told)
    assert delivery.deliver(now=clock.now, most=100) == (3, 0)
    assert [event["type"] for event in heard] == [
        f"vn.bluezone.report.day.{name}.v1" for name in ("confirmed", "sealed", "reopened")
    ]
    seal = told.city.seals.get()
    assert heard[1] == {
        "specversion": "1.0",
        "id": f"webhook-sealed:{seal.pk}:{endpoint.pk}",
        "source": "https://bluezone.example.vn/api/v1/units/31",
        "type": "vn.bluezone.report.day.sealed.v1",
        "subject": "units/31/days/2020-08-21",
        "time": "2020-08-21T17:06:00+07:00",
        "datacontenttype": "application/json",
        "data": {"unit": "31", "day": "2020-08-21"},
    }
    Message.objects.update(end="", ended_at=None, next_try_at=f.at(NOW))  # killed before it could note it
    assert delivery.deliver(now=clock.now, most=100) == (3, 0)
    assert len(heard) == 3


def test_signature_of_another_secret_or_moment_is_refused(told, listening, time_machine):
    time_machine.move_to(f.at(NOW))
    endpoint, secret = give(told.city, told.city_clerk)
    address, heard = listening(secret)
    Endpoint.objects.update(address=address)
    events.write(events.SEALED, told.city, f.DAY, cause="1", at=f.at(NOW))
    delivery.deliver(now=lambda: clock.now() - timedelta(minutes=6), most=10)  # nothing waits yet
    assert delivery.deliver(now=lambda: clock.now() + timedelta(minutes=6), most=10) == (0, 0)
    assert (heard, Message.objects.get().error) == ([], "Refused: answered 401")

    first, second = endpoints.keys(endpoint, at=f.at(NOW)), endpoints.rotate(endpoint, at=f.at(NOW))
    assert second != secret
    assert endpoints.keys(endpoint, at=f.at(NOW) + timedelta(hours=23))[1:] == first  # the old receiver still hears
    assert len(endpoints.keys(endpoint, at=f.at(NOW) + timedelta(hours=24))) == 1
    Message.objects.update(next_try_at=f.at(NOW))
    assert delivery.deliver(now=clock.now, most=10) == (1, 0)
    assert len(heard) == 1


def test_who_is_told_no_more_gets_nothing_that_waits(told, listening, time_machine):
    time_machine.move_to(f.at(NOW))
    endpoint, secret = give(told.city, told.city_clerk)
    address, heard = listening(secret)
    Endpoint.objects.update(address=address)
    events.write(events.SEALED, told.city, f.DAY, cause="1", at=f.at(NOW))
    endpoints.end(endpoint, by=told.city_clerk, at=f.at(NOW))
    events.write(events.SEALED, told.city, f.DAY, cause="2", at=f.at(NOW))
    assert delivery.deliver(now=clock.now, most=10) == (0, 0)
    assert (heard, Message.objects.get().end) == ([], "needless")


INSIDE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1"),
    *(
        "::1",
        "fc00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "ff02::1",
        "64:ff9b:1::a00:1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ),
]


@pytest.mark.parametrize("address", INSIDE)
def test_address_inside_is_refused_whatever_name_leads_there(address, settings, monkeypatch):
    settings.WEBHOOK_NETWORKS = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [(0, 0, 0, "", (address, 443))])
    with pytest.raises(sending.Refused):
        sending.checked("https", "innocent.example.vn", 443)


def test_one_address_inside_among_others_is_refused_and_plain_http_too(settings, monkeypatch):
    settings.WEBHOOK_NETWORKS = ["10.1.0.0/16"]
    found = ["93.184.216.34"]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [(0, 0, 0, "", (one, 443)) for one in found])
    assert sending.checked("https", "a.example.vn", 443) == "93.184.216.34"
    for scheme in ("http", "ftp", "file", ""):
        with pytest.raises(sending.Refused):
            sending.checked(scheme, "a.example.vn", 443)
    found.append("10.0.0.1")
    with pytest.raises(sending.Refused):
        sending.checked("https", "a.example.vn", 443)
    found[:] = ["10.1.2.3"]
    assert sending.checked("http", "a.example.vn", 80) == "10.1.2.3"  # the operator has named its network


def test_it_is_connected_to_what_was_checked(settings, monkeypatch):
    """A name that leads elsewhere when it is asked a second time leads nowhere."""
    asked, connected = [], []
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])

    def lookup(*args, **kwargs):
        asked.append(args[0])
        return [(0, 0, 0, "", (one, 443)) for one in next(answers)]

    def connect(where, timeout):
        connected.append(where)
        raise OSError("no network in a test")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError, match="no network"):
        sending.send("https://a.example.vn/", b"{}", {})
    assert (asked, connected) == (["a.example.vn"], [("93.184.216.34", 443)])


def test_look_up_of_a_name_has_its_time_and_its_number_of_addresses(settings, monkeypatch):
    """A server of names that never answers holds up neither the form nor the round."""
    settings.WEBHOOK_NETWORKS, done = [], threading.Event()
    monkeypatch.setattr(sending, "FOUND_WITHIN", 0.1)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: done.wait(30) and [])
    began = time.monotonic()
    with pytest.raises(TimeoutError, match=r"slow.example.vn was not found"):
        sending.checked("https", "slow.example.vn", 443)
    done.set()
    assert time.monotonic() - began < 5
    for number in (sending.MOST_ADDRESSES, sending.MOST_ADDRESSES + 1):
        found = [(0, 0, 0, "", (f"93.184.216.{last}", 443)) for last in range(number)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, found=found, **kwargs: found + found)
        if number == sending.MOST_ADDRESSES:
            assert sending.checked("https", "many.example.vn", 443) == "93.184.216.0"
            continue
        with pytest.raises(sending.Refused, match="17 addresses"):
            sending.checked("https", "many.example.vn", 443)


ANSWERS = {
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
    "a failure": b"HTTP/1.1 500 Oh\r\n\r\n",
    "no http": b"220 mail.example.vn ESMTP\r\n",
    "nothing": b"",
    "no end of the first line": b"x" * 10_000,
}


@pytest.mark.parametrize("what", ANSWERS)
def test_answer_that_takes_nothing_is_a_failure(what):
    with (
        raw_server(lambda connection: connection.sendall(ANSWERS[what])) as address,
        pytest.raises((sending.Refused, OSError)),
    ):
        sending.send(address, b"{}", {})


class raw_server:
    """Answers one connection with what it is given."""

    def __init__(self, answer):
        self.answer = answer

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/"

    def serve(self):
        with self.socket.accept()[0] as connection:
            connection.recv(4096)
            self.answer(connection)

    def __exit__(self, *error):
        self.socket.close()


def test_answer_that_trickles_is_given_up_in_time(monkeypatch):
    monkeypatch.setattr(sending, "WITHIN", 0.3)

    def trickle(connection):
        with contextlib.suppress(OSError):  # given up
            for _number in range(20):
                connection.sendall(b"x")
                time.sleep(0.05)

    with raw_server(trickle) as address, pytest.raises(TimeoutError):
        sending.send(address, b"{}", {})


def test_system_that_is_away_holds_up_nobody_else(told, listening, time_machine):
    time_machine.move_to(f.at(NOW), tick=False)
    away, _secret = give(told.city, told.city_clerk)
    other, secret = give(told.city, told.city_clerk)
    address, heard = listening(secret)
    Endpoint.objects.filter(pk=other.pk).update(address=address)
    for cause in ("1", "2", "3"):
        events.write(events.SEALED, told.city, f.DAY, cause=cause, at=f.at(NOW))
    assert delivery.deliver(now=clock.now, most=100) == (3, 0)
    assert len(heard) == 3
    assert sorted(Message.objects.filter(endpoint=away).values_list("tries", flat=True)) == [0, 0, 1]  # tried once
    assert set(Message.objects.filter(endpoint=away).values_list("next_try_at", flat=True)) == {f.at(NOW) + MINUTE}
