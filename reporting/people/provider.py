"""Signing in with the office account, by OpenID Connect.

mozilla-django-oidc makes state, nonce and PKCE, fetches tokens and keys, and compares the nonce. This module finds the
provider, over https unless it is on this machine. It checks with PyJWT that the ID token comes from the provider, is
meant for this site and has not expired. It finds the account by the office's identifier, never by a mail address, and
creates none.
"""

from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from mozilla_django_oidc.auth import OIDCAuthenticationBackend
from mozilla_django_oidc.utils import import_from_settings

from ..models import User

LEEWAY = timedelta(minutes=1)  # between two machines' clocks
SETTINGS = {  # the library's setting: the provider's own name
    "OIDC_OP_AUTHORIZATION_ENDPOINT": "authorization_endpoint",
    "OIDC_OP_TOKEN_ENDPOINT": "token_endpoint",
    "OIDC_OP_USER_ENDPOINT": "userinfo_endpoint",
    "OIDC_OP_JWKS_ENDPOINT": "jwks_uri",
}
SIGN_OUT = "end_session_endpoint"
IS_AWAY = requests.RequestException
REQUIRED = ["iss", "sub", "aud", "exp", "iat", "nonce", "auth_time"]  # claims of an ID token
# Raised by answers that no provider should give.
IS_WRONG = (SuspiciousOperation, jwt.PyJWTError, LookupError, TypeError, ValueError, OverflowError)


@lru_cache(maxsize=1)
def metadata(issuer: str) -> dict[str, Any]:
    """The provider's published configuration. Raises `IS_AWAY` and `IS_WRONG`."""
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    _check(address)
    answer = requests.get(address, timeout=settings.OIDC_TIMEOUT, allow_redirects=False)
    answer.raise_for_status()
    configuration = answer.json()
    if configuration["issuer"] != issuer:
        raise ValueError("The provider calls itself otherwise.")
    for name in {*SETTINGS.values(), SIGN_OUT} & configuration.keys():
        _check(configuration[name])
    return configuration


def _check(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("An address of the provider is not https.")


def get_settings(name: str, *default: Any) -> Any:
    """A setting for the library: addresses come from the provider's configuration, the rest from the settings."""
    return metadata(settings.OIDC_ISSUER)[SETTINGS[name]] if name in SETTINGS else import_from_settings(name, *default)


class Backend(OIDCAuthenticationBackend):
    """`authenticate` returns the person of the account, or None, and sets `request.claims`."""

    get_settings = staticmethod(get_settings)

    def _verify_jws(self, payload: str, key: Any) -> dict[str, Any]:
        site = {"issuer": settings.OIDC_ISSUER, "audience": self.OIDC_RP_CLIENT_ID, "leeway": LEEWAY}
        claims = jwt.decode(payload, key, [self.OIDC_RP_SIGN_ALGO], {"require": REQUIRED}, **site)
        if claims["aud"] not in (self.OIDC_RP_CLIENT_ID, [self.OIDC_RP_CLIENT_ID]):
            raise SuspiciousOperation("The ID token is for others too.")
        return claims

    def get_or_create_user(self, access_token: str, id_token: str, claims: dict[str, Any]) -> User | None:
        more = claims if settings.OIDC_CLAIM in claims else self.get_userinfo(access_token, id_token, claims)
        if more["sub"] != claims["sub"]:
            raise SuspiciousOperation("The provider speaks of two people.")
        identifier = (more | claims)[settings.OIDC_CLAIM]
        if type(identifier) not in (str, int):
            raise SuspiciousOperation("The identifier is neither a text nor a number.")
        self.request.claims = more | claims
        people = User.objects.filter(office_identifier=identifier).select_related("unit")
        return people.first() if identifier != "" else None
