import logging
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management.base import CommandError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from reporting import clock
from reporting.exports import slips
from reporting.imports import Plan, RowOutcome
from reporting.management.imports import ImportCommand


class Command(ImportCommand):
    help = "Add and change accounts from a workbook or a CSV file: all of it, or nothing. New ones get slips to print."
    kind = "people"

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--slips", type=Path, help="page (.html) for the slips with the passwords: a new file, its owner's alone"
        )
        parser.add_argument("--address", default="", help="address of the product, as it is printed on the slips")
        parser.add_argument(
            "--reissue", action="store_true", help="new slips also for those of the file who have never signed in"
        )

    def handle(self, *, slips, address, **options):
        self.paper, self.address = slips, address or _own_address()
        logging.getLogger("reporting.access").setLevel(
            logging.WARNING
        )  # people's lines are printed; the record has all
        with translation.override(settings.LANGUAGE_CODE):
            super().handle(**options)

    def told(self, plan: Plan) -> None:
        """Every row, what it says and what happens."""
        for row in plan.rows:
            step = f"{row.before or '–'} -> {row.after or '–'}" if row.outcome is RowOutcome.CHANGED else row.after
            self.stdout.write(" | ".join(filter(None, [row.address, row.outcome, row.unit, row.what, step, row.words])))

    def apply(self, act, plan: Plan) -> None:
        """The file is there before anything is recorded: no password is lost for want of a place."""
        count = sum(account.gets_slip for account in plan.writes)
        if not count:
            act()
            return
        if self.paper is None:
            raise CommandError(f"{count} slips to print: name a file for them with --slips. Nothing was imported.")
        if not self.address:
            raise CommandError("which address is printed on the slips? Give it with --address. Nothing was imported.")
        try:
            kept = os.open(self.paper, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise CommandError(f"{self.paper}: {error.strerror}. Nothing was imported.") from error
        with open(kept, "w", encoding="utf-8") as file:
            try:
                done = act()
            except BaseException:
                with suppress(OSError):
                    self.paper.unlink()
                raise
            paper = slips.handover(done.slips, issuer=None, address=self.address, at=clock.now())
            css = Path(finders.find("reporting/slips.css")).read_text(encoding="utf-8")
            file.write(render_to_string("reporting/slips.html", {"paper": paper, "css": css}))
        self.stdout.write(f"{len(done.slips)} slips: {self.paper}")


def _own_address() -> str:
    origins = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
    return f"{origins[0].rstrip('/')}{reverse('reporting:home')}" if origins else ""
