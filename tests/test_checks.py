"""What `check --deploy` says about passwords in the clear and about peers that could be anybody."""

from types import SimpleNamespace

import pytest
from environ import Env

from reporting import checks


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
