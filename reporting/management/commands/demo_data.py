from datetime import datetime

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from reporting import demo
from reporting.hours import deadline
from reporting.models import AccessRecord, Unit, User


def local_moment(text: str) -> datetime:
    """ "2020-08-21 16:59:30" in Hai Phong."""
    return datetime.fromisoformat(text).replace(tzinfo=deadline.ZONE)


class Command(BaseCommand):
    help = "Fill an empty database with the real units and a made-up campaign."

    def add_arguments(self, parser):
        parser.add_argument(
            "--until",
            type=local_moment,
            default=demo.NEWCOMER_ARRIVES,
            help='the last moment told, Hai Phong time (default: "2020-08-21 15:36")',
        )

        parser.add_argument("--place", choices=[*demo.PLACES], default="", help="another place than Hai Phong")

    def handle(self, *, until, place, **options):
        if not settings.DEMO:
            raise CommandError("Set DEMO=1: made-up figures belong into no other database.")
        if any(kept.objects.exists() for kept in (Unit, User, AccessRecord)):
            raise CommandError("The database is not empty; demonstration data go into an empty one only.")
        demo.build(
            until=until,
            place=demo.PLACES[place],
            progress=lambda words: self.stdout.write(f"  {words} ...", ending="\n"),
        )
