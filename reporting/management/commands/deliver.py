from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting import clock, mails, outbox
from reporting.figures import country
from reporting.pages import dashboard


class Command(BaseCommand):
    help = (
        "Work out the day of a country, write what is due by the clock, and send what waits; for a timer of every "
        "minute. Several may run at once."
    )

    def add_arguments(self, parser):
        parser.add_argument("--most", type=int, default=500, help="messages of one run (default: 500)")

    def handle(self, *, most, **options):
        at = clock.now()
        country.keep(at, dashboard.days_read)
        if not settings.MAILS:
            return
        outbox.write_due(at)
        sent, given_up = mails.deliver(now=clock.now, most=most)
        if sent:
            self.stdout.write(f"{sent} sent")
        if given_up:
            raise CommandError(f"{given_up} given up: the log names them, the database keeps them")
