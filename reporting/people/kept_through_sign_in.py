"""Figures sent after the session has ended: kept through the sign-in page, back in the form, never sent by themselves.

The sign-in page carries them along as hidden fields; once the same person has signed in they wait in his session until
the form shows them. A form of another person's, unit's or day's never does.
"""

import re

from django.urls import Resolver404, resolve

from ..figures import fields

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
)
ROW = ("base_version", "installs", "opening", "covers", *BESIDE, "paper_ref", "paper_at")  # of a superior's grid
IN_A_ROW = re.compile(r"[\w.-]{1,20}-(?:" + "|".join(ROW) + ")", re.ASCII)  # after the unit's code
LONGEST = 5000  # characters: more than any of these fields takes
SESSION_KEY = "unsent"
PAGES = ("reporting:report", "reporting:late_request", "reporting:entry")


def sent(request) -> dict[str, str]:
    """What of a report, or of the rows of a grid, was in the request."""
    rows = [name for name in request.POST if IN_A_ROW.fullmatch(name)]
    return {name: request.POST[name][:LONGEST] for name in (*FIELDS, *rows) if name in request.POST}


def keep(request, path: str) -> None:
    """Into the session of the person who has signed in and goes on to `path`; only if it was he who typed."""
    fields = sent(request)
    if fields.pop("typed_by", None) != request.user.get_username():
        return
    try:
        page = resolve(path)
    except Resolver404:
        return
    if page.view_name in PAGES:
        request.session[SESSION_KEY] = {"of": _of(**page.kwargs), "fields": fields}


def typed(request, code, day) -> dict[str, str]:
    """What waits for the form of the unit and day."""
    unsent = request.session.get(SESSION_KEY, {})
    return unsent["fields"] if unsent.get("of") == _of(code, day) else {}


def forget(request) -> None:
    """The form has shown them, or was sent."""
    request.session.pop(SESSION_KEY, None)


def _of(code, day) -> str:
    return f"{code}/{day}"
