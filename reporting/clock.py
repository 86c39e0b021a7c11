"""The only reader of the clock: the real time or, in a demonstration only, the real time moved by a fixed offset."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

Now = Callable[[], datetime]  # a reader of the clock, for what is dated inside a lock


def now() -> datetime:
    """The present instant, aware."""
    return machine() + offset()


def machine() -> datetime:
    """The instant by this machine's clock, for jobs and backups: no demonstration moves it."""
    return timezone.now()


def offset() -> timedelta:
    """How far the demonstration's clock is moved; zero outside a demonstration."""
    return timedelta(seconds=settings.DEMO_OFFSET)
