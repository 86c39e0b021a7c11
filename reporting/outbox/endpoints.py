"""Where other systems want to be told, and the secret that each message is signed with."""

from __future__ import annotations

from base64 import b64encode
from datetime import datetime, timedelta

from django.db.models import F, Max
from django.utils.crypto import salted_hmac

from ..models import Endpoint, Revision, Unit, User

MARK = "whsec_"
BOTH_FOR = timedelta(hours=24)  # after a rotation: signed with the new secret and with the one before


def give(*, unit: Unit, name: str, address: str, by: User, at: datetime) -> tuple[Endpoint, str]:
    """A new one, told of what happens from now on; its secret is shown once."""
    seen = Revision.objects.aggregate(last=Max("pk"))["last"] or 0
    endpoint = Endpoint.objects.create(unit=unit, name=name, address=address, given_at=at, by=by, seen=seen)
    return endpoint, shown(endpoint)


def is_told(*, unit: Unit, address: str) -> bool:
    """Whether the address is told of the unit as it is."""
    return Endpoint.objects.standing().filter(unit=unit, address=address).exists()


def rotate(endpoint: Endpoint, *, at: datetime) -> str:
    """Another secret; for a day messages carry the signature of the old one too."""
    Endpoint.objects.filter(pk=endpoint.pk).update(generation=F("generation") + 1, rotated_at=at)
    endpoint.refresh_from_db(fields=["generation", "rotated_at"])
    return shown(endpoint)


def end(endpoint: Endpoint, *, by: User, at: datetime) -> bool:
    """From now on it is told nothing, and what waits for it is not sent."""
    return bool(Endpoint.objects.standing().filter(pk=endpoint.pk).update(ended_at=at, ended_by=by))


def shown(endpoint: Endpoint) -> str:
    """The secret as its receiver keeps it."""
    return MARK + b64encode(_key(endpoint, endpoint.generation)).decode()


def keys(endpoint: Endpoint, *, at: datetime) -> list[bytes]:
    """Those that a message is signed with now, the newest first."""
    newest = [_key(endpoint, endpoint.generation)]
    if endpoint.rotated_at is None or at >= endpoint.rotated_at + BOTH_FOR:
        return newest
    return [*newest, _key(endpoint, endpoint.generation - 1)]


def _key(endpoint: Endpoint, generation: int) -> bytes:
    held = f"{endpoint.pk}/{endpoint.given_at.timestamp()}/{generation}"
    return salted_hmac("reporting.webhooks", held, algorithm="sha256").digest()
