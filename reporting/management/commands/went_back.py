from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import FieldError
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from reporting import acts, clock, deadline
from reporting.days import hours_in_force
from reporting.figures import ledger, standings
from reporting.models import Revision, Unit, User
from reporting.text import formatting, parsing


class Command(BaseCommand):
    help = (
        "After the database went back to an earlier moment: list the units whose reports are in the ledger and no "
        "longer in the database. With --by, open these days to them until they have sent; their pages say why."
    )

    def add_arguments(self, parser):
        parser.add_argument("ledger", type=Path, help="of the database before it went back; a backup has one beside it")
        parser.add_argument("--by", metavar="USERNAME", help="the clerk of the city in whose name the days are opened")

    def handle(self, *, by, **options):
        at, clerk = clock.now(), User.objects.select_related("unit").filter(username=by, unit__isnull=False).first()
        if by and not clerk:
            raise CommandError(f"{by}: no unit has a person of this user name")
        try:
            changes = ledger.changes_since(options["ledger"], Revision)
            labels = {tuple(old.label.split()) for old, _now in changes if old}  # code, day, number, kind
        except (ledger.LedgerUnreadable, OSError, FieldError) as error:
            raise CommandError(f"{options['ledger']}: {error}") from error
        lost = sorted({(code, day) for code, day, _number, kind in labels if kind != Revision.Kind.OPENING})
        codes = [code for code, _day in lost]
        units = {unit.code: unit for unit in Unit.objects.named(deadline.reporting_day(at)).filter(code__in=codes)}
        with translation.override(settings.LANGUAGE_CODE):
            for code, day in lost:
                unit = units[code]
                outcome = self._open(unit, parsing.day(day), clerk, at) if clerk else ""
                self.stdout.write(" | ".join([code, unit.full_name, unit.phone, day, outcome]))
        self.stdout.write(f"{len(lost)} days of units had reports that are gone")

    def _open(self, unit, day, clerk, at):
        """Open the day to the unit; returns what came of it."""
        words = _("The data went back to an earlier moment: what you sent later is gone. Compare it with your receipt.")
        until = max(hours_in_force.hours_of_day(day).corrections_end, at + timedelta(hours=1))
        about = {"unit": unit, "day": day, "by": clerk, "at": at, "reason": f"{words} {clerk.unit.phone}".strip()}
        try:
            acts.reopen(**about, until=until, base_version=standings.stored_day(unit, day).version)
        except acts.Refusal as refusal:
            return str(refusal)
        return f"→ {formatting.moment(until)}"
