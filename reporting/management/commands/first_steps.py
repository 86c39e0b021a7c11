from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from reporting import acts, clock
from reporting.acts import NotWritten
from reporting.acts.unit_register import BadFile
from reporting.files.cells import Unreadable
from reporting.hours import deadline
from reporting.imports.kinds import units
from reporting.models import AccessRecord, Directive, Unit, User
from reporting.operation import readiness
from reporting.people import accounts
from reporting.text import formatting, parsing

UNITS = Path(settings.BASE_DIR) / "reporting" / "data" / "haiphong-2020-units.csv"


class Command(BaseCommand):
    help = (
        "What comes before the first report, in the order in which one needs the other: units, the first order, the "
        "account of whoever seals. Asks for what is not given; what is there already is left as it is."
    )

    def add_arguments(self, parser):
        parser.add_argument("--units", type=Path, help=f"a file of units (default, if the answer is yes: {UNITS.name})")
        for name in ("number", "issuer", "title"):
            parser.add_argument(f"--{name}", help="of the order")
        parser.add_argument("--effective-from", help="the first day of the campaign, dd/mm/yyyy or YYYY-MM-DD")
        for name in ("username", "name", "phone"):
            parser.add_argument(f"--{name}", help="of whoever seals")

    def handle(self, **given):
        self.given, self.at = given, clock.now()
        if waiting := readiness.waiting_migrations():
            raise CommandError(f"{len(waiting)} migrations are not applied: manage.py migrate")
        with translation.override(settings.LANGUAGE_CODE):
            try:
                top = self._units()
                self._order(top)
                self._account(top)
            except ValidationError as error:
                raise CommandError("; ".join(error.messages)) from error
            except NotWritten as error:
                raise CommandError(error.words) from error
            self.stdout.write(_("Next: sign in, then set up the accounts of the units below on the page “Accounts”."))

    def _units(self) -> Unit:
        if not Unit.objects.exists():
            path = self.given["units"] or Path(self._ask("", _("File of the units"), str(UNITS)))
            try:
                units.import_units(path.read_bytes(), name=path.name, is_asking=True)
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}") from error
            except (BadFile, Unreadable) as error:
                raise CommandError(f"{path}: nothing was imported\n{error}") from error
        self.stdout.write(f"{_('Units')}: {Unit.objects.count()}")
        return Unit.objects.tops().get()

    def _order(self, top: Unit) -> None:
        if not Directive.objects.exists():
            today = deadline.reporting_day(self.at)
            order = Directive(
                number=self._ask("number", _("Number of the order")),
                issuer=self._ask("issuer", _("Who issued it")),
                title=self._ask("title", _("What it is about")),
                recorded_at=self.at,
            )
            text = self._ask("effective_from", _("First day of the campaign"), formatting.day(today))
            order.effective_from = parsing.day(text, near=today)
            if order.effective_from is None:
                raise CommandError(_("%(text)s is no day: write it as 20/08/2020.") % {"text": text})
            order.issued_on = min(today, order.effective_from)
            order.full_clean(exclude=["by", "recorded_at"])
            acts.record(order, top=top, at=self.at)
        first = Directive.objects.order_by("effective_from").first()
        self.stdout.write(f"{_('Order')}: {first.number}, {formatting.day(first.effective_from)}")

    def _account(self, top: Unit) -> None:
        sealing = Unit.objects.sealing().order_by("path").first() or top
        known = User.objects.filter(unit=sealing, is_active=True, is_viewer=False).order_by("pk").first()
        if known:
            self.stdout.write(f"{_('Account of whoever seals')}: {known.username}")
            return
        phone = self._ask("phone", _("Telephone of whoever seals"))
        last_name, _blank, first_name = self._ask("name", _("Name of whoever seals")).rpartition(" ")
        username = self._ask("username", _("User name"), accounts.usual_username(phone))
        person = User(username=username, last_name=last_name, first_name=first_name, phone=phone, unit=sealing)
        person.full_clean(exclude=["password"])
        slip = accounts.add(person, at=self.at)
        AccessRecord.objects.note(AccessRecord.Kind.PERSON_ADDED, by_name="manage.py first_steps", about=person)
        self.stdout.write(f"{_('Account of whoever seals')}: {person.username}")
        self.stdout.write(
            _("One-time password, shown here alone, until %(until)s: %(password)s")
            % {"until": formatting.moment(slip.expires_at), "password": slip.password}
        )

    def _ask(self, name: str, words: str, usual: str = "") -> str:
        """What was given, or is answered; an empty answer is the usual one."""
        if self.given.get(name):
            return self.given[name]
        answer = input(f"{words}{f' [{usual}]' if usual else ''}: ").strip() or usual
        if not answer:
            raise CommandError(_("%(words)s: nothing was given.") % {"words": words})
        return answer
