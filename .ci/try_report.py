"""Runs inside `.ci/try-install`: officers send two reports a second over TLS, whatever else happens.

try_report.py send HOST PASSWORD DAY RECEIPTS CODE...   runs until it is stopped; writes each receipt to RECEIPTS
try_report.py compare RECEIPTS                          fails unless every receipt is in the database exactly once
"""

import contextlib
import http.client
import http.cookiejar
import json
import os
import re
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

LINES, EVERY = 4, 2  # officers at once; seconds between two reports of one
REVISIONS = """
    SELECT u.code, v.number, v.installs FROM reporting_revision v JOIN reporting_report r ON r.id = v.report_id
    JOIN reporting_unit u ON u.id = r.unit_id WHERE r.kind = 'daily'
"""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


class Officer:
    def __init__(self, host: str, code: str, password: str, day: str):
        self.host, self.code, self.path = host, code, f"/units/{code}/report/{day}/"
        self.version = 0
        tls = urllib.request.HTTPSHandler(
            context=ssl.create_default_context(
                cafile=os.environ.get("SSL_CERT_FILE") or "/etc/bluezone-report/tls/pair/fullchain.pem"
            )
        )
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(tls, cookies, NoRedirect)
        login = "/accounts/login/"
        signed_in, _page = self.ask(login, csrfmiddlewaretoken=self.token(login), username=code, password=password)
        assert signed_in == 302, signed_in
        self.csrf = self.token(self.path)

    def ask(self, path: str, **fields: str) -> tuple[int, str]:
        sent = urllib.parse.urlencode(fields).encode() if fields else None
        headers = {"Referer": f"https://{self.host}/", "Origin": f"https://{self.host}"}
        request = urllib.request.Request(f"https://{self.host}{path}", data=sent, headers=headers)
        try:
            with self.opener.open(request, timeout=60) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def token(self, path: str) -> str:
        return re.search('name="csrfmiddlewaretoken" value="([^"]*)"', self.ask(path)[1])[1]

    def report(self) -> int:
        """Sends until acknowledged, then returns the number of installs."""
        installs = 10 + self.version % 7
        fields = {"installs": installs, "base_version": self.version, "note": "", "covers": "day_only"}
        if not self.version:
            fields["opening"] = 100
        status = 0
        while status != 302:
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, page = self.ask(self.path, csrfmiddlewaretoken=self.csrf, **fields)
                assert status in (302, 429, 502, 503, 504), (status, page)
            if status != 302:
                time.sleep(0.5)
        self.version += 1
        return installs


def send(host: str, password: str, day: str, receipts: str, *codes: str) -> None:
    officers = [Officer(host, code, password, day) for code in codes]
    with open(receipts, "a", buffering=1) as file:

        def line(mine: list[Officer]) -> None:
            while True:
                for officer in mine:
                    began = time.monotonic()
                    installs = officer.report()
                    file.write(json.dumps([officer.code, officer.version, installs]) + "\n")
                    time.sleep(max(0, began + EVERY - time.monotonic()))

        lines = [threading.Thread(target=line, args=(officers[number::LINES],)) for number in range(LINES)]
        for one in lines:
            one.start()
        for one in lines:
            one.join()


def compare(receipts: str) -> None:
    with open(receipts) as file:  # read before the database: officers go on sending
        given = {",".join(map(str, json.loads(line))) for line in file}
    command = ["runuser", "-u", "postgres", "--", "psql", "-tAF,", "-c", REVISIONS, "bluezone"]
    rows = subprocess.run(command, cwd="/", check=True, capture_output=True, text=True).stdout.split()
    lost = given - set(rows)
    print(f"{len(given)} receipts, {len(lost)} of them lost; {len(rows)} revisions")
    assert given, "nobody has reported"
    assert not lost, sorted(lost)
    assert len(rows) == len({row.rpartition(",")[0] for row in rows}), "a revision is there twice"


{"send": send, "compare": compare}[sys.argv[1]](*sys.argv[2:])
