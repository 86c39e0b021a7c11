import sys
from collections import ChainMap
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _, ngettext

from reporting import clock, deadline, outbox
from reporting.figures import ledger, sealed_table, verification
from reporting.models import Revision, Seal, Unit
from reporting.operation import readiness
from reporting.text import formatting


class Command(BaseCommand):
    help = (
        "Check in the whole database that figures, history, confirmations and seals agree; print a digest of every "
        "table that decides a figure, a right or a paper. Exits 1 if anything differs."
    )

    def add_arguments(self, parser):
        parser.add_argument("--only", choices=verification.CHECKS, action="append", help="run this check; repeatable")
        parser.add_argument("--ledger", type=Path, help="write a digest of every row into this file")
        parser.add_argument("--against", type=Path, help="name what was deleted or changed since this ledger")
        parser.add_argument("--nightly", action="store_true", help="use last night's ledger of STATE_DIRECTORY")
        parser.add_argument("--code", nargs="+", default=[], metavar="DIGITS", help="say what a chain code proves")

    def handle(self, *, only, against, nightly, **options):
        if nightly:
            return self._handle_night()
        return self._prove(only, against, options["ledger"], "".join(options["code"]).replace(" ", "").lower())

    def _handle_night(self):
        if not settings.STATE_FOLDER:
            raise CommandError("--nightly: STATE_DIRECTORY is not set")
        path, problem = settings.STATE_FOLDER / "ledger", "it did not end"
        try:
            self._prove(None, path if path.exists() else None, path)
            problem = ""
        except SystemExit:
            problem = "something differs: manage.py verify"
            raise
        finally:
            readiness.note(readiness.VERIFY, not problem, problem or "all agrees")

    def _prove(self, only, against, path, code=""):
        with translation.override(settings.LANGUAGE_CODE):
            try:
                self.taken_at = ledger.written_at(against) if against else None
            except (OSError, ledger.LedgerUnreadable) as error:
                raise CommandError(f"{against}: {error}") from error
            problems = sum([self._check(name) for name in only or verification.CHECKS])
            if not only or path or against or code:
                problems += self._ledger(path, against, code)
            if not Revision.objects.exists():
                self.stdout.write(_("There are no figures in this database: nothing was proved."))
        if problems and not code:  # with a code, somebody reads the answer and may have mistyped the code
            self._mail_clerks()
        if problems:
            sys.exit(1)

    def _mail_clerks(self):
        """Mail the clerks of each sealing unit, at most once a day."""
        at = clock.now()
        day = deadline.reporting_day(at)
        for top in Unit.objects.sealing():
            outbox.write_difference(top, at=at, day=day)

    def _check(self, name):
        """Print the problems of one check; returns their number."""
        title, check = verification.CHECKS[name]
        return self._show(title, list(check()))

    def _ledger(self, path, old, code):
        """Print each table's count and digest, compare with the old ledger and code; returns the number of problems."""
        unfinished = path and path.with_name(f"{path.name}.new")
        try:
            tables, days = ledger.write(unfinished, clock.now())
            self.stdout.write(_("Ledger of the tables that decide a figure, a right or a paper:"))
            for table, count, digest in tables:
                rows = ngettext("%(n)s row", "%(n)s rows", count) % {"n": formatting.number(count)}
                self.stdout.write(f"  {table}: {rows}, {digest}")
            unproved = self._chains(days, code)
            problems = list(ledger.compare_ledger(old)) if old else []
            if old:
                self._show(_("Since the ledger of %(moment)s") % {"moment": formatting.exact(self.taken_at)}, problems)
            if path and problems:
                self.stdout.write(_("No new ledger was written. First find out why the records differ."))
                unfinished.unlink()
            elif path:
                unfinished.replace(path)  # replaces the old one only when complete
                self.stdout.write(_("The ledger was written: %(path)s") % {"path": path})
        except OSError as error:
            raise CommandError(f"{path}: {error}") from error
        return len(problems) + unproved

    def _chains(self, days, code):
        """Print the newest code of each chain and what `code` proves; returns the number of problems."""
        recorded = _("Chain code of all that was recorded up to %(day)s: %(code)s")
        of_seals = _("Chain code of the seals up to %(moment)s: %(code)s")
        chains = [{code: recorded % {"day": formatting.day(day), "code": code} for day, code in days.items()}]
        for unit in Unit.objects.filter(pk__in=Seal.with_withdrawn.values("unit")).order_by("path"):
            of_unit = {
                code: f"{unit.code}: {of_seals % {'moment': formatting.exact(seal.at), 'code': code}}"
                for seal, code in sealed_table.seal_chain(unit.pk).items()
            }
            chains.append(of_unit)
        for chain in filter(None, chains):
            self.stdout.write(list(chain.values())[-1])
        if not code:
            return 0
        proved = ChainMap(*chains).get(code)
        gone = _("no chain of this database has this code: something before it was changed, deleted or added")
        return self._show(proved or code, [] if proved else [gone])

    def _show(self, title, problems):
        outcome = ngettext("%(n)s problem", "%(n)s problems", len(problems)) % {"n": len(problems)}
        self.stdout.write(f"{title}: {outcome if problems else _('agrees')}")
        for problem in problems:
            self.stdout.write(f"  {problem}")
        return len(problems)
