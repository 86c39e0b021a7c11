"""What the source must not contain, and what the server must not do; docs/security.md refers to these tests."""

import ast
import contextlib
import re
import socket
from functools import cache

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import get_default_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.core.signing import Signer, TimestampSigner
from django.test import Client
from django.urls import reverse

import bluezone_report.settings as product
from reporting import gate, urls
from reporting.models import Report, User
from reporting.people import accounts
from reporting.people.passwords import GatedHasher

from . import served
from .factories import DAY, PASSWORD, at
from .test_https import DOCUMENTED, setting
from .views.visits import frozen, look, send, written

ROOT = product.BASE_DIR
PYTHON = sorted([*ROOT.glob("reporting/**/*.py"), *ROOT.glob("bluezone_report/**/*.py"), *ROOT.glob("deploy/*.py")])
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
SCRIPTS = sorted(ROOT.glob("static/**/*.js"))
STYLES = sorted(ROOT.glob("static/**/*.css"))


def relative(path):
    return path.relative_to(ROOT).as_posix()


def text(path):
    return path.read_text(encoding="utf-8")


@cache
def walked(path):
    """Every node of the file."""
    return list(ast.walk(ast.parse(text(path))))


def nodes(path, kind):
    return [node for node in walked(path) if isinstance(node, kind)]


@cache
def imported(path):
    """Every module, and every name of a module, that the file imports from outside."""
    names = {alias.name for node in nodes(path, ast.Import) for alias in node.names}
    for node in nodes(path, ast.ImportFrom):
        if not node.level:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@cache
def called(path):
    """The functions that the file calls, as written."""
    return {ast.unparse(node.func) for node in nodes(path, ast.Call)}


# The source in Python.

