"""Extra checks for `manage.py check --deploy`: they find mistakes in a set-up that no test can see."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError


@register(Tags.security, deploy=True)
def proxies_are_counted(app_configs, **kwargs) -> list[Error]:
    """An error if HTTPS is on and no proxy is counted: everybody would share one address and its waiting times."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    words = "TRUSTED_PROXIES is 0 behind https: after five wrong passwords of anybody, everybody must wait."
    hint = "Set it to the number of your own proxies in front, each of which appends to X-Forwarded-For."
    return [Error(words, hint=hint, id="reporting.E001")]


@register(Tags.security, deploy=True)
def nobody_else_is_believed(app_configs, **kwargs) -> list[Error]:
    """An error if every peer may name an address and an arrival."""
    if "*" not in settings.FORWARDED_ALLOW_IPS:
        return []
    words, hint = "FORWARDED_ALLOW_IPS is *: every peer is believed.", "Name the proxies' own addresses."
    return [Error(words, hint=hint, id="reporting.E006")]


@register(Tags.security, deploy=True)
def proxy_and_settings_agree(app_configs, **kwargs) -> list[CheckMessage]:
    """Messages if the proxy's file does not pass on a request's address and arrival as the settings expect."""
    if not settings.PROXY_CONFIGURATION:
        if not settings.TRUST_REQUEST_START:
            return []
        words = "TRUST_REQUEST_START trusts a proxy, but its file is not named."
        hint = "Set PROXY_CONFIGURATION to the path of its file; deploy/nginx.conf is one that agrees."
        return [Warning(words, hint=hint, id="reporting.W003")]
    try:
        text = Path(settings.PROXY_CONFIGURATION).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [Error(f"PROXY_CONFIGURATION cannot be read: {error}", id="reporting.E003")]
    hint = "deploy/nginx.conf with TRUSTED_PROXIES=1 and TRUST_REQUEST_START=1 agree."
    return [Error(words, hint=hint, id="reporting.E003") for words in _disagreements(text)]


def _disagreements(text: str) -> Iterator[str]:
    lines = {" ".join(line.split()) for line in re.sub(r"#.*", "", text).replace("{", ";").split(";")}
    sent = dict(line.split()[1:3] for line in lines if line.startswith("proxy_set_header "))
    address, start = sent.get("X-Forwarded-For"), sent.get("X-Request-Start")
    if address != "$proxy_add_x_forwarded_for" and (address == "$remote_addr") != (settings.TRUSTED_PROXIES == 1):
        yield f"TRUSTED_PROXIES is {settings.TRUSTED_PROXIES}, and the proxy sends X-Forwarded-For as {address}."
    if settings.HTTPS and sent.get("X-Forwarded-Proto") not in ("https", "$scheme"):
        yield "HTTPS is on, and the proxy does not send X-Forwarded-Proto: every request is sent to https, for ever."
    if (start == '"t=$msec"') != settings.TRUST_REQUEST_START:
        trusted = "on" if settings.TRUST_REQUEST_START else "off"
        yield f"TRUST_REQUEST_START is {trusted}, and the proxy sends X-Request-Start as {start}."
    if "proxy_request_buffering off" in lines:
        yield "The proxy passes a body on before it is whole: X-Request-Start is then earlier than the last byte."


@register(Tags.security, deploy=True)
def passwords_go_to_a_certified_server(app_configs, **kwargs) -> list[CheckMessage]:
    """A message if a password goes to another machine without TLS or a checked certificate."""
    found = []
    databases = [database for database in settings.DATABASES.values() if _is_elsewhere(database.get("HOST", ""))]
    if any(database["OPTIONS"].get("sslmode") != "verify-full" for database in databases):
        words = "The database is on another machine, and its certificate is not checked."
        found.append(Warning(words, hint="Add ?sslmode=verify-full to DATABASE_URL.", id="reporting.W004"))
    is_secure = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.EMAIL_HOST_PASSWORD and _is_elsewhere(settings.EMAIL_HOST) and not is_secure:
        words = "The password of the mail server is sent in the clear."
        found.append(Error(words, hint="Begin EMAIL_URL with smtp+tls:// or smtp+ssl://.", id="reporting.E004"))
    return found


def _is_elsewhere(host: str) -> bool:
    return host not in ("", "localhost", "127.0.0.1", "::1") and not host.startswith("/")


@register(Tags.security, deploy=True)
def nobody_has_the_password_of_the_demonstration(app_configs, **kwargs) -> list[Error]:
    """An error if active accounts have the demonstration's password, which is public.

    Checking an account takes a fifth of a second of a core. A database that does not answer is no error here.
    """
    people = apps.get_model("reporting", "User").objects.filter(is_active=True)
    try:
        users = dict(people.order_by("-username").values_list("password", "username"))
    except DatabaseError:
        return []
    with ThreadPoolExecutor() as pool:
        matches = pool.map(lambda stored: check_password(settings.DEMO_PASSWORD, stored), users)
        found = [username for username, is_match in zip(users.values(), matches, strict=True) if is_match]
    if not found:
        return []
    words = f"The demonstration's password opens {len(found)} accounts or more, first {found[-1]}."
    hint = "Give them one-time passwords, or begin with an empty database."
    return [Error(words, hint=hint, id="reporting.E002")]
