from datetime import date

from reporting.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Import population, smartphone users and households from a workbook or a CSV file: all of it, or nothing."
    kind = "base-figures"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--effective-on",
            type=date.fromisoformat,
            required=True,
            help="day that the figures of lines without a day are of, YYYY-MM-DD",
        )
        parser.add_argument("--source", default="", help="source of the lines that name none")
