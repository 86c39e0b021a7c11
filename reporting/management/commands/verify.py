import sys
from datetime import date
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting import clock
from reporting.figures import verification
from reporting.figures.verification import ledger
from reporting.hours import deadline
from reporting.models import Message, Revision, Unit
from reporting.operation import jobs
from reporting.outbox import messages
from reporting.text import formatting


class Command(BaseCommand):
    help = (
        "Prove over the whole database that figures, history, confirmations and seals agree, and print a digest of "
        "every table that is only added to; exits 1 if anything differs."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--only", choices=verification.CHECKS, action="append", help="this check alone; may be given again"
        )
        parser.add_argument(
            "--since",
            type=date.fromisoformat,
            metavar="DAY",
            help="of confirmations and seals those from DAY on",
        )
        parser.add_argument(
            "--ledger", type=Path, help="write a digest of every row into this file, to be kept elsewhere"
        )
        parser.add_argument(
            "--against", type=Path, help="name what was deleted or changed since this ledger was written"
        )

        parser.add_argument(
            "--nightly",
            action="store_true",
            help="against the ledger of the night before, in STATE_DIRECTORY, and write the next; keep how it ended",
        )

    def handle(self, *, only, against, nightly, since, **options):
        self.since = since
        if nightly:
            return self._handle_night()
        return self._prove(only, against, options["ledger"])

    def _handle_night(self):
        if not settings.STATE_FOLDER:
            raise CommandError("--nightly: STATE_DIRECTORY is not set")
        kept = settings.STATE_FOLDER / "ledger"
        outcome = "it did not end"
        try:
            self._prove(None, kept if kept.exists() else None, kept)
            outcome = ""
        except SystemExit:
            outcome = "something differs: manage.py verify"
            raise
        finally:
            jobs.note(jobs.VERIFY, jobs.Outcome(clock.machine(), not outcome, outcome or "all agrees"))

    def _prove(self, only, against, kept):
        with translation.override(settings.LANGUAGE_CODE):
            old = against and self._read(against)
            found = sum([self._check(name) for name in only or verification.CHECKS])
            if not only or kept or against:
                found += self._ledger(kept, old)
            if not Revision.objects.exists():
                self.stdout.write(_("There are no figures in this database: nothing was proved."))
        if found:
            self._tell()
            sys.exit(1)

    def _tell(self):
        """The clerks of who seals, by mail, once a day."""
        at = clock.now()
        day = deadline.reporting_day(at)
        for top in Unit.objects.sealing():
            messages.about_the_city(Message.Kind.DIFFERS, top=top, cause=f"{day}", at=at, day=day)

    def _check(self, name):
        """How many problems the check found, which are printed."""
        title, check = verification.CHECKS[name]
        self.compared = 0
        if self.since and name in verification.OF_DAYS:
            check = partial(check, since=self.since)
            title = _("%(check)s since %(day)s") % {"check": title, "day": formatting.day(self.since)}
        problems = list(check(self._progress(title)))
        if self.stderr.isatty():
            self.stderr.write("\r", ending="")
        return self._say(title, problems, is_empty=not self.compared)

    def _progress(self, title):
        """On a terminal, one line that counts; elsewhere nothing."""

        def show(done, total):
            self.compared = total
            if self.stderr.isatty():
                self.stderr.write(f"\r{title}: {done}/{total} ", ending="")

        return show

    def _ledger(self, path, old):
        """Print every table's count and digest; compare with the old ledger, write the new one."""
        taken = ledger.taken(clock.now())
        self.stdout.write(_("Ledger of what is only added to:"))
        for page in taken.pages:
            rows = ngettext("%(n)s row", "%(n)s rows", len(page.entries)) % {"n": formatting.number(len(page.entries))}
            self.stdout.write(f"  {page.table}: {rows}, {page.digest}")
        problems = list(ledger.against(old)) if old else []
        if old:
            self._say(_("Since the ledger of %(moment)s") % {"moment": formatting.exact(old.at)}, problems)
        if path and problems:
            self.stdout.write(_("No new ledger was written: first what differs is to be cleared up."))
        elif path:
            self._write(path, taken)
        return len(problems)

    def _read(self, path):
        try:
            return ledger.read(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ledger.Unreadable) as error:
            raise CommandError(f"{path}: {error}") from error

    def _write(self, path, taken):
        """Whole or not at all: a ledger that was there stays until the new one is written."""
        unfinished = path.with_name(f"{path.name}.new")
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                file.writelines(ledger.lines(taken))
            unfinished.replace(path)
        except OSError as error:
            raise CommandError(f"{path}: {error}") from error
        self.stdout.write(_("The ledger was written: %(path)s") % {"path": path})

    def _say(self, title, problems, *, is_empty=False):
        self.stdout.write(f"{title}: {self._outcome(problems, is_empty)}")
        for problem in problems:
            self.stdout.write(f"  {problem}")
        return len(problems)

    def _outcome(self, problems, is_empty):
        if problems:
            return ngettext("%(n)s problem", "%(n)s problems", len(problems)) % {"n": len(problems)}
        return _("nothing to compare") if is_empty else _("agrees")
