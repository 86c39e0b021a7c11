"""What a system has and of which nothing has changed is not put together again: 304, before any figure is read.

An ETag has two parts. The key is that of the pages (`views.unchanged`): the address, whose token asks, what is written
in the database, the moments of the day that have passed, the release. It is read before the figures, so an answer is
at least as new as its key. The digest of the content tells that the same came out after something else was written.
"""

from __future__ import annotations

import json
from functools import wraps
from hashlib import sha256

from django.http import HttpResponse, HttpResponseNotModified
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags

from ..operation import release
from ..people import tokens

LETTERS = 32


def unless_unchanged(view):
    """It stands right above the view, below its address; `tagged` sends the key along."""

    @wraps(view)
    def answering(request, *args, **kwargs):
        request.answer_key = _key(request)
        for tag, (key, _digest) in _known(request).items():
            if key == request.answer_key:
                return HttpResponseNotModified(headers={"ETag": tag})
        return view(request, *args, **kwargs)

    return answering


def tagged(request, response: HttpResponse) -> HttpResponse:
    """An answer of 200 with its ETag, or 304 to who has the same; a stream has none but by its key."""
    key = getattr(request, "answer_key", "")
    if response.status_code != 200 or (response.streaming and not key):
        return response
    digest = "" if response.streaming else sha256(response.content).hexdigest()[:LETTERS]
    tag = f'"{key}.{digest}"'
    if digest and digest in {digest for _key, digest in _known(request).values()}:
        headers = {name: response.headers[name] for name in ("Cache-Control", "Vary")}
        return HttpResponseNotModified(headers=headers | {"ETag": tag})
    response.headers["ETag"] = tag
    return response


def _known(request) -> dict[str, tuple[str, str]]:
    """The ETags that the asking system has, each with its key and its digest; a proxy may have made them weak."""
    given = parse_etags(request.headers.get("If-None-Match", ""))
    parts = {tag: tag.removeprefix("W/").strip('"').partition(".") for tag in given}
    return {tag: (key, digest) for tag, (key, _dot, digest) in parts.items()}


def _key(request) -> str:
    stands = tokens.standing(request.auth, request.arrived_at)
    named = [release.digest(), request.get_full_path(), request.LANGUAGE_CODE, request.auth.unit_id, *stands]
    return salted_hmac(__name__, json.dumps(named, default=str), algorithm="sha256").hexdigest()[:LETTERS]
