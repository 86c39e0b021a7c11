"""Answers every refusal with problem details (RFC 9457), never with a page."""

import logging
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from ninja.errors import AuthenticationError, ValidationError
from pydantic import Field

from ..people.tokens import TooOften

MEDIA_TYPE = "application/problem+json"
TITLES = {  # status and title, by the last part of the type
    "invalid": (422, _("The request is not valid")),
    "unauthorized": (401, _("No valid token")),
    "in-the-clear": (403, _("Use https: others could read this token, so have it revoked")),
    "not-found": (404, _("It does not exist, or you may not see it")),
    "not-sealed": (404, _("The day has not been sealed")),
    "too-many-requests": (429, _("Too many requests in this minute")),
    "failed": (500, _("Something went wrong here")),
    "unavailable": (503, _("The database does not answer")),
}
RETRY_AFTER = 60  # seconds
SCHEMES = 'Bearer realm="bluezone-report", Basic realm="bluezone-report"'
NOT_STORED = {"Cache-Control": "no-store"}

log = logging.getLogger("django.request")


def described(words: Promise | str, **options) -> Any:
    """A field with its description."""
    return Field(description=words, **options)


class Fault(Schema):
    name: str = described(_("the parameter"))
    detail: str


class ProblemOut(Schema):
    """Problem details (RFC 9457)."""

    type: str = described(_("an address on the documentation page; its last part names the problem"))
    title: str
    status: int
    detail: str = ""
    errors: list[Fault] = described(_("which parameters are wrong, and why"), default=[])


class Refused(Exception):
    """The request is refused with the problem `name`; `faults` has the errors by parameter."""

    def __init__(self, name: str, detail: str = "", *, parameter: str = "", faults: dict[str, str] | None = None):
        super().__init__(name)
        self.name, self.detail = name, detail
        self.faults = faults or ({parameter: detail} if parameter else {})


def problem(name: str, detail: str = "", faults: dict[str, str] | None = None, **headers: str) -> HttpResponse:
    status, title = TITLES[name]
    errors = [{"name": name, "detail": words} for name, words in (faults or {}).items()]
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"type": f"/api/#{name}", "title": title, "status": status, "detail": detail, "errors": errors}
    options = {"content_type": MEDIA_TYPE, "json_dumps_params": {"ensure_ascii": False}}
    return JsonResponse(body, status=status, headers={**NOT_STORED, **headers}, **options)


def unauthorized(request, error):
    detail = _("Send a valid token: as “Authorization: Bearer …”, or as the password of any user name (Basic).")
    return problem("unauthorized", detail, WWW_Authenticate=SCHEMES)


def refused(request, error):
    return problem(error.name, error.detail, error.faults)


def invalid(request, error):
    return problem("invalid", faults={str(fault["loc"][-1]): _fault_words(fault) for fault in error.errors})


def _fault_words(fault: dict) -> str:
    kind, limits = fault["type"].partition("_")[0], fault.get("ctx", {})
    words = {
        "missing": _("This parameter is required."),
        "date": _("Write a day like 2020-08-21."),
        "int": _("Write a whole number."),
        "greater": _("At least %(number)s.") % {"number": limits.get("ge")},
        "less": _("At most %(number)s.") % {"number": limits.get("le")},
    }
    return words.get(kind, _("This value is not allowed."))


def too_often(request, error):
    detail = _("Ask again in %(seconds)s seconds.") % {"seconds": error.seconds}
    return problem("too-many-requests", detail, Retry_After=str(error.seconds))


def unavailable(request, error):
    log.error("database away: %s", request.path, exc_info=error)
    return problem("unavailable", Retry_After=str(RETRY_AFTER))


def failed(request, error):
    log.error("Internal Server Error: %s", request.path, exc_info=error, extra={"status_code": 500, "request": request})
    return problem("failed")


HANDLERS = {
    Exception: failed,
    Http404: lambda request, error: problem("not-found"),
    AuthenticationError: unauthorized,
    ValidationError: invalid,
    Refused: refused,
    TooOften: too_often,
    # A connection that breaks during a query raises DatabaseError itself; most of its subclasses are failures.
    DatabaseError: lambda request, error: (unavailable if type(error) is DatabaseError else failed)(request, error),
    OperationalError: unavailable,
    InterfaceError: unavailable,
}
