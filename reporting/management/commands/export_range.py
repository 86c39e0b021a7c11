import os
import tempfile
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from reporting import clock
from reporting.exports import range_csv
from reporting.exports.workbook import RangeHeading, range_workbook
from reporting.figures import ranges
from reporting.hours import deadline
from reporting.models import Unit


def moment(text: str) -> datetime:
    """ "2020-08-21T17:00" in Hai Phong."""
    return datetime.fromisoformat(text).replace(tzinfo=deadline.ZONE)


class Command(BaseCommand):
    help = "Write the figures of a unit and all below it, day by day, to a workbook or a CSV file of any length."

    def add_arguments(self, parser):
        parser.add_argument("code", help="the unit's code, e.g. 31")
        parser.add_argument("first", type=date.fromisoformat, help="first day, YYYY-MM-DD")
        parser.add_argument("last", type=date.fromisoformat, help="last day, YYYY-MM-DD")
        parser.add_argument("file", type=Path, help="ends with .xlsx or .csv")
        parser.add_argument("--as-of", type=moment, help="as everything was known then, e.g. 2020-08-21T17:00")

    def handle(self, *, code, first, last, file, as_of, **options):
        at = clock.now()
        if file.suffix.lower() not in (".xlsx", ".csv"):
            raise CommandError(f"{file}: the name must end with .xlsx or .csv")
        if last < first:
            raise CommandError("the last day cannot be before the first")
        if last > deadline.reporting_day(at) or (as_of and as_of > at):
            raise CommandError("the future is not known yet")
        unit = Unit.objects.named(last, as_of).filter(code=code).first()
        if unit is None:
            raise CommandError(f"there is no unit {code}")
        count = (last - first).days + 1
        days = ranges.days(unit, first, last, at=at, as_of=as_of)
        heading = RangeHeading(unit=unit.full_name, first=first, last=last, printed_at=at, as_of=as_of)
        try:
            with translation.override(settings.LANGUAGE_CODE):
                self.write(file, days, heading)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        self.stdout.write(f"{file}: {count} days of {unit.full_name}")

    def write(self, file, days, heading):
        """Beside the file first: what is there under its name is always whole."""
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}-", delete=False) as beside:
            try:
                if file.suffix.lower() == ".csv":
                    beside.writelines(range_csv.range_csv(days))
                else:
                    range_workbook(days, heading, beside)
                beside.flush()
                os.replace(beside.name, file)
            except BaseException:
                os.unlink(beside.name)
                raise
        mask = os.umask(0)
        os.umask(mask)
        file.chmod(0o666 & ~mask)  # a temporary file is its owner's alone
