from django.core.management.base import BaseCommand, CommandError

from reporting import acts, clock
from reporting.acts import Refusal
from reporting.models import Seal
from reporting.operation import readiness
from reporting.text import formatting


class Command(BaseCommand):
    help = "Seal the last week's days after their sign-off deadline, unless people undid a seal. A timer runs it."

    def handle(self, **options):
        at = clock.now()
        undone = set(Seal.with_withdrawn.exclude(withdrawn_at=None).values_list("unit", "day"))
        due = [(city, day) for city, day, _since in readiness.due_seals(at) if (city.pk, day) not in undone]
        refused = []
        for city, day in due:
            try:
                seal = acts.seal(unit=city, day=day, by=None, at=at)
                self.stdout.write(f"{day} {city.code}: sealed {formatting.exact(seal.at)}, {seal.digest}")
            except Refusal as error:  # the other cities are still sealed
                refused.append(f"{day} {city.code}: not sealed. {error.message}")
        if refused:
            raise CommandError("\n".join(refused))
