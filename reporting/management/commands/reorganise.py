from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reporting import acts, clock
from reporting.acts import refusals, reorganisation, unit_register
from reporting.hours import deadline


class Command(BaseCommand):
    help = "Record mergers, splits and renames from a CSV file: they take effect on a later day. All of it, or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help=f"columns: {','.join(reorganisation.COLUMNS)}")
        parser.add_argument("--effective-on", type=date.fromisoformat, required=True, help="first day, YYYY-MM-DD")
        parser.add_argument("--source", required=True, help='the decision, "Nghị quyết số 872/NQ-UBTVQH14"')
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")

    def handle(self, *, file, effective_on, source, dry_run, **options):
        at = clock.now()
        if not source.strip():
            raise CommandError("--source: the decision is missing")
        try:
            text = file.read_text(encoding="utf-8")
            plan = reorganisation.plan(text, effective_on=effective_on)
            if effective_on <= deadline.reporting_day(at):
                raise reorganisation.NotLater
            if not dry_run:
                reorganisation.record(
                    text, effective_on=effective_on, source=source, digest=plan.digest, by=None, at=at
                )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file}: not UTF-8") from error
        except unit_register.BadFile as error:
            raise CommandError(f"{file}: nothing was recorded\n{error}") from error
        except acts.NotWritten as error:
            raise CommandError(f"{file}: nothing was recorded\n{refusals.words(error)}") from error
        for line, words in plan.words:
            self.stdout.write(f"{line}: {words}")
        self.stdout.write(f"{'would record' if dry_run else 'recorded'} {len(plan.lines)} changes")
