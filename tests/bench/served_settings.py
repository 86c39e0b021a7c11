"""A server as the office runs it: the production hasher, which the suite's settings make cheap."""

from django.conf import global_settings

from .settings import *  # noqa: F403 - settings that build on others

PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
