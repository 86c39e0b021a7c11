"""A page that a browser has already, and of which nothing has changed since, is not made again: 304.

What a page shows follows from its address, from who asks (account, session, language), from what is written in the
database, from the moments of the day that have passed, and from the product itself. The key names them all, and is
read before the page is: so a page is at least as new as its key, and no figure is older than the last receipt. The
minute that a page prints is kept right by the script; where there is none it is part of the key.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import wraps
from math import ceil, floor

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpResponseNotModified
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags

from ..days import turns
from ..operation import release
from ..people import backends, sessions

SCRIPT = "__Host-script" if settings.HTTPS else "script"  # the cookie by which the script says that it is there
LET_KEEP = "private, no-cache"
TOLD = ("DEMO", "DEMO_OFFSET", "MAILS", "HTTPS", "SECOND_FACTOR_REQUIRED", "SECOND_FACTOR_REQUIRED_OF_ALL")
NEVER = "-"


def unless_unchanged(view=None, *, is_file: bool = False):
    """Answers 304 to who has the page as it would be made; of a file neither the minute matters nor the forms' secret.

    A view whose page changes by itself at another moment than those of `turns` sets `request.stands_until`.
    """
    if view is None:
        return lambda view: unless_unchanged(view, is_file=is_file)

    @wraps(view)
    def answering(request, *args, **kwargs):
        key = _key(request, is_file)
        if key is None:
            return view(request, *args, **kwargs)
        for tag in parse_etags(request.headers.get("If-None-Match", "")):
            if _stands(tag, key, request.arrived_at):
                return _kept(HttpResponseNotModified(), tag)
        request.is_kept, request.stands_until = True, None
        response = view(request, *args, **kwargs)
        return _kept(response, _tag(key, request.stands_until)) if response.status_code == 200 else response

    answering.is_unless_unchanged = True
    return answering


def _kept(response, tag: str):
    response.headers["ETag"], response.headers["Cache-Control"] = tag, LET_KEEP
    response.is_kept = True
    return response


def _tag(key: str, until: datetime | None) -> str:
    """Weak, since the tokens in the forms of a page are masked anew each time."""
    return f'W/"{key}.{until.timestamp() if until else NEVER}"'


def _stands(tag: str, key: str, at: datetime) -> bool:
    known, _dot, until = tag.removeprefix("W/").strip('"').partition(".")
    if known != key:
        return False
    try:
        return until == NEVER or at.timestamp() < float(until)
    except ValueError:
        return False


def _key(request, is_file: bool) -> str | None:
    """None where a page is not to be kept: something is said on it once, or it is being worked on."""
    user = request.user
    if getattr(request, "reads_replica", False):  # the marks are of what the page is read from
        user = backends.OfficeBackend().get_user(user.pk)
    if settings.DEBUG or not hasattr(user, "marks") or len(get_messages(request)):
        return None
    named = [
        release.digest(),
        request.get_host(),
        request.get_full_path(),
        request.LANGUAGE_CODE,
        None if is_file else request.COOKIES.get(settings.CSRF_COOKIE_NAME),  # its secret is in the forms
        {key: value for key, value in request.session.items() if key != sessions.USED},
        {field.attname: getattr(user, field.attname) for field in user._meta.concrete_fields},
        user.marks,
        turns.passed(user.hours_recorded, request.arrived_at),
        None if is_file or SCRIPT in request.COOKIES else _minute(request.arrived_at),
        {name: getattr(settings, name) for name in TOLD},
    ]
    return salted_hmac(__name__, json.dumps(named, default=str), algorithm="sha256").hexdigest()[:40]


def _minute(at: datetime) -> tuple[int, int]:
    """The one that has begun, which the clock shows, and the one that ends, which the time left goes by."""
    minutes = at.timestamp() / 60
    return floor(minutes), ceil(minutes)
