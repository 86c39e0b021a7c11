from datetime import date

from django.core.management.base import BaseCommand, CommandError

from reporting import acts, clock
from reporting.acts import NotWritten, refusals
from reporting.hours import deadline
from reporting.models import Unit
from reporting.text import formatting


class Command(BaseCommand):
    help = "Seal the figures of a day, from two minutes after its hour on; a day that is sealed stays as it is."

    def add_arguments(self, parser):
        parser.add_argument("day", type=date.fromisoformat, nargs="?", help="YYYY-MM-DD (default: today)")
        parser.add_argument("--reason", default="", help="why the day is sealed again")
        parser.add_argument("--unit", help="code of the city, where there are several (default: every one)")

    def handle(self, *, day, reason, unit, **options):
        at = clock.now()
        day = day or deadline.reporting_day(at)
        sealing = list(Unit.objects.sealing().open_on(day).filter(**({"code": unit} if unit else {})).order_by("path"))
        if not sealing:
            raise CommandError(f"no unit that seals has the code {unit}" if unit else "there are no units")
        refused = [words for city in sealing if (words := self._seal(city, day, reason, at))]
        if refused:
            raise CommandError("\n".join(refused))

    def _seal(self, city, day, reason, at):
        """Seal the city's day; returns why it could not be, so that another city's is sealed all the same."""
        if not reason and city.seals.filter(day=day).exists():
            self.stdout.write(f"{day}: sealed already, nothing to do")
            return ""
        try:
            seal = acts.seal(unit=city, day=day, reason=reason, by=None, at=at)
        except NotWritten as error:
            return f"{day}: not sealed. {refusals.words(error)}"
        self.stdout.write(f"{day}: sealed {formatting.exact(seal.at)}, {seal.digest}")
        return ""
