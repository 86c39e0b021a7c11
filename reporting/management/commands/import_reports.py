from reporting.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Import reports of days gone by from a workbook or a CSV file: all of it, or nothing."
    kind = "reports"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument("--reason", default="", help="kept with each figure")
        parser.add_argument("--zeros", action="store_true", help="a cumulative that has not moved is a report of 0")
