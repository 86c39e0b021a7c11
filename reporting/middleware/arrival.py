"""The moment of arrival: the one instant that decides on time or late."""

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings

from .. import clock

OLDEST = timedelta(seconds=60)
STAMP = re.compile(r"t=([0-9]{1,11}(?:\.[0-9]{1,6})?)")


def arrived_at(get_response):
    """Sets `request.arrived_at`, the one instant that decides on time or late."""

    def middleware(request):
        request.arrived_at = arrival(request.headers.get("X-Request-Start", ""), now=clock.now())
        return get_response(request)

    return middleware


def arrival(stamp: str = "", *, now: datetime) -> datetime:
    """When the last byte of a request arrived; `now` it has been read whole.

    A proxy that is declared trusted (TRUST_REQUEST_START) passes on what is whole and says when: `stamp`, as
    "t=<seconds.milliseconds>". A moment in the future or more than a minute back says nothing.
    """
    found = STAMP.fullmatch(stamp.strip()) if settings.TRUST_REQUEST_START else None
    moment = datetime.fromtimestamp(float(found[1]), tz=UTC) + clock.offset() if found else now
    return moment if now - OLDEST <= moment <= now else now
