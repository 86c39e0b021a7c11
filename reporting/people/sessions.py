"""A session begins with the sign-in and ends twelve hours later, whatever happens in it.

The table holds the hash of its key, so a copy of the table gives nobody a session. A session stores when the password
was last given, because some acts need a recent one, and its beginning and last use, because people see and end their
sessions. A person has at most thirty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.crypto import constant_time_compare

from .. import clock, gate
from ..text import addresses, browsers

if TYPE_CHECKING:  # the app imports this file before its models are loaded
    from ..models import User

PASSWORD_GIVEN = "password_given_at"  # noqa: S105 - a key of the session
USED = "used_at"
BEGUN = "begun"  # when, from which address, in which browser
BY_PASSKEY = "by_passkey"  # the second factor is given
A_WHILE = timedelta(minutes=5)  # the precision of USED, so that not every page writes the session
MOST = 30  # sessions of a person


def stored_key(key: str | None) -> str:
    """The key as the table holds it: 160 bits of its hash. Without a key, a random one that no session has."""
    return sha256((key or "").encode()).hexdigest()[:40]


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> Any:
        return apps.get_model("reporting", "Session")

    def load(self) -> dict[str, Any]:
        now_open = self.model.objects.filter(expire_date__gt=clock.now() - clock.offset())
        row = now_open.filter(session_key=stored_key(self.session_key)).first()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row.session_data)

    def _get_new_session_key(self) -> str:
        person = self._session_cache.get(SESSION_KEY) if hasattr(self, "_session_cache") else None
        usual: Any = super()  # the types of Django leave this method out
        return gate.session_key(person) if person else usual._get_new_session_key()

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        row.person_id, row.used_at = data.get(SESSION_KEY), data.get(USED)
        row.device = data[BEGUN][2] if BEGUN in data else ""
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=stored_key(key)).delete()


class Request(HttpRequest):
    """A request of a signed-in person, after the middleware."""

    arrived_at: datetime
    user: User
    resolver_match: ResolverMatch


def begin_session(sender: object, request: Request, user: User, **kwargs: object) -> None:
    """Fix the new session's end and store the person's first and last sign-in."""
    now = clock.now()
    password_given(request, now)
    request.session[USED] = now.isoformat()
    agent, address = request.headers.get("User-Agent", ""), addresses.client_address(request)
    request.session[BEGUN] = [now.isoformat(), address or "", browsers.browser(agent)]
    request.session.set_expiry(now - clock.offset() + settings.SESSION_LASTS)  # sessions end by the real time
    request.session.cycle_key()  # the new key names the person
    others = _rows().filter(person=user).exclude(session_key=stored_key(request.session.session_key))
    newest = others.order_by("-used_at", "-expire_date").values("session_key")
    _rows().filter(session_key__in=[row["session_key"] for row in newest[MOST - 1 :]]).delete()
    user.first_signed_in_at = user.first_signed_in_at or now
    user.last_signed_in_at = now
    user.save(update_fields=["first_signed_in_at", "last_signed_in_at"])
    request.session.clear_expired()  # nothing else clears ended sessions


def password_given(request: Request, at: datetime) -> None:
    request.session[PASSWORD_GIVEN] = at.isoformat()


def is_password_recent(request: Request) -> bool:
    """Whether the password was given recently enough for acts that ask for it."""
    given = request.session.get(PASSWORD_GIVEN)
    return given is not None and request.arrived_at - datetime.fromisoformat(given) <= settings.PASSWORD_SERVES


def is_idle(request: Request) -> bool:
    """Whether the session ends because it was unused too long."""
    used = request.session.get(USED)
    return used is not None and request.arrived_at - datetime.fromisoformat(used) > settings.IDLE_LASTS


def note_use(request: Request) -> None:
    """Note that the person is active. Requests that a page makes by itself, like the board's, do not count."""
    if request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "empty":
        return
    used = request.session.get(USED)
    if used is None or request.arrived_at - datetime.fromisoformat(used) > A_WHILE:
        request.session[USED] = request.arrived_at.isoformat()


@dataclass(frozen=True)
class OwnSession:
    """A session of the person; `name` is the hash of its key."""

    name: str
    begun_at: datetime
    used_at: datetime
    address: str
    browser: str
    is_this: bool


def own_sessions(request: Request) -> list[OwnSession]:
    """The person's valid sessions: this one first, then the newest."""
    sessions = []
    for key, content in _open_sessions(request.user):
        begun_at, address, browser = content[BEGUN]
        is_this = key == stored_key(request.session.session_key)
        begun, used = datetime.fromisoformat(begun_at), datetime.fromisoformat(content[USED])
        sessions.append(OwnSession(key, begun, used, address, browser, is_this))
    return sorted(sessions, key=lambda session: (session.is_this, session.begun_at), reverse=True)


def end_others(request: Request, name: str = "") -> int:
    """End the person's session of this name, or all but the current one; returns how many."""
    this = stored_key(request.session.session_key)
    keys = {key for key, _content in _open_sessions(request.user) if key != this and name in ("", key)}
    return _rows().filter(session_key__in=keys).delete()[0]


def _open_sessions(user: User) -> Iterator[tuple[str, dict]]:
    """Hashed key and content of the person's sessions; a change of the password ends those with another hash."""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    store = SessionStore()
    real_now = clock.now() - clock.offset()
    for row in _rows().filter(person=user, expire_date__gt=real_now):
        content = store.decode(row.session_data)
        if any(constant_time_compare(content.get(HASH_SESSION_KEY, ""), one) for one in hashes):
            yield row.session_key, content


def _rows() -> QuerySet[Any]:
    return SessionStore.get_model_class().objects.all()
