"""Accounts: the list, the state of each, and what a superior does with the accounts below.

People are deactivated, never deleted: what they did stays under their names. A unit may have several people.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from django.db import transaction
from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy

from .. import deadline
from ..models import AccessRecord, Unit, User
from ..refusal import CONFLICT, Refusal
from ..text import formatting, names
from . import access

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that look or sound alike
GROUPS, GROUP = 3, 4  # 59 bits
ROUNDS = 10_000  # of the hash of a one-time password
SERVES = timedelta(days=7)
OF_A_NEW_PASSWORD = ("password", "must_change_password", "password_expires_at", "is_active")


class AccountState(TextChoices):
    NEVER = "never", gettext_lazy("never signed in")
    ACTIVE = "active", gettext_lazy("active")
    LEFT = "left", gettext_lazy("left")

    @property
    def colour(self) -> str:
        """The colour of its mark."""
        return "done" if self is AccountState.ACTIVE else "exempt"


@dataclass(frozen=True)
class PersonRow:
    """One account in the list."""

    person: User
    unit_name: str
    state: AccountState
    is_manageable: bool

    @property
    def searched(self) -> str:
        person = self.person
        return names.fold(f"{person.display_name} {person.username} {person.phone} {person.email} {self.unit_name}")


@dataclass(frozen=True)
class Slip:
    """A printed slip with a person's new password, which is stored nowhere else."""

    person: User
    unit_name: str
    password: str
    expires_at: datetime


def rows(user: User, *, at: datetime) -> list[PersonRow]:
    """The accounts that the user sees, sorted by unit and name."""
    units = Unit.objects.named(deadline.reporting_day(at)).in_bulk()
    manageable = set(access.manageable_people(user).values_list("pk", flat=True))

    def place(person: User) -> tuple[str, str]:
        path = units[person.unit_id].path if person.unit_id else ""
        return path, names.sort_key(f"{person.first_name} {person.last_name} {person.username}")

    def row(person: User) -> PersonRow:
        unit_name = units[person.unit_id].full_name if person.unit_id else _("administrator")
        return PersonRow(person, unit_name, state(person), person.pk in manageable)

    return [row(person) for person in sorted(access.visible_people(user), key=place)]


def matching_rows(people: Collection[PersonRow], *, q: str, state: str) -> list[PersonRow]:
    """The people in the state (empty: any) whose name, number or unit contains `q`, ignoring accents."""
    wanted = names.fold(q)
    return [row for row in people if wanted in row.searched and state in ("", row.state)]


def state(person: User) -> AccountState:
    if not person.is_active:
        return AccountState.LEFT
    return AccountState.ACTIVE if person.first_signed_in_at else AccountState.NEVER


def usual_username(phone: str) -> str:
    """The digits of the mobile number: +84 912 345 678 gives 0912345678."""
    digits = "".join(c for c in phone if c in "0123456789")
    return f"0{digits[2:]}" if phone.strip().startswith("+84") else digits


class Overtaken(Refusal):
    """The account was changed after it was read, perhaps by another press. Nothing was written."""

    text = gettext_lazy("The account has just been changed. Check it again.")
    status = CONFLICT
    code = "overtaken"


def _write_if_unchanged(person: User, *, by: User, read: dict, **fields: Any) -> None:
    """Write the fields of an account if the values of `read` are unchanged in the database.

    `person` must be `by`, or an account that `by` may still change. Raises `Overtaken`: others may have acted while
    a password was hashed.
    """
    allowed = User.objects.all() if by.pk == person.pk else access.manageable_people(by)
    if not allowed.filter(pk=person.pk, **read).update(**fields):
        raise Overtaken
    for name, value in fields.items():
        setattr(person, name, value)


def add_account(person: User, *, at: datetime) -> Slip:
    """Store a new account with a one-time password, which the person changes at the first sign-in."""
    password = one_time_password()
    set_one_time_password(person, one_time_hash(password), at=at)
    person.save(force_insert=True)
    return _slip(person, password, at)


