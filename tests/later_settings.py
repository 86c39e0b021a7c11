"""The settings of the next release, which has a migration more."""

from .settings import *  # noqa: F403 - settings that build on others

MIGRATION_MODULES = {"reporting": "tests.later_migrations"}
