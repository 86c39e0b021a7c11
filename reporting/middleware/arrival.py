"""The moment of arrival: the one instant that decides on time or late."""

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings

from .. import clock

OLDEST_START = timedelta(seconds=60)


REQUEST_START = re.compile(r"t=([0-9]{1,11}(?:\.[0-9]{1,6})?)")


class ArrivalMiddleware:
    """Sets `request.arrived_at`, the one instant that decides on time or late."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        now = clock.now()
        header, taken_at = request.headers.get("X-Request-Start", ""), request.environ.get(clock.TAKEN_AT, now)
        request.arrived_at = arrival(header, taken_at=taken_at, now=now)
        return self.get_response(request)


def arrival(header: str, *, taken_at: datetime, now: datetime) -> datetime:
    """When a request arrived whose head a thread had at `taken_at` and whose last byte it has `now`.

    The moment of its head, if the body followed within `BODY_WITHIN` seconds: a slow line keeps its right. What was
    held open longer arrived with its last byte: no figure is chosen after the hour. The head's moment is `taken_at`;
    behind a proxy that is declared trusted (TRUST_REQUEST_START) the proxy's own, "t=<seconds.milliseconds>", unless
    that is in the future or more than a minute before `taken_at`.
    """
    if now - taken_at > timedelta(seconds=settings.BODY_WITHIN):
        return now
    stamp = REQUEST_START.fullmatch(header.strip()) if settings.TRUST_REQUEST_START else None
    if not stamp:
        return taken_at
    started = datetime.fromtimestamp(float(stamp[1]), tz=UTC) + clock.offset()
    return started if taken_at - OLDEST_START <= started <= taken_at else taken_at
