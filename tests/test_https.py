"""Over https nothing is sent in the clear and cookies are for this host only; the demonstration works without it."""

import contextlib
import os
import re
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bluezone_report.messages import HostCookieStorage

from . import served
from .factories import PASSWORD, at

DOCUMENTED = {
    "SECRET_KEY": "k3v-9Zq2hX7w_Tn5pR8sLd4mB6yC1jF0gA_uEoWiVtQz-made-up-for-this",
    "DATABASE_URL": "postgres://bluezone@//var/run/postgresql/bluezone",
    "ALLOWED_HOSTS": "bluezone.example.vn",
    "CSRF_TRUSTED_ORIGINS": "https://bluezone.example.vn",
    "TRUSTED_PROXIES": "1",
}
NOT_INHERITED = ("SECRET_KEY", "DEBUG", "DEMO", "DEMO_OFFSET", "HTTPS", "DATABASE_URL", "CSRF_TRUSTED_ORIGINS")
MORNING = at("2020-08-21 10:00")
TOKEN = "a" * 32


def manage(*arguments, **settings):
    inherited = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
    environment = {**inherited, "DJANGO_SETTINGS_MODULE": "bluezone_report.settings", **settings}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=served.ROOT, env=environment, capture_output=True, text=True, timeout=served.PATIENCE
    )


def setting(name, **settings):
    printed = manage(
        "shell", "--no-imports", "-c", f"from django.conf import settings; print(settings.{name})", **settings
    )
    assert printed.returncode == 0, printed.stderr
    return printed.stdout.strip()


def test_drill_sends_nothing_outside():
    sending = {"SECRET_KEY": "x", "EMAIL_URL": "smtp://mail.example.vn:25", "OPERATOR_MAIL": "operator@example.vn"}
    for drill, expected in (("0", "True smtp 1"), ("1", "False dummy 0")):
        words = "MAILS, settings.EMAIL_BACKEND.split('.')[-2], len(settings.ADMINS)"
        assert setting(words, DRILL=drill, **sending) == expected


def test_documented_settings_pass_djangos_own_check():
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **DOCUMENTED)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "System check identified no issues (1 silenced).\n"


@pytest.mark.matrix
def test_without_https_djangos_own_check_fails():
    """So that the test above can fail."""
    checked = manage("check", "--deploy", "--fail-level", "WARNING", **{**DOCUMENTED, "HTTPS": "0"})
    assert checked.returncode == 1
    found = set(re.findall(r"security\.W\d+", checked.stderr))
    assert {"security.W004", "security.W008", "security.W012", "security.W016"} <= found


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("settings", "is_https"),
    [
        ({}, "False"),
        ({"CSRF_TRUSTED_ORIGINS": "http://bluezone.example.vn"}, "False"),
        ({"CSRF_TRUSTED_ORIGINS": "http://intern,https://bluezone.example.vn"}, "True"),
        ({"CSRF_TRUSTED_ORIGINS": "https://bluezone.example.vn", "HTTPS": "0"}, "False"),
        ({"HTTPS": "1"}, "True"),
    ],
)
def test_https_follows_the_address_unless_it_is_set(settings, is_https):
    assert setting("HTTPS", SECRET_KEY="x", **settings) == is_https


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with served.database(tmp_path_factory.mktemp("https"), vendor="sqlite") as database:
        yield database


