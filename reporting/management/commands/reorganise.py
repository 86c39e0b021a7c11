from datetime import date

from django.core.management.base import CommandError

from reporting import acts, imports
from reporting.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Record mergers, splits and renames from a file: they take effect on a later day. All of it, or nothing."
    kind = "mergers"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--effective-on", type=date.fromisoformat, required=True, help="first day, YYYY-MM-DD")
        parser.add_argument("--source", required=True, help='the decision, "Nghị quyết số 872/NQ-UBTVQH14"')

    def handle(self, *, source, **options):
        if not source.strip():
            raise CommandError("--source: the decision is missing")
        super().handle(source=source, **options)

    def told(self, plan: imports.Plan) -> None:
        for line, words in plan.words:
            self.stdout.write(f"{line}: {words}")

    def apply(self, act, plan: imports.Plan) -> None:
        try:
            act()
        except acts.NotWritten as error:
            raise CommandError(f"nothing was imported\n{error.words}") from error
