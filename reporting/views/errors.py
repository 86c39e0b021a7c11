"""Error pages in the reader's language; each says what to do next. The 500 and 503 pages need no database."""

import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from ..figures import fields
from ..people.kept_through_sign_in import fields_of
from ..text.addresses import request_id
from .parameters import NotShown

TYPED = {  # the form fields that an error page shows again
    "installs": _("New installs"),
    "cumulative": _("Cumulative installs so far"),
    "opening": _("Installed before the campaign"),
    **{count.column: count.asked for count in fields.EXTRAS},
    "reason": _("Reason"),
    "note": _("Difficulties"),
}

FROM_ELSEWHERE = ("Origin checking failed", "Referer checking failed")  # how Django's middleware begins its reasons

RETRY_AFTER = 60  # seconds
UNCOUNTED = {"inbox_count": None}  # saves a query on error pages


def permission_denied(request, exception=None):
    """The 403 page. It shows what was typed, so that it can be copied."""
    return render(request, "403.html", UNCOUNTED | {"typed": _typed_here(request)}, status=403)


def page_not_found(request, exception=None):
    """The 404 page. It shows what was typed: the person's cover for the unit may have ended meanwhile."""
    typed = _typed_here(request)
    if isinstance(exception, NotShown):
        return render(request, exception.template, exception.context | {"typed": typed}, status=422)
    return render(request, "404.html", UNCOUNTED | {"typed": typed}, status=404)


def server_error(request):
    """The 500 page, or 503 if the database does not answer. Django calls this while it handles the exception."""
    if sys.exc_info()[0] in (DatabaseError, InterfaceError, OperationalError):  # the first: broken during a query
        return database_away(request)
    # Without the request, whose context processors query the database.
    return HttpResponse(render_to_string("500.html", {"request_id": request_id(request)}), status=500)


def database_away(request):
    """The 503 page: what officers can do meanwhile. It offers to send the same form again."""
    context = {"address": request.get_full_path(), "fields": fields_of(request), "request_id": request_id(request)}
    return HttpResponse(
        render_to_string("503.html", context),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"},
    )


def _typed_here(request) -> list[tuple[str, str]]:
    """What was typed; empty if the address does not exist, because then no CSRF check has excluded other sites."""
    return _typed(dict(fields_of(request))) if request.resolver_match else []


def _typed(posted) -> list[tuple[str, str]]:
    return [(str(words), posted[field]) for field, words in TYPED.items() if posted.get(field)]


def csrf_failure(request, reason=""):
    """The 403 page after a failed CSRF check. It shows what was typed only as text, and nothing from other sites."""
    typed = [] if reason.startswith(FROM_ELSEWHERE) else _typed(request.POST)
    return render(request, "403_csrf.html", UNCOUNTED | {"back": request.path, "typed": typed}, status=403)
