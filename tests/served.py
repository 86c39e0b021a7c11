"""A real gunicorn for a test: its own database, the clock at a chosen moment, people already signed in.

Run as a program it fills the database of DATABASE_URL and prints the session of every officer as JSON.
"""

import atexit
import contextlib
import http.client
import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from time import sleep
from urllib.parse import urlencode

import environ
import psycopg2

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = int(os.environ.get("PATIENCE", "60"))  # seconds for an answer
CSRF = "a" * 32
SILENT = [f"C{number:02}" for number in range(10)]  # communes without a report of the two open days
REPORTED = [f"C{number:02}" for number in range(10, 20)]  # and those with one
OPENING, STANDING = 100, 20  # of the latter: the opening number, and the installs of either day
DAY = "2020-08-21"  # that of the factories, whose import needs Django
HISTORY = f"""
    SELECT u.code, v.number, v.installs, v.received_at, v.counted_at FROM reporting_revision v
    JOIN reporting_report r ON r.id = v.report_id JOIN reporting_unit u ON u.id = r.unit_id
    WHERE r.kind = 'daily' AND r.day = '{DAY}' ORDER BY u.code, v.number
"""


@dataclass(frozen=True)
class Database:
    url: str
    sessions: dict[str, str]  # by user name

    def rows(self, sql: str) -> list[tuple]:
        """The rows in the database, read without the server."""
        with contextlib.closing(_connect(self.url)) as connection, contextlib.closing(connection.cursor()) as cursor:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()]

    def history(self) -> list[tuple]:
        """Code, number and installs of every revision of the reports of the day."""
        return [row[:3] for row in self.rows(HISTORY)]

    def tables(self) -> list[str]:
        """The names of the product's tables."""
        names = "SELECT tbl_name FROM sqlite_master" if "sqlite" in self.url else "SELECT tablename FROM pg_tables"
        return [name for (name,) in self.rows(names) if name.startswith("reporting_")]

    def change(self, statements: str) -> None:
        """Change the database without the product, as a person with database rights can."""
        with contextlib.closing(_connect(self.url)) as connection, contextlib.closing(connection.cursor()) as cursor:
            for statement in statements.split(";"):
                cursor.execute(statement)
            connection.commit()

    @contextlib.contextmanager
    def held(self, rows: str):
        """A session that has locked these rows and stays idle; on SQLite it locks the whole file."""
        with contextlib.closing(_connect(self.url)) as connection, contextlib.closing(connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE" if isinstance(connection, sqlite3.Connection) else rows)
            yield
            connection.rollback()


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    body: str


def report_path(code: str, day: object = DAY) -> str:
    return f"/units/{code}/report/{day}/"


def receipt_path(code: str) -> str:
    return f"/units/{code}/reports/{DAY}/"


def figures(installs: int, *, base_version: int = 0) -> dict:
    """A form as the browser sends it; with the opening number and the covered days while the page asks for them."""
    fields = {"opening": OPENING, "note": "", "covers": "day_only"}
    return {"installs": installs, "base_version": base_version, **fields}


def finished(connection: http.client.HTTPConnection, body: bytes) -> Answer:
    """The answer once the rest of the body has been sent."""
    connection.send(body)
    return answer_on(connection)


def answer_on(connection: http.client.HTTPConnection) -> Answer:
    """The server's answer on a connection that is then closed."""
    with contextlib.closing(connection):
        response = connection.getresponse()
        return Answer(response.status, response.headers.get("Location", ""), response.read().decode(errors="replace"))


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen
    port: int
    offset: timedelta
    log: Path
    sessions: dict[str, str]
    prefix: str = ""  # the prefix of cookie names

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.connect()
        return connection

    def get(self, path: str, *, by: str = "") -> Answer:
        return self._answer(self.connect(), "GET", path, by=by)

    def post(self, path: str, fields: dict, *, by: str, connection: http.client.HTTPConnection | None = None) -> Answer:
        return self._answer(connection or self.connect(), "POST", path, by=by, fields=fields)

    def report(self, code: str, installs: int, base_version: int = 0) -> Answer:
        """The answer to the unit's officer who sends the day's form."""
        return self.post(report_path(code), figures(installs, base_version=base_version), by=code)

    def send(self, path: str, fields: dict, headers: dict[str, str]) -> int:
        """Post as a stranger behind a proxy; returns the status."""
        headers = {"Cookie": f"csrftoken={CSRF}", "Content-Type": "application/x-www-form-urlencoded", **headers}
        with contextlib.closing(self.connect()) as connection:
            connection.request("POST", path, body=urlencode(fields), headers=headers)
            return connection.getresponse().status

    def _answer(self, connection, method, path, *, by, fields=None) -> Answer:
        headers = self._headers(by)
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body=urlencode(fields or {}), headers=headers)
        return answer_on(connection)

    def _headers(self, by: str) -> dict[str, str]:
        cookies = {"csrftoken": CSRF, "sessionid": self.sessions.get(by, "")}
        cookie = "; ".join(f"{self.prefix}{name}={value}" for name, value in cookies.items())
        return {"Cookie": cookie, "X-CSRFToken": CSRF}

    def begin(self, path: str, fields: dict, *, by: str) -> tuple[http.client.HTTPConnection, bytes]:
        """A connection on which the head of a POST has been sent, and the rest of the body."""
        body, connection = urlencode(fields).encode(), self.connect()
        connection.putrequest("POST", path)
        for name, value in self._headers(by).items():
            connection.putheader(name, value)
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        return connection, body

    def wait_until(self, moment: datetime) -> None:
        """Wait until the server's clock has passed the moment, which is only seconds away."""
        seconds = (moment - datetime.now(UTC) - self.offset).total_seconds()
        assert seconds < PATIENCE
        sleep(max(seconds, 0) + 0.05)

    def workers(self) -> set[int]:
        pid = self.process.pid
        return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@contextlib.contextmanager
