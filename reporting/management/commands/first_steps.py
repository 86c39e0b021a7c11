from collections import Counter
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from reporting import acts, clock, deadline
from reporting.acts import Refusal
from reporting.acts.unit_register import BadFile
from reporting.files.cells import Unreadable
from reporting.imports.kinds import units
from reporting.models import AccessRecord, Directive, Unit, User
from reporting.operation import readiness
from reporting.people import accounts
from reporting.text import formatting, parsing

UNITS = Path(settings.BASE_DIR) / "reporting" / "data" / "haiphong-2020-units.csv"


class Command(BaseCommand):
    help = (
        "Ask for what the first report needs: units, the first order, the account that seals. "
        "What exists already is not changed. A file may give the answers."
    )

    def handle(self, **options):
        self.at = clock.now()
        if waiting := readiness.waiting_migrations():
            raise CommandError(f"{len(waiting)} migrations are not applied: manage.py migrate")
        with translation.override(settings.LANGUAGE_CODE):
            try:
                top = self._units()
                self._order(top)
                self._account(top)
            except ValidationError as error:
                raise CommandError("; ".join(error.messages)) from error
            except Refusal as error:
                raise CommandError(error.message) from error
            self.stdout.write(_("Next: sign in, then set up the accounts of the units below on the page “Accounts”."))

    def _units(self) -> Unit:
        if not Unit.objects.exists():
            path = Path(_ask(_("File of the units"), str(UNITS)))
            try:
                units.import_units(path.read_bytes(), name=path.name, is_asking=True)
            except OSError as error:
                raise CommandError(f"{path}: {error.strerror}") from error
            except BadFile as error:
                lines = Counter(words for _line, words in error.problems)
                shown = (f"{words} ({number})" if number > 1 else words for words, number in lines.items())
                raise CommandError("\n".join([f"{path}: nothing was imported", *shown])) from error
            except Unreadable as error:
                raise CommandError(f"{path}: nothing was imported\n{error}") from error
        self.stdout.write(f"{_('Units')}: {Unit.objects.count()}")
        return Unit.objects.tops().get()

    def _order(self, top: Unit) -> None:
        if not Directive.objects.exists():
            today = deadline.reporting_day(self.at)
            order = Directive(
                number=_ask(_("Number of the order")),
                issuer=_ask(_("Who issued it")),
                title=_ask(_("What it is about")),
                recorded_at=self.at,
            )
            text = _ask(_("First day of the campaign"), formatting.day(today))
            order.effective_from = parsing.day(text, near=today)
            if order.effective_from is None:
                raise CommandError(_("%(text)s is no day: write it as 20/08/2020.") % {"text": text})
            order.issued_on = min(today, order.effective_from)
            order.full_clean(exclude=["by", "recorded_at"])
            acts.record_setting(order, top=top, at=self.at)
        first = Directive.objects.order_by("effective_from").first()
        self.stdout.write(f"{_('Order')}: {first.number}, {formatting.day(first.effective_from)}")

    def _account(self, top: Unit) -> None:
        sealing = Unit.objects.sealing().order_by("path").first() or top
        known = User.objects.filter(unit=sealing, is_active=True, is_viewer=False).order_by("pk").first()
        if known:
            self.stdout.write(f"{_('Account of the person who seals')}: {known.username}")
            return
        phone = _ask(_("Telephone of the person who seals"))
        last_name, _blank, first_name = _ask(_("Name of the person who seals")).rpartition(" ")
        username = _ask(_("User name"), accounts.usual_username(phone))
        person = User(username=username, last_name=last_name, first_name=first_name, phone=phone, unit=sealing)
        person.full_clean(exclude=["password"])
        slip = accounts.add_account(person, at=self.at)
        AccessRecord.objects.note(AccessRecord.Kind.PERSON_ADDED, by_name="manage.py first_steps", about=person)
        self.stdout.write(f"{_('Account of the person who seals')}: {person.username}")
        self.stdout.write(
            _("One-time password, shown only here, valid until %(until)s: %(password)s")
            % {"until": formatting.moment(slip.expires_at), "password": slip.password}
        )


def _ask(words: str, usual: str = "") -> str:
    """The typed answer, or `usual` if it is empty."""
    try:
        answer = input(f"{words}{f' [{usual}]' if usual else ''}: ").strip() or usual
    except EOFError:
        answer = ""
    if not answer:
        raise CommandError(_("%(words)s: an answer is required.") % {"words": words})
    return answer
