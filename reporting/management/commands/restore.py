from pathlib import Path

from django.core.exceptions import FieldError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection

from reporting import clock
from reporting.figures import ledger
from reporting.models import Revision
from reporting.operation import backup, readiness


class Command(BaseCommand):
    help = "Replace the database by a backup, completely or not at all, and check it against its ledger."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--over", action="store_true", help="even if reports that the backup lacks are lost")
        parser.add_argument("--identity", default="", help="the file of age's key, for an encrypted backup")

    def handle(self, *, file, over, identity, **options):
        began = clock.machine()
        try:
            with backup.opened(file, identity=identity) as (dump, ledger_path):
                if not over and _holds_reports():
                    _refuse_loss(ledger_path)
                backup.restore(dump)
                self.stdout.write(f"restored in {(clock.machine() - began).total_seconds():.1f} s: {file}")
                self._prove(ledger_path, file)
        except (backup.BackupFailed, OSError, Error) as error:
            raise CommandError(f"nothing was restored: {error}") from error

    def _prove(self, ledger_path, file):
        if waiting := readiness.waiting_migrations():
            self.stdout.write(f"It is of an older release, {len(waiting)} migrations wait.")
            self.stdout.write(f"Next: manage.py migrate, then manage.py verify --against {ledger_path}")
            return
        call_command("verify", against=ledger_path, stdout=self.stdout)  # exits 1 when anything differs
        self.stdout.write(f"Proof for close_campaign: {backup.proof_of(file)}")


def _holds_reports():
    return Revision._meta.db_table in connection.introspection.table_names() and Revision.objects.exists()


def _refuse_loss(path):
    """Raises `BackupFailed` if the database has revisions that the backup lacks."""
    try:
        lost = sum(now is not None for _old, now in ledger.changes_since(path, Revision))
    except (ledger.LedgerUnreadable, OSError, FieldError) as error:
        raise backup.BackupFailed("what the database holds cannot be compared with it; --over gives it up") from error
    if lost:
        words = "revisions of reports came after this backup, or are of another database, and would be lost"
        raise backup.BackupFailed(f"{lost} {words}; --over says that they may be")
