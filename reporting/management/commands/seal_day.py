from datetime import date

from django.core.management.base import BaseCommand, CommandError

from reporting import acts, clock
from reporting.acts import NotWritten
from reporting.hours import deadline
from reporting.models import Seal, Unit
from reporting.operation import readiness
from reporting.text import formatting


class Command(BaseCommand):
    help = "Seal the figures of a day, from two minutes after its hour on; a day that is sealed stays as it is."

    def add_arguments(self, parser):
        parser.add_argument("day", type=date.fromisoformat, nargs="?", help="YYYY-MM-DD (default: today)")
        parser.add_argument("--reason", default="", help="why the day is sealed again")
        parser.add_argument(
            "--due",
            action="store_true",
            help="every day of the last week whose hour of confirmation has passed and that has no seal",
        )
        parser.add_argument("--unit", help="code of the city, where there are several (default: every one)")

    def handle(self, *, day, reason, unit, due, **options):
        at = clock.now()
        if due and (day or reason):
            raise CommandError("--due finds its days itself, and seals none again")
        if due:
            # For a timer of every few minutes: harmless where nothing is due, and it makes up for what was missed.
            found = readiness.due_seals(at)
            chosen = [(city, day) for city, day, _since in found if unit in (None, city.code)]
            undone = set(Seal.with_withdrawn.exclude(withdrawn_at=None).values_list("unit", "day"))
            chosen = [one for one in chosen if (one[0].pk, one[1]) not in undone]  # left to people
        else:
            day = day or deadline.reporting_day(at)
            sealing = Unit.objects.sealing().open_on(day).order_by("path")
            chosen = [(city, day) for city in sealing if unit in (None, city.code)]
            if not chosen:
                raise CommandError(f"no unit that seals has the code {unit}" if unit else "there are no units")
        refused = [words for city, day in chosen if (words := self._seal(city, day, reason, at))]
        if refused:
            raise CommandError("\n".join(refused))

    def _seal(self, city, day, reason, at):
        """Seal the city's day; returns why it could not be, so that another city's is sealed all the same."""
        if not reason and Seal.objects.filter(unit=city, day=day).exists():
            self.stdout.write(f"{day}: sealed already, nothing to do")
            return ""
        try:
            seal = acts.seal(unit=city, day=day, reason=reason, by=None, at=at)
        except NotWritten as error:
            return f"{day}: not sealed. {error.words}"
        self.stdout.write(f"{day}: sealed {formatting.exact(seal.at)}, {seal.digest}")
        return ""
