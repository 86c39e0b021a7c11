"""The server's log: one entry a line, in UTC, with the person, and without passwords and figures."""

import io
import json
import logging
import sys

import pytest
from django.db import IntegrityError
from django.test import Client, RequestFactory
from django.utils.functional import SimpleLazyObject

import bluezone_report.settings as product
from bluezone_report.logs import JournalFormatter, LineFormatter, OperatorMail
from reporting import acts
from reporting.figures import rollup
from reporting.models import AccessRecord, User
from tests.factories import DAY, PASSWORD, at, make_report

from .views.test_sign_in_page import sign_in
from .views.visits import frozen, look, send

FORMATTER = LineFormatter()
OFFICE = "203.0.113.7"


@pytest.fixture
def log():
    """The lines that are written meanwhile, with the handler and levels of the settings."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(FORMATTER)
    loggers = [logging.getLogger(), logging.getLogger("reporting.access")]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    loggers[0].setLevel(product.LOGGING["root"]["level"])
    loggers[1].setLevel(product.LOGGING["loggers"]["reporting.access"]["level"])

    def lines(of=""):
        found = [json.loads(line) for line in written.getvalue().splitlines()]
        return [line for line in found if line["logger"].startswith(of)]

    yield lines
    loggers[0].removeHandler(handler)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def entry(message, *arguments, error=None, **extra):
    record = logging.LogRecord("a.logger", logging.ERROR, __file__, 1, message, arguments, error)
    vars(record).update(extra)
    return FORMATTER.format(record)


BREAKS = ["\n", "\r\n", "\x0b", "\x0c", "\x1b[2J", "\x85", "\u2028", "\u2029", "\x00", "\u202e"]


@pytest.mark.parametrize("sign", BREAKS)
def test_text_that_breaks_a_line_is_no_entry_of_its_own(sign):
    forged = f'/units/{sign}{{"message": "signed_in", "by": "31"}}'
    line = entry("Not Found: %s", forged, fields={"by": forged})
    assert line.isascii()
    assert line.isprintable()
    assert (json.loads(line)["message"], json.loads(line)["by"]) == (f"Not Found: {forged}", forged)


def test_entry_says_when_in_utc_what_and_how_grave_it_is():
    line = json.loads(entry("words", created=1597982400.25))
    assert line == {"time": "2020-08-21T04:00:00.250+00:00", "level": "ERROR", "logger": "a.logger", "message": "words"}


def broken(*details):
    """The error as it is logged."""
    try:
        try:
            raise ValueError("first\n" + details[0])
        except ValueError as first:
            raise IntegrityError("second\n" + details[-1]) from first
    except IntegrityError:
        return sys.exc_info()


def test_row_that_broke_a_rule_is_left_out_of_the_error():
    row = "DETAIL:  Failing row contains (7, 2020-08-21, 8812, Mạng\n\nyếu).\n"
    text = json.loads(entry("failed", error=broken(row)))["error"]
    assert [found for found in ("8812", "Mạng", "yếu") if found in text] == []
    assert (text.count("ValueError: first"), text.count("IntegrityError: second")) == (1, 1)
    assert text.count("DETAIL: left out") == 2


@pytest.mark.parametrize(("level", "sign"), [(logging.ERROR, "<3>{"), (logging.WARNING, "<4>{"), (logging.INFO, "{")])
def test_journal_takes_the_priority_of_an_entry_from_its_first_signs(level, sign, monkeypatch):
    record = logging.LogRecord("a.logger", level, __file__, 1, "words", (), None)
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    assert JournalFormatter().format(record)[0] == "{"  # a terminal, or a file
    monkeypatch.setenv("JOURNAL_STREAM", "8:12345")
    assert JournalFormatter().format(record).startswith(sign)


def test_who_is_asking_is_told_without_asking_the_database():
    """A test without a database cannot query it."""
    request = RequestFactory(REMOTE_ADDR=OFFICE).get("/units/31/")
    request.user = SimpleLazyObject(User.objects.get)
    line = json.loads(entry("Not Found", request=request, status_code=404))
    assert {key: line[key] for key in ("method", "status", "user", "address")} == {
        "method": "GET",
        "status": 404,
        "user": None,
        "address": OFFICE,
    }


@pytest.fixture
def browser():
    with frozen("2020-08-21 12:00"):
        yield Client(REMOTE_ADDR=OFFICE)


def test_every_access_record_is_a_line_of_the_log(cast, browser, log):
    make_report(cast.commune)
    sign_in(browser, password="wrong")
    sign_in(browser, "306")
    browser.get(f"/units/306/workbook/{DAY}.xlsx")
    browser.post("/accounts/logout/")
    noted = log("reporting.access")
    assert [(line["message"], line["by"], line["about"], line["unit"], line["address"]) for line in noted] == [
        ("refused", None, "11416", "11416", OFFICE),
        ("signed_in", "306", None, "306", OFFICE),
        ("downloaded", "306", None, "306", OFFICE),
        ("signed_out", "306", None, "306", OFFICE),
    ]
    assert [line["record"] for line in noted] == list(AccessRecord.objects.order_by("pk").values_list("pk", flat=True))
    assert {line["time"][:16] for line in noted} == {"2020-08-21T05:00"}  # noon in Hai Phong


def test_records_that_are_added_together_are_a_line_each(cast, log):
    kinds = AccessRecord.Kind
    records = [
        AccessRecord(at=at("2020-08-21 12:00"), kind=kind, by=cast.city_clerk, about=cast.officer, detail="8812")
        for kind in (kinds.PERSON_ADDED, kinds.PERSON_CHANGED)
    ]
    AccessRecord.objects.bulk_create(records)
    lines = log("reporting.access")
    assert [(line["message"], line["by"], line["about"], line["record"]) for line in lines] == [
        ("person_added", "31", "11416", records[0].pk),
        ("person_changed", "31", "11416", records[1].pk),
    ]
    assert [line for line in lines if "detail" in line] == []


def test_what_was_typed_for_a_name_or_a_password_is_in_no_line(cast, browser, log):
    sign_in(browser, "mật khẩu của tôi", "quên rồi")
    sign_in(browser, "11416", "sai mật khẩu")
    sign_in(browser, "11416", PASSWORD)
    assert len(log("reporting.access")) == 3
    text = json.dumps(log(), ensure_ascii=False)
    assert [secret for secret in ("khẩu", "quên", PASSWORD) if secret in text] == []


def test_page_that_is_refused_is_a_line_with_who_wanted_it(cast, log):
    look(cast.officer, "unit", "11407")  # not visible to him
    send(cast.district_clerk, cast.commune)  # visible to him, but he may not report for it
    send(cast.officer, cast.commune, installs="8x8x")  # not a number
    lines = [(line["status"], line["user"], line["message"].rpartition(": ")[2]) for line in log("django")]
    form = f"/units/11416/report/{DAY}/"
    assert lines == [(404, "11416", "/units/11407/"), (403, "306", form), (422, "11416", form)]
    assert "8x8x" not in json.dumps(log())


def test_query_of_an_address_is_in_no_line(cast, log):
    look(cast.officer, "people", query="?q=Nguyễn+Thị+Hà")  # not for officers
    assert [(line["status"], line["message"].rpartition(": ")[2]) for line in log("django")] == [(403, "/people/")]
    assert "Nguy" not in json.dumps(log(), ensure_ascii=False)


def test_failure_is_a_line_with_its_error_and_none_of_the_figures_sent(cast, monkeypatch, log, settings):
    def fail(*args, **kwargs):
        raise ValueError("broken")

    monkeypatch.setattr(rollup, "rows", fail)
    settings.TRUSTED_PROXIES = 1
    sent = {"raise_request_exception": False, "headers": {"x-request-id": "0123456789abcdef" * 2}}
    page = look(cast.officer, "unit", "11416", **sent)
    assert (page.status_code, page.text.count('<html lang="vi">'), page.text.count('href="/"')) == (500, 1, 1)
    (line,) = log("django")
    assert (line["level"], line["logger"], line["user"]) == ("ERROR", "django.request", "11416")
    assert (line["request"], line["request"] in page.text) == ("0123456789abcdef" * 2, True)
    assert line["error"].startswith("Traceback")
    assert line["error"].endswith("ValueError: broken")
    assert [word for word in ("Traceback", "ValueError", "broken", "rollup") if word in page.text] == []


def test_log_goes_to_the_standard_error_and_nowhere_else():
    handlers = product.LOGGING["handlers"]
    assert {name: handler["class"] for name, handler in handlers.items()} == {"console": "logging.StreamHandler"}
    assert product.LOGGING["root"]["handlers"] == ["console"]
    assert [logger for logger in product.LOGGING["loggers"].values() if "handlers" in logger] == []
    assert logging.getLogger("django").handlers == []  # the mail to the administrators
    assert product.LOGGING["loggers"]["reporting.access"]["level"] == "INFO"


def test_proxy_that_nobody_declared_is_told_of_once(cast, log, settings):
    through = [Client(headers={"x-forwarded-for": f"{OFFICE}, 10.0.0.{n}"}) for n in range(3)]
    browser = Client(headers={"x-forwarded-for": OFFICE})
    for _again in range(2):
        browser.get("/livez")
    assert [(line["level"], "TRUSTED_PROXIES is 0" in line["message"]) for line in log("reporting.proxies")] == [
        ("WARNING", True)
    ]
    settings.TRUSTED_PROXIES = 1
    for client in through:
        client.get("/livez")
    assert len(log("reporting.proxies")) == 1


def test_host_that_is_not_ours_is_a_warning_without_a_trace(client):
    assert client.get("/healthz", headers={"host": "evil.example"}).status_code == 400
    record = logging.LogRecord("django.security.DisallowedHost", logging.ERROR, __file__, 1, "evil", (), sys.exc_info())
    logger = logging.getLogger("django.security.DisallowedHost")
    assert logger.filter(record)
    assert (record.levelname, record.levelno, record.exc_info) == ("WARNING", logging.WARNING, None)


def test_error_is_mailed_to_the_operator_without_what_was_sent(cast, settings, mailoutbox, tmp_path):
    """Like the log: who and where, without the figure; at most one mail an hour from all processes."""
    settings.STATE_FOLDER = tmp_path
    settings.ADMINS = [("", "operator@example.vn")]
    handler = OperatorMail()
    handler.setFormatter(FORMATTER)
    handler.setLevel(logging.ERROR)
    logger = logging.getLogger("django.request")
    logger.addHandler(handler)
    try:
        client = Client(raise_request_exception=False)
        with frozen("2020-08-21 16:30"):
            client.force_login(cast.officer)
        for _again in range(2):
            with pytest.MonkeyPatch.context() as patch, frozen("2020-08-21 16:30"):
                patch.setattr(acts, "submit", lambda **fields: 1 / 0)
                sent = {"installs": "98", "opening": "4711", "base_version": "0", "password": "of-mine-71"}
                sent |= {"note": "Mạng yếu", "covers": "day_only"}
                client.post(f"/units/11416/report/{DAY}/", sent)
    finally:
        logger.removeHandler(handler)
    another = OperatorMail()  # from another process
    another.setFormatter(FORMATTER)
    another.emit(logging.LogRecord("a.logger", logging.ERROR, __file__, 1, "words", (), None))
    (mail,) = mailoutbox
    assert mail.to == ["operator@example.vn"]
    assert ("11416" in mail.body, "ZeroDivisionError" in mail.body) == (True, True)
    assert [word for word in ("4711", "of-mine-71", "Mạng yếu") if word in mail.body] == []
