from datetime import date

from reporting.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Import the ministry's own figures from a workbook or a CSV file: all of it, or nothing."
    kind = "official-figures"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--day", type=date.fromisoformat, required=True, help="day of the lines that name none, YYYY-MM-DD"
        )
        parser.add_argument("--source", default="Cục Tin học hóa", help="source of the lines that name none")
