"""Wrong passwords delay the next try. They lock nobody out.

A name at an address has five tries. Then each wait is twice the last, up to a minute. An address with fifty wrong
passwords, for any names, has one try every three seconds. Neither applies on a device where the person has signed in
before, until ten passwords were wrong there.
"""

import math
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth import authenticate, update_session_auth_hash
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from .. import clock, gate
from ..models import AccessRecord, User, WrongPasswords
from ..text import addresses
from .sessions import Request

FREE, LONGEST_WAIT = 5, 60  # wrong passwords without a wait, of one name at one address; seconds
FREE_AT_AN_ADDRESS, WAIT_AT_AN_ADDRESS = 50, 3  # for any names; seconds
FREE_ON_A_DEVICE = 10
FORGOTTEN = timedelta(minutes=15)
DEVICE = (gate.SECURE if settings.HTTPS else "") + "device"  # the cookie
MOST_ON_A_DEVICE = 10  # people


class TooSoon(gate.TryLater):
    """After many wrong passwords the next one must wait for some seconds."""


def counted_try(request: HttpRequest, username: str, attempt: Callable[[], User | None]) -> User | None:
    """Count a try as wrong before it is made, so that concurrent tries count too; take it back if it was right.

    A wrong try, and one that came too soon, leaves an access record. Raises `TooSoon`.
    """
    at = getattr(request, "arrived_at", None) or clock.now()
    person = User.objects.filter(username=username).select_related("unit").first()
    keys = _keys(request, username, person, at)
    try:
        with transaction.atomic():
            for key, free in keys.items():
                _take(key, free, at)
    except TooSoon:
        note_refusal(request, username, person, at)
        raise
    try:
        user = attempt()
    except gate.Busy:
        _take_back(keys, at)
        raise
    if user:
        _take_back(keys, at)
        WrongPasswords.objects.filter(key__in=[key for key in keys if not key.startswith("address")]).delete()
        WrongPasswords.objects.filter(last_at__lt=at - FORGOTTEN).delete()
    else:
        note_refusal(request, username, person, at)
    return user


def _keys(request: HttpRequest, username: str, person: User | None, at: datetime) -> dict[str, int]:
    """The counters that the try counts for, each with its number of free tries."""
    device = _device(request)
    if person and person.pk in device.get("people", ()):
        key = _key("device", device["name"], person.pk)
        recent = WrongPasswords.objects.filter(key=key, last_at__gt=at - FORGOTTEN, count__gte=FREE_ON_A_DEVICE)
        if not recent.exists():
            return {key: FREE_ON_A_DEVICE + 1}
    address = addresses.subscriber(request)
    return {_key("name", username, address): FREE, _key("address", address): FREE_AT_AN_ADDRESS}


def _key(kind: str, *parts: object) -> str:
    return f"{kind}/{sha256(repr(parts).encode()).hexdigest()}"


def _take(key: str, free: int, at: datetime) -> None:
    WrongPasswords.objects.get_or_create(key=key, defaults={"last_at": at, "next_at": at})
    row = WrongPasswords.objects.select_for_update().get(key=key)
    if at < row.next_at <= at + timedelta(seconds=LONGEST_WAIT):  # if it is later, the clock was set back
        raise TooSoon(math.ceil((row.next_at - at).total_seconds()))
    row.count = row.count + 1 if at - row.last_at < FORGOTTEN else 1
    row.last_at, row.next_at = at, at + timedelta(seconds=_wait(key, row.count - free))
    row.save()


def _wait(key: str, beyond: int) -> int:
    """Seconds to wait, `beyond` wrong tries after the free ones."""
    if beyond < 0:
        return 0
    return WAIT_AT_AN_ADDRESS if key.startswith("address") else min(2 ** min(beyond + 1, 10), LONGEST_WAIT)


def _take_back(keys: dict[str, int], at: datetime) -> None:
    WrongPasswords.objects.filter(key__in=keys, count__gt=0).update(count=F("count") - 1, next_at=at)


def note_refusal(request: HttpRequest, username: str, person: User | None, at: datetime, detail: str = "") -> None:
    """Count the refusal, and add one access record per account and minute. Unknown names share one per address."""
    address = addresses.subscriber(request)
    whose = person.pk if person else f"nobody at {address}"
    key = _key("noted", whose, at.replace(second=0, microsecond=0))
    _row, is_first = WrongPasswords.objects.get_or_create(key=key, defaults={"last_at": at, "next_at": at})
    WrongPasswords.objects.filter(key=key).update(count=F("count") + 1)
    if is_first:
        refused = AccessRecord.Kind.REFUSED
        AccessRecord.objects.note(refused, request=request, by_name=username or "?", about=person, detail=detail)


def device_name(request: HttpRequest) -> str:
    """The name of a device on which somebody has signed in before; empty for others."""
    name = _device(request).get("name")
    return f"device {name}" if name else ""


def _device(request: HttpRequest) -> dict:
    return gate.device_of(request.COOKIES.get(DEVICE, ""))


def remember_device(request: Request, response: HttpResponseBase) -> None:
    """Add the signed-in person to the people known on this device."""
    known = _device(request)
    others = [pk for pk in known.get("people", []) if pk != request.user.pk]
    name, people = known.get("name") or secrets.token_urlsafe(12), [*others, request.user.pk][-MOST_ON_A_DEVICE:]
    value = signing.dumps({"name": name, "people": people}, salt="device")
    response.set_cookie(DEVICE, value, max_age=gate.DEVICE_SERVES, secure=settings.HTTPS, httponly=True, samesite="Lax")


def is_own_password(request: Request, password: str) -> bool:
    """Whether the signed-in person has this password. Raises `ValidationError` if no password can be tried now.

    If the check renews the hash, the session stays valid.
    """
    try:
        user = authenticate(request, username=request.user.get_username(), password=password)
    except gate.TryLater as error:
        words = _("You cannot try a password yet. Send it again in %(n)s s.") % {"n": error.seconds}
        raise ValidationError(words, code="too_soon") from error
    if user is None or user.pk != request.user.pk:
        return False
    if user.password != request.user.password:
        request.user.password = user.password
        update_session_auth_hash(request, request.user)
    return True