RUNS_OR_LOADS = {"subprocess", "ctypes", "pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "runpy", "code"}
GOES_OUT = {"urllib.request", "http.client", "requests", "httpx", "aiohttp", "socket", "ssl", "ftplib", "telnetlib"}
GOES_OUT |= {"smtplib", "imaplib", "poplib", "ldap", "ldap3", "paramiko", "django.core.mail", "xmlrpc", "webbrowser"}
READS_MARKUP = {"xml", "lxml", "html.parser", "bs4", "jinja2", "markdown", "bleach"}
TESTING = {"tests", "pytest", "hypothesis", "time_machine", "unittest", "django.test"}
MAY = {
    "reporting/files/xlsx.py": {"xml.etree.ElementTree"}  # names from the standard library; the parser is defusedxml's
    | {f"xml.etree.ElementTree.{name}" for name in ("Element", "ParseError", "TreeBuilder")},
    "bluezone_report/server.py": {"socket"},  # to look at a request's head
    "bluezone_report/whole_bodies.py": {"socket"},  # the request's own method, to stop reading from it
    "reporting/mails.py": {"django.core.mail"}
    | {f"django.core.mail.{name}" for name in ("EmailMultiAlternatives", "get_connection")},  # to the mail server
    "reporting/operation/backup.py": {"subprocess"},  # age, PostgreSQL's own programs; no shell
    "reporting/operation/machine.py": {"subprocess", "http.client"},  # fixed arguments; asks the site itself
    # The certificate that nginx serves here, one in a file, and whether the kernel's clock is set.
    "reporting/operation/readiness.py": {"ssl", "socket", "ctypes"},
    "reporting/files/separate_process.py": {"subprocess", "resource"},  # runs itself; fixed arguments
}


@pytest.mark.parametrize(
    "denied", [RUNS_OR_LOADS, GOES_OUT, READS_MARKUP, TESTING], ids=["runs or loads", "goes out", "markup", "testing"]
)
def test_nothing_is_imported_that(denied):
    for path in PYTHON:
        found = {name for name in imported(path) if any(name == bad or name.startswith(f"{bad}.") for bad in denied)}
        assert found - MAY.get(relative(path), set()) == set(), relative(path)


DANGEROUS = {"eval", "exec", "compile", "__import__", "globals", "os.system", "os.popen", "mark_safe"}
DANGEROUS |= {"Template", "Engine", "SafeText", "tempfile.mktemp", "input"}


def test_nothing_is_called_that_evaluates_what_was_typed():
    found = {
        f"{relative(path)}: {name}"
        for path in PYTHON
        for name in called(path)
        if name in DANGEROUS or name.startswith(("os.spawn", "os.exec"))
    }
    assert found == {
        "reporting/management/commands/demo.py: os.execve",  # fixed arguments
        "reporting/management/commands/first_steps.py: input",  # in Python 3 a text from a terminal, never evaluated
    }


def test_no_pattern_is_made_of_what_was_typed():
    """The first argument of `re` is a text in the source, or a constant in capitals."""
    functions = {f"re.{name}" for name in ("compile", "match", "fullmatch", "search", "sub", "findall", "split")}
    for path in PYTHON:
        for node in nodes(path, ast.Call):
            if ast.unparse(node.func) in functions:
                pattern = node.args[0]
                names = {name.id for name in ast.walk(pattern) if isinstance(name, ast.Name)}
                assert isinstance(pattern, ast.Constant | ast.Name | ast.BinOp), relative(path)
                assert [name for name in names if not name.isupper()] == [], relative(path)


def test_only_what_strangers_may_see_is_kept_in_a_cache():
    """The name of the place, whom to call, and that the database is migrated."""
    modules = ("django.core.cache", "django.views.decorators.cache.cache_page")
    caching = {relative(path) for path in PYTHON for name in imported(path) if name.startswith(modules)}
    assert caching == {"reporting/middleware/sessions.py", "reporting/views/public.py"}
    assert not hasattr(product, "CACHES")  # in the process's own memory
    assert not [line for line in product.MIDDLEWARE if "cache" in line.lower()]
    cached = [relative(path) for path in TEMPLATES if re.search(r"\{%\s*cache\b", text(path))]
    assert cached == ["templates/registration/login.html"]


def test_sessions_and_messages_are_json():
    assert setting("SESSION_SERIALIZER", **DOCUMENTED) == "django.contrib.sessions.serializers.JSONSerializer"


def test_every_digest_is_sha_256():
    used = {name for path in PYTHON for name in re.findall(r"hashlib\.(\w+)", text(path))}
    of_files = {name for path in PYTHON for name in re.findall(r'hashlib\.file_digest\(\w+, "(\w+)"\)', text(path))}
    assert (used, of_files) == ({"sha256", "file_digest"}, {"sha256"})
    assert Signer().algorithm == TimestampSigner().algorithm == "sha256"


def test_a_form_names_the_fields_that_it_takes():
    files = [path for path in PYTHON if "forms" in path.parts]
    metas = [node for path in files for node in nodes(path, ast.ClassDef) if node.name == "Meta"]
    written_down = [
        ast.unparse(line) for meta in metas for line in meta.body if ast.unparse(line).startswith(("fields", "exclude"))
    ]
    assert len(written_down) > 0
    assert [line for line in written_down if line.startswith("exclude") or "__all__" in line] == []


SIGNED_IN = {"read_view", "post_view", "form_view"}  # of views/guards.py
OF_NOBODY = {"healthz", "offline", "worker", "icon", "manifest", "guide", "guide_of"}


def test_every_view_says_its_methods_and_whether_one_must_be_signed_in():
    views = {}
    for path in PYTHON:
        module = relative(path).removesuffix(".py").replace("/", ".")
        for node in ast.parse(text(path)).body:
            if isinstance(node, ast.FunctionDef):
                views[module, node.name] = [ast.unparse(line) for line in node.decorator_list]
    guards = {}
    for pattern in urls.urlpatterns:
        view = pattern.callback
        while hasattr(view, "__wrapped__"):
            view = view.__wrapped__
        guards[pattern.name] = views[view.__module__, view.__name__]
    assert {name for name, (first, *_others) in guards.items() if first not in SIGNED_IN} == OF_NOBODY
    assert {guards[name][0] for name in OF_NOBODY} == {"require_safe"}


# Templates, scripts, styles.

NOT_IN_A_TEMPLATE = {
    "a text that is not escaped": r"\|\s*safe\b|\|\s*safeseq|autoescape\s+off",
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "a script or style of another host": r"(?:src|href|action|formaction)=[\"']?(?:https?:)?//",
    "an inline style": r"<style|\sstyle=",
    "an inline handler": r"\son(?:click|change|submit|load|error|input|focus|blur|key\w+|mouse\w+)\s*=",
    "an address that runs": r"javascript:|(?:href|action)=[\"']data:text",
    "a new window": r"target=[\"']?_blank",
    "a frame or plug-in": r"<(?:iframe|frame|object|embed|applet)\b",
    "a question nobody asked for by mail": r"security question|câu hỏi bí mật",
}


EXCEPT = {"an inline style": {"templates/mail/letter.html"}}  # a mail has no links to files


@pytest.mark.parametrize("what", NOT_IN_A_TEMPLATE)
def test_no_template_holds(what):
    found = {relative(path) for path in TEMPLATES if re.search(NOT_IN_A_TEMPLATE[what], text(path))}
    assert found == EXCEPT.get(what, set())


def test_every_form_that_is_sent_holds_its_token():
    """The 503 page sends the same form again, with its token."""
    forms = re.compile(r"<form[^>]*method=\"post\".*?</form>", re.DOTALL)
    without = {relative(path) for path in TEMPLATES for form in forms.findall(text(path)) if "csrf_token" not in form}
    assert without == {"templates/503.html"}


NOT_IN_A_SCRIPT = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|postMessage|onmessage|window\.open"
    r"|importScripts|WebSocket|EventSource|RTCPeerConnection|__proto__|document\.cookie|sessionStorage|indexedDB"
    r"|https?://|\.src\s*="
)