def give_new_password(person: User, *, by: User, at: datetime) -> Slip:
    """Give a one-time password. Old password, slip, passkeys and sessions end; a closed account is active again.

    Raises `Overtaken`.
    """
    password, read = one_time_password(), {"password": person.password, "is_active": person.is_active}
    with transaction.atomic():
        _write_if_unchanged(person, by=by, read=read, **_given(one_time_hash(password), at))
        person.passkeys.all().delete()
    return _slip(person, password, at)


def _slip(person: User, password: str, at: datetime) -> Slip:
    unit = Unit.objects.named(deadline.reporting_day(at)).get(users=person)
    return Slip(person, unit.full_name, password, at + SERVES)


def choose_password(person: User, password: str) -> None:
    """Store the person's own password, in place of the one-time password.

    Raises `Overtaken` if the account was closed or reset meanwhile.
    """
    read = {"password": person.password, "is_active": True}
    own = {"password": make_password(password), "must_change_password": False, "password_expires_at": None}
    _write_if_unchanged(person, by=person, read=read, **own)


def one_time_exception(person: User | None) -> str:
    """What a report says whose sender has not yet replaced the one-time password; "" if the sender has.

    Near the deadline such a person reports without a password of his own and without a second factor.
    """
    if person is None or not person.must_change_password:
        return ""
    giving = (AccessRecord.Kind.PASSWORD_RESET, AccessRecord.Kind.PERSON_ADDED)
    given = AccessRecord.objects.filter(about=person, kind__in=giving).select_related("by").first()  # the newest
    with translation.override(settings.LANGUAGE_CODE):  # stored text is not in the writer's language
        if given is None or given.by is None:
            return _("sent with a one-time password")
        facts = {"name": given.by.display_name, "moment": formatting.exact(given.at)}
        return _("sent with a one-time password that %(name)s gave at %(moment)s") % facts


def change_account(person: User, before: dict, after: dict, *, by: User) -> None:
    """Write the fields of `after` that differ from `before`. Raises `Overtaken` if one was changed meanwhile."""
    changed = {name: value for name, value in after.items() if value != before[name]}
    if changed:
        _write_if_unchanged(person, by=by, read={name: before[name] for name in changed}, **changed)


def one_time_password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _letter in range(GROUP)) for _group in range(GROUPS))


def set_one_time_password(person: User, hashed: str, *, at: datetime) -> None:
    """Set the hash of a one-time password on the object, without saving it."""
    for name, value in _given(hashed, at).items():
        setattr(person, name, value)


def _given(hashed: str, at: datetime) -> dict[str, Any]:
    """The fields of an account with a new one-time password."""
    return dict(zip(OF_A_NEW_PASSWORD, (hashed, True, at + SERVES, True), strict=True))


def one_time_hash(password: str) -> str:
    """The hash of a one-time password, in 3 ms: nobody guesses 59 random bits, so it needs few rounds.

    A sign-in with a wrong password takes as long as with any account: Django hashes the missing rounds.
    """
    hasher = PBKDF2PasswordHasher()
    return hasher.encode(password, hasher.salt(), ROUNDS)


def close_account(person: User, *, by: User) -> None:
    """Close the account. Its sessions end at their next request. Raises `Overtaken`."""
    _write_if_unchanged(person, by=by, read={"is_active": True}, is_active=False)


def move_to_successor(user: User, day: date) -> Unit | None:
    """Move a person of a closed unit to the unit that took it over; returns the closed unit."""
    unit = user.unit
    if unit is None or unit.closed_on is None or unit.closed_on > day:
        return None
    heir = Unit.objects.heirs(day).get(unit.pk)
    if heir and Unit.objects.filter(pk=heir, code__in=unit.ancestor_codes).exists():
        return None  # a district merged into its city: its clerk gets no rights over the city, and still reads the past
    if heir is None or not User.objects.filter(pk=user.pk, unit=unit).update(unit=heir):
        return None
    user.unit = Unit.objects.get(pk=heir)
    return unit
