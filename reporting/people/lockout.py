"""Five wrong passwords for one person from one address lock him there for a quarter of an hour; django-axes counts.

A hundred from one address, for whatever names, lock the address.
"""

from __future__ import annotations

from datetime import datetime

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth.signals import user_login_failed
from django.db.models import Count, QuerySet, Sum
from django.dispatch import receiver
from django.http import QueryDict
from django.utils.translation import gettext as _

from .. import clock
from ..models import AccessRecord, User
from ..text import addresses

MOST_AT_AN_ADDRESS = 100  # wrong passwords for whatever names; a whole office may stand behind one
NOTED_AT_AN_ADDRESS = 20  # of these, each in a record of its own


def ends_at(username: str, address: str | None) -> datetime | None:
    """When the lock of the person at the address ends, by the product's clock; None where there is no lock."""
    return _ends_at(_counting().filter(username=username, ip_address=address), settings.AXES_FAILURE_LIMIT)


def address_ends_at(address: str | None) -> datetime | None:
    """When somebody may sign in again from an address that has tried too many names; None where anybody may."""
    return _ends_at(_counting().filter(ip_address=address), MOST_AT_AN_ADDRESS) if address else None


def _ends_at(attempts: QuerySet, most: int) -> datetime | None:
    found = list(attempts.order_by("attempt_time").values_list("attempt_time", "failures_since_start"))
    left = sum(failures for _tried_at, failures in found)
    for tried_at, failures in found:
        if left < most:
            return None
        left -= failures
        if left < most:
            return tried_at + settings.AXES_COOLOFF_TIME + clock.offset()
    return None


@receiver(user_login_failed, dispatch_uid="audit_refused")
def note_wrong(sender, credentials, request=None, **kwargs) -> None:
    """A wrong name or password is kept in the record; what is tried while a lock stands adds nothing.

    Nor does what comes after many from one address, until that is locked: nobody fills the record.
    """
    if request is None or getattr(request, "axes_locked_out", False):
        return
    if _wrong_from(addresses.subscriber(request))[0] >= NOTED_AT_AN_ADDRESS:
        return
    typed = str(credentials.get("username") or "")
    about = User.objects.filter(username=typed).select_related("unit").first()
    AccessRecord.objects.note(AccessRecord.Kind.REFUSED, request=request, by_name=typed or "?", about=about)


def note_address_locked(request) -> None:
    """One record of all that was tried from an address, at the first sign-in that its lock refuses."""
    kind, since = AccessRecord.Kind.ADDRESS_LOCKED, request.arrived_at - settings.AXES_COOLOFF_TIME
    address = addresses.subscriber(request)
    noted = AccessRecord.objects.filter(kind=kind, at__gt=since).values_list("address", flat=True)
    if address in map(addresses.network, noted):
        return
    tries, names = _wrong_from(address)
    words = _("%(tries)s wrong passwords for %(names)s names") % {"tries": tries, "names": names}
    AccessRecord.objects.note(kind, request=request, by_name="?", detail=words)


def _wrong_from(address: str | None) -> tuple[int, int]:
    """How many tries from the address count, for how many names."""
    found = _counting().filter(ip_address=address)
    sums = found.aggregate(tries=Sum("failures_since_start"), names=Count("username", distinct=True))
    return sums["tries"] or 0, sums["names"]


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


def _counting() -> QuerySet:
    real_now = clock.now() - clock.offset()
    return AccessAttempt.objects.filter(attempt_time__gt=real_now - settings.AXES_COOLOFF_TIME)