def test_no_script_makes_markup_of_text_or_talks_to_others():
    """The outbox is kept in the browser's own database."""
    for path in SCRIPTS:
        found = set(NOT_IN_A_SCRIPT.findall(text(path)))
        assert found == ({"indexedDB"} if path.name == "form.js" else set()), path.name
        assert '"use strict";' in text(path)
        names = re.findall(r"^(?:const|let|var|function|class) (\w+)", text(path), re.MULTILINE)
        assert names == (["outbox"] if path.name == "form.js" else [])  # what the service worker takes from it


def test_no_style_loads_from_elsewhere():
    for path in STYLES:
        imports_of_parts = re.compile(r'^@import "style/[a-z]+\.css";$', re.MULTILINE)
        assert re.findall(r"https?://|@import|url\(\s*[\"']?//", imports_of_parts.sub("", text(path))) == []


# Settings.


def test_passwords_are_stored_by_a_slow_hash():
    """Django's own, with its usual rounds, behind the gate."""
    assert setting("PASSWORD_HASHERS", **DOCUMENTED) == "['reporting.people.passwords.GatedHasher']"
    assert issubclass(GatedHasher, PBKDF2PasswordHasher)
    assert GatedHasher.algorithm == "pbkdf2_sha256"
    assert GatedHasher.iterations >= 600_000


def test_database_of_a_new_office_has_no_account(db):
    assert User.objects.count() == 0


def test_every_package_has_its_version():
    named = [
        re.match(r"[A-Za-z0-9_-]+", line)[0].lower().replace("_", "-")
        for file in ("requirements.txt", ".ci/requirements.txt")
        for line in text(ROOT / file).splitlines()
        if line and not line.startswith(("#", "-r"))
    ]
    pinned = [line.partition("==") for line in text(ROOT / "constraints.txt").splitlines() if not line.startswith("#")]
    assert [line for line in pinned if not re.fullmatch(r"[0-9][0-9a-z.]*", line[2])] == []
    assert set(named) - {name.lower().replace("_", "-") for name, _equal, _version in pinned} == set()
    options = [line for line in text(ROOT / "requirements.txt").splitlines() if line.startswith("-")]
    assert options == []  # no other package index


