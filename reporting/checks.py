"""What `manage.py check --deploy` asks beside Django's own checks: mistakes of a set-up that no test can see."""

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def proxies_are_counted(app_configs, **kwargs) -> list[Error]:
    """A proxy ends https; uncounted, all people come from its address, and a lock for one is a lock everywhere."""
    if not settings.HTTPS or settings.TRUSTED_PROXIES:
        return []
    words = "TRUSTED_PROXIES is 0 behind https: five wrong passwords of anybody lock a person out everywhere."
    hint = "Set it to the number of your own proxies in front, each of which appends to X-Forwarded-For."
    return [Error(words, hint=hint, id="reporting.E001")]
