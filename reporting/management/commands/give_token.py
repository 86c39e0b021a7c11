from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from reporting import clock, deadline
from reporting.forms.people import TokenForm
from reporting.models import AccessRecord, Unit


class Command(BaseCommand):
    help = "Give another system a token for a unit and all units below it; the last line printed is the secret."

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="code of the unit, e.g. 31")
        parser.add_argument("--name", required=True, help="which system reads, and who looks after it")
        parser.add_argument("--days", type=int, required=True, help="for how many days, today included")

    def handle(self, *, unit, name, days, **options):
        at = clock.now()
        top = Unit.objects.filter(code=unit).first()
        last = deadline.reporting_day(at) + timedelta(days=min(days, 9999) - 1)
        typed = {"name": name, "unit": top and top.pk, "last_day": last}
        form = TokenForm(typed, top=Unit.objects.tops().get(), by=None, at=at)
        if not form.is_valid():
            raise CommandError("; ".join(f"{field}: {' '.join(words)}" for field, words in form.errors.items()))
        new = form.save()
        record = {"by_name": "manage.py give_token", "unit": top, "detail": f"given: {new.token}"}
        AccessRecord.objects.note(AccessRecord.Kind.TOKEN, **record)
        self.stdout.write(f"{new.token}: {unit} and all below it, to the end of {last:%d/%m/%Y}")
        self.stdout.write(new.secret)
