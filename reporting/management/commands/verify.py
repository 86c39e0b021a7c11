import sys

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.figures import verification


class Command(BaseCommand):
    help = "Prove over the whole database that figures, history, confirmations and seals agree; exits 1 if not."

    def add_arguments(self, parser):
        parser.add_argument(
            "--only", choices=verification.CHECKS, action="append", help="this check alone; may be given again"
        )

    def handle(self, *, only, **options):
        found = 0
        with translation.override(settings.LANGUAGE_CODE):
            for name in only or verification.CHECKS:
                title, check = verification.CHECKS[name]
                problems = list(check(self._progress(title)))
                if self.stderr.isatty():
                    self.stderr.write("\r", ending="")
                self.stdout.write(f"{title}: {self._outcome(problems)}")
                for problem in problems:
                    self.stdout.write(f"  {problem}")
                found += len(problems)
        if found:
            sys.exit(1)

    def _progress(self, title):
        """On a terminal, one line that counts; elsewhere nothing."""

        def show(done, total):
            if self.stderr.isatty():
                self.stderr.write(f"\r{title}: {done}/{total} ", ending="")

        return show

    def _outcome(self, problems):
        if not problems:
            return _("agrees")
        return ngettext("%(n)s problem", "%(n)s problems", len(problems)) % {"n": len(problems)}
