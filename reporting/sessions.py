"""A session begins with signing in and ends twelve hours later, whatever is done in it."""

from django.conf import settings

from . import clock


def begin(sender, request, user, **kwargs) -> None:
    """A person has signed in: the session's end is fixed, and the person's first and last time are kept."""
    now = clock.now()
    request.session.set_expiry(now - clock.offset() + settings.SESSION_LASTS)  # sessions end by the real time
    user.first_signed_in_at = user.first_signed_in_at or now
    user.last_signed_in_at = now
    user.save(update_fields=["first_signed_in_at", "last_signed_in_at"])
