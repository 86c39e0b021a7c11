"""The log on standard error: one JSON object a line, in UTC, without passwords and figures."""

import json
import logging
import os
import re
from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils.log import AdminEmailHandler

from reporting.text.addresses import client_address, request_id

# PostgreSQL quotes the row that breaks a constraint, and so what somebody typed. Matches up to the next error.
ROW = re.compile(r"^DETAIL:.*?(?=^The above exception|^During handling|\Z)", re.DOTALL | re.MULTILINE)


class LineFormatter(logging.Formatter):
    """Escapes every line break, so that no text can pass for an entry."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
            **_request_fields(record),
        }
        if record.exc_info and getattr(record, "status_code", 500) >= 500:  # a refusal needs no traceback
            entry["error"] = ROW.sub("DETAIL: left out\n", self.formatException(record.exc_info))
        return json.dumps(entry)


class JournalFormatter(LineFormatter):
    """Starts the line with its priority (sd-daemon(3)) if systemd's journal reads it."""

    PRIORITIES = {"CRITICAL": "<2>", "ERROR": "<3>", "WARNING": "<4>"}  # default: 6

    def format(self, record: logging.LogRecord) -> str:
        priority = self.PRIORITIES.get(record.levelname, "") if "JOURNAL_STREAM" in os.environ else ""
        return priority + super().format(record)


class OperatorMail(AdminEmailHandler):
    """Mails the log entry of an error to the operator (ADMINS). Django's own mail would quote the form's fields.

    All processes share one mail an hour.
    """

    EVERY = 3600  # seconds

    def __init__(self):
        super().__init__()
        self.last_sent = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        last_mail = settings.STATE_FOLDER and settings.STATE_FOLDER / "operator-mailed"
        with suppress(OSError):
            self.last_sent = max(self.last_sent, last_mail.stat().st_mtime if last_mail else 0)
        if record.created - self.last_sent < self.EVERY:
            return
        self.last_sent = record.created
        with suppress(OSError):
            if last_mail:
                last_mail.touch()
        subject = f"{record.levelname}: {record.name}"
        self.send_mail(subject, f"{self.format(record)}\n\nMore of the next hour: the log.")


def as_a_warning(record: logging.LogRecord) -> bool:
    """A filter that makes a request to a foreign host a warning: anybody can send one, so it is not an error."""
    record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return True


def _request_fields(record: logging.LogRecord) -> dict:
    """Returns who sent the request. No query: the database may be down."""
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest):
        return {}
    return {
        "method": request.method,
        "status": getattr(record, "status_code", None),
        "user": getattr(getattr(request, "_cached_user", None), "username", "") or None,
        "address": client_address(request),
        "request": request_id(request) or None,
    }
