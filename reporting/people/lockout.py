"""Five wrong passwords for one person from one address lock him there for a quarter of an hour; django-axes counts."""

from __future__ import annotations

from datetime import datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate, update_session_auth_hash
from django.db.models import Sum
from django.http import QueryDict

from .. import clock


def ends_at(username: str, address: str | None) -> datetime | None:
    """When the lock of the person at the address ends, by the product's clock; None where there is no lock."""
    attempts = _counting().filter(username=username, ip_address=address).order_by("attempt_time")
    left = sum(attempt.failures_since_start for attempt in attempts)
    for attempt in attempts:
        if left < settings.AXES_FAILURE_LIMIT:
            return None
        left -= attempt.failures_since_start
        if left < settings.AXES_FAILURE_LIMIT:
            return attempt.attempt_time + settings.AXES_COOLOFF_TIME + clock.offset()
    return None


def locked_usernames() -> set[str]:
    """Who is locked at whatever address."""
    sums = _counting().order_by().values_list("username", "ip_address").annotate(failures=Sum("failures_since_start"))
    return {username for username, _address, failures in sums if failures >= settings.AXES_FAILURE_LIMIT}


def is_own_password(request, password: str) -> bool:
    """Whether the person who is signed in has this password; a wrong one counts, and locks, as at the sign-in page.

    What was typed beside it is not kept with the attempt. A hash made anew on the way does not end the session.
    """
    typed, request.POST = request.POST, QueryDict()
    found = authenticate(request, username=request.user.get_username(), password=password)
    request.POST = typed
    if found is None or found.pk != request.user.pk:
        return False
    if found.password != request.user.password:
        request.user.password = found.password
        update_session_auth_hash(request, request.user)
    return True


def lift(*usernames: str) -> None:
    """Forget the wrong passwords of people, wherever they came from."""
    AccessAttempt.objects.filter(username__in=usernames).delete()


def lift_at(username: str, address: str | None) -> None:
    """Forget the wrong passwords of a person from the address."""
    AccessAttempt.objects.filter(username=username, ip_address=address).delete()


def _counting():
    real_now = clock.now() - clock.offset()
    return AccessAttempt.objects.filter(attempt_time__gt=real_now - settings.AXES_COOLOFF_TIME)
