from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from reporting import clock, deadline
from reporting.acts import new_units, unit_register
from reporting.models import AccessRecord, Unit, User
from reporting.models.levels import Level
from reporting.operation import readiness
from reporting.people import accounts
from reporting.text import formatting, unit_kinds


class Command(BaseCommand):
    help = (
        "Ask for the province or city and for the person who seals. That person imports the units and records the "
        "first order on the pages. What exists already is not changed. A file may give the answers."
    )

    def handle(self, **options):
        self.at = clock.now()
        if waiting := readiness.waiting_migrations():
            raise CommandError(f"{len(waiting)} migrations are not applied: manage.py migrate")
        with translation.override(settings.LANGUAGE_CODE):
            try:
                self._top()
                self._account()
            except ValidationError as error:
                raise CommandError("; ".join(error.messages)) from error
            except unit_register.BadFile as error:
                raise CommandError("; ".join(words for _line, words in error.problems)) from error
            words = _("Next: sign in, import the units at %(page)s, then record the order on “Campaign set-up”.")
            self.stdout.write(words % {"page": reverse("reporting:import_upload", args=["units"])})

    def _top(self) -> None:
        if not Unit.objects.exists():
            name = _ask(_("Name of the province or city"))
            kind = unit_kinds.kind_of(name)
            if kind not in unit_kinds.OF_TOPS:
                raise CommandError(_("%(name)s: write “Tỉnh” or “Thành phố” before the name.") % {"name": name})
            about = {"name": unit_kinds.bare_name(name), "kind": kind, "level": Level.CITY}
            line = unit_register.UnitLine(line=1, code=_ask(_("Code of the province or city")), **about)
            first = new_units.first_day(deadline.reporting_day(self.at))
            unit_register.import_lines([line], by=None, effective_on=first, now=lambda: self.at)
        self.stdout.write(f"{_('Units')}: {Unit.objects.count()}")

    def _account(self) -> None:
        sealing = Unit.objects.sealing().order_by("path").first() or Unit.objects.tops().get()
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
