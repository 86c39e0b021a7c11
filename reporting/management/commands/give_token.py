from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from reporting import clock
from reporting.days.look_back import start_of
from reporting.hours import deadline
from reporting.models import AccessRecord, Unit
from reporting.people import tokens
from reporting.text import parsing


class Command(BaseCommand):
    help = "Give another system a token for a unit and all below it; the last line of what is printed is the secret."

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="code of the unit, e.g. 31")
        parser.add_argument("--name", required=True, help="which system reads, and who looks after it")
        parser.add_argument("--days", type=int, required=True, help=f"1 to {tokens.LONGEST}, today included")

    def handle(self, *, unit, name, days, **options):
        at = clock.now()
        today, name = deadline.reporting_day(at), parsing.clean(name)
        found = Unit.objects.open_on(today).named(today).filter(code=unit).first()
        if found is None:
            raise CommandError(f"{unit}: there is no such unit")
        if not 1 <= days <= tokens.LONGEST:
            raise CommandError(f"--days: from 1 to {tokens.LONGEST}")
        if not 1 <= len(name) <= 100:
            raise CommandError("--name: from 1 to 100 letters")
        if tokens.is_given(unit=found, name=name, at=at):
            raise CommandError(f"{name}: there is one of this name for {found.full_name}")
        given = tokens.give(unit=found, name=name, expires_at=start_of(today + timedelta(days=days)), by=None, at=at)
        record = AccessRecord.objects.create(
            at=at,
            kind=AccessRecord.Kind.TOKEN,
            by_name="manage.py give_token",
            unit=found,
            detail=f"given: {given.token}",
        )
        record.write_log()
        last = today + timedelta(days=days - 1)
        self.stdout.write(f"{given.token}: {found.full_name} and all below it, to the end of {last:%d/%m/%Y}")
        self.stdout.write(given.secret)