@pytest.fixture(scope="module")
def https(database, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "https"
    with served.server(database, clock=MORNING, log=log, HTTPS="1", FORWARDED_ALLOW_IPS="127.0.0.1") as server:
        yield server


@pytest.fixture(scope="module")
def plain(database, tmp_path_factory):
    later = MORNING + timedelta(hours=1)  # different from the other server, whose sign-ins count in the same database
    with served.server(database, clock=later, log=tmp_path_factory.mktemp("log") / "plain", HTTPS="0") as server:
        yield server


def ask(server, method, path, fields=None, **headers):
    """The answer's status, its headers and its cookies as set; the names of headers have _ for -."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if fields is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    with contextlib.closing(server.connect()) as connection:
        connection.request(method, path, body=urlencode(fields or {}), headers={"Host": "localhost", **sent})
        response = connection.getresponse()
        response.read()
    cookies = {}
    for line in response.headers.get_all("Set-Cookie") or []:
        pair, *attributes = line.split("; ")
        name, _, value = pair.partition("=")
        cookies[name] = (value, {attribute.lower() for attribute in attributes})
    return response.status, response.headers, cookies


SAFE = {"X_Forwarded_Proto": "https", "Origin": "https://localhost", "Referer": "https://localhost/accounts/login/"}


@pytest.mark.matrix  # uses a server
@pytest.mark.parametrize("path", ["/", "/units/31/", "/accounts/login/", "/static/reporting/form.js"])
def test_what_is_asked_in_the_clear_is_sent_to_https(path, https):
    status, headers, cookies = ask(https, "GET", path)
    assert (status, headers["Location"], cookies) == (301, f"https://localhost{path}", {})


@pytest.mark.matrix  # starts a server
def test_strangers_word_that_it_is_https_is_not_believed(database, tmp_path):
    """Only a proxy in FORWARDED_ALLOW_IPS may say so, and this one is not in it."""
    elsewhere = {"HTTPS": "1", "FORWARDED_ALLOW_IPS": "192.0.2.1"}
    with served.server(database, clock=MORNING, log=tmp_path / "log", **elsewhere) as server:
        assert ask(server, "GET", "/accounts/login/", **SAFE)[0] == 301


@pytest.mark.matrix  # uses a server
def test_supervisor_may_ask_in_the_clear(https):
    assert ask(https, "GET", "/healthz")[0] == 200


@pytest.mark.matrix  # uses a server
def test_every_answer_keeps_the_browser_on_https(https):
    for path in ("/accounts/login/", "/nothing/", "/healthz", "/static/reporting/form.js"):
        _status, headers, _cookies = ask(https, "GET", path, **SAFE)
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.matrix  # uses a server
def test_cookies_are_secure_and_this_hosts_alone(https):
    _status, _headers, cookies = ask(https, "GET", "/accounts/login/", **SAFE)
    login = {"username": "11416", "password": PASSWORD, "csrfmiddlewaretoken": TOKEN}
    status, _headers, signed_in = ask(
        https, "POST", "/accounts/login/", login, Cookie=f"__Host-csrftoken={TOKEN}", **SAFE
    )
    assert status == 302
    language = {"language": "en", "csrfmiddlewaretoken": TOKEN}
    _status, _headers, chosen = ask(https, "POST", "/language/", language, Cookie=f"__Host-csrftoken={TOKEN}", **SAFE)
    cookies |= signed_in | chosen
    assert set(cookies) == {"__Host-csrftoken", "__Host-sessionid", "__Host-language", "__Host-device"}
    for _value, attributes in cookies.values():
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes
        assert not any(attribute.startswith("domain") for attribute in attributes)
    assert HostCookieStorage.cookie_name == "__Host-messages"


@pytest.mark.matrix  # uses a server
def test_form_of_another_site_is_refused(https):
    login = {"username": "11416", "password": PASSWORD, "csrfmiddlewaretoken": TOKEN}
    cookie = f"__Host-csrftoken={TOKEN}"
    foreign = {**SAFE, "Origin": "https://elsewhere.example", "Referer": "https://elsewhere.example/"}
    assert ask(https, "POST", "/accounts/login/", login, Cookie=cookie, **foreign)[0] == 403
    without = {"X_Forwarded_Proto": "https"}  # without Origin and Referer
    assert ask(https, "POST", "/accounts/login/", login, Cookie=cookie, **without)[0] == 403


@pytest.mark.matrix  # starts a server
def test_demonstration_works_without_https(plain):
    status, headers, cookies = ask(plain, "GET", "/accounts/login/")
    assert (status, headers["Strict-Transport-Security"], set(cookies)) == (200, None, {"csrftoken", "device"})
    login = {"username": "11416", "password": PASSWORD, "csrfmiddlewaretoken": TOKEN}
    status, _headers, cookies = ask(plain, "POST", "/accounts/login/", login, Cookie=f"csrftoken={TOKEN}")
    assert (status, "secure" in cookies["sessionid"][1]) == (302, False)


@pytest.mark.matrix  # starts a server
@pytest.mark.parametrize("path", ["/accounts/login/", "/nothing/", "/healthz", "/static/reporting/form.js"])
def test_nothing_of_this_host_is_for_other_sites(path, plain):
    _status, headers, _cookies = ask(plain, "GET", path)
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = dict(feature.split("=") for feature in headers["Permissions-Policy"].split(", "))
    assert {policy.pop(name) for name in ("clipboard-write", "publickey-credentials-get")} == {"(self)"}
    assert set(policy.values()) == {"()"}
    assert {"camera", "microphone", "geolocation", "usb", "payment"} <= set(policy)
