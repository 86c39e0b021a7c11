"""The units below the token's, a day of a unit, many days page by page or as one CSV file, and what has changed.

The same rows as pages and workbooks.
"""

from datetime import timedelta
from typing import Annotated

from django.http import StreamingHttpResponse
from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from ..days import hours_in_force
from ..exports import tidy
from ..figures import fields, ranges
from ..figures.rollup import DayRollup, Row
from ..hours.hours import DayHours
from ..models import Revision
from . import asked
from .asked import Day, Whole
from .schemas import OF_A_LINE, OF_A_TOTAL, DayOut, DaysOut, ReportsOut, UnitsOut

LONGEST_PAGE, USUAL_PAGE = 31, 7  # days
LONGEST = 3660  # days
MOST_REPORTS = 1000  # of a page
CSV = "text/csv; charset=utf-8"
FirstDay = Annotated[Day | None, Query(alias="from", description=_("the first day; without one, the campaign’s first"))]
LastDay = Annotated[Day | None, Query(alias="to", description=_("the last day; without one, today"))]
Count = Annotated[
    Whole | None,
    Query(alias="last", ge=1, le=LONGEST, description=_("in the place of `from`: so many days up to `to`")),
]
AsOf = Annotated[
    str,
    Query(max_length=40, description=_("“seal”, or an instant with its zone; without one, as known now")),
]

router = Router(tags=["days"])


@router.get("units", response=UnitsOut, include_in_schema=False)
@router.get(
    "units/",
    response=UnitsOut,
    tags=["units"],
    operation_id="units",
    summary=_("The units, as they are named on a day"),
    description=_("Codes, levels and superiors of the token’s unit and all below it, closed ones too."),
)
def units(request, day: Annotated[Day | None, Query(description=_("without one, today"))] = None):
    day = day or asked.today(request)
    found = asked.units(request).select_related("parent", "successor", "split_from").named(day).order_by("path")
    lines = [tidy.values(line, tidy.UNIT_COLUMNS) for line in tidy.unit_lines(found, day)]
    return {"day": day, "unit": request.auth.unit.code, "units": lines}


@router.get(
    "units/{code}/days/{day}",
    response=DayOut,
    tags=["units"],
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
    figures = asked.figures(request, unit, day, looked)
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


@router.get(
    "units/{code}/days",
    response=DaysOut,
    operation_id="days",
    summary=_("A unit’s reporting units, day by day"),
    description=_(
        "The days from `from` to `to`, oldest first, as far as they are days of the campaign that have begun. Follow "
        "`next` until it is null. As sealed each day has the figures of its own seal; a day without one has none."
    ),
)
def days(
    request,
    code: str,
    first: FirstDay = None,
    last: LastDay = None,
    count: Count = None,
    as_of: AsOf = "",
    limit: Annotated[Whole, Query(USUAL_PAGE, ge=1, le=LONGEST_PAGE, description=_("days a page"))] = USUAL_PAGE,
    cursor: Annotated[Day | None, Query(description=_("`next` of the page before"))] = None,
):
    unit, first, last, look = asked.days(request, code, first, last, count, as_of)
    begin = max(first, cursor or first)
    end = min(last, begin + timedelta(days=limit - 1))
    found = ranges.days(unit, begin, end, at=request.arrived_at, as_of=look.as_of, seals=look.seals)
    return {
        "unit": unit.code,
        "first_day": first,
        "last_day": last,
        "as_of": look.as_of,
        "days": [_day(then, request.arrived_at, look.seals) for then in found],
        "next": (end + timedelta(days=1)).isoformat() if end < last else None,
    }


@router.get(
    "units/{code}/days.csv",
    operation_id="days_csv",
    summary=_("The same as one CSV file"),
    description=_(
        "For machines: UTF-8, commas, a point for decimals, days as 2020-08-21, empty where it is missing. One row a "
        "unit and day; each row says as of when its figures were known."
    ),
    openapi_extra={"responses": {200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def days_csv(request, code: str, first: FirstDay = None, last: LastDay = None, count: Count = None, as_of: AsOf = ""):
    unit, first, last, look = asked.days(request, code, first, last, count, as_of)
    found = ranges.days(unit, first, last, at=request.arrived_at, as_of=look.as_of, seals=look.seals)
    lines = tidy.days_csv(found, at=request.arrived_at, seals=look.seals)
    name = f"bluezone-{unit.code}-{first}-{last}{look.file_suffix}.csv"
    headers = {"Cache-Control": "private, no-cache", "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=CSV, headers=headers)


@router.get(
    "units/{code}/reports",
    response=ReportsOut,
    operation_id="reports",
    summary=_("What has changed since"),
    description=_(
        "Every report below the unit that was sent, corrected, adjusted or taken back since the cursor, as it stands. "
        "Asked again and again with the `next` of the last answer it misses nothing; the youngest may come twice. "
        "A unit’s cumulative on a day is the sum of installs and adjustments of its reports up to that day, the "
        "opening one included."
    ),
)
def reports(
    request,
    code: str,
    cursor: Annotated[
        Whole,
        Query(0, ge=0, le=2**63 - 1, description=_("`next` of the last answer; 0: from the beginning")),
    ] = 0,
):
    unit = asked.unit(request, code, asked.today(request))
    below = asked.units(request).below(unit) if unit != request.auth.unit else asked.units(request)
    changed, after, has_more = ranges.changed(below, cursor, at=request.arrived_at, most=MOST_REPORTS)
    hours = hours_in_force.of_days(sorted({revision.report.day for revision in changed}))
    found = [_report(revision, hours[revision.report.day]) for revision in changed]
    return {"unit": unit.code, "reports": found, "next": str(after), "has_more": has_more}


def _day(figures: DayRollup, at, seals) -> dict:
    agencies = figures.own if figures.own.is_agency else figures.agency_total
    return {
        "day": figures.day,
        "as_of": figures.as_of,
        "seal": (seals or {}).get(figures.day),
        "total": _total(figures.own),
        "agency_total": _total(agencies) if agencies else None,
        "lines": [tidy.values(line, OF_A_LINE) for line in tidy.lines(figures, at=at, seals=seals)],
    }


def _total(row: Row) -> dict:
    line = tidy.Line(row, None, None, None, None)
    return tidy.values(line, OF_A_TOTAL)


def _report(revision: Revision, hours: DayHours) -> dict:
    report = revision.report
    said = {field.name: getattr(report, field.column) for field in fields.OF_DAY}
    return {
        "unit": report.unit.code,
        "day": report.day,
        "kind": report.kind,
        "version": report.version,
        "is_late": report.installs is not None and hours.is_late(report.unit.path, report.received_at),
        "covers_from": report.covers_from,
        "received_at": report.received_at,
        "counted_at": revision.counted_at,
        **said,
    }
