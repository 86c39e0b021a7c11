"""The moment of arrival: the one instant that decides on time or late."""

import re
from datetime import UTC, datetime, timedelta

from django.conf import settings

from .. import clock

OLDEST_WHOLE = timedelta(seconds=60)
STAMP = re.compile(r"t=([0-9]{1,11}(?:\.[0-9]{1,6})?)")


class ArrivalMiddleware:
    """Sets `request.arrived_at`, the one instant that decides on time or late."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        now = clock.now()
        request.arrived_at = arrival(
            request.headers.get("X-Request-Start", ""),
            request.headers.get("X-Request-Whole", ""),
            taken_at=request.environ.get(clock.TAKEN_AT, now),
            now=now,
        )
        return self.get_response(request)


def arrival(head: str = "", whole: str = "", *, taken_at: datetime, now: datetime) -> datetime:
    """When a request arrived whose head a thread had at `taken_at` and whose last byte it has `now`.

    The moment of its head, if the body followed within `BODY_WITHIN` seconds: a slow line keeps its right. What was
    held open longer arrived with its last byte: no figure is chosen after the hour. The head's moment is `taken_at`.

    A proxy that is declared trusted (TRUST_REQUEST_START) says both moments itself, each as "t=<seconds.milliseconds>":
    `head` (X-Request-Start) and, since it passes on only what is whole, `whole` (X-Request-Whole); what a request
    waited for a thread after that is nobody's delay. Without the second the proxy had the whole when a thread took it.
    Moments out of order, or a whole more than a minute before `taken_at`, say nothing.
    """
    within = timedelta(seconds=settings.BODY_WITHIN)
    if now - taken_at > within:
        return now
    if not settings.TRUST_REQUEST_START:
        return taken_at
    started, ended = _moment(head), _moment(whole) or taken_at
    if not started or not taken_at - OLDEST_WHOLE <= ended <= taken_at or started > ended:
        return taken_at
    return started if ended - started <= within else ended


def _moment(header: str) -> datetime | None:
    stamp = STAMP.fullmatch(header.strip())
    return datetime.fromtimestamp(float(stamp[1]), tz=UTC) + clock.offset() if stamp else None
