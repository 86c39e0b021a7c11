"""A server as the office runs it: the production hasher, which the suite's settings make cheap."""

from bluezone_report import settings as production

from .settings import *  # noqa: F403 - settings that build on others

PASSWORD_HASHERS = production.PASSWORD_HASHERS
