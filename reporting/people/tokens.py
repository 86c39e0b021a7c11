"""Tokens for other systems. The city gives one for a unit and all below it. It is shown once and can be revoked.

A token is no person: it has no role, writes nothing, and sees what a viewer of its unit sees.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from .. import deadline
from ..gate import TryLater
from ..models import Token, TokenUse, Unit, User
from ..models.units import UnitQuerySet
from . import access

MARK = "bzr_"  # scanners for leaked secrets look for it
SHOWN = 12  # letters
LONGEST = 366  # days
MINUTE = timedelta(minutes=1)
WARNING = timedelta(days=14)  # before the end


class TooOften(TryLater):
    """The token has no requests left in this minute."""


@dataclass(frozen=True)
class NewToken:
    """A new token, and its secret, which is stored nowhere else."""

    token: Token
    secret: str


def create_token(*, unit: Unit, name: str, expires_at: datetime, by: User | None, at: datetime) -> NewToken:
    """Give a token. It stays valid after the person who gave it leaves. `by` is None for the operator's command."""
    secret = MARK + secrets.token_urlsafe(32)
    secret_parts = {"begins_with": secret[:SHOWN], "digest": _digest(secret)}
    token = Token.objects.create(unit=unit, name=name, given_at=at, by=by, expires_at=expires_at, **secret_parts)
    return NewToken(token, secret)


def revoke_token(token: Token, *, by: User | None, at: datetime) -> bool:
    """Revoke the token. False if it was revoked already."""
    return bool(Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at, revoked_by=by))


def use_token(secret: str, *, at: datetime, address: str | None) -> Token | None:
    """Count a request that arrived at `at`; returns its token, or None if the secret is not valid.

    Raises `TooOften` after TOKEN_REQUESTS_PER_MINUTE.
    """
    serving = Token.objects.serving(at).filter(digest=_digest(secret))
    if not serving.exists():  # an invalid secret takes no lock, which would delay reports
        return None
    with transaction.atomic():
        token = serving.select_for_update(of=("self",)).first()
        if token is None:
            return None
        wait = _count(token, at)
        _note(token, at, is_refused=wait > 0)
        if not wait:
            token.last_used_at, token.last_address = at, address
        token.save(update_fields=["counted_from", "counted", "last_used_at", "last_address"])
    if wait:
        raise TooOften(wait)
    return token


def is_given(*, unit: Unit, name: str, at: datetime) -> bool:
    """Whether a token of that name is valid for the unit. One that ends soon may be given again under its name."""
    return Token.objects.serving(at + WARNING).filter(unit=unit, name=name).exists()


def ending_tokens(top: Unit, at: datetime) -> QuerySet[Token]:
    """Tokens at or below the unit that end within a fortnight and have no successor of the same name."""
    renewed = Token.objects.serving(at + WARNING).filter(unit=OuterRef("unit"), name=OuterRef("name"))
    below = Token.objects.serving(at).filter(unit__path__startswith=top.path)
    return below.filter(~Exists(renewed), expires_at__lte=at + WARNING).order_by("expires_at", "id")


def visible_units(token: Token, at: datetime) -> UnitQuerySet:
    """The token's unit, all below it, and the closed units that it took over."""
    own = [token.unit, *Unit.objects.ending_at(token.unit, deadline.reporting_day(at))]
    return Unit.objects.filter(access.at_or_below(own))


def seconds_left(counted_from: datetime, at: datetime) -> int:
    """Seconds to the token's next minute."""
    return ceil((counted_from + MINUTE - at).total_seconds())


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _count(token: Token, at: datetime) -> int:
    """Count a request; returns the seconds to wait, or 0."""
    limit = settings.TOKEN_REQUESTS_PER_MINUTE
    if token.counted_from is None or not token.counted_from <= at < token.counted_from + MINUTE:
        token.counted_from, token.counted = at, 0
    if limit and token.counted >= limit:
        return seconds_left(token.counted_from, at)
    token.counted += 1
    return 0


def _note(token: Token, at: datetime, *, is_refused: bool) -> None:
    use, _ = TokenUse.objects.get_or_create(token=token, day=deadline.reporting_day(at))
    column = "refused" if is_refused else "answered"
    TokenUse.objects.filter(pk=use.pk).update(**{column: F(column) + 1})
