from django.core.management.base import BaseCommand, CommandError

from reporting.models import AccessRecord, User
from reporting.people import second_factor


class Command(BaseCommand):
    help = "Reset a lost second factor, even of the last administrator. The password is then enough; all sessions end."

    def add_arguments(self, parser):
        parser.add_argument("username")

    def handle(self, *, username, **options):
        person = User.objects.select_related("unit").filter(username=username).first()
        if person is None:
            raise CommandError(f"{username}: nobody has this user name")
        if not second_factor.remove(person):
            raise CommandError(f"{username}: there is no second factor")
        record = {"by_name": "manage.py reset_second_factor", "about": person, "detail": "reset"}
        AccessRecord.objects.note(AccessRecord.Kind.SECOND_FACTOR, **record)
        self.stdout.write(f"{username}: the second factor is reset")
