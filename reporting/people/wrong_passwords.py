"""Wrong passwords delay the next try. They lock nobody out.

Each browser has a name in a signed cookie; those without one count together at their address. A browser has five tries
for one user name and ten for all. Then each wait is twice the last, up to a minute.

Who takes a new browser for each try meets the limits of the address: for one user name, for all, and four times as many
in each wider network. Beyond them one try in three seconds is made there. A browser that must wait gets the next free
place, good once, before newcomers.

On a device where the person has signed in before, only the wrong passwords on that device count.
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
from . import sessions
from .sessions import Request

FREE, FREE_OF_A_BROWSER = 5, 10  # wrong passwords of a browser without a wait: for one name, for any
FREE_AT_AN_ADDRESS = 10, 50  # likewise for one name, for any
WIDER = 4  # times as many in the next wider network
PACE, LONGEST_WAIT = timedelta(seconds=3), timedelta(seconds=60)
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
    own, shared, place = _counters(request, username, person, at)
    with transaction.atomic():
        wait = _take(own, shared, place, at)
    if wait:
        note_refusal(request, username, person, at)
        raise TooSoon(math.ceil(wait.total_seconds()))
    try:
        user = attempt()
    except gate.Busy:
        _take_back(own, shared, at)
        raise
    if user:
        _take_back(own, shared, at)
        WrongPasswords.objects.filter(key__in=own).delete()
        WrongPasswords.objects.filter(last_at__lt=at - FORGOTTEN).delete()
    else:
        note_refusal(request, username, person, at)
    return user


Counters = dict[str, int]  # key: wrong passwords without a wait


def _counters(request: HttpRequest, username: str, person: User | None, at: datetime) -> tuple[Counters, Counters, str]:
    """The counters of the device or browser, those that others use too, and the key of the browser's place."""
    device = _device(request)
    if person and _mark(device.get("name"), person) in device.get("people", ()):
        key = _key("device", device["name"], person.pk)
        recent = WrongPasswords.objects.filter(key=key, last_at__gt=at - FORGOTTEN, count__gte=FREE_ON_A_DEVICE)
        if not recent.exists():
            return {key: FREE_ON_A_DEVICE + 1}, {}, ""
    networks = addresses.networks(request)
    browser = device.get("name") or f"none at {networks[0]}"
    own = {_key("browser", browser, username): FREE, _key("browser", browser): FREE_OF_A_BROWSER}
    shared = {}
    for width, network in enumerate(networks):
        for free, named in zip(FREE_AT_AN_ADDRESS, ((network, username), (network,)), strict=True):
            shared[_key("address", *named)] = free * WIDER**width
    return own, shared, _key("place", browser, username)


def _key(kind: str, *parts: object) -> str:
    return f"{kind}/{sha256(repr(parts).encode()).hexdigest()}"


def _take(own: Counters, shared: Counters, place: str, at: datetime) -> timedelta | None:
    """Counts the try if it may be made now; otherwise returns how long to wait, and keeps the browser's place."""
    free = own | shared
    rows = {key: _locked(key, at) for key in sorted(own)}
    waits = [row.next_at - at for row in rows.values() if at < row.next_at <= at + LONGEST_WAIT]
    if waits:
        return max(waits)  # whoever waits for himself locks nothing of others
    rows |= {key: _locked(key, at) for key in sorted(shared)}
    crowded = [rows[key] for key in shared if rows[key].count >= shared[key]]
    if crowded and (wait := _wait_for_place(crowded, place, at)):
        return wait
    for key, row in rows.items():
        row.count, row.last_at = row.count + 1, at
        if key in own and row.count >= free[key]:  # if the clock was set back, `next_at` is later and does not count
            row.next_at = at + min(timedelta(seconds=2 ** min(row.count - free[key] + 1, 10)), LONGEST_WAIT)
        row.save()
    return None


def _wait_for_place(crowded: list[WrongPasswords], place: str, at: datetime) -> timedelta | None:
    """The wait until the browser's place, or None if it has come or one is free."""
    mine = WrongPasswords.objects.filter(key=place, next_at__lte=at + LONGEST_WAIT).first()
    if mine and mine.next_at > at:
        return mine.next_at - at
    if mine and at - mine.next_at < LONGEST_WAIT:
        mine.delete()
        return None
    free_at = max(at, *(row.next_at for row in crowded))
    if free_at > at + LONGEST_WAIT:
        return LONGEST_WAIT / 2
    for row in crowded:
        row.next_at = free_at + PACE
        row.save()
    if free_at > at:
        WrongPasswords.objects.update_or_create(key=place, defaults={"last_at": at, "next_at": free_at})
        return free_at - at
    return None


def _locked(key: str, at: datetime) -> WrongPasswords:
    WrongPasswords.objects.get_or_create(key=key, defaults={"last_at": at, "next_at": at})
    row = WrongPasswords.objects.select_for_update().get(key=key)
    if at - row.last_at >= FORGOTTEN:
        row.count = 0
    return row


def _take_back(own: Counters, shared: Counters, at: datetime) -> None:
    counted = WrongPasswords.objects.filter(count__gt=0)
    counted.filter(key__in=own).update(count=F("count") - 1, next_at=at)
    counted.filter(key__in=shared).update(count=F("count") - 1)


def note_refusal(request: HttpRequest, username: str, person: User | None, at: datetime, detail: str = "") -> None:
    """Count the refusal, and add one access record per account and minute. Unknown names share one per address."""
    address = addresses.networks(request)[0]
    whose = person.pk if person else f"nobody at {address}"
    key = _key("noted", whose, at.replace(second=0, microsecond=0))
    _row, is_first = WrongPasswords.objects.get_or_create(key=key, defaults={"last_at": at, "next_at": at})
    WrongPasswords.objects.filter(key=key).update(count=F("count") + 1)
    if is_first:
        refused = AccessRecord.Kind.REFUSED
        AccessRecord.objects.note(refused, request=request, by_name=username or "?", about=person, detail=detail)


def device_name(request: HttpRequest) -> str:
    """The name of a device on which somebody has signed in before; empty for others."""
    device = _device(request)
    return f"device {device['name']}" if device.get("people") else ""


def _device(request: HttpRequest) -> dict:
    return gate.device_of(request.COOKIES.get(DEVICE, ""))


def name_browser(request: HttpRequest, response: HttpResponseBase) -> None:
    """Give the browser a name, if it has none."""
    if not _device(request):
        _set_device(response, {"name": secrets.token_urlsafe(12), "people": []})


def has_passkey(request: HttpRequest) -> bool:
    """Whether a passkey was added or used on this device."""
    return _device(request).get("passkey", False)


def remember_device(request: Request, response: HttpResponseBase) -> None:
    """Add the signed-in person to the people known on this device, and whether it has a passkey."""
    known = _device(request)
    name = known.get("name") or secrets.token_urlsafe(12)
    mark = _mark(name, request.user)
    people = [*(one for one in known.get("people", []) if one != mark), mark][-MOST_ON_A_DEVICE:]
    has_one = sessions.BY_PASSKEY in request.session or has_passkey(request)
    _set_device(response, {"name": name, "people": people, "passkey": has_one})


def _mark(device: str | None, person: User) -> str:
    """Stands for the account on the device; only the server can tell which it is."""
    return signing.Signer(salt="person on a device").signature(f"{device} {person.pk}")[:16]


def _set_device(response: HttpResponseBase, device: dict) -> None:
    value = signing.dumps(device, salt="device with marks")
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
