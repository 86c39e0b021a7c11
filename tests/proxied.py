"""The shipped nginx file in front of a real gunicorn, on free ports, with a certificate made for the test."""

import contextlib
import http.client
import json
import os
import socket
import ssl
import subprocess
from dataclasses import dataclass, fields
from http.cookies import SimpleCookie
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlencode

from . import served
from .authenticator import Phone
from .served import ROOT

NGINX = "/usr/sbin/nginx"
LOGIN = "/accounts/login/"
PASSWORD = "an-office-password"  # that of the factories, whose import needs Django
SETTINGS = {"TRUSTED_PROXIES": "1", "TRUST_REQUEST_START": "1", "HTTPS": "1"}
AROUND = """
daemon off; worker_processes 1; worker_rlimit_nofile 16384; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 8192; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/site;
}}
"""


@dataclass(frozen=True)
class Proxied(served.Server):
    """The same server, reached through the proxy over TLS, from the address `source` of this machine."""

    tls: ssl.SSLContext | None = None
    certificate: Path | None = None
    plain_port: int = 0
    source: str = "127.0.0.1"

    def connect(self) -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection(
            "localhost", self.port, timeout=served.PATIENCE, context=self.tls, source_address=(self.source, 0)
        )
        connection.connect()
        return connection

    def _headers(self, by: str) -> dict[str, str]:
        return {**super()._headers(by), "Origin": "https://localhost"}


class Browser:
    """A browser that nobody has used before, or one with these cookies."""

    def __init__(self, proxy: Proxied, **cookies: str):
        self.proxy, self.cookies = proxy, SimpleCookie({f"__Host-{name}": value for name, value in cookies.items()})

    def ask(self, method: str, path: str, fields: dict | None = None) -> tuple[http.client.HTTPResponse, bytes]:
        with contextlib.closing(self.proxy.connect()) as connection:
            cookie = "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())
            headers = {**self.proxy._headers(""), "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            del headers["X-CSRFToken"]
            connection.request(method, path, body=urlencode(fields or {}), headers=headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(line)
            return answer, answer.read()

    def sign_in(self, code: str, *, patience: float = 60) -> int:
        """With the password, as the page's script does it; returns the status of the last answer."""
        until = monotonic() + patience
        while self.ask("GET", LOGIN)[0].status == 429 and monotonic() < until:
            sleep(1)
        while True:
            token = self.cookies["__Host-csrftoken"].value
            fields = {"username": code, "password": PASSWORD, "csrfmiddlewaretoken": token}
            answer, _page = self.ask("POST", LOGIN, fields)
            if answer.status != 429 or monotonic() > until:
                return answer.status
            sleep(float(answer.headers.get("Retry-After", 1)))

    def sign_in_by_passkey(self, phone: Phone) -> int:
        """From pressing the button on; returns the status."""
        answer, question = self.ask("GET", f"{LOGIN}passkey/")
        if answer.status != 200:
            return answer.status
        fields = {"passkey": phone.signed(json.loads(question)), "csrfmiddlewaretoken": served.CSRF}
        return self.ask("POST", f"{LOGIN}passkey/", fields)[0].status


@contextlib.contextmanager
def server(
    database: served.Database, *, clock, folder: Path, static: Path | None = None, also: tuple = (), **settings: str
):
    """gunicorn and nginx, each with its file from deploy/; yields a `Proxied`.

    `also` are further servers of the same database; the proxy is told of them as an operator would do it.
    """
    door = folder / "socket"
    behind = served.server(database, clock=clock, log=folder / "log", also_at=door, **{**SETTINGS, **settings})
    (folder / "servers").mkdir()
    for number, another in enumerate(also):
        (folder / "servers" / f"{number}.conf").write_text(f"server 127.0.0.1:{another.port};\n")
    with behind as application, _nginx(folder, door, static) as (port, plain_port):
        known = {field.name: getattr(application, field.name) for field in fields(application)}
        certificate = folder / "certificate.pem"
        reached = {"tls": ssl.create_default_context(cafile=certificate), "certificate": certificate}
        yield Proxied(**{**known, "port": port, "prefix": "__Host-"}, **reached, plain_port=plain_port)


@contextlib.contextmanager
def _nginx(folder: Path, door: Path, static: Path | None):
    port, plain_port = _free_ports(2)
    _make_certificate(folder)
    (folder / "site").write_text(_filled(folder, door, static, port, plain_port))
    configuration = folder / "nginx.conf"
    configuration.write_text(AROUND.format(folder=folder, user="user root;" if os.getuid() == 0 else ""))
    with (folder / "nginx.log").open("w") as log:
        process = subprocess.Popen([NGINX, "-c", configuration, "-e", folder / "error.log"], stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield port, plain_port
    finally:
        process.terminate()
        process.wait(served.PATIENCE)


def _filled(folder: Path, door: Path, static: Path | None, port: int, plain_port: int) -> str:
    """The shipped file with this machine's values in it; each replaced text must be there."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for shipped, here in {
        "bluezone.example.vn": "localhost",
        "listen [::]:443 ssl http2;": "",
        "listen [::]:80;": "",
        "listen 443 ": f"listen 127.0.0.1:{port} ",
        "listen 80;": f"listen 127.0.0.1:{plain_port};",
        "/run/bluezone-report.sock": str(door),
        "/etc/bluezone-report/servers/": f"{folder}/servers/",
        "/etc/bluezone-report/tls/pair/fullchain.pem": str(folder / "certificate.pem"),
        "/etc/bluezone-report/tls/pair/privkey.pem": str(folder / "key.pem"),
        "/opt/bluezone-report/staticfiles/": f"{static or folder}/",
        "/var/log/nginx/": f"{folder}/nginx-",
        "/opt/bluezone-report": str(ROOT),
    }.items():
        assert shipped in text
        text = text.replace(shipped, here)
    return text


def _make_certificate(folder: Path) -> None:
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    subprocess.run([*made, *named, *files], check=True, capture_output=True)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def _wait_for(port: int, process: subprocess.Popen) -> None:
    while process.poll() is None:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        sleep(0.02)
    raise AssertionError("nginx did not start")
