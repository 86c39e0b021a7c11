"""What the commands that import a file share: read, say what will happen, apply unless it is a dry run."""

from collections.abc import Callable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reporting import clock, imports
from reporting.files import spreadsheets
from reporting.hours import deadline
from reporting.imports import RowOutcome

ERRORS_SHOWN = 50


class ImportCommand(BaseCommand):
    kind: str  # of `imports.KINDS`

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help=".xlsx or .csv")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")

    def handle(self, *, file, dry_run, **options):
        kind = imports.KINDS[self.kind]
        try:
            near = deadline.reporting_day(clock.now())
            table, source = imports.read(kind, file.read_bytes(), file.name, near=near)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except spreadsheets.Unreadable as error:
            raise CommandError(f"{file}: nothing was imported\n{error}") from error
        beside = {name: options[name] for name in kind.options}
        sent = imports.Sent(by=None, at=clock.now(), source=source, options=beside)
        for note in imports.notes(table):
            self.stdout.write(note)
        plan = imports.preview(kind, table, sent)
        self.told(plan)
        if plan.errors:
            lines = [f"{row.address} {row.unit} {row.what}: {row.words}" for row in plan.errors]
            raise CommandError("\n".join([f"{file}: nothing was imported", *lines[:ERRORS_SHOWN]]))
        if plan.can_be_applied and not dry_run:
            self.apply(lambda: imports.apply(kind, table, sent, shown=plan.digest), plan)
        counts = plan.counts
        self.stdout.write(
            f"{'would record' if dry_run else 'recorded'}: new {counts[RowOutcome.NEW]}, "
            f"changed {counts[RowOutcome.CHANGED]}, unchanged {counts[RowOutcome.UNCHANGED]}"
        )

    def told(self, plan: imports.Plan) -> None:
        """Say what each row will do, where a kind says it."""

    def apply(self, act: Callable[[], imports.Plan], plan: imports.Plan) -> None:
        """Do what was planned."""
        act()
