"""The operator gets a mail about a failed job: by the mail server, or else by the machine's own sendmail."""

import json
import os
import ssl
import subprocess

from aiosmtpd.smtp import AuthResult

from .mails.test_smtp import Kept, OnAnyPort, server as mail_server
from .proxied import _make_certificate
from .served import PATIENCE, ROOT

__all__ = ["mail_server"]  # a fixture
UNIT = "bluezone-report-backup.service"


def tell(**settings):
    """The exit code and standard error of `tell-operator`."""
    environment = {name: value for name, value in os.environ.items() if name not in ("EMAIL_URL", "OPERATOR_MAIL")}
    command = [ROOT / "deploy" / "tell-operator", UNIT]
    finished = subprocess.run(
        command, env={**environment, **settings}, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return finished.returncode, finished.stderr


def with_sendmail(folder):
    """A PATH with a sendmail that writes its arguments and the mail to `folder`."""
    program = folder / "sendmail"
    program.write_text(f'#!/bin/sh\necho "$@" >{folder}/options\ncat >{folder}/mail\n')
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_mail_goes_through_the_mail_server(mail_server, settings):
    url = f"smtp://127.0.0.1:{settings.EMAIL_PORT}"
    assert tell(EMAIL_URL=url, OPERATOR_MAIL="operator@example.vn", MAIL_FROM="bluezone@example.vn") == (0, "")
    [mail] = mail_server.mails
    assert (mail["To"], mail["From"]) == ("operator@example.vn", "bluezone@example.vn")
    assert mail["Subject"] == f"[bluezone_report] {UNIT} failed on {os.uname().nodename}"


def test_server_with_an_unknown_certificate_gets_no_password(tmp_path):
    _make_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    sign_ins = []

    def sign_in(_server, _session, _envelope, _mechanism, data):
        sign_ins.append(data)
        return AuthResult(success=True)

    server = OnAnyPort(Kept(), hostname="127.0.0.1", port=0, tls_context=tls, authenticator=sign_in)
    server.start()
    url = f"smtp+tls://user:secret@localhost:{server.port}"
    settings = {"PATH": with_sendmail(tmp_path), "EMAIL_URL": url, "OPERATOR_MAIL": "operator@example.vn"}
    code, error = tell(**settings)
    assert (code, "CERTIFICATE_VERIFY_FAILED" in error, sign_ins) == (0, True, [])
    tell(**settings, SSL_CERT_FILE=str(tmp_path / "certificate.pem"))  # now its certificate is trusted
    server.stop()
    assert [sign_in.password for sign_in in sign_ins] == [b"secret"]


def test_mail_goes_through_sendmail_without_an_answering_server(tmp_path):
    for settings in ({}, {"EMAIL_URL": "smtp://127.0.0.1:9"}):
        place = {"PATH": with_sendmail(tmp_path), "STATE_DIRECTORY": str(tmp_path)}
        code, _error = tell(OPERATOR_MAIL="operator@example.vn", **place, **settings)
        assert (code, (tmp_path / "options").read_text()) == (0, "-t\n")
        assert "To: operator@example.vn\n" in (tmp_path / "mail").read_text()
        (tmp_path / "mail").unlink()
        told = json.loads((tmp_path / "operator.json").read_text())
        assert (told["is_well"], "operator@example.vn" in told["detail"]) == (True, True)


def test_without_server_and_sendmail_it_fails(tmp_path):
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python3", "env"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    code, error = tell(PATH=str(programs), STATE_DIRECTORY=str(tmp_path))
    if not os.path.exists("/usr/sbin/sendmail"):
        assert (code, "nobody was told" in error) == (1, True)
        assert json.loads((tmp_path / "operator.json").read_text())["is_well"] is False