def database(folder: Path, *, vendor: str):
    """A filled database of its own on the PostgreSQL server, or a file in the folder."""
    with empty(folder, vendor=vendor) as made:
        if vendor == "sqlite":
            first, sessions = _first_file()
            shutil.copyfile(first, made.url.removeprefix("sqlite:///"))
            yield Database(made.url, sessions)
        else:
            yield filled(made.url)


@cache
def _first_file() -> tuple[Path, dict[str, str]]:
    """Filled once per process; the others are copies of it."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    file = Path(folder.name) / "served.sqlite3"
    if "MIGRATED" in os.environ:  # all tables without rows, made by `.ci/test`
        shutil.copyfile(os.environ["MIGRATED"], file)
    return file, _fill(f"sqlite:///{file}")


@contextlib.contextmanager
def empty(folder: Path, *, vendor: str):
    """A database without tables."""
    if vendor == "sqlite":
        yield Database(f"sqlite:///{folder / 'served.sqlite3'}", {})
        return
    server_url, name = os.environ["DATABASE_URL"], f"served_{os.getpid()}_{secrets.token_hex(4)}"
    _command(server_url, f"CREATE DATABASE {name}")
    try:
        yield Database(f"{server_url.rpartition('/')[0]}/{name}", {})
    finally:
        _command(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def filled(url: str) -> Database:
    """Fill the empty database with that address."""
    return Database(url, _fill(url))


@contextlib.contextmanager
def another(database: Database):
    """Another empty database on the same PostgreSQL."""
    name = f"another_{secrets.token_hex(4)}"
    _command(database.url, f"CREATE DATABASE {name}")
    yield Database(f"{database.url.rpartition('/')[0]}/{name}", {})
    _command(database.url, f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def server(database: Database, *, clock: datetime, log: Path, also_at: Path | None = None, **settings: str):
    """gunicorn as in production, with its clock set to the moment `clock`, and further settings.

    With `also_at` it also listens at a socket with that path, as behind the proxy.
    """
    offset = clock - datetime.now(UTC)
    described = {
        **environment(database.url),
        "DEMO": "1",
        "DEMO_OFFSET": str(offset.total_seconds()),
        "PYTHONUNBUFFERED": "1",
        "WEB_CONCURRENCY": "2",
        **settings,
    }
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0)))]
        listeners += [stack.enter_context(_listening_at(also_at))] if also_at else []
        output = stack.enter_context(log.open("w"))
        port = listeners[0].getsockname()[1]
        handed_over = [listener.fileno() for listener in listeners]
        process = subprocess.Popen(
            gunicorn(*(option for fileno in handed_over for option in ("--bind", f"fd://{fileno}"))),
            cwd=ROOT,
            env=described,
            pass_fds=handed_over,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        served = Server(process, port, offset, log, database.sessions)
        assert served.get("/healthz").body.startswith("ok\n"), log.read_text()
        yield served
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listening_at(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1024)
    return listener


def gunicorn(*options: str) -> list[str]:
    configuration = str(ROOT / "deploy" / "gunicorn.conf.py")
    return [sys.executable, "-m", "gunicorn", "--config", configuration, *options, "bluezone_report.wsgi"]


def environment(url: str) -> dict[str, str]:
    settings = {"DJANGO_SETTINGS_MODULE": "tests.settings", "SECRET_KEY": "served" * 9, "DATABASE_URL": url}
    return {**os.environ, **settings}


def _fill(url: str) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.served"]
    output = subprocess.run(command, cwd=ROOT, env=environment(url), check=True, capture_output=True, timeout=PATIENCE)
    return json.loads(output.stdout)


def _connect(url: str):
    parts = environ.Env.db_url_config(url)
    if "sqlite3" in parts["ENGINE"]:
        return sqlite3.connect(parts["NAME"])
    words = {"dbname": "NAME", "host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    return psycopg2.connect(**{word: parts[key] for word, key in words.items() if parts.get(key)})


def _command(url: str, sql: str) -> None:
    with contextlib.closing(_connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)


def main() -> None:
    import django  # only as a program: a test has Django already, and another database

    django.setup()

    from django.core.management import call_command
    from django.test import Client

    from reporting.models import User

    from . import factories

    call_command("migrate", verbosity=0)
    cast = factories.make_cast()
    yesterday = factories.DAY - timedelta(days=1)
    factories.make_exempt_day(cast.city, yesterday)  # so that two days are open at once
    for code in SILENT + REPORTED:
        commune = factories.make_unit(code, parent=cast.district, population=20000)
        factories.make_user(code, commune)
        for day in (yesterday, factories.DAY) if code in REPORTED else ():
            factories.make_report(commune, day, STANDING, opening=OPENING, hour=time(8))
    sessions = {}
    for user in User.objects.all():
        client = Client()
        client.force_login(user)
        sessions[user.username] = client.session.session_key
    print(json.dumps(sessions))


if __name__ == "__main__":
    main()
