"""A session begins with signing in and ends twelve hours later, whatever is done in it.

It keeps when the password was last given: for some acts that must not be long ago. Of accounts that reach far it also
keeps when they were last used.
"""

from datetime import datetime, timedelta

from django.conf import settings

from .. import clock

PASSWORD_GIVEN = "password_given_at"  # noqa: S105 - a key of the session
USED = "used_at"
A_WHILE = timedelta(minutes=5)  # so exactly it is kept: not every page writes the session


def begin(sender, request, user, **kwargs) -> None:
    """A person has signed in: the session's end is fixed, and the person's first and last time are kept."""
    now = clock.now()
    password_given(request, now)
    request.session[USED] = now.isoformat()
    request.session.set_expiry(now - clock.offset() + settings.SESSION_LASTS)  # sessions end by the real time
    user.first_signed_in_at = user.first_signed_in_at or now
    user.last_signed_in_at = now
    user.save(update_fields=["first_signed_in_at", "last_signed_in_at"])
    request.session.clear_expired()  # nobody else clears what has ended


def password_given(request, at: datetime) -> None:
    request.session[PASSWORD_GIVEN] = at.isoformat()


def is_password_recent(request) -> bool:
    """Whether the password was given so short a while ago that it need not be given again."""
    given = request.session.get(PASSWORD_GIVEN)
    return given is not None and request.arrived_at - datetime.fromisoformat(given) <= settings.PASSWORD_SERVES


def is_idle(request) -> bool:
    """Whether the session was not used for so long that anybody may be sitting there."""
    used = request.session.get(USED)
    return used is not None and request.arrived_at - datetime.fromisoformat(used) > settings.IDLE_LASTS


def use(request) -> None:
    """Note that the person is there; what a page asks for by itself, as the board does, says nothing of that."""
    if request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "empty":
        return
    used = request.session.get(USED)
    if used is None or request.arrived_at - datetime.fromisoformat(used) > A_WHILE:
        request.session[USED] = request.arrived_at.isoformat()
