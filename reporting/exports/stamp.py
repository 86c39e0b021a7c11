"""What every file and answer says of itself: of which instant its figures are, in which zone, from which release."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from ..days.look_back import SEALED, LookBack
from ..hours import deadline


def as_of(look: LookBack, *, at: datetime) -> str:
    """The instant that the figures are of, seen at `at`; “seal” of a range of which each day has that of its own."""
    return SEALED if look.seals is not None else (look.as_of or at).astimezone(deadline.ZONE).isoformat()


def headers(look: LookBack, *, at: datetime) -> dict[str, str]:
    return {
        "Bluezone-As-Of": as_of(look, at=at),
        "Bluezone-Zone": str(deadline.ZONE),
        "Bluezone-Release": settings.RELEASE,
    }


def words(instant: str) -> str:
    """The same in the properties of a file."""
    return f"As of {instant} ({deadline.ZONE}). Bluezone report {settings.RELEASE}."
