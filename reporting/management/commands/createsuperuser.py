from django.contrib.auth.management.commands import createsuperuser

from reporting.models import AccessRecord, User


class Command(createsuperuser.Command):
    """Like Django's command, but also writes an access record: `verify` reports an account without one."""

    def handle(self, *args, **options):
        known = set(User.objects.values_list("pk", flat=True))
        super().handle(*args, **options)
        for person in User.objects.exclude(pk__in=known).select_related("unit"):
            AccessRecord.objects.note(AccessRecord.Kind.PERSON_ADDED, by_name="manage.py createsuperuser", about=person)
