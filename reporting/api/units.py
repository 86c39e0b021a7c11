"""The tree below the token's unit, and one day of a unit: the same rows as its page and its workbook."""

from datetime import date
from typing import Annotated

from django.utils.translation import gettext_noop
from ninja import Query, Router

from ..days import look_back
from ..figures.rollup import DayRollup
from ..models import Unit
from . import asked
from .given import Day
from .schemas import DayOut, UnitsOut

router = Router(tags=["units"])


@router.get(
    "units/",
    response=UnitsOut,
    operation_id="units",
    summary=gettext_noop("The units, as they are named on a day"),
    description=gettext_noop("Codes, levels and superiors of the token’s unit and all below it, closed ones too."),
)
def units(request, day: Annotated[Day | None, Query(description=gettext_noop("without one, today"))] = None):
    day = day or asked.today(request)
    found = list(asked.units(request).select_related("parent", "successor", "split_from").named(day).order_by("path"))
    seen = {unit.pk for unit in found}
    return {"day": day, "unit": request.auth.unit.code, "units": [_unit(unit, day, seen) for unit in found]}


def _unit(unit: Unit, day: date, seen: set[int]) -> dict:
    return {
        "code": unit.code,
        "level": unit.level,
        "kind": unit.kind or "",
        "name": unit.name or "",
        "parent": unit.parent.code if unit.parent_id in seen else None,
        "opened_on": unit.opened_on,
        "closed_on": unit.closed_on,
        "successor": unit.successor.code if unit.successor_id in seen else None,
        "split_from": unit.split_from.code if unit.split_from_id in seen else None,
        "handed_over": 0 if unit.was_never_open else unit.handed_over,
        "is_open": unit.is_open_on(day),
    }


AsOf = Annotated[
    str,
    Query(max_length=40, description=gettext_noop("“seal”, or an instant with its zone; without one, as known now")),
]


@router.get(
    "units/{code}/days/{day}",
    response=DayOut,
    operation_id="day",
    summary=gettext_noop("A unit on one day"),
    description=gettext_noop(
        "Its own row, those right below it, agencies apart, who is missing; now, as sealed, or as known at an instant."
    ),
)
def day(request, code: str, day: Day, as_of: AsOf = ""):
    unit = asked.unit(request, code, asked.campaign_day(request, day))
    looked = asked.look(request, unit, day, as_of)
    return _day(asked.figures(request, unit, day, looked), looked)


def _day(figures: DayRollup, looked: look_back.LookBack) -> dict:
    return {
        "day": figures.day,
        "unit": figures.unit_code,
        "as_of": looked.as_of,
        "seal": looked.seal,
        "closes_at": figures.hours.last_closes_at(figures.own.path),
        "own": figures.own,
        "children": figures.children,
        "agencies": figures.agencies,
        "agency_total": figures.agency_total,
        "not_reported": [row.code for row in figures.not_reported],
    }
