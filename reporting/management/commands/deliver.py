from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting import clock, mails, outbox
from reporting.figures import country
from reporting.pages import trends

MOST = 500  # mails in one run


class Command(BaseCommand):
    help = "Write and send mails, sum up a country's day. A timer runs it each minute."

    def handle(self, **options):
        at = clock.now()
        country.store_days(at, trends.trend_days)
        if not settings.MAILS:
            return
        outbox.write_due(at)
        sent, given_up = mails.deliver(now=clock.now, most=MOST)
        if sent:
            self.stdout.write(f"{sent} sent")
        if given_up:
            raise CommandError(f"{given_up} given up: the log names them, the database keeps them")
