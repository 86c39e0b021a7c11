from django.contrib.auth.management.commands import createsuperuser

from reporting import clock
from reporting.models import AccessRecord, User


class Command(createsuperuser.Command):
    """Django's own, with the record that every new account has: `verify` names an account without one."""

    def handle(self, *args, **options):
        at, known = clock.now(), set(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for person in User.objects.exclude(pk__in=known).select_related("unit"):
            added = {"kind": AccessRecord.Kind.PERSON_ADDED, "by_name": "manage.py createsuperuser"}
            AccessRecord.objects.create(at=at, about=person, unit=person.unit, **added)
