"""The parameters of a request: its token, a unit that the token sees, days of the campaign, an instant."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import wraps
from typing import Annotated, Any, Literal, get_type_hints

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from ninja import Query, Schema
from ninja.params import models as params
from ninja.security import HttpBasicAuth, HttpBearer
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from .. import deadline
from ..days import hours_in_force, look_back
from ..days.look_back import SEALED, LookBack
from ..exports import stamp
from ..exports.stamp import Range
from ..figures import rollup
from ..figures.rollup import DayRollup
from ..forms.day import DayForm
from ..models import Unit
from ..models.levels import Level
from ..people import tokens
from ..text import addresses
from .problems import Refused, described

LANGUAGE = "lang"  # a parameter of every operation
LONGEST = 3660  # days
# Pydantic alone would also accept a number of seconds as a day, and 1_000 as a number.
DAY, WHOLE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), re.compile(r"[0-9]{1,19}")


def _written_as(pattern: re.Pattern, fault: str) -> BeforeValidator:
    def check(value):
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise PydanticCustomError(fault, "the value has another form than the document names")
        return value

    return BeforeValidator(check)


Day = Annotated[date, _written_as(DAY, "date_shape")]


def whole(least: int, most: int) -> Any:
    """The type of a whole number from `least` to `most`. The bounds come first, so that the document names them."""
    return Annotated[int, Field(ge=least, le=most), _written_as(WHOLE, "int_shape")]


AsOf = Annotated[
    str,
    Query(max_length=40, description=_("“seal”, or an instant with its time zone; default: now")),
]


class RangeQuery(Schema):
    """The parameters of a range of days."""

    first: Day | None = described(_("the first day; default: the campaign’s first day"), default=None, alias="from")
    last: Day | None = described(_("the last day; default: today"), default=None, alias="to")
    count: whole(1, LONGEST) | None = described(
        _("instead of `from`: the number of days up to `to`"), default=None, alias="last"
    )
    as_of: AsOf = ""
    level: Level | None = described(_("the units of this level; default: the units that report"), default=None)
    period: Literal["day", "week"] = described(_("a week is Monday to Sunday, cut to the range"), default="day")


class Bearer(HttpBearer):
    """The header `Authorization: Bearer bzr_…`. Cookies and a token in the address are ignored."""

    def authenticate(self, request, token):
        return tokens.use_token(token, at=request.arrived_at, address=addresses.client_address(request))


class Basic(HttpBasicAuth):
    """Basic authentication: any user name, and the token as password. For Excel and other programs."""

    def authenticate(self, request, username, password):
        return tokens.use_token(password, at=request.arrived_at, address=addresses.client_address(request))


def strict(view: Callable) -> Callable:
    """The view refuses parameters that it does not know or that are given twice."""
    known = [LANGUAGE, *_query_parameters(get_type_hints(view, include_extras=True))]

    @wraps(view)
    def checked(request, **parameters):
        wrong = addresses.wrong_parameters(request.GET, known)
        if request.GET.get(LANGUAGE, settings.LANGUAGE_CODE) not in dict(settings.LANGUAGES):
            wrong.setdefault(LANGUAGE, _("vi or en."))
        if wrong:
            raise Refused("invalid", faults=wrong)
        return view(request, **parameters)

    return checked


def _query_parameters(hints: dict) -> list[str]:
    names = []
    for name, hint in hints.items():
        for mark in getattr(hint, "__metadata__", ()):
            if isinstance(mark, params.Query):
                fields = getattr(hint.__origin__, "model_fields", {name: mark})  # a schema has several fields
                names += [field.alias or name for name, field in fields.items()]
    return names


def today(request) -> date:
    return deadline.reporting_day(request.arrived_at)


def visible_units(request):
    return tokens.visible_units(request.auth, request.arrived_at)


def unit(request, code: str, day: date) -> Unit:
    """The unit, named as on the day; 404 if the token does not see it."""
    return get_object_or_404(visible_units(request).named(day), code=code)


def unit_of_day(request, code: str, day: date) -> Unit:
    """The unit on a day of the campaign that has begun; 422 for any other day."""
    picker = DayForm({"day": day.isoformat()}, at=request.arrived_at)
    if not picker.is_valid():
        raise Refused("invalid", picker.errors["day"][0], parameter="day")
    return unit(request, code, day)


def look(request, unit: Unit, day: date, as_of: str) -> LookBack:
    """The look back: as of now, of the day's seal, or of a past instant with a time zone."""
    seal = look_back.newest_seal(unit, day)
    if as_of == SEALED and seal is None:
        raise Refused("not-sealed")
    instant = seal.at if as_of == SEALED else _instant(request, as_of, day) if as_of else None
    seen = LookBack(day, seal, instant, as_of)
    request.stamp = stamp.headers(seen, at=request.arrived_at)
    return seen


def range_of_days(request, code: str, query: RangeQuery) -> Range:
    """The requested range, cut to the campaign days that had begun at the instant; it may be empty."""
    first, last, as_of = query.first, query.last, query.as_of
    if first and query.count:
        raise Refused("invalid", _("Give `from` or `last`, not both."), parameter="last")
    if first and last and last < first:
        raise Refused("invalid", _("The last day cannot be before the first."), parameter="to")
    if query.period == "week" and as_of == SEALED:
        raise Refused("invalid", _("Each day has its own seal: ask for days, or for an instant."), parameter="period")
    end = today(request)
    start = hours_in_force.campaign_start() or end + timedelta(days=1)
    instant = _instant(request, as_of, start) if as_of not in ("", SEALED) else None
    end = deadline.reporting_day(instant) if instant else end
    last = max(min(last or end, end), start - timedelta(days=1))
    first = max(last - timedelta(days=query.count - 1) if query.count else first or start, start)
    named = unit(request, code, last)
    seals = look_back.newest_seals(named, first, last) if as_of == SEALED else None
    seen = LookBack(last, as_of=instant, asked=as_of, seals=seals)
    request.stamp = stamp.headers(seen, at=request.arrived_at)
    about = {"level": query.level, "is_weekly": query.period == "week"}
    return Range(unit=named, first=first, last=last, at=request.arrived_at, look=seen, **about)


def _instant(request, text: str, day: date) -> datetime:
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))  # an unquoted plus arrives as a space
        is_known = (
            text.isprintable()
            and instant.tzinfo is not None
            and look_back.day_start(day) <= instant <= request.arrived_at
        )
    except (ValueError, OverflowError):
        is_known = False
    if not is_known:
        words = _("Write “seal”, or an ISO 8601 instant with its time zone. It is not before the day and has passed.")
        raise Refused("invalid", words, parameter="as_of")
    return instant


def figures(request, unit: Unit, day: date, look: LookBack) -> DayRollup:
    rows = rollup.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in rows.by_code:
        raise Refused("not-found", _("The unit does not exist on the day, or was not known at the moment."))
    return rows