# Passwords.


@pytest.mark.parametrize("password", ["qwertyuiop", "1Q2W3E4R5T", "Superman#2020", "__dragon__1999", "2020-starwars"])
def test_password_of_a_breach_is_refused(password, db):
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert [error.code for error in refused.value.error_list] == ["password_too_common"]


def test_list_of_breached_passwords_is_long_enough():
    """Longer versions of those that are too short are refused too: more than the 3,000 most common."""
    (words,) = (found.passwords for found in get_default_password_validators() if hasattr(found, "passwords"))
    assert len([word for word in words if not word.isdigit()]) > 10_000


@pytest.mark.parametrize(
    "password",
    [
        "một trăm con cò",
        "ĂN QUẢ NHỚ KẺ TRỒNG CÂY",
        "  khoảng trắng hai đầu  ",
        "a" * 40 + "b" * 24,
        "💧🌊🐟🐠🐡🦐🦀🐙🦑a",
    ],
)
def test_password_is_taken_as_it_was_typed_whatever_its_signs(password, cast):
    client = Client()
    with frozen("2020-08-21 12:00"):
        client.force_login(cast.officer)
        typed = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
        assert client.post(reverse("password_change"), typed).status_code == 302
        tries = [password, password.swapcase(), password.strip() + " ", password[:-1]]
        named = [{"username": "11416", "password": word} for word in tries]
        taken = {typed["password"] for typed in named if Client().post(reverse("login"), typed).status_code == 302}
    assert taken == {password}


@pytest.mark.parametrize(("name", "count"), [("login", 1), ("password_change", 3)])
def test_password_fields_hide_what_is_typed_and_let_a_password_manager_work(name, count, cast, client):
    if name != "login":
        client.force_login(cast.officer)
    with frozen("2020-08-21 12:00"):
        page = client.get(reverse(name))
    fields = re.findall(r'<input[^>]* name="\w*password\w*"[^>]*>', page.text)
    assert len(fields) == count
    assert [field for field in fields if 'type="password"' not in field or " value=" in field] == []
    assert [field for field in fields if 'autocomplete="off"' in field or "readonly" in field] == []
    assert "paste" not in "".join(text(path) for path in SCRIPTS if path.name != "entry.js")


def test_own_password_has_no_end(cast):
    typed = {"username": "11416", "password": PASSWORD}
    for moment in ("2020-08-21 12:00", "2030-08-21 12:00"):
        with frozen(moment):
            assert Client().post(reverse("login"), typed).status_code == 302


