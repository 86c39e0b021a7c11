import logging
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from reporting import clock, imports
from reporting.exports import slips as slips_to_print
from reporting.files import spreadsheets
from reporting.imports import Plan, RowOutcome

ERRORS_SHOWN = 50


class Command(BaseCommand):
    help = "Add and change accounts from a workbook or a CSV file: all of it, or nothing. New ones get slips to print."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help=".xlsx or .csv")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")
        parser.add_argument(
            "--slips", type=Path, help="page (.html) for the slips with the passwords: a new file, its owner's alone"
        )
        parser.add_argument("--address", default="", help="address of the product, as it is printed on the slips")
        parser.add_argument(
            "--reissue", action="store_true", help="new slips also for those of the file who have never signed in"
        )

    def handle(self, *, file, dry_run, slips, address, reissue, **options):
        logging.getLogger("reporting.access").setLevel(
            logging.WARNING
        )  # people's lines are printed; the record has all
        with translation.override(settings.LANGUAGE_CODE):
            self._import(file, dry_run, reissue, slips, address or _own_address())

    def _import(self, file, dry_run, reissue, paper, address):
        kind = imports.KINDS["people"]
        try:
            table, source = imports.read_table(kind, file.read_bytes(), file.name)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except spreadsheets.Unreadable as error:
            raise CommandError(f"{file}: nothing was imported\n{error}") from error
        sent = imports.Sent(by=None, at=clock.now(), source=source, options={"reissue": reissue})
        for note in imports.notes(table):
            self.stdout.write(note)
        plan = imports.preview(kind, table, sent)
        for row in plan.rows:
            step = f"{row.before or '–'} -> {row.after or '–'}" if row.outcome is RowOutcome.CHANGED else row.after
            self.stdout.write(" | ".join(filter(None, [row.address, row.outcome, row.unit, row.what, step, row.words])))
        if plan.errors:
            lines = [f"{row.address} {row.unit} {row.what}: {row.words}" for row in plan.errors]
            raise CommandError("\n".join([f"{file}: nothing was imported", *lines[:ERRORS_SHOWN]]))
        if plan.can_be_applied and not dry_run:
            self._apply(lambda: imports.apply(kind, table, sent, shown=plan.digest), plan, paper, address)
        new, changed, unchanged = (
            plan.counts[one] for one in (RowOutcome.NEW, RowOutcome.CHANGED, RowOutcome.UNCHANGED)
        )
        done = "would record" if dry_run else "recorded"
        self.stdout.write(f"{done}: new {new}, changed {changed}, unchanged {unchanged}")

    def _apply(self, act, plan: Plan, paper: Path | None, address: str) -> None:
        """The file is there before anything is recorded: no password is lost for want of a place."""
        count = sum(account.gets_slip for account in plan.writes)
        if not count:
            act()
            return
        if paper is None:
            raise CommandError(f"{count} slips to print: name a file for them with --slips. Nothing was imported.")
        if not address:
            raise CommandError("which address is printed on the slips? Give it with --address. Nothing was imported.")
        try:
            kept = os.open(paper, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{paper}: {error.strerror}. Nothing was imported.") from error
        with open(kept, "w", encoding="utf-8") as file:
            try:
                done = act()
            except BaseException:
                with suppress(OSError):
                    paper.unlink()
                raise
            handover = slips_to_print.handover(done.slips, issuer=None, address=address, at=clock.now())
            css = Path(finders.find("reporting/slips.css")).read_text(encoding="utf-8")
            file.write(render_to_string("reporting/slips.html", {"paper": handover, "css": css}))
        self.stdout.write(f"{len(done.slips)} slips: {paper}")


def _own_address() -> str:
    origins = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
    return f"{origins[0].rstrip('/')}{reverse('reporting:home')}" if origins else ""
