"""What `check --deploy` says of a proxy's file that does not say what the settings believe of it."""

import pytest

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