def test_password_is_hashed_anew_when_the_hasher_changes(cast, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    with frozen("2020-08-21 12:00"):
        assert Client().post(reverse("login"), {"username": "11416", "password": PASSWORD}).status_code == 302
    cast.officer.refresh_from_db()
    assert cast.officer.password.startswith("scrypt$")


def test_one_time_password_is_long_enough_for_its_days():
    assert len(set(accounts.ALPHABET)) ** (accounts.GROUPS * accounts.GROUP) > 2**56
    assert accounts.SERVES.days == 7


def test_one_time_password_is_hashed_quickly_and_guessed_no_faster(cast, settings, monkeypatch):
    settings.PASSWORD_HASHERS = ["reporting.people.passwords.GatedHasher"]
    rounds, pbkdf2 = [], hashers.pbkdf2
    monkeypatch.setattr(hashers, "pbkdf2", lambda *given, **more: rounds.append(given[2]) or pbkdf2(*given, **more))
    slip = accounts.give_new_password(cast.officer, by=cast.district_clerk, at=at("2020-08-21 12:00"))
    assert rounds == [accounts.ROUNDS]
    rounds.clear()
    assert not cast.officer.check_password("wrong")
    assert sum(rounds) == GatedHasher.iterations
    first, second = (User.objects.get(pk=cast.officer.pk) for _twice in range(2))
    assert [one.check_password(slip.password) for one in (first, second)] == [True, True]
    assert first.get_session_auth_hash() == second.get_session_auth_hash()  # a second press ends no session
    accounts.choose_password(first, "Chín con trâu 2020")
    assert first.password.split("$")[1] == str(GatedHasher.iterations)


def test_key_of_a_session_cannot_be_guessed(cast):
    keys = set()
    for _device in range(50):
        client = Client()
        client.force_login(cast.officer)
        keys.add(client.session.session_key)
    assert len(keys) == 50
    # Of 36 letters and digits: 113 bits. The rest is the person, signed.
    assert {len(key) for key in keys} == {gate.SECRET + gate.TAG + len(str(cast.officer.pk))}
    assert len({key[: gate.SECRET] for key in keys}) == 50


# Requests.


def test_field_in_the_address_is_not_taken_for_one_of_the_form(cast, client):
    with frozen("2020-08-21 12:00"):
        client.force_login(cast.officer)
        path = f"/units/11416/report/{DAY}/?installs=500&base_version=7"
        assert client.post(path, {"installs": "88", "opening": "0", "base_version": "0"}).status_code == 302
        assert client.post(f"{path}&note=x", {"opening": "0"}).status_code == 422
    assert Report.objects.get(kind="daily").installs == 88


def test_field_that_a_form_does_not_have_is_left_alone(cast):
    typed = {"received_at": "2020-08-21 08:00", "households_so_far": "9", "version": "9", "unit_id": "31", "by_id": "1"}
    send(cast.officer, cast.commune, **typed)
    report = Report.objects.get(kind="daily")
    assert (report.unit, report.households_so_far, report.version) == (cast.commune, 0, 1)
    assert report.received_at == at("2020-08-21 12:00")


@pytest.mark.parametrize(
    "fields",
    [{f"field{number}": "1" for number in range(1001)}, {"note": "x" * (2621440 + 1)}],
    ids=["fields", "length"],
)
def test_body_beyond_the_limits_is_refused(fields, cast):
    answer = send(cast.officer, cast.commune, **fields)
    assert (answer.status_code, written()) == (400, (0, 0))


@pytest.mark.parametrize("path", ["/accounts/login/", "/imports/reports/", "/nothing/"])
@pytest.mark.parametrize("length", ["6291457", "9" * 18, "9" * 5000])
def test_body_of_any_length_is_not_read(length, path, db):
    answer = Client().post(path, CONTENT_LENGTH=length)
    assert (answer.status_code, answer.text) == (413, "Tệp lớn hơn 5 MB.")


@pytest.mark.parametrize("length", ["6291456", "0", "", "-1", "x", "²"])
def test_other_lengths_are_let_through(length, db):
    """A request that is not signed in goes to the sign-in page without reading the body."""
    assert Client().post("/imports/reports/", CONTENT_LENGTH=length).status_code == 302


@pytest.mark.parametrize("method", ["trace", "options", "put", "patch", "delete"])
@pytest.mark.parametrize("path", ["/", "/healthz", "/accounts/login/", "/language/", "/none/", "/static/x"])
def test_other_methods_are_refused_everywhere(method, path, db):
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer.headers["Allow"], answer.text) == (405, "GET, HEAD, POST", "")


@pytest.mark.parametrize("host", ["elsewhere.example", "localhost:x", "localhost@elsewhere.example"])
def test_host_that_is_not_ours_is_refused(host, db, settings):
    settings.ALLOWED_HOSTS = ["localhost"]
    assert Client(raise_request_exception=False).get("/accounts/login/", headers={"host": host}).status_code == 400


POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "object-src 'none'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.mark.parametrize(("method", "path"), [("put", "/"), ("get", "/livez"), ("post", "/livez")])
def test_answer_that_is_no_page_loads_nothing(method, path, client):
    headers = getattr(client, method)(path).headers
    policy = headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], policy) == ("nosniff", "default-src 'none'; frame-ancestors 'none'")


