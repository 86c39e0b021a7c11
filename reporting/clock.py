"""All code reads the time here: the real time, or in a demonstration the real time plus a fixed offset."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

Now = Callable[[], datetime]  # acts take one, to read the time inside the lock


def now() -> datetime:
    """The current time, aware."""
    return machine() + offset()


def machine() -> datetime:
    """The time of this machine, also in a demonstration; for jobs and backups."""
    return timezone.now()


def offset() -> timedelta:
    """How far the demonstration's clock is moved; zero outside a demonstration."""
    return timedelta(seconds=settings.DEMO_OFFSET)
