"""Keeps what was typed when a session had ended: after the sign-in the form shows it again. Nothing is sent by itself.

The sign-in page carries the fields, hidden. When the same person has signed in, they wait in the session for the form
of the same unit and day.
"""

import re

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.forms import BaseForm
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from .sessions import Request

LONGEST = 50_000  # characters of a field: the lines of a whole city's reorganisation
MOST_KEPT = 100_000  # characters of all fields together: more than any form sends
NAME = re.compile(r"[\w.-]{1,60}", re.ASCII)
NOT_TYPED = {  # answers to questions that the new page asks again
    *("action", "again", "as_cumulative", "confirm", "decision", "replaces"),
    *("shown", "undo", "csrfmiddlewaretoken", "next", "username", "passkey"),
}
ABOUT = {"typed_by", "act", "unit", "request", "metric", "base_version"}
SESSION_KEY = "unsent"
OF_A_DAY = ("reporting:report", "reporting:late_request", "reporting:entry")  # each shows what was sent to the others
REVIEWED = ("sign_off", "withdraw", "decide", "reopen", "void", "adjust")
SHOWN_ON = {  # the page that shows the form, for addresses without a page
    **{f"reporting:{act}": "reporting:review" for act in REVIEWED},
    "reporting:official_record": "reporting:official",
    "reporting:report_void": "reporting:report_detail",
    "reporting:campaign_add": "reporting:campaign",
}
PAGES = {
    *(*OF_A_DAY, "reporting:own_reports", "reporting:seal", "reporting:reorganise", "reporting:campaign_withdraw"),
    *("reporting:covers", "reporting:person", "reporting:person_add", "reporting:mail", "reporting:tokens"),
    *SHOWN_ON.values(),
}


def typed_fields(request: Request) -> dict[str, str]:
    """The fields that the person typed; empty if none was typed or they are too long."""
    names = [name for name in request.POST if _is_typed(name)]
    if ABOUT.issuperset(names):
        return {}
    fields = {name: request.POST[name][:LONGEST] for name in names}
    if sum(map(len, fields.values())) > MOST_KEPT:
        return {}
    page = request.resolver_match
    return {**fields, "act": str(page.kwargs.get("kind", page.url_name))} if page.view_name in SHOWN_ON else fields


def _is_typed(name: str) -> bool:
    """Whether the person typed the field, whatever its prefix (a row's code or a form's name)."""
    is_typed = name.rpartition("-")[2] not in NOT_TYPED and not name.startswith("version-")
    return is_typed and "password" not in name and bool(NAME.fullmatch(name))


def fields_of(request: Request) -> list[tuple[str, str]]:
    """The fields of a form. Empty if it holds a password or a file or is too long."""
    if request.method != "POST":
        return []
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        has_files = bool(request.FILES)
    except (BadRequest, SuspiciousOperation, MultiPartParserError, OSError):
        return []
    is_kept = not has_files and sum(len(value) for _name, value in sent) <= MOST_KEPT
    return sent if is_kept and not any("password" in name for name, _value in sent) else []


def is_carried(request: Request) -> bool:
    """Whether the sign-in page carries the fields of this request."""
    is_kept = request.resolver_match.view_name in PAGES | SHOWN_ON.keys()
    return request.method == "POST" and is_kept and bool(typed_fields(request))


def page_of(request: Request) -> str:
    """The address of the page that shows the fields sent to this address."""
    match = request.resolver_match
    page = SHOWN_ON.get(match.view_name)
    kwargs = {name: value for name, value in match.kwargs.items() if name != "kind"}
    return reverse(page, kwargs=kwargs) if page else request.path


def keep_typed(request: Request, path: str, typed: dict[str, str] | None = None) -> None:
    """Store the fields in the session for the page at `path`, if the signed-in person is the one who typed them."""
    fields = typed_fields(request) if typed is None else typed
    if fields.pop("typed_by", None) != request.user.get_username():
        return
    try:
        page = resolve(path)
    except Resolver404:
        return
    if page.view_name in PAGES:
        request.session[SESSION_KEY] = {"of": _shown_for(page), "fields": fields}


def typed(request: Request) -> dict[str, str]:
    """The fields that wait for the requested page."""
    unsent = request.session.get(SESSION_KEY, {})
    return unsent["fields"] if unsent.get("of") == _shown_for(request.resolver_match) else {}


def forget_typed(request: Request) -> None:
    """Drop the waiting fields after the form showed them or was sent."""
    request.session.pop(SESSION_KEY, None)


def take_typed(request: Request) -> dict[str, str]:
    """Return the fields that wait for the page and drop them."""
    waiting = typed(request)
    if waiting:
        forget_typed(request)
    return waiting


def fill_form(form: BaseForm, typed: dict[str, str]) -> None:
    """Put the typed values into the form as initial values."""
    sent = {name: typed.get(form.add_prefix(name)) for name in form.fields}
    form.initial.update({name: value for name, value in sent.items() if value is not None})


def _shown_for(page: ResolverMatch) -> str:
    """The unit and day for forms of a report, which share fields; else the page's name too."""
    place = "/".join(map(str, page.kwargs.values()))
    return place if page.view_name in OF_A_DAY else f"{page.view_name} {place}"
