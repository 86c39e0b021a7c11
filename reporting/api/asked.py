"""What a request asks for: the token that it carries, a unit below the token's, days of the campaign, an instant."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Annotated, get_type_hints

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja.params.models import Query
from ninja.security import HttpBasicAuth, HttpBearer
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from ..days import hours_in_force, look_back
from ..days.look_back import SEALED, LookBack
from ..exports import stamp
from ..figures import rollup
from ..figures.rollup import DayRollup
from ..forms.day import DayForm
from ..hours import deadline
from ..models import Unit
from ..people import tokens
from ..text import addresses
from .problems import Refused

LANGUAGE = "lang"  # of the words, a parameter everywhere
# One writing for a day and for a number, as the document says them: left to itself pydantic takes a number of seconds
# for a day, and 1_000 for a number.
DAY, WHOLE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[0-9]{1,19}")


def _written_as(pattern: re.Pattern, fault: str) -> BeforeValidator:
    def check(value):
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise PydanticCustomError(fault, "not written as the document says")
        return value

    return BeforeValidator(check)


Day = Annotated[date, _written_as(DAY, "date_shape")]
Whole = Annotated[int, _written_as(WHOLE, "int_shape")]


class Bearer(HttpBearer):
    """`Authorization: Bearer bzr_…`. Neither a cookie opens anything, nor a parameter of the address: it is logged."""

    def authenticate(self, request, token):
        return tokens.use(token, at=request.arrived_at, address=addresses.client_address(request))


class Basic(HttpBasicAuth):
    """The token as the password of any name: what Excel and others keep in a store of their own."""

    def authenticate(self, request, username, password):
        return tokens.use(password, at=request.arrived_at, address=addresses.client_address(request))


def strict(view: Callable) -> Callable:
    """The same operation, which refuses parameters that it does not know, or that are given twice."""
    hints = get_type_hints(view, include_extras=True)
    marks = [(name, mark) for name, hint in hints.items() for mark in getattr(hint, "__metadata__", ())]
    known = [LANGUAGE, *(mark.alias or name for name, mark in marks if isinstance(mark, Query))]

    @wraps(view)
    def checked(request, **asked):
        wrong = addresses.wrong_parameters(request.GET, known)
        if request.GET.get(LANGUAGE, settings.LANGUAGE_CODE) not in dict(settings.LANGUAGES):
            wrong.setdefault(LANGUAGE, _("vi or en."))
        if wrong:
            raise Refused("invalid", faults=wrong)
        return view(request, **asked)

    return checked


def today(request) -> date:
    return deadline.reporting_day(request.arrived_at)


def units(request):
    """All that the token sees."""
    return tokens.visible_units(request.auth, request.arrived_at)


def unit(request, code: str, day: date) -> Unit:
    """The unit of the address, named as on the day; 404 for any that is not the token's to see."""
    return get_object_or_404(units(request).named(day), code=code)


def campaign_day(request, day: date) -> date:
    """A day of the campaign that has begun."""
    picker = DayForm({"day": day.isoformat()}, at=request.arrived_at)
    if not picker.is_valid():
        raise Refused("invalid", picker.errors["day"][0], parameter="day")
    return day


def look(request, unit: Unit, day: date, as_of: str) -> LookBack:
    """As of now, of the day's seal, or of an instant with its zone that is past."""
    seal = look_back.newest_seal(unit, day)
    if as_of == SEALED and seal is None:
        raise Refused("not-sealed")
    instant = seal.at if as_of == SEALED else _instant(request, as_of, day) if as_of else None
    return _noted(request, LookBack(day, seal, instant, as_of))


def days(
    request, code: str, first: date | None, last: date | None, count: int | None, as_of: str
) -> tuple[Unit, date, date, LookBack]:
    """The unit, the first and the last day, and how they are seen.

    The days are cut to those of the campaign that had begun at the moment looked at; there may be none.
    """
    if first and count:
        raise Refused("invalid", _("Give `from` or `last`, not both."), parameter="last")
    if first and last and last < first:
        raise Refused("invalid", _("The last day cannot be before the first."), parameter="to")
    end = today(request)
    start = hours_in_force.campaign_start() or end + timedelta(days=1)
    instant = _instant(request, as_of, start) if as_of not in ("", SEALED) else None
    end = deadline.reporting_day(instant) if instant else end
    last = max(min(last or end, end), start - timedelta(days=1))
    first = max(last - timedelta(days=count - 1) if count else first or start, start)
    found = unit(request, code, last)
    seals = look_back.newest_seals(found, first, last) if as_of == SEALED else None
    return found, first, last, _noted(request, LookBack(last, as_of=instant, asked=as_of, seals=seals))


def _noted(request, look: LookBack) -> LookBack:
    """The look, which the answer names in its headers."""
    request.stamp = stamp.headers(look, at=request.arrived_at)
    return look


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
