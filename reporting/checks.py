"""What `manage.py check --deploy` asks beside Django's own checks: mistakes of a set-up that no test can see."""

from concurrent.futures import ThreadPoolExecutor

from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.checks import Error, Tags, register
from django.db import DatabaseError


@register(Tags.security, deploy=True)
def proxies_are_counted(app_configs, **kwargs) -> list[Error]:
    """A proxy ends https; uncounted, all people come from its address, and a lock for one is a lock everywhere."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    words = "TRUSTED_PROXIES is 0 behind https: five wrong passwords of anybody lock a person out everywhere."
    hint = "Set it to the number of your own proxies in front, each of which appends to X-Forwarded-For."
    return [Error(words, hint=hint, id="reporting.E001")]


@register(Tags.security, deploy=True)
def nobody_has_the_password_of_the_demonstration(app_configs, **kwargs) -> list[Error]:
    """It is printed for everybody; a database that began as a demonstration has it in every account.

    A hash of each account is tried, a fifth of a second of a core. Of a database that does not answer nothing is said.
    """
    people = apps.get_model("reporting", "User").objects.filter(is_active=True)
    try:
        hashed = dict(people.order_by("-username").values_list("password", "username"))
    except DatabaseError:
        return []
    with ThreadPoolExecutor() as pool:
        tried = pool.map(lambda kept: check_password(settings.DEMO_PASSWORD, kept), hashed)
        found = [username for username, is_it in zip(hashed.values(), tried, strict=True) if is_it]
    if not found:
        return []
    words = f"The demonstration's password opens {len(found)} accounts or more, first {found[-1]}."
    hint = "Give them one-time passwords, or begin with an empty database."
    return [Error(words, hint=hint, id="reporting.E002")]
