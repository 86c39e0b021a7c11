"""The log on standard error: one entry a line, as JSON, in UTC, without passwords and figures."""

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

# PostgreSQL's DETAIL quotes the row, and so what somebody typed. It ends at the next error of a chain.
ROW = re.compile(r"^DETAIL:.*?(?=^The above exception|^During handling|\Z)", re.DOTALL | re.MULTILINE)


class LineFormatter(logging.Formatter):
    """JSON escapes line breaks, so that no text can pass for an entry of its own."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
            **_asked(record),
        }
        if record.exc_info and getattr(record, "status_code", 500) >= 500:  # a refusal is no failure
            entry["error"] = ROW.sub("DETAIL: left out\n", self.formatException(record.exc_info))
        return json.dumps(entry)


class JournalFormatter(LineFormatter):
    """Adds the priority in front, as in sd-daemon(3), if systemd's journal reads the standard error."""

    PRIORITIES = {"CRITICAL": "<2>", "ERROR": "<3>", "WARNING": "<4>"}  # others are 6

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        with suppress(OSError, ValueError):  # no standard error, or it is no file
            stat = os.fstat(sys.stderr.fileno())
            if os.environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}":
                return
        self.PRIORITIES = {}

    def format(self, record: logging.LogRecord) -> str:
        return self.PRIORITIES.get(record.levelname, "") + super().format(record)


class OperatorMail(AdminEmailHandler):
    """Mails an error to the operator (ADMINS) as the log has it: Django's own mail would quote the request.

    At most one mail an hour from all processes of the server.
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
        self.send_mail(subject, f"{self.format(record)}\n\nMore of the next hour: the log.", fail_silently=True)


def as_a_warning(record: logging.LogRecord) -> bool:
    """Logs a request for a wrong host as a warning, without a trace: it is no error of the product."""
    record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return True


def _asked(record: logging.LogRecord) -> dict:
    """The request's fields, without a query: the database may be what has failed."""
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest):
        return {}
    return {
        "method": request.method,
        "status": getattr(record, "status_code", None),
        "user": getattr(getattr(request, "_cached_user", None), "username", "") or None,
        "address": client_address(request),
    }
