"""One account, or a stranger, attacks the shipped proxy while officers send their reports.

The attacker is a separate process on the same cores, `python -m tests.bench.attack`. It reads on its standard input
what to request, and prints the answers.
"""

import contextlib
import itertools
import json
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .. import proxied, served
from ..authenticator import Phone

LONGEST, RECOVERED_AFTER = 1, 5  # seconds
NEW_DEVICE = 15  # seconds; 5 at an attacker's own address
PAUSE = 15  # seconds between two sign-ins on new devices
HERE, ELSEWHERE, BOTNET = "127.0.0.1", "127.0.0.2", ("127.0.0.1", "127.0.0.3", "127.0.0.4")
CITY, DISTRICT, VICTIM = "31", "311", "11416"  # everybody knows the victim's name
NEWCOMER, HOLDER = "11407", "11410"  # signs in on new devices; with a passkey on one and the same
BELOW = [f"{code}" for code in range(11470, 11579, 3)]  # all communes of the district
FILE = "\n".join(["Mã,Số máy cài mới", *(f"{number:05},x" for number in range(4000))])


@dataclass(frozen=True)
class Attack:
    connections: int
    path: str
    by: str = ""  # user name; empty if not signed in
    fields: dict[str, str] | None = None  # of a POST
    file: bool = False
    sources: tuple[str, ...] = (HERE,)  # addresses, each with so many connections
    sessions: int = 1  # of the person
    beside: bool = False  # the new device has the attacker's address


ATTACKS = {
    "wrong passwords at one name, from his address": Attack(
        80, proxied.LOGIN, fields={"username": VICTIM, "password": "not-the-password"}, beside=True
    ),
    "wrong passwords at any names, from his address": Attack(
        80, proxied.LOGIN, fields={"username": "name{number}", "password": "not-the-password"}, beside=True
    ),
    "wrong passwords at any names, from three addresses": Attack(
        80, proxied.LOGIN, fields={"username": "name{number}", "password": "not-the-password"}, sources=BOTNET
    ),
    "a stranger's API document": Attack(80, "/api/v1/openapi.json"),
    "the API document from three addresses": Attack(80, "/api/v1/openapi.json", sources=BOTNET),
    "wrong figures of one's own unit in twelve sessions": Attack(
        96, f"/units/{VICTIM}/report/{{day}}/", VICTIM, {"installs": "x"}, sessions=12
    ),
    "a person's own password, wrong": Attack(
        24,
        "/accounts/password_change/",
        CITY,
        {"old_password": "wrong", "new_password1": "another-office-1", "new_password2": "another-office-1"},
    ),
    "wrong files for import": Attack(24, "/imports/reports/", CITY, {"reason": "{day}"}, file=True),
    "workbooks of a month": Attack(24, "/units/31/workbook/{first}/{last}.xlsx", CITY),
    "the city's page as of an instant": Attack(24, "/units/31/?day={last}&as_of={last}T18:00", CITY),
    "the day's paper": Attack(24, "/units/31/paper/{last}.docx", CITY),
    "the search": Attack(24, "/units/?q=a", DISTRICT),
    "one's own report, over and over": Attack(24, f"/units/{VICTIM}/report/{{day}}/", VICTIM, {"installs": "x"}),
    "a district's whole grid, over and over": Attack(
        24,
        f"/units/{DISTRICT}/entry/{{day}}/",
        DISTRICT,
        {"reason": "x"} | {f"{code}-{name}": f"{code}" for code in BELOW for name in ("installs", "confirm")},
    ),
    "a stranger's report, over and over": Attack(90, f"/units/{VICTIM}/report/{{day}}/", fields={"installs": "7"}),
    "a stranger's sign-in page": Attack(80, proxied.LOGIN),
    "half a head on 200 connections": Attack(200, ""),
}


