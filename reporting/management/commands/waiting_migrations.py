from django.core.management.base import BaseCommand, CommandError

from reporting.operation import widening


class Command(BaseCommand):
    help = "Name the migrations that wait; fails when a server of the release before could not go on beside one."
    requires_system_checks = []

    def handle(self, **options):
        found = False
        for migration, narrowed in widening.waiting():
            self.stdout.write(f"{migration}: {'; '.join(narrowed) or 'only adds'}")
            found = found or bool(narrowed)
        if found:
            raise CommandError("stop all servers for it: the release before cannot go on beside these migrations")
