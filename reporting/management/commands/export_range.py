from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from reporting import clock
from reporting.days.look_back import SEALED, LookBack, newest_seals
from reporting.exports import data_package, tidy
from reporting.exports.stamp import Range
from reporting.exports.workbook.data import range_workbook
from reporting.hours import deadline
from reporting.models import Unit

KINDS = (".xlsx", ".csv", ".zip")


def moment(text: str) -> datetime | str:
    """ "2020-08-21T17:00" in Hai Phong, or “seal”."""
    return text if text == SEALED else datetime.fromisoformat(text).replace(tzinfo=deadline.ZONE)


class Command(BaseCommand):
    help = "Write the figures of a unit and all below it, day by day: a workbook, a CSV file, or a data package (zip)."

    def add_arguments(self, parser):
        parser.add_argument("code", help="the unit's code, e.g. 31")
        parser.add_argument("first", type=date.fromisoformat, help="first day, YYYY-MM-DD")
        parser.add_argument("last", type=date.fromisoformat, help="last day, YYYY-MM-DD")
        parser.add_argument("file", type=Path, help="ends with .xlsx, .csv or .zip")
        parser.add_argument(
            "--as-of", type=moment, help="as known at 2020-08-21T17:00, or “seal”: as sealed, day by day"
        )

    def handle(self, *, code, first, last, file, as_of, **options):
        at = clock.now()
        if file.suffix.lower() not in KINDS:
            raise CommandError(f"{file}: the name must end with {', '.join(KINDS)}")
        if last < first:
            raise CommandError("the last day cannot be before the first")
        instant = None if as_of == SEALED else as_of
        if last > deadline.reporting_day(at) or (instant and instant > at):
            raise CommandError("the future is not known yet")
        unit = Unit.objects.named(last, instant).filter(code=code).first()
        if unit is None:
            raise CommandError(f"there is no unit {code}")
        seals = newest_seals(unit, first, last) if as_of == SEALED else None
        look = LookBack(last, as_of=instant, asked=SEALED if seals is not None else "", seals=seals)
        try:
            with translation.override(settings.LANGUAGE_CODE):
                self.write(file, Range(unit=unit, first=first, last=last, at=at, look=look))
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        self.stdout.write(f"{file}: {(last - first).days + 1} days of {unit.full_name}")

    def write(self, file, shown):
        """Write to a temporary file and rename it: a file of the name is always whole."""
        unfinished, kind = file.with_name(f".{file.name}.unfinished"), file.suffix.lower()
        try:
            with unfinished.open("wb") as out:
                if kind == ".csv":
                    out.writelines(tidy.office_csv(shown, settings.LANGUAGE_CODE))
                elif kind == ".zip":
                    data_package.write(out, shown, Unit.objects.below(shown.unit))
                else:
                    range_workbook(shown, out)
            unfinished.replace(file)
        finally:
            unfinished.unlink(missing_ok=True)
