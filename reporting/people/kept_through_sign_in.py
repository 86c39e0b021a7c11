"""Figures sent after the session has ended: kept through the sign-in page, back in the form, never sent by themselves.

The sign-in page carries them along as hidden fields; once the same person has signed in they wait in his session until
the form shows them. A form of another person's, unit's or day's never does.
"""

import re

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from ..figures import fields
from .sessions import Request

BESIDE = tuple(count.column for count in fields.BESIDE)
FIELDS = (
    "typed_by",
    "base_version",
    "opening",
    "installs",
    "cumulative",
    "covers",
    *BESIDE,
    "note",
    "reason",
    "other_reason",
    "adjust_sign",
    "adjust_by",
    *("act", "unit", "request", "adjustment", "until_day", "hour", "remark"),  # of a superior's day
    "paste",  # of a superior's grid
    *("effective_on", "source", "table"),  # of a reorganisation
)
ROW = ("base_version", "installs", "opening", "covers", *BESIDE, "paper_ref", "paper_at")  # of a superior's grid
IN_A_ROW = re.compile(r"[\w.-]{1,20}-(?:" + "|".join(ROW) + ")", re.ASCII)  # after the unit's code
LONGEST = 5000  # characters: more than any of these fields takes
LONGER = {"table": 50_000, "paste": 20_000}  # a reorganisation of all the units of a city, a grid of them
SESSION_KEY = "unsent"
OF_A_DAY = ("reporting:report", "reporting:late_request", "reporting:entry")  # what one of them was sent all may show
PAGES = (*OF_A_DAY, "reporting:review", "reporting:seal", "reporting:reorganise")
ACTS = ("sign_off", "withdraw", "decide", "reopen", "void", "adjust")
SHOWN_ON = {f"reporting:{act}": "reporting:review" for act in ACTS}  # what has no page of its own
ABOUT = {"typed_by", "act", "unit", "request", "base_version"}


def typed_fields(request: Request) -> dict[str, str]:
    """What was typed of a report, a grid or an act; empty if the request only names what it is about."""
    rows = [name for name in request.POST if IN_A_ROW.fullmatch(name)]
    names = [name for name in (*FIELDS, *rows) if name in request.POST]
    if ABOUT.issuperset(names):
        return {}
    found = {name: request.POST[name][: LONGER.get(name, LONGEST)] for name in names}
    page = request.resolver_match.view_name
    return {**found, "act": page.removeprefix("reporting:")} if page in SHOWN_ON else found


def fields_of(request: Request) -> list[tuple[str, str]]:
    """The fields of a form; none of one with a password, nor with a file, which cannot be carried along."""
    if request.method != "POST":
        return []
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        has_files = bool(request.FILES)
    except (BadRequest, SuspiciousOperation, MultiPartParserError, OSError):
        return []
    return [] if has_files or any("password" in name for name, _value in sent) else sent


def is_carried(request: Request) -> bool:
    """Whether what was sent is of a form whose figures the sign-in page carries along."""
    is_kept = request.resolver_match.view_name in (*PAGES, *SHOWN_ON)
    return request.method == "POST" and is_kept and bool(typed_fields(request))


def page_of(request: Request) -> str:
    """The address of the page that shows what was sent to this one."""
    match = request.resolver_match
    page = SHOWN_ON.get(match.view_name)
    return reverse(page, kwargs=match.kwargs) if page else request.path


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
        request.session[SESSION_KEY] = {"of": _of(page), "fields": fields}


def typed(request: Request) -> dict[str, str]:
    """What waits for the page that is asked for."""
    unsent = request.session.get(SESSION_KEY, {})
    return unsent["fields"] if unsent.get("of") == _of(request.resolver_match) else {}


def forget(request: Request) -> None:
    """The form has shown them, or was sent."""
    request.session.pop(SESSION_KEY, None)


def take(request: Request) -> dict[str, str]:
    """What waits for the page, which shows it now and not again."""
    waiting = typed(request)
    if waiting:
        forget(request)
    return waiting


def _of(page: ResolverMatch) -> str:
    """The unit and day of a report, whichever of its forms shows it; of another page that page alone."""
    of = "/".join(map(str, page.kwargs.values()))
    return of if page.view_name in OF_A_DAY else f"{page.view_name} {of}"
