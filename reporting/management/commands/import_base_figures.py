from datetime import date

from reporting.acts import new_units
from reporting.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Import population, smartphone users and households from a workbook or a CSV file: all of it, or nothing."
    kind = "base-figures"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--effective-on",
            type=date.fromisoformat,
            default=new_units.CENSUS_DAY,
            help="day from which lines without a day hold, YYYY-MM-DD (default: the census, %(default)s)",
        )
        parser.add_argument("--source", default="", help="source of the lines that name none")
