"""What a request asks for: the token that it carries, a unit below the token's, a day of the campaign, an instant."""

from datetime import date, datetime

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from ..days import look_back
from ..days.look_back import SEALED, LookBack
from ..figures import rollup
from ..figures.rollup import DayRollup
from ..forms.day import DayForm
from ..hours import deadline
from ..models import Unit
from ..people import tokens
from ..text import addresses
from .problems import Refused


class Bearer(HttpBearer):
    """`Authorization: Bearer bzr_…`, and no other way in: no cookie, no parameter of the address, which is logged."""

    def authenticate(self, request, token):
        return tokens.use(token, at=request.arrived_at, address=addresses.client_address(request))


def today(request) -> date:
    return deadline.reporting_day(request.arrived_at)


def units(request):
    """All that the token sees."""
    return tokens.visible_units(request.auth, request.arrived_at)


def unit(request, code: str, day: date) -> Unit:
    """The unit of the address, named as on the day; 404 for any that is not the token's to see."""
    return get_object_or_404(units(request).named(day), code=code)


def campaign_day(request, day: date, *, parameter: str = "day") -> date:
    """A day of the campaign that has begun."""
    picker = DayForm({"day": day.isoformat()}, at=request.arrived_at)
    if not picker.is_valid():
        raise Refused("invalid", picker.errors["day"][0], parameter=parameter)
    return day


def look(request, unit: Unit, day: date, as_of: str) -> LookBack:
    """As of now, of the day's seal, or of an instant with its zone that is past."""
    seal = look_back.newest_seal(unit, day)
    if not as_of:
        return LookBack(day, seal)
    if as_of == SEALED:
        if seal is None:
            raise Refused("not-sealed")
        return LookBack(day, seal, seal.at, as_of)
    return LookBack(day, seal, _instant(request, as_of, day), as_of)


def _instant(request, text: str, day: date) -> datetime:
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))  # a plus that nobody has quoted
        is_known = (
            text.isprintable()
            and instant.tzinfo is not None
            and look_back.start_of(day) <= instant <= request.arrived_at
        )
    except (ValueError, OverflowError):
        is_known = False
    if not is_known:
        words = _("“seal”, or an instant of ISO 8601 with its zone, not before the day and not to come.")
        raise Refused("invalid", words, parameter="as_of")
    return instant


def figures(request, unit: Unit, day: date, looked: LookBack) -> DayRollup:
    found = rollup.rows(unit, day, looked.as_of, at=request.arrived_at)
    if unit.code not in found.by_code:
        raise Refused("not-found", _("The unit does not exist on the day, or was not known at the moment."))
    return found
