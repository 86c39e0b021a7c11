"""What `check --deploy` says about a proxy's file that contradicts the settings."""

from types import SimpleNamespace

import pytest
from environ import Env

from reporting import checks

from .served import ROOT

SHIPPED = (ROOT / "deploy" / "nginx.conf").read_text()
AGREEING = {"TRUSTED_PROXIES": 1, "TRUST_REQUEST_START": True, "HTTPS": True}


@pytest.fixture
def found(settings, tmp_path):
    def found(text, **changed):
        (tmp_path / "site").write_text(text)
        for name, value in {**AGREEING, "PROXY_CONFIGURATION": str(tmp_path / "site"), **changed}.items():
            setattr(settings, name, value)
        return [(problem.id, problem.msg.split(",")[0]) for problem in checks.proxy_and_settings_agree(None)]

    return found


def test_shipped_file_agrees_with_the_settings_that_it_names(found):
    assert found(SHIPPED) == []


@pytest.mark.parametrize(
    ("old", "new", "changed", "words"),
    [
        ("", "", {"TRUSTED_PROXIES": 0}, "TRUSTED_PROXIES is 0"),
        ("", "", {"TRUSTED_PROXIES": 2}, "TRUSTED_PROXIES is 2"),
        ("proxy_set_header X-Forwarded-For", "# proxy_set_header X-Forwarded-For", {}, "TRUSTED_PROXIES is 1"),
        ("X-Forwarded-Proto https", "X-Forwarded-Host $host", {}, "HTTPS is on"),
        ("", "", {"TRUST_REQUEST_START": False}, "TRUST_REQUEST_START is off"),
        ("t=$msec", "t=$started", {}, "TRUST_REQUEST_START is on"),
        ("buffering on", "buffering off", {}, "The proxy passes a body on before it is whole"),
    ],
)
def test_disagreement_is_named(old, new, changed, words, found):
    assert old in SHIPPED
    [(name, said)] = found(SHIPPED.replace(old, new), **changed)
    assert (name, said.startswith(words)) == ("reporting.E003", True)


def test_proxies_that_append_are_as_many_as_one_counts(found):
    appending = SHIPPED.replace("For $remote_addr", "For $proxy_add_x_forwarded_for")
    assert found(appending, TRUSTED_PROXIES=2) == []


def test_moments_of_a_proxy_that_nobody_has_named_are_a_warning(found):
    assert [name for name, _words in found(SHIPPED, PROXY_CONFIGURATION="")] == ["reporting.W003"]
    assert found(SHIPPED, PROXY_CONFIGURATION="", TRUST_REQUEST_START=False) == []
    assert [name for name, _words in found(SHIPPED, PROXY_CONFIGURATION="/nowhere")] == ["reporting.E003"]


@pytest.mark.parametrize(
    ("url", "mail", "names"),
    [
        ("postgres://b:secret@10.0.0.1/b?sslmode=require", {}, ["reporting.W004"]),
        ("postgres://b:secret@10.0.0.1/b?sslmode=verify-full", {}, []),
        ("postgres://b@//var/run/postgresql/b", {}, []),
        ("sqlite:////tmp/x", {"EMAIL_HOST": "mail.example.vn", "EMAIL_HOST_PASSWORD": "secret"}, ["reporting.E004"]),
        ("sqlite:////tmp/x", {"EMAIL_HOST": "mail.example.vn", "EMAIL_HOST_PASSWORD": "s", "EMAIL_USE_TLS": True}, []),
        ("sqlite:////tmp/x", {"EMAIL_HOST": "localhost", "EMAIL_HOST_PASSWORD": "secret"}, []),
    ],
)
def test_password_goes_to_a_certified_server_alone(url, mail, names, monkeypatch):
    database = {"OPTIONS": {}, **Env.db_url_config(url)}
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**{**MAIL, **mail}, DATABASES={"default": database}))
    assert [message.id for message in checks.passwords_go_to_a_certified_server(None)] == names


MAIL = {"EMAIL_HOST": "localhost", "EMAIL_HOST_PASSWORD": "", "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False}


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, []),
        ({"FORWARDED_ALLOW_IPS": ["*"]}, ["reporting.E006"]),
    ],
)
def test_whoever_could_be_anybody_is_not_believed(changed, names, settings):
    for name, value in changed.items():
        setattr(settings, name, value)
    assert [message.id for message in checks.nobody_else_is_believed(None)] == names
