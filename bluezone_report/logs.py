"""What the server writes to its standard error: one entry a line, as JSON, in UTC, without passwords and figures."""

import json
import logging
import os
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.log import AdminEmailHandler

from reporting.text.addresses import client_address

# PostgreSQL names the row that broke a rule, and with it what somebody typed; up to the next error of a chain.
ROW = re.compile(r"^DETAIL:.*?(?=^The above exception|^During handling|\Z)", re.DOTALL | re.MULTILINE)


class LineFormatter(logging.Formatter):
    """Everything that breaks a line is escaped, so that no text can pass for an entry of its own."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
            **_asked(record),
        }
        if record.exc_info and getattr(record, "status_code", 500) >= 500:  # a refusal is no failure of the product
            entry["error"] = ROW.sub("DETAIL: left out\n", self.formatException(record.exc_info))
        return json.dumps(entry)


class JournalFormatter(LineFormatter):
    """With the priority in front, as sd-daemon(3) has it, where systemd's journal reads the standard error."""

    PRIORITIES = {"CRITICAL": "<2>", "ERROR": "<3>", "WARNING": "<4>"}  # others are 6

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        with suppress(OSError, ValueError):  # without a standard error, or with none that is a file
            stat = os.fstat(sys.stderr.fileno())
            if os.environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}":
                return
        self.PRIORITIES = {}

    def format(self, record: logging.LogRecord) -> str:
        return self.PRIORITIES.get(record.levelname, "") + super().format(record)


class OperatorMail(AdminEmailHandler):
    """An error goes to the operator (ADMINS) as the log has it, not as Django's own mail, which holds what was sent.

    One mail an hour from all processes of the server: a database that is away is one piece of news, not a thousand.
    """

    EVERY = 3600  # seconds

    def __init__(self):
        super().__init__()
        self.last_sent = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        noted = settings.STATE_FOLDER and settings.STATE_FOLDER / "operator-mailed"
        with suppress(OSError):
            self.last_sent = max(self.last_sent, noted.stat().st_mtime if noted else 0)
        if record.created - self.last_sent < self.EVERY:
            return
        self.last_sent = record.created
        with suppress(OSError):
            if noted:
                noted.touch()
        subject = f"{record.levelname}: {record.name}"
        self.send_mail(subject, f"{self.format(record)}\n\nMore of the next hour: the log.")


def as_a_warning(record: logging.LogRecord) -> bool:
    """A request for a host that is not ours is anybody's: no error of the product, and nothing to be traced."""
    record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return True


def _asked(record: logging.LogRecord) -> dict:
    """Who asked, as far as it is known without asking the database, which may be what has failed."""
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest):
        return {}
    return {
        "method": request.method,
        "status": getattr(record, "status_code", None),
        "user": getattr(getattr(request, "_cached_user", None), "username", "") or None,
        "address": client_address(request),
    }
