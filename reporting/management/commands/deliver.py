from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting import clock, mails, outbox

MOST = 500  # mails in one run


class Command(BaseCommand):
    help = "Write and send mails. A timer runs it each minute."

    def handle(self, **options):
        if not settings.MAILS:
            return
        outbox.write_due(clock.now())
        sent, given_up = mails.deliver(now=clock.now, most=MOST)
        if sent:
            self.stdout.write(f"{sent} sent")
        if given_up:
            raise CommandError(f"{given_up} given up: the log names them, the database keeps them")
