from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from . import checks, triggers  # noqa: F401 - checks are registered by being imported
from .people import sessions


def install_triggers(sender, *, using, **kwargs) -> None:
    """Install the append-only triggers after each `migrate`: SQLite loses them when a table is remade."""
    triggers.install(using=using)


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = _("Bluezone reporting")

    def ready(self) -> None:
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="append_only_triggers")
        user_logged_in.connect(sessions.begin_session, dispatch_uid="sessions_begin")
