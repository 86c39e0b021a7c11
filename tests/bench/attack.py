"""One account, or a stranger, attacks the shipped proxy while officers send their reports.

The attacker is a separate process on the same cores, `python -m tests.bench.attack`. It reads on its standard input
what to request, and prints the answers.
"""

import contextlib
import json
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .. import proxied, served

LONGEST, RECOVERED_AFTER = 1, 5  # seconds
CITY, DISTRICT, VICTIM = "31", "311", "11416"  # everybody knows the victim's name
BELOW = [f"{code}" for code in range(11470, 11579, 3)]  # all communes of the district
FILE = "\n".join(["Mã,Số máy cài mới", *(f"{number:05},x" for number in range(4000))])


@dataclass(frozen=True)
class Attack:
    connections: int
    path: str
    by: str = ""  # user name; empty if not signed in
    fields: dict[str, str] | None = None  # of a POST
    file: bool = False


ATTACKS = {
    "wrong passwords at one name": Attack(
        24, "/accounts/login/", fields={"username": VICTIM, "password": "not-the-password"}
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
    "a stranger's sign-in page": Attack(24, "/accounts/login/"),
    "half a head on 200 connections": Attack(200, ""),
}


def measures(today, seconds: int) -> Iterator:
    """With a month of history: the time of the slowest report during each attack, and of one five seconds later."""
    from django.test.utils import override_settings

    from reporting import deadline

    from . import rush
    from .measures import Measure

    day = today + timedelta(days=1)
    clock = datetime.combine(day, datetime.min.time(), tzinfo=deadline.ZONE) + timedelta(hours=14)
    with override_settings(DEMO_OFFSET=(clock - datetime.now(UTC)).total_seconds()):  # else an idle session would end
        url, sessions = rush.address(), rush.sessions_of([CITY, DISTRICT])
    settings = {"DJANGO_SETTINGS_MODULE": "tests.bench.served_settings", "SECOND_FACTOR_REQUIRED": "0"}
    officers = iter([code for code in sessions if code not in (CITY, DISTRICT, VICTIM, *BELOW)] * 9)
    days = {"day": day, "last": today, "first": today - timedelta(days=28)}
    with (
        tempfile.TemporaryDirectory() as folder,
        proxied.server(served.Database(url, sessions), clock=clock, folder=Path(folder), **settings) as here,
    ):
        server = replace(here, source="127.0.0.2")  # not the attacker's address
        versions = Counter()
        for code in [next(officers) for _ in range(12)]:
            _report(server, code, day, versions)  # every thread has answered once
        for name, attack in {"nobody": None, **ATTACKS}.items():
            told = {"port": server.port, "certificate": str(server.certificate), "sessions": sessions}
            told |= {"name": name, "days": {key: value.isoformat() for key, value in days.items()}, "seconds": seconds}
            with _attacker(json.dumps(told)) if attack else contextlib.nullcontext() as answers:
                time.sleep(1)
                taken = [_report(server, next(officers), day, versions) for _ in range(seconds)]
            time.sleep(RECOVERED_AFTER)
            after = _report(server, next(officers), day, versions)
            words = f"median {sorted(taken)[len(taken) // 2]:.2f} s, after it {after:.2f} s; {answers or ''}"
            yield Measure(f"a report during {name}", max(taken), LONGEST, unit=" s", note=words)


def _report(server: proxied.Proxied, code: str, day, versions: Counter) -> float:
    """The seconds until the receipt; the next one is sent a second later at the earliest."""
    began = time.perf_counter()
    fields = {"installs": 7 + versions[code] % 2, "base_version": versions[code], "covers": "day_only", "note": ""}
    answer = server.post(f"/units/{code}/report/{day}/", fields, by=code)
    taken = time.perf_counter() - began
    assert answer.status == 302, (answer.status, code, answer.body)
    versions[code] += 1
    time.sleep(max(1 - taken, 0))
    return taken


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
    wanted, said, end = ATTACKS[name], Counter(), time.monotonic() + seconds

    def ask() -> None:
        while time.monotonic() < end:
            try:
                said[_once(server, wanted, days)] += 1
            except (OSError, ssl.SSLError):
                said["closed"] += 1

    threads = [threading.Thread(target=ask) for _ in range(wanted.connections)]
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
    if wanted.file:
        return _upload(server, path, wanted, days)
    if wanted.fields is None:
        return server.get(path, by=wanted.by).status
    return server.post(path, wanted.fields, by=wanted.by).status


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
