"""Passkeys: the fingerprint or PIN of a person's device signs in, and serves as the second factor.

The device checks who holds it, and signs our challenge with a key for this host. `webauthn` checks the signature. We
sign each challenge, so it needs no session. A passkey takes no challenge older than its last one: an answer works once.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import webauthn
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from .. import site
from ..models import AccessRecord, Passkey, User
from ..text import browsers
from . import second_factor, sessions

ANSWER_WITHIN = timedelta(minutes=10)
LONGEST = 20_000  # characters of an answer
USE = "use a passkey"  # a salt
# Raised by answers that no browser should give.
IS_WRONG = (WebAuthnException, signing.BadSignature, LookupError, TypeError, ValueError, AttributeError, RecursionError)


class PasskeyError(ValidationError):
    """The answer is not that of a passkey, or is too old."""


def question_to_add(request: sessions.Request) -> str:
    """What the browser needs to make a passkey of the signed-in person on its device, as JSON."""
    person = request.user
    options = webauthn.generate_registration_options(
        rp_id=_host(request),
        rp_name=f"Bluezone {site.current().name}".strip(),
        user_id=str(person.pk).encode(),
        user_name=person.username,
        user_display_name=person.display_name,
        challenge=_challenge(request, _to_add(person)),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_keys_of(person),
    )
    return webauthn.options_to_json(options)


def question_to_use(request: sessions.Request) -> str:
    """What the browser asks its device to sign, as JSON: for any person, or for the one who is signed in."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(request),
        challenge=_challenge(request, USE),
        allow_credentials=_keys_of(request.user) if request.user.is_authenticated else [],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def add(request: sessions.Request, answer: str) -> Passkey:
    """Store a passkey of the signed-in person. Where a second factor is demanded, the first passkey is one.

    Raises `PasskeyError`, and `PermissionDenied` if the password was not given recently.
    """
    person = request.user
    if second_factor.owes_code(person) or not sessions.is_password_recent(request):
        raise PermissionDenied
    try:
        given = _parsed(answer)
        challenge, made_at = _answered(given, request, _to_add(person))
        checked = webauthn.verify_registration_response(
            credential=given, expected_challenge=challenge, require_user_verification=True, **_here(request)
        )
    except IS_WRONG as error:
        raise _refusal() from error
    fields = {
        "person": person,
        "public_key": checked.credential_public_key,
        "sign_count": checked.sign_count,
        "device": browsers.browser(request.headers.get("User-Agent", "")),
        "added_at": request.arrived_at,
        "used_at": made_at,
    }
    with transaction.atomic():
        key_id = bytes_to_base64url(checked.credential_id)
        passkey, is_new = Passkey.objects.get_or_create(key_id=key_id, defaults=fields)
        if not is_new:
            raise _refusal()
        if second_factor.is_demanded_of(person) and not second_factor.is_set_up(person):
            _set_second_factor(person, request.arrived_at)
    AccessRecord.objects.note(AccessRecord.Kind.PASSKEY_ADDED, request=request, about=person, detail=passkey.device)
    request.session[sessions.BY_PASSKEY] = True
    return passkey


def use(request: sessions.Request, answer: str) -> User:
    """The person whose passkey gave the answer; it must be the signed-in one, if somebody is. Raises `PasskeyError`."""
    with transaction.atomic():
        try:
            given = _parsed(answer)
            challenge, made_at = _answered(given, request, USE)
            passkey = Passkey.objects.select_for_update().get(key_id=str(given["id"]), used_at__lt=made_at)
            checked = webauthn.verify_authentication_response(
                credential=given,
                expected_challenge=challenge,
                credential_public_key=bytes(passkey.public_key),
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
                **_here(request),
            )
        except (*IS_WRONG, Passkey.DoesNotExist) as error:
            raise _refusal() from error
        person = User.objects.select_related("unit").get(pk=passkey.person_id)
        if not person.is_active or (request.user.is_authenticated and request.user != person):
            raise _refusal()
        passkey.sign_count, passkey.used_at = checked.new_sign_count, made_at
        passkey.save(update_fields=["sign_count", "used_at"])
    kind = AccessRecord.Kind.PASSKEY_USED
    AccessRecord.objects.note(kind, request=request, by=person, about=person, detail=passkey.device)
    return person


def remove(request: sessions.Request, pk: int) -> bool:
    """Remove a passkey of the signed-in person. Without other passkeys or codes, the second factor is off."""
    person = request.user
    with transaction.atomic():
        passkey = Passkey.objects.filter(person=person, pk=pk).first()
        if passkey is None:
            return False
        passkey.delete()
        if not person.passkeys.exists() and not TOTPDevice.objects.filter(user=person).exists():
            _set_second_factor(person, None)
    kind = AccessRecord.Kind.PASSKEY_REMOVED
    AccessRecord.objects.note(kind, request=request, about=person, detail=passkey.device)
    return True


def _set_second_factor(person: User, at: datetime | None) -> None:
    person.second_factor_at = at
    person.save(update_fields=["second_factor_at"])


def _refusal() -> PasskeyError:
    return PasskeyError(_("This device was not recognised. Press again, or use the password."), code="wrong")


def _to_add(person: User) -> str:
    return f"add a passkey of {person.pk}"


def _keys_of(person: User) -> list[PublicKeyCredentialDescriptor]:
    keys = person.passkeys.values_list("key_id", flat=True)
    return [PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(key)) for key in keys]


def _host(request: sessions.Request) -> str:
    return request.get_host().partition(":")[0]


def _here(request: sessions.Request) -> dict[str, Any]:
    return {"expected_rp_id": _host(request), "expected_origin": f"{request.scheme}://{request.get_host()}"}


def _challenge(request: sessions.Request, salt: str) -> bytes:
    return signing.dumps(request.arrived_at.isoformat(), salt=salt).encode()


def _parsed(answer: str) -> dict:
    if len(answer) > LONGEST:
        raise ValueError("The answer is too long.")
    return json.loads(answer)


def _answered(given: dict, request: sessions.Request, salt: str) -> tuple[bytes, datetime]:
    """The challenge that was answered, and when we made it."""
    client = json.loads(webauthn.base64url_to_bytes(given["response"]["clientDataJSON"]))
    challenge = webauthn.base64url_to_bytes(client["challenge"])
    made_at = datetime.fromisoformat(signing.loads(challenge.decode(), salt=salt))
    if abs(request.arrived_at - made_at) > ANSWER_WITHIN:
        raise ValueError("The challenge is too old.")
    return challenge, made_at
