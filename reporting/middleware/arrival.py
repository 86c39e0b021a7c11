"""The moment of arrival: the one instant that decides on time or late."""

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings

from .. import clock

OLDEST_START = timedelta(seconds=60)


REQUEST_START = re.compile(r"t=([0-9]{1,11}(?:\.[0-9]{1,6})?)")


class ArrivalMiddleware:
    """Sets `request.arrived_at`, the one instant that decides on time or late.

    It is the clock's reading when a thread takes the request; behind a proxy that is declared trusted
    (TRUST_REQUEST_START), the proxy's own, unless that is in the future or more than a minute back.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.arrived_at = arrival(request.headers.get("X-Request-Start", ""), now=clock.now())
        return self.get_response(request)


def arrival(header: str, *, now: datetime) -> datetime:
    """The proxy's "t=<seconds.milliseconds>" where it may be believed, otherwise `now`."""
    stamp = REQUEST_START.fullmatch(header.strip()) if settings.TRUST_REQUEST_START else None
    if not stamp:
        return now
    started = datetime.fromtimestamp(float(stamp[1]), tz=UTC) + clock.offset()
    return started if now - OLDEST_START <= started <= now else now
