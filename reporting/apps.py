from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from . import (
    checks,  # noqa: F401 - registered by being imported
    triggers,
)
from .people import sessions

# Words of Django's own pages that its Vietnamese catalogue lacks: named here, they are in ours.
DJANGOS = (ngettext_lazy("Please correct the error below.", "Please correct the errors below.", 1), _("Error:"))


def install_triggers(sender, *, using, **kwargs) -> None:
    """Every `migrate` ends with the append-only triggers in place: SQLite loses them when a table is remade."""
    triggers.install(using=using)


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = _("Bluezone reporting")

    def ready(self) -> None:
        post_migrate.connect(install_triggers, sender=self, dispatch_uid="append_only_triggers")
        user_logged_in.connect(sessions.begin, dispatch_uid="sessions_begin")
