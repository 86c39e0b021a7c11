"""The second factor: the code of an application on the phone, asked for at every sign-in once it is set up.

Everybody may set one up; the settings may demand it. django-otp accepts a code once, a step early or late, and doubles
the wait after each wrong one. A passkey serves instead of a code. Who lost both gets a reset. Setting up, switching off
and resetting end the person's other sessions.
"""

from base64 import b32encode
from datetime import datetime
from urllib.parse import quote

import django_otp
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from .. import clock, site
from ..models import User
from ..text import formatting

KEY_ADDRESS = "otpauth://totp/"
TOLERANCE = 1  # steps of half a minute


class CodeError(ValidationError):
    """The code is `wrong`, or came `too_soon` after wrong ones and was not tried."""


def reaches_far(user: User) -> bool:
    """Whether the account reaches the whole city: a city clerk's or an administrator's."""
    return user.is_superuser or (user.unit is not None and not user.unit.is_under_seal)


def is_set_up(user: User) -> bool:
    return user.second_factor_at is not None


def owes_code(user: User) -> bool:
    """Whether the person gave the password but not yet the code. Until then no other page is open."""
    return user.is_authenticated and is_set_up(user) and getattr(user, "otp_device", None) is None


def must_set_up(user: User) -> bool:
    """Whether the person must set up a second factor now. A one-time password must be changed before that."""
    if not user.is_authenticated or user.must_change_password or is_set_up(user):
        return False
    return is_demanded_of(user) and not getattr(user, "otp_device", None)


def is_demanded_of(user: User) -> bool:
    """Whether the settings demand a second factor of the account."""
    return settings.SECOND_FACTOR_REQUIRED_OF_ALL or (settings.SECOND_FACTOR_REQUIRED and reaches_far(user))


def unsaved_device(person: User, key: str) -> TOTPDevice:
    return TOTPDevice(user=person, name="TOTP", key=key, tolerance=TOLERANCE)


def key_address(device: TOTPDevice) -> str:
    """The address in the picture that the phone scans, with the name of the place as its issuer."""
    label, _question, parameters = device.config_url.removeprefix(KEY_ADDRESS).partition("?")
    issuer = quote(f"Bluezone {site.current().name}".strip().replace(":", ""))
    return f"{KEY_ADDRESS}{issuer}%3A{label}?{parameters}&issuer={issuer}"


def set_up(person: User, *, key: str, code: str, at: datetime) -> TOTPDevice:
    """Set up the second factor; returns the device.

    `code` proves that the phone has the key, and cannot be used again. Raises `CodeError` if it is wrong.
    """
    device = unsaved_device(person, key)
    with transaction.atomic():
        TOTPDevice.objects.filter(user=person).delete()
        if not device.verify_token(code):  # this stores the device
            words = _("The code is wrong. Check that the phone’s clock is right, then enter the current code.")
            raise CodeError(words, code="wrong")
        _end_sessions(person, second_factor_at=at)
    return device


def remove(person: User) -> bool:
    """Switch the second factor off, or reset a lost one, with all passkeys; False if there was none."""
    with transaction.atomic():
        codes, _kinds = TOTPDevice.objects.filter(user=person).delete()
        keys, _kinds = person.passkeys.all().delete()
        was_there = bool(codes or keys) or is_set_up(person)
        if was_there:
            _end_sessions(person, second_factor_at=None)
    return was_there


def use_code(person: User, code: str) -> TOTPDevice:
    """Use the phone's code; returns the device. Raises `CodeError`."""
    device = _device(person)
    is_allowed, details = device.verify_is_allowed() if device else (True, {})
    if not is_allowed:
        until = formatting.exact(details["locked_until"] + clock.offset())
        raise CodeError(_("Too many wrong codes. You can try again from %(moment)s.") % {"moment": until}, "too_soon")
    taken = device and django_otp.verify_token(person, device.persistent_id, code)
    if taken is None:
        raise CodeError(_("The code is wrong or already used. Wait for the next one."), "wrong")
    return taken


def key_in_letters(device: TOTPDevice) -> str:
    """The key in letters, for an application that cannot scan the picture."""
    return formatting.in_fours(b32encode(device.bin_key).decode().rstrip("="))


def _device(person: User) -> TOTPDevice | None:
    """The person's device. None if it was deleted by other means: then only a reset helps."""
    return TOTPDevice.objects.filter(user=person, confirmed=True).first()


def _end_sessions(person: User, *, second_factor_at: datetime | None) -> None:
    """End all sessions of the person at their next request. Call it in a transaction."""
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    person.sessions_ended = locked.sessions_ended + 1
    person.second_factor_at = second_factor_at
    person.save(update_fields=["sessions_ended", "second_factor_at"])
