"""The shipped nginx file in front of a real gunicorn, on free ports, with a certificate made for the test."""

import contextlib
import http.client
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
from .served import ROOT

NGINX = "/usr/sbin/nginx"
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


def sign_in(proxy: Proxied, code: str, *, patience: float = 60) -> int:
    """Sign in as a browser does that nobody has used before; returns the status of the last answer."""
    cookies, until = SimpleCookie(), monotonic() + patience

    def ask(method: str, fields: dict) -> http.client.HTTPResponse:
        with contextlib.closing(proxy.connect()) as connection:
            cookie = "; ".join(f"{name}={one.value}" for name, one in cookies.items())
            headers = {**proxy._headers(""), "Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            del headers["X-CSRFToken"]
            connection.request(method, "/accounts/login/", body=urlencode(fields), headers=headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                cookies.load(line)
            return answer

    while (answer := ask("GET", {})).status == 429 and monotonic() < until:
        sleep(1)
    while True:
        token = cookies["__Host-csrftoken"].value
        answer = ask("POST", {"username": code, "password": PASSWORD, "csrfmiddlewaretoken": token})
        if answer.status != 429 or monotonic() > until:
            return answer.status
        sleep(float(answer.headers.get("Retry-After", 1)))


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
