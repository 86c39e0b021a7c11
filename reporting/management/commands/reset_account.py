from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from reporting import clock
from reporting.models import AccessRecord, User
from reporting.people import accounts, second_factor


class Command(BaseCommand):
    help = (
        "Give an account back, even the last administrator's: a new one-time password and no second factor. "
        "With --close, end it. All its sessions end."
    )

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--close", action="store_true")

    @transaction.atomic
    def handle(self, *, username, close, **options):
        person = User.objects.select_related("unit").filter(username=username).first()
        if person is None:
            raise CommandError(f"{username}: nobody has this user name")
        second_factor.remove(person)
        password = accounts.one_time_password()
        accounts.set_one_time_password(person, accounts.one_time_hash(password), at=clock.now())
        person.is_active = not close
        person.save(update_fields=accounts.OF_A_NEW_PASSWORD)
        kind = AccessRecord.Kind.PERSON_CHANGED if close else AccessRecord.Kind.PASSWORD_RESET
        detail = "closed" if close else "second factor reset"
        AccessRecord.objects.note(kind, by_name="manage.py reset_account", about=person, detail=detail)
        self.stdout.write(f"{username}: {'closed' if close else password}")
