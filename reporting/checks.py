"""Extra checks for `manage.py check --deploy`: they find mistakes in a set-up that no test can see."""

from concurrent.futures import ThreadPoolExecutor

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError


@register(Tags.security, deploy=True)
def nobody_else_is_believed(app_configs, **kwargs) -> list[Error]:
    """An error if any machine may state the client's address and the time of arrival in its headers."""
    if "*" not in settings.FORWARDED_ALLOW_IPS:
        return []
    words, hint = "FORWARDED_ALLOW_IPS is *: every peer is believed.", "Name the proxies' own addresses."
    return [Error(words, hint=hint, id="reporting.E006")]


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
