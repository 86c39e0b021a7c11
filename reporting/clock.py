"""The only reader of the clock: the real time or, in a demonstration only, the real time moved by a fixed offset."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

Now = Callable[[], datetime]  # a reader of the clock, for what is dated inside a lock


def now() -> datetime:
    """The present instant, aware."""
    return machine() + offset()


def machine() -> datetime:
    """The instant by this machine's own clock, whatever a demonstration shows; what jobs and backups go by."""
    return timezone.now()


def monotonic() -> float:
    """Seconds since some moment; never set back: for how long something takes."""
    return time.monotonic()


def offset() -> timedelta:
    """How far the demonstration's clock is moved; zero outside a demonstration (settings refuse anything else)."""
    return timedelta(seconds=settings.DEMO_OFFSET)
