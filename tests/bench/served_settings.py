"""A server as the office runs it: with the hasher and the reader of files that the suite's settings make cheap."""

from bluezone_report import settings as production

from .settings import *  # noqa: F403 - settings that build on others

PASSWORD_HASHERS = production.PASSWORD_HASHERS
READ_FILES_APART = production.READ_FILES_APART
