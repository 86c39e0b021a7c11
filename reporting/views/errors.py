"""Error pages in the reader's language, each with a way on. Those for 500 and 503 need no database."""

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

TYPED = {  # the fields that are shown again
    "installs": _("New installs"),
    "cumulative": _("Cumulative installs so far"),
    "opening": _("Installed before the campaign"),
    **{count.column: count.asked for count in fields.EXTRAS},
    "adjust_by": _("Adjustment"),
    "reason": _("Reason"),
    "note": _("Difficulties"),
}

FROM_ELSEWHERE = ("Origin checking failed", "Referer checking failed")  # the words of Django's middleware

RETRY_AFTER = 60  # seconds
UNCOUNTED = {"inbox_count": None}  # saves a query for a forbidden page


def permission_denied(request, exception=None):
    """The 403 page, with what was typed, to be copied."""
    return render(request, "403.html", UNCOUNTED | {"typed": _typed_here(request)}, status=403)


def page_not_found(request, exception=None):
    """The 404 page, with what was typed: a cover may have ended meanwhile."""
    typed = _typed_here(request)
    if isinstance(exception, NotShown):
        return render(request, exception.template, exception.context | {"typed": typed}, status=422)
    return render(request, "404.html", UNCOUNTED | {"typed": typed}, status=404)


def server_error(request):
    """The 500 page, or 503 if the database is away. Django calls this while it handles the exception."""
    if sys.exc_info()[0] in (DatabaseError, InterfaceError, OperationalError):  # the first: it breaks during a query
        return database_away(request)
    # Without the request, whose context processors query the database.
    return HttpResponse(render_to_string("500.html", {"request_id": request_id(request)}), status=500)


def database_away(request):
    """What officers can do meanwhile; a form that was sent can be sent again unchanged."""
    context = {"address": request.get_full_path(), "fields": fields_of(request), "request_id": request_id(request)}
    return HttpResponse(
        render_to_string("503.html", context),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"},
    )


def _typed_here(request) -> list[tuple[str, str]]:
    """What was typed. Empty if the address does not exist: then no CSRF check has excluded a stranger's form."""
    return _typed(dict(fields_of(request))) if request.resolver_match else []


def _typed(posted) -> list[tuple[str, str]]:
    return [(words, posted[field]) for field, words in TYPED.items() if posted.get(field)]


def csrf_failure(request, reason=""):
    """The 403 page with what was typed, as text: who typed it is unknown. Text from other sites is not shown."""
    typed = [] if reason.startswith(FROM_ELSEWHERE) else _typed(request.POST)
    return render(request, "403_csrf.html", UNCOUNTED | {"back": request.path, "typed": typed}, status=403)
