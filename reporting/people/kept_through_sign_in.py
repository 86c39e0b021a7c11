"""What was sent after the session had ended: kept through the sign-in page, back in the form, never sent by itself.

The sign-in page carries it along as hidden fields; once the same person has signed in it waits in his session until the
form shows it. A form of another person's, unit's or day's never does.
"""

import re

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.forms import BaseForm
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from .sessions import Request

LONGEST = 5000  # characters: more than any other field takes
MOST_KEPT = 100_000  # characters of all fields together: more than any form sends
LONGER = {"table": 50_000, "paste": 20_000}  # a reorganisation of all the units of a city, a grid of them
NAME = re.compile(r"[\w.-]{1,60}", re.ASCII)
NOT_TYPED = {  # an answer is given anew, to the page as it is then
    *("action", "again", "apart", "as_cumulative", "before", "becomes", "confirm", "decision", "replaces", "shown"),
    *("stands", "undo", "csrfmiddlewaretoken", "next", "username"),
}
ABOUT = {"typed_by", "act", "unit", "request", "metric", "base_version"}
SESSION_KEY = "unsent"
OF_A_DAY = ("reporting:report", "reporting:late_request", "reporting:entry")  # what one of them was sent all may show
REVIEWED = ("sign_off", "withdraw", "decide", "reopen", "void", "adjust")
SHOWN_ON = {  # what has no page of its own
    **{f"reporting:{act}": "reporting:review" for act in REVIEWED},
    **{f"reporting:official_{act}": "reporting:official" for act in ("ask", "answer")},
    "reporting:report_void": "reporting:report_detail",
    "reporting:campaign_add": "reporting:campaign",
}
PAGES = {*OF_A_DAY, "reporting:seal", "reporting:reorganise", "reporting:campaign_withdraw", *SHOWN_ON.values()}


def typed_fields(request: Request) -> dict[str, str]:
    """What was typed into a form; empty if the request only names what it is about."""
    names = [name for name in request.POST if _is_typed(name)]
    if ABOUT.issuperset(names):
        return {}
    found = {name: request.POST[name][: LONGER.get(name, LONGEST)] for name in names}
    if sum(map(len, found.values())) > MOST_KEPT:
        return {}
    page = request.resolver_match
    return {**found, "act": str(page.kwargs.get("kind", page.url_name))} if page.view_name in SHOWN_ON else found


def _is_typed(name: str) -> bool:
    """By its own name, without the code of a grid's row, or the name of a form, before it."""
    is_typed = name.rpartition("-")[2] not in NOT_TYPED and not name.startswith("version-")
    return is_typed and "password" not in name and bool(NAME.fullmatch(name))


def fields_of(request: Request) -> list[tuple[str, str]]:
    """The fields of a form; none of one with a password, nor with a file, which cannot be carried along."""
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
    """Whether what was sent is of a form whose fields the sign-in page carries along."""
    is_kept = request.resolver_match.view_name in PAGES | SHOWN_ON.keys()
    return request.method == "POST" and is_kept and bool(typed_fields(request))


def page_of(request: Request) -> str:
    """The address of the page that shows what was sent to this one."""
    match = request.resolver_match
    page = SHOWN_ON.get(match.view_name)
    kwargs = {name: value for name, value in match.kwargs.items() if name != "kind"}
    return reverse(page, kwargs=kwargs) if page else request.path


def keep(request: Request, path: str, typed: dict[str, str] | None = None) -> None:
    """Into the session of the person who has signed in and goes on to `path`; only if it was he who typed."""
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
    """What waits for the page that is asked for."""
    unsent = request.session.get(SESSION_KEY, {})
    return unsent["fields"] if unsent.get("of") == _shown_for(request.resolver_match) else {}


def forget(request: Request) -> None:
    """The form has shown them, or was sent."""
    request.session.pop(SESSION_KEY, None)


def take(request: Request) -> dict[str, str]:
    """What waits for the page, which shows it now and not again."""
    waiting = typed(request)
    if waiting:
        forget(request)
    return waiting


def fill(form: BaseForm, typed: dict[str, str]) -> None:
    """What was typed is in the form's fields."""
    sent = {name: typed.get(form.add_prefix(name)) for name in form.fields}
    form.initial.update({name: value for name, value in sent.items() if value is not None})


def _shown_for(page: ResolverMatch) -> str:
    """The unit and day of a report, whichever of its forms shows it; of another page that page alone."""
    place = "/".join(map(str, page.kwargs.values()))
    return place if page.view_name in OF_A_DAY else f"{page.view_name} {place}"
