from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reporting.acts import unit_register
from reporting.files import spreadsheets
from reporting.imports.kinds import units


class Command(BaseCommand):
    help = "Import units, their names and base figures from a workbook or a CSV file; running it twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--effective-on",
            type=date.fromisoformat,
            help="day from which new units are open, and names and figures hold, YYYY-MM-DD "
            "(default: the census; once the campaign has begun, tomorrow)",
        )
        parser.add_argument("--explanation", default="", help="why figures that are usually a mistake are right")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")

    def handle(self, *, file, effective_on, explanation, dry_run, **options):
        beside = {"effective_on": effective_on, "explanation": explanation, "is_dry_run": dry_run, "is_asking": True}
        try:
            outcome = units.import_units(file.read_bytes(), name=file.name, **beside)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except (unit_register.BadFile, spreadsheets.Unreadable) as error:
            raise CommandError(f"{file}: nothing was imported\n{error}") from error
        self.stdout.write(
            f"{'would create' if dry_run else 'created'} {len(outcome.created)}, renamed {len(outcome.renamed)}, "
            f"base figures {len(outcome.refigured)}, placed {len(outcome.placed)}, unchanged {len(outcome.unchanged)}"
        )
