"""A server as in production: with the real hasher and file reader, which the suite's settings replace by cheap ones."""

from bluezone_report import settings as production

from .settings import *  # noqa: F403 - settings that build on others

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PASSWORD_HASHERS = production.PASSWORD_HASHERS
READ_FILES_APART = production.READ_FILES_APART
