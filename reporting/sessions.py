"""A session begins with signing in and ends twelve hours later, whatever is done in it.

It keeps when the password was last given: for some acts that must not be long ago.
"""

from datetime import datetime

from django.conf import settings

from . import clock

PASSWORD_GIVEN = "password_given_at"  # noqa: S105 - a key of the session


def begin(sender, request, user, **kwargs) -> None:
    """A person has signed in: the session's end is fixed, and the person's first and last time are kept."""
    now = clock.now()
    password_given(request, now)
    request.session.set_expiry(now - clock.offset() + settings.SESSION_LASTS)  # sessions end by the real time
    user.first_signed_in_at = user.first_signed_in_at or now
    user.last_signed_in_at = now
    user.save(update_fields=["first_signed_in_at", "last_signed_in_at"])


def password_given(request, at: datetime) -> None:
    request.session[PASSWORD_GIVEN] = at.isoformat()


def is_password_recent(request) -> bool:
    """Whether the password was given so short a while ago that it need not be given again."""
    given = request.session.get(PASSWORD_GIVEN)
    return given is not None and request.arrived_at - datetime.fromisoformat(given) <= settings.PASSWORD_SERVES
