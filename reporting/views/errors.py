"""Error pages in the reader's language, each with a way on. Those of a failure (500, 503) need no database."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from ..figures import fields
from ..people.kept_through_sign_in import fields_of
from ..text.addresses import request_id
from .asked import NotShown

TYPED = {  # what of a form is worth showing again, by field
    "installs": _("New installs"),
    "cumulative": _("Cumulative installs so far"),
    "opening": _("Installed before the campaign"),
    **{count.column: count.asked for count in fields.BESIDE},
    "adjust_by": _("Adjustment"),
    "reason": _("Reason"),
    "note": _("Difficulties"),
}

FROM_ELSEWHERE = ("Origin checking failed", "Referer checking failed")  # as Django's middleware says it

RETRY_AFTER = 60  # seconds
UNCOUNTED = {"inbox_count": None}  # whoever may not see the page costs the database no count of what waits for him


def permission_denied(request, exception=None):
    """What was sent where one may only read is shown, to be copied; nothing of what another site's form has sent."""
    return render(request, "403.html", UNCOUNTED | {"typed": _typed_here(request)}, status=403)


def page_not_found(request, exception=None):
    """What was sent to a page that is not, or no longer, one's own is shown: a cover may have ended meanwhile.

    Not what a form of another site has sent: no text of a stranger's stands on a page of ours.
    """
    typed = _typed_here(request)
    if isinstance(exception, NotShown):
        return render(request, exception.template, exception.context | {"typed": typed}, status=422)
    return render(request, "404.html", UNCOUNTED | {"typed": typed}, status=404)


def server_error(request):
    """Called while the exception is handled: a database that does not answer has a page of its own."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return database_away(request)
    # Without the request, whose context processors query the database.
    return HttpResponse(render_to_string("500.html", {"request_id": request_id(request)}), status=500)


def database_away(request):
    """What officers do meanwhile; a form that was sent can be sent again as it was."""
    context = {"address": request.get_full_path(), "fields": fields_of(request), "request_id": request_id(request)}
    return HttpResponse(
        render_to_string("503.html", context),
        status=503,
        headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"},
    )


def _typed_here(request) -> list[tuple[str, str]]:
    """Only what was sent to an address of ours: nothing has asked of any other whether a form of ours has sent it."""
    return _typed(dict(fields_of(request))) if request.resolver_match else []


def _typed(sent) -> list[tuple[str, str]]:
    """What of it is worth showing again, each with its words."""
    return [(words, sent[field]) for field, words in TYPED.items() if sent.get(field)]


def csrf_failure(request, reason=""):
    """What was sent was not saved: say so, show what was typed, and lead back to the page that it came from.

    It is shown as text and not put into the form: nobody can know that it was this person who typed it. What came from
    another site is not shown at all.
    """
    typed = [] if reason.startswith(FROM_ELSEWHERE) else _typed(request.POST)
    return render(request, "403_csrf.html", UNCOUNTED | {"back": request.path, "typed": typed}, status=403)