@pytest.mark.parametrize(
    ("name", "arguments", "kind"),
    [
        ("unit", ["31"], "text/html; charset=utf-8"),
        ("unit", ["nothing"], "text/html; charset=utf-8"),
        ("healthz", [], "text/plain; charset=utf-8"),
        ("csv_range", ["31", DAY, DAY], "text/csv; charset=utf-8"),
        ("workbook", ["31", DAY], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_every_answer_says_what_it_is_and_what_it_may_load(name, arguments, kind, cast):
    answer = look(cast.city_clerk, name, *arguments)
    assert answer.headers["Content-Type"] == kind
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert (answer.headers["X-Content-Type-Options"], answer.headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers.get("Access-Control-Allow-Origin") is None
    if not kind.startswith("text/plain"):
        assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    if "csv" in kind or "sheet" in kind:
        assert re.fullmatch(r'attachment; filename="[a-z0-9.-]+"', answer.headers["Content-Disposition"])


@pytest.mark.parametrize("user", ["officer", "district_clerk", "city_clerk", "leader", "focal_person"])
def test_every_page_of_a_person_has_the_way_out(user, cast):
    for name in ("inbox", "unit"):
        person = getattr(cast, user)
        page = look(person, name, *([person.unit.code] if name == "unit" else []))
        if page.status_code == 200:
            assert page.text.count(f'action="{reverse("logout")}"') == 1


def test_address_of_a_page_holds_no_secret(cast):
    """Addresses contain only what a page is asked for; forms with a password are posted."""
    for path in TEMPLATES:
        for form in re.findall(r"<form[^>]*>", text(path)):
            if 'method="get"' in form or "method=" not in form:
                assert "password" not in text(path).partition(form)[2].partition("</form>")[0]


# The server.


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("security")
    with (
        served.database(folder, vendor="sqlite") as database,
        served.server(database, clock=at("2020-08-21 10:00"), log=folder / "log") as server,
    ):
        yield server


def talk(server, *lines, body=b""):
    """The server's answer to exactly these lines."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", server.port), served.PATIENCE)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        connection.settimeout(served.PATIENCE)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer.decode(errors="replace")


def status(answer):
    return int(answer.split(" ", 2)[1])


@pytest.mark.matrix  # uses a server
@pytest.mark.parametrize(
    "path",
    [
        *("/.git/config", "/.gitignore", "/.env", "/db.sqlite3", "/static/../manage.py", "/static/%2e%2e/manage.py"),
        *("/manage.py", "/reporting/urls.py", "/constraints.txt", "/static/reporting/form.js.map", "/docs/", "/media/"),
        *("/static/", "/static/reporting/"),  # no folder is listed
    ],
)
def test_nothing_but_pages_and_static_files_is_served(path, server):
    assert status(talk(server, f"GET {path} HTTP/1.1", "Host: localhost", "Connection: close")) in (400, 404)


SMUGGLED = "GET /units/31/ HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.matrix  # uses a server
@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Content-Length: +5"],
        ["Content-Length : 5"],
        ["X: y\nContent-Length: 5"],
    ],
    ids=["both", "two lengths", "unknown coding", "two codings", "sign", "space", "bare line feed"],
)
def test_request_whose_end_is_in_doubt_is_refused(lines, server):
    body = f"0\r\n\r\n{SMUGGLED}".encode()
    answer = talk(server, "POST /accounts/login/ HTTP/1.1", "Host: localhost", *lines, body=body)
    assert (status(answer) >= 400, answer.count("HTTP/1.1 ")) == (True, 1)


@pytest.mark.matrix  # uses a server
def test_server_tells_no_versions(server):
    answer = talk(server, "GET /accounts/login/ HTTP/1.1", "Host: localhost", "Connection: close")
    head = answer.partition("\r\n\r\n")[0].lower()
    assert "server: gunicorn\r\n" in f"{head}\r\n"
    assert re.findall(r"django|python|gunicorn/|whitenoise", head) == []
