from datetime import date

from django.core.management.base import BaseCommand, CommandError

from reporting import acts, clock
from reporting.acts import NotWritten, refusals
from reporting.hours import deadline
from reporting.models import Unit
from reporting.text import formatting


class Command(BaseCommand):
    help = "Seal the city's figures of a day, from two minutes after its hour on; a day that is sealed stays as it is."

    def add_arguments(self, parser):
        parser.add_argument("day", type=date.fromisoformat, nargs="?", help="YYYY-MM-DD (default: today)")
        parser.add_argument("--reason", default="", help="why the day is sealed again")

    def handle(self, *, day, reason, **options):
        at = clock.now()
        day = day or deadline.reporting_day(at)
        top = Unit.objects.filter(parent=None).first()
        if top is None:
            raise CommandError("there are no units")
        if not reason and top.seals.filter(day=day).exists():
            self.stdout.write(f"{day}: sealed already, nothing to do")
            return
        try:
            seal = acts.seal(unit=top, day=day, reason=reason, by=None, at=at)
        except NotWritten as error:
            raise CommandError(f"{day}: not sealed. {refusals.words(error)}") from error
        self.stdout.write(f"{day}: sealed {formatting.exact(seal.at)}, {seal.digest}")
