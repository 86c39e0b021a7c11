"""A session begins with signing in and ends twelve hours later, whatever is done in it.

It lies in the database under the hash of its key: whoever reads the table, or a backup of it, can use none. It keeps
when the password was last given: for some acts that must not be long ago. Of accounts that reach far it also keeps when
they were last used. Since when and where it is one's own is kept for its person, who may end it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.crypto import constant_time_compare

from .. import clock
from ..text import addresses, browsers

if TYPE_CHECKING:  # the app imports this file before there are models
    from ..models import User

PASSWORD_GIVEN = "password_given_at"  # noqa: S105 - a key of the session
USED = "used_at"
BEGUN = "begun"  # when, from which address, in which browser
A_WHILE = timedelta(minutes=5)  # so exactly it is kept: not every page writes the session


def stored_key(key: str | None) -> str:
    """What stands in the table for a key: 160 bits. A session without a key has one that is nobody's."""
    return sha256((key or "").encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    def load(self) -> dict[str, Any]:
        now_open = self.model.objects.filter(expire_date__gt=clock.now() - clock.offset())
        held = now_open.filter(session_key=stored_key(self.session_key)).first()
        if held is None:
            self._session_key = None
            return {}
        return self.decode(held.session_data)

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        held = super().create_model_instance(data)
        held.session_key = stored_key(held.session_key)
        return held

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=stored_key(key)).delete()


class Request(HttpRequest):
    """As the middleware hands it on, of a person who has signed in."""

    arrived_at: datetime
    user: User
    resolver_match: ResolverMatch


def begin(sender: object, request: Request, user: User, **kwargs: object) -> None:
    """A person has signed in: the session's end is fixed, and the person's first and last time are kept."""
    now = clock.now()
    password_given(request, now)
    request.session[USED] = now.isoformat()
    agent, address = request.headers.get("User-Agent", ""), addresses.client_address(request)
    request.session[BEGUN] = [now.isoformat(), address or "", browsers.browser(agent)]
    request.session.set_expiry(now - clock.offset() + settings.SESSION_LASTS)  # sessions end by the real time
    user.first_signed_in_at = user.first_signed_in_at or now
    user.last_signed_in_at = now
    user.save(update_fields=["first_signed_in_at", "last_signed_in_at"])
    request.session.clear_expired()  # nobody else clears what has ended


def password_given(request: Request, at: datetime) -> None:
    request.session[PASSWORD_GIVEN] = at.isoformat()


def is_password_recent(request: Request) -> bool:
    """Whether the password was given so short a while ago that it need not be given again."""
    given = request.session.get(PASSWORD_GIVEN)
    return given is not None and request.arrived_at - datetime.fromisoformat(given) <= settings.PASSWORD_SERVES


def is_idle(request: Request) -> bool:
    """Whether the session was not used for so long that anybody may be sitting there."""
    used = request.session.get(USED)
    return used is not None and request.arrived_at - datetime.fromisoformat(used) > settings.IDLE_LASTS


def use(request: Request) -> None:
    """Note that the person is there; what a page asks for by itself, as the board does, says nothing of that."""
    if request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "empty":
        return
    used = request.session.get(USED)
    if used is None or request.arrived_at - datetime.fromisoformat(used) > A_WHILE:
        request.session[USED] = request.arrived_at.isoformat()


@dataclass(frozen=True)
class OwnSession:
    """A device that a person is signed in on; `name` is the hash of the key."""

    name: str
    begun_at: datetime
    address: str
    browser: str
    is_this: bool


def own(request: Request) -> list[OwnSession]:
    """The sessions of the person that open something still, this one first, then the newest."""
    found = []
    for key, held in _open_sessions(request.user):
        begun_at, address, browser = held[BEGUN]
        is_this = key == stored_key(request.session.session_key)
        found.append(OwnSession(key, datetime.fromisoformat(begun_at), address, browser, is_this))
    return sorted(found, key=lambda session: (session.is_this, session.begun_at), reverse=True)


def end(request: Request, name: str = "") -> int:
    """End the person's session of this name, or all but this one; how many there were."""
    this = stored_key(request.session.session_key)
    keys = {key for key, _held in _open_sessions(request.user) if key != this and name in ("", key)}
    return _kept().filter(session_key__in=keys).delete()[0]


def _open_sessions(user: User) -> Iterator[tuple[str, dict]]:
    """Hash of the key, and content. The table says nothing of people, so that each is opened: a thousand take 30 ms."""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    store = SessionStore()
    real_now = clock.now() - clock.offset()
    for key, data in _kept().filter(expire_date__gt=real_now).values_list("session_key", "session_data"):
        held = store.decode(data)
        is_own = held.get(SESSION_KEY) == str(user.pk) and PASSWORD_GIVEN in held
        if is_own and any(constant_time_compare(held.get(HASH_SESSION_KEY, ""), one) for one in hashes):
            yield key, held


def _kept() -> QuerySet[Any]:
    return SessionStore.get_model_class().objects.all()
