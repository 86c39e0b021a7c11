"""Many days of a unit, page by page or as one CSV file of any length; and what has changed since the last visit."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja import Query, Router

from ..days import hours_in_force
from ..exports import plain_csv
from ..figures import feed, fields, ranges
from ..figures.rollup import DayRollup, Row
from ..hours.hours import DayHours
from ..models import Revision
from . import asked
from .given import Day, Whole
from .problems import Refused
from .schemas import OF_A_LINE, DaysOut, ReportsOut
from .units import AsOf

LONGEST_PAGE, USUAL_PAGE = 31, 7  # days
MOST_REPORTS = 1000  # of a page
CSV = "text/csv; charset=utf-8"
FirstDay = Annotated[Day, Query(alias="from", description=gettext_noop("the first day"))]
LastDay = Annotated[Day, Query(alias="to", description=gettext_noop("the last day"))]
Limit = Annotated[Whole, Query(USUAL_PAGE, ge=1, le=LONGEST_PAGE, description=gettext_noop("days a page"))]
OF_THE_FEED = gettext_noop("`next` of the last answer; 0: from the beginning")
Cursor = Annotated[Whole, Query(0, ge=0, le=2**63 - 1, description=OF_THE_FEED)]

router = Router(tags=["days"])


@router.get(
    "units/{code}/days",
    response=DaysOut,
    operation_id="days",
    summary=gettext_noop("A unit’s reporting units, day by day"),
    description=gettext_noop("The days from `from` to `to`, oldest first. Follow `next` until it is null."),
)
def days(
    request,
    code: str,
    first: FirstDay,
    last: LastDay,
    as_of: AsOf = "",
    limit: Annotated[
        Whole, Query(USUAL_PAGE, ge=1, le=LONGEST_PAGE, description=gettext_noop("days a page"))
    ] = USUAL_PAGE,
    cursor: Annotated[Day | None, Query(description=gettext_noop("`next` of the page before"))] = None,
):
    unit, looked = _range(request, code, first, last, as_of)
    begin = max(first, cursor or first)
    end = min(last, begin + timedelta(days=limit - 1))
    found = ranges.days(unit, begin, end, at=request.arrived_at, as_of=looked.as_of) if begin <= end else ()
    return {
        "unit": unit.code,
        "as_of": looked.as_of,
        "days": [_day(then) for then in found],
        "next": (end + timedelta(days=1)).isoformat() if end < last else None,
    }


@router.get(
    "units/{code}/days.csv",
    operation_id="days_csv",
    summary=gettext_noop("The same as one CSV file"),
    description=gettext_noop(
        "For machines: UTF-8, commas, a point for decimals, days as 2020-08-21, empty where it is missing."
    ),
    openapi_extra={"responses": {200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def days_csv(request, code: str, first: FirstDay, last: LastDay, as_of: AsOf = ""):
    unit, looked = _range(request, code, first, last, as_of)
    found = ranges.days(unit, first, last, at=request.arrived_at, as_of=looked.as_of)
    return StreamingHttpResponse(_csv(found), content_type=CSV, headers={"Cache-Control": "private, no-cache"})


@router.get(
    "units/{code}/reports",
    response=ReportsOut,
    operation_id="reports",
    summary=gettext_noop("What has changed since"),
    description=gettext_noop(
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
        Query(0, ge=0, le=2**63 - 1, description=gettext_noop("`next` of the last answer; 0: from the beginning")),
    ] = 0,
):
    unit = asked.unit(request, code, asked.today(request))
    below = asked.units(request).below(unit) if unit != request.auth.unit else asked.units(request)
    page = feed.changed(below, cursor, at=request.arrived_at, most=MOST_REPORTS)
    hours = hours_in_force.of_days(sorted({revision.report.day for revision in page.changed}))
    found = [_report(revision, hours[revision.report.day]) for revision in page.changed]
    return {"unit": unit.code, "reports": found, "next": str(page.after), "has_more": page.has_more}


def _range(request, code: str, first: date, last: date, as_of: str):
    if last < first:
        raise Refused("invalid", _("The last day cannot be before the first."), parameter="to")
    asked.campaign_day(request, first, parameter="from")
    asked.campaign_day(request, last, parameter="to")
    unit = asked.unit(request, code, last)
    return unit, asked.look(request, unit, last, as_of)


def _day(figures: DayRollup) -> dict:
    agencies = figures.own if figures.own.is_agency else figures.agency_total
    return {
        "day": figures.day,
        "total": _numbers(figures.own),
        "agency_total": _numbers(agencies) if agencies else None,
        "lines": _lines(figures),
    }


def _lines(figures: DayRollup) -> list[dict]:
    return [
        {
            "unit": row.code,
            "superior": superior.code if (superior := figures.parent_of(row)) else None,
            "is_agency": row.is_agency,
            "status": row.status,
            **_numbers(row),
        }
        for row in figures.reporting
    ]


def _numbers(row: Row) -> dict:
    counts = {field.name: getattr(row, field.name) for field in OF_A_LINE}
    return {**counts, "population": row.population, "share": None if row.share is None else float(row.share)}


def _csv(days: Iterator[DayRollup]) -> Iterator[bytes]:
    head = ["day", "unit", "superior", "is_agency", "status", *(f.name for f in OF_A_LINE), "population", "share"]
    yield plain_csv.lines([head])
    for figures in days:
        lines = ({"day": figures.day.isoformat(), **line} for line in _lines(figures))
        yield plain_csv.lines([line[name] for name in head] for line in lines)


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