def measures(today, seconds: int, named: str) -> Iterator:
    """With a month of history: the slowest report and sign-ins during each attack with these words in its name, and a
    report five seconds later."""
    from django.core import signing
    from django.test.utils import override_settings
    from webauthn.helpers import bytes_to_base64url

    from reporting import deadline
    from reporting.models import Passkey, User

    from . import rush
    from .measures import Measure

    day = today + timedelta(days=1)
    clock = datetime.combine(day, datetime.min.time(), tzinfo=deadline.ZONE) + timedelta(hours=14)
    with override_settings(PASSWORD_HASHERS=["reporting.people.passwords.GatedHasher"]):  # the server's
        for person in User.objects.filter(username__in=[VICTIM, NEWCOMER]):
            person.set_password(proxied.PASSWORD)
            person.save()
    phone = Phone(origin="https://localhost")
    key = {"key_id": bytes_to_base64url(phone.key_id), "public_key": phone.public_key, "sign_count": 0}
    long_ago = {"added_at": clock - timedelta(days=9), "used_at": clock - timedelta(days=9)}
    Passkey.objects.create(person=User.objects.get(username=HOLDER), **key, **long_ago)
    with override_settings(SECRET_KEY=served.environment("")["SECRET_KEY"]):
        device = signing.dumps({"name": "phone", "people": ["somebody"], "passkey": True}, salt="device with marks")
    with override_settings(DEMO_OFFSET=(clock - datetime.now(UTC)).total_seconds()):  # else an idle session would end
        url, sessions = rush.address(), rush.sessions_of([CITY, DISTRICT])
        sessions |= {f"{VICTIM} {number}": rush.sessions_of(username=VICTIM)[VICTIM] for number in range(1, 12)}
    settings = {"DJANGO_SETTINGS_MODULE": "tests.bench.served_settings", "SECOND_FACTOR_REQUIRED": "0"}
    officers = iter(
        [code for code in sessions if code.isdecimal() and code not in (CITY, DISTRICT, VICTIM, HOLDER, *BELOW)] * 20
    )
    days = {"day": day, "last": today, "first": today - timedelta(days=28)}
    with (
        tempfile.TemporaryDirectory() as folder,
        proxied.server(served.Database(url, sessions), clock=clock, folder=Path(folder), **settings) as here,
    ):
        server = replace(here, source=ELSEWHERE)  # not the attacker's address
        versions = Counter()
        for code in [next(officers) for _ in range(12)]:
            _report(server, code, day, versions)  # every thread has answered once
        for name, attack in {"nobody": None, **ATTACKS}.items():
            if named not in name:
                continue
            told = {"port": server.port, "certificate": str(server.certificate), "sessions": sessions}
            told |= {"name": name, "days": {key: value.isoformat() for key, value in days.items()}, "seconds": seconds}
            with _attacker(json.dumps(told)) if attack else contextlib.nullcontext() as answers:
                time.sleep(1)
                place = replace(here, source=HERE if attack and attack.beside else ELSEWHERE)
                with ThreadPoolExecutor(1) as newcomer:
                    until, taken, by_passkey = time.monotonic() + seconds, [], []
                    code = VICTIM if place.source == HERE else NEWCOMER
                    signing_in = newcomer.submit(_sign_in_until, until, place, code)
                    while time.monotonic() < until:
                        taken.append(_report(place, next(officers), day, versions))
                        browser = proxied.Browser(place, csrftoken=served.CSRF, device=device)
                        by_passkey.append(_seconds(lambda browser=browser: browser.sign_in_by_passkey(phone)))
            time.sleep(RECOVERED_AFTER)
            after = sum(_report(server, next(officers), day, versions))
            forms, reports = zip(*taken, strict=True)
            for what, times, longest, words in (
                ("a form", forms, LONGEST, f"both after it {after:.2f} s; {answers or ''}"),
                ("a report", reports, LONGEST, ""),
                ("a passkey", by_passkey, LONGEST, ""),
                ("a new device", signing_in.result(), 5 if place.source == HERE else NEW_DEVICE, ""),
            ):
                words = f"{len(times)}, median {statistics.median(times):.2f} s; {words}"
                yield Measure(f"{what} during {name}", max(times), longest, unit=" s", note=words)


