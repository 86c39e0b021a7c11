from pathlib import Path

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from reporting import clock
from reporting.operation import backup, dumps, readiness


class Command(BaseCommand):
    help = "Put a backup in the place of the database, whole or not at all, and prove it against its ledger."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--over", action="store_true", help="though the database holds reports, which are lost")
        parser.add_argument("--identity", default="", help="the file of age's key, for an encrypted backup")

    def handle(self, *, file, over, identity, **options):
        began = clock.machine()
        try:
            if dumps.holds_reports() and not over:
                raise backup.NotDone("this database holds reports, which would be lost; --over says that they may be")
            with backup.opened(file, identity=identity) as (dump, ledger):
                dumps.restore(dump)
                self.stdout.write(f"restored in {(clock.machine() - began).total_seconds():.1f} s: {file}")
                self._prove(ledger)
        except (backup.NotDone, OSError, Error) as error:
            raise CommandError(f"nothing was restored: {error}") from error

    def _prove(self, ledger):
        if waiting := readiness.waiting_migrations():
            self.stdout.write(
                f"It is of an older release, {len(waiting)} migrations wait. Next: manage.py migrate, then"
            )
            self.stdout.write(f"manage.py verify --against {ledger}")
            return
        call_command("verify", against=ledger, stdout=self.stdout)  # exits 1 when anything differs
