from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from reporting import clock
from reporting.operation import backup, readiness


class Command(BaseCommand):
    help = "Write the whole database of one moment into a file, with its digest and ledger beside it."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, nargs="?", help="default: backups/ in STATE_DIRECTORY")
        parser.add_argument(
            "--plain",
            action="store_true",
            help="neither encrypted nor copied: for deploy/install.sh, to go back to on this machine",
        )

    def handle(self, *, folder, plain, **options):
        if not folder and not settings.STATE_FOLDER:
            raise CommandError("name a folder, or set STATE_DIRECTORY")
        folder = folder or settings.STATE_FOLDER / "backups"
        key, copy_to = ("", None) if plain else (settings.BACKUP_KEY, settings.BACKUP_COPY)
        keep_days = settings.BACKUP_KEEP_DAYS
        began, step = clock.machine(), "no backup was made"
        try:
            made = backup.take_backup(folder, key=key)
            if copy_to:
                step = f"the backup is {made.path}, but was not copied"
                backup.copy_backup(made.path, copy_to)
            for place in filter(None, (folder, copy_to)) if keep_days else ():
                for name in backup.delete_old(place, older_than=timedelta(days=keep_days), now=began):
                    self.stdout.write(f"deleted, older than {keep_days} days: {place / name}")
        except (backup.BackupFailed, OSError, Error) as error:
            words = f"{step}: {error}".partition("\n")[0]
            if not plain:
                readiness.note(readiness.BACKUP, False, words)
            raise CommandError(words) from error
        seconds = (clock.machine() - began).total_seconds()
        detail = f"{made.size / 1024**2:.1f} MiB, {made.rows} rows in its ledger, {seconds:.1f} s"
        if not plain:
            readiness.note(readiness.BACKUP, True, detail)
        self.stdout.write(f"{made.path}: {detail}\nSHA-256 {made.digest}")