def _sign_in_until(until: float, server: proxied.Proxied, code: str) -> list[float]:
    """The seconds until somebody is signed in on a device that nobody has used, again and again."""
    taken = []
    while not taken or time.monotonic() < until:
        taken.append(_seconds(lambda: proxied.Browser(server).sign_in(code, patience=120)))
        time.sleep(max(min(PAUSE, until - time.monotonic()), 0))
    return taken


def _seconds(sign_in: Callable[[], int]) -> float:
    began = time.perf_counter()
    status = sign_in()
    assert status == 302, status
    return time.perf_counter() - began


def _report(server: proxied.Proxied, code: str, day, versions: Counter) -> tuple[float, float]:
    """The seconds until the form and until the receipt; the next comes a second later at the earliest."""
    began = time.perf_counter()
    form = server.get(f"/units/{code}/report/{day}/", by=code)
    form_taken, began = time.perf_counter() - began, time.perf_counter()
    assert form.status == 200, (form.status, code, form.body)
    fields = {"installs": 7 + versions[code] % 2, "base_version": versions[code], "covers": "day_only", "note": ""}
    answer = server.post(f"/units/{code}/report/{day}/", fields, by=code)
    taken = time.perf_counter() - began
    assert answer.status == 302, (answer.status, code, answer.body)
    versions[code] += 1
    time.sleep(max(1 - taken - form_taken, 0))
    return form_taken, taken


@contextlib.contextmanager
def _attacker(told: str) -> Iterator[list[str]]:
    answers = []
    command = [sys.executable, "-m", "tests.bench.attack"]
    with subprocess.Popen(
        command, cwd=served.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdin.write(told)
        process.stdin.close()
        yield answers
        answers.append(process.stdout.read().strip())


def attack(port: int, certificate: str, sessions: dict, name: str, days: dict, seconds: int) -> Counter:
    """Every connection sends a request again as soon as it has an answer; counts the answers."""
    tls = ssl.create_default_context(cafile=certificate)
    server = proxied.Proxied(None, port, timedelta(), Path(), sessions, prefix="__Host-", tls=tls)
    wanted, said, end, numbers = ATTACKS[name], Counter(), time.monotonic() + seconds, itertools.count()

    def ask(source: str) -> None:
        while time.monotonic() < end:
            try:
                said[_once(replace(server, source=source), wanted, {**days, "number": next(numbers)})] += 1
            except (OSError, ssl.SSLError):
                said["closed"] += 1

    threads = [
        threading.Thread(target=ask, args=[source]) for source in wanted.sources for _ in range(wanted.connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


def _once(server: proxied.Proxied, wanted: Attack, days: dict) -> int:
    if not wanted.path:
        with contextlib.closing(socket.create_connection(("127.0.0.1", server.port))) as half:
            half.sendall(b"\x16\x03\x01")
            return len(half.recv(1))
    path = wanted.path.format(**days)
    session = days["number"] % wanted.sessions
    by = f"{wanted.by} {session}" if session else wanted.by
    if wanted.file:
        return _upload(server, path, wanted, days)
    if wanted.fields is None:
        return server.get(path, by=by).status
    return server.post(path, {name: value.format(**days) for name, value in wanted.fields.items()}, by=by).status


def _upload(server: proxied.Proxied, path: str, wanted: Attack, days: dict) -> int:
    parts = [f'name="{name}"\r\n\r\n{value.format(**days)}' for name, value in wanted.fields.items()]
    parts.append(f'name="file"; filename="file.csv"\r\nContent-Type: text/csv\r\n\r\n{FILE}')
    body = "".join(f"--part\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--part--\r\n"
    headers = {**server._headers(wanted.by), "Content-Type": "multipart/form-data; boundary=part"}
    connection = server.connect()
    connection.request("POST", path, body=body.encode(), headers=headers)
    return served.answer_on(connection).status


if __name__ == "__main__":
    print(dict(attack(**json.load(sys.stdin))))
