"""The tree below the token's unit, and one day of a unit: the same rows as its page and its workbook."""

from typing import Annotated

from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from ..days import look_back
from ..exports import tidy
from ..figures.rollup import DayRollup
from . import asked
from .asked import Day
from .schemas import DayOut, UnitsOut

router = Router(tags=["units"])


@router.get("units", response=UnitsOut, include_in_schema=False)
@router.get(
    "units/",
    response=UnitsOut,
    operation_id="units",
    summary=_("The units, as they are named on a day"),
    description=_("Codes, levels and superiors of the token’s unit and all below it, closed ones too."),
)
def units(request, day: Annotated[Day | None, Query(description=_("without one, today"))] = None):
    day = day or asked.today(request)
    found = asked.units(request).select_related("parent", "successor", "split_from").named(day).order_by("path")
    lines = [tidy.values(line, tidy.UNIT_COLUMNS) for line in tidy.unit_lines(found, day)]
    return {"day": day, "unit": request.auth.unit.code, "units": lines}


AsOf = Annotated[
    str,
    Query(max_length=40, description=_("“seal”, or an instant with its zone; without one, as known now")),
]


@router.get(
    "units/{code}/days/{day}",
    response=DayOut,
    operation_id="day",
    summary=_("A unit on one day"),
    description=_(
        "Its own row, those right below it, agencies apart, who has not reported; now, as sealed, or as known at an "
        "instant."
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
