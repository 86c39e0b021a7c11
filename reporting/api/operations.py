"""The operations: units, a day, many days, changed reports, changes since a seal, official figures, the campaign.

They use the same rows as pages and workbooks.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from django.http import StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from ..days import hours_in_force, look_back
from ..deadline import DayHours
from ..exports import tidy
from ..figures import fields, ranges, since_seal
from ..figures.rollup import DayRollup, Row
from ..ministry.figures import day_comparison
from ..models import Metric, Revision
from ..models.campaign import records_reaching
from . import parameters, schemas
from .parameters import AsOf, Day, RangeQuery, whole
from .problems import Refused

LONGEST_PAGE, USUAL_PAGE = 31, 7  # days
MOST_REPORTS = 1000  # on a page
CSV = "text/csv; charset=utf-8"

router = Router()


@router.get("units", response=schemas.UnitsOut, include_in_schema=False)
@router.get(
    "units/",
    response=schemas.UnitsOut,
    summary=_("The units, as they are named on a day"),
    description=_("Codes, levels and superiors of the token’s unit and all below it, closed ones too."),
)
def units(request, day: Annotated[Day | None, Query(description=_("default: today"))] = None):
    day = day or parameters.today(request)
    lines = tidy.unit_lines(parameters.visible_units(request), day)
    units = [tidy.values(line, tidy.UNIT_COLUMNS) for line in lines]
    return {"day": day, "unit": request.auth.unit.code, "units": units}


@router.get(
    "units/{code}/days/{day}",
    response=schemas.DayOut,
    summary=_("A unit on one day"),
    description=_(
        "The rows of the unit and of those right below it, agencies separately, and the codes of units that have not "
        "reported: as known now, as sealed, or as known at an instant."
    ),
)
def day(request, code: str, day: Day, as_of: AsOf = ""):
    unit = parameters.unit_of_day(request, code, day)
    look = parameters.look(request, unit, day, as_of)
    figures = parameters.figures(request, unit, day, look)
    return {
        "day": figures.day,
        "unit": figures.unit_code,
        "as_of": figures.instant,
        "seal": look.seal,
        "closes_at": figures.hours.last_closes_at(figures.own.path),
        **{name: getattr(figures, name) for name in ("own", "children", "agencies", "agency_total")},
        "not_reported": [row.code for row in figures.not_reported],
    }


@router.get(
    "units/{code}/days",
    response=schemas.DaysOut,
    summary=_("A unit’s reporting units, day by day"),
    description=_(
        "The campaign days from `from` to `to` that have begun, oldest first. Follow `next` until it is null. With "
        "`as_of=seal` each day has the figures of its own seal, and a day without a seal has no figures."
    ),
)
def days(
    request,
    code: str,
    query: Query[RangeQuery],
    limit: Annotated[whole(1, LONGEST_PAGE), Query(USUAL_PAGE, description=_("days a page"))] = USUAL_PAGE,
    cursor: Annotated[Day | None, Query(description=_("`next` of the page before"))] = None,
):
    shown = parameters.range_of_days(request, code, query)
    begin = min(max(shown.first, cursor or shown.first), shown.last + timedelta(days=1))
    end = begin + timedelta(days=limit - 1)
    if shown.is_weekly:  # a page must have whole weeks
        end += timedelta(days=6 - end.weekday())
    page = replace(shown, first=begin, last=min(shown.last, end))
    return {
        "unit": shown.unit.code,
        "first_day": shown.first,
        "last_day": shown.last,
        "as_of": None if shown.look.seals is not None else shown.look.as_of or request.arrived_at,
        "days": [_day(figures, lines, shown.look.seals) for figures, lines in tidy.days(page)],
        "next": (end + timedelta(days=1)).isoformat() if end < shown.last else None,
    }


@router.get(
    "units/{code}/days.csv",
    summary=_("The same days as one CSV file"),
    description=_(
        "For machines: UTF-8, commas, decimal points, days like 2020-08-21, empty for a missing value. One row for "
        "each unit and day; each row has the instant of its figures."
    ),
    openapi_extra={"responses": {200: {"description": "OK", "content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def days_csv(request, code: str, query: Query[RangeQuery]):
    shown = parameters.range_of_days(request, code, query)
    lines = tidy.days_csv(shown, tidy.WEEK_COLUMNS if shown.is_weekly else tidy.COLUMNS)
    headers = {"Content-Disposition": f'attachment; filename="{shown.file_name}.csv"'}
    return StreamingHttpResponse(lines, content_type=CSV, headers=headers)


@router.get(
    "units/{code}/reports",
    response=schemas.ReportsOut,
    summary=_("Reports changed since the last request"),
    description=_(
        "Every report of the unit and all below it that was sent, corrected, adjusted or withdrawn since the cursor, "
        "in its current state. If each request sends the `next` of the last answer, no change is missed; the newest "
        "reports may come twice. A unit’s cumulative on a day is the sum of installs and adjustments of its reports up "
        "to that day, including the opening report."
    ),
)
def reports(
    request,
    code: str,
    cursor: Annotated[
        whole(0, 2**63 - 1),
        Query(0, description=_("`next` of the last answer; 0: from the beginning")),
    ] = 0,
):
    unit = parameters.unit(request, code, parameters.today(request))
    units = parameters.visible_units(request)
    below = units.below(unit) if unit != request.auth.unit else units
    changed, after, has_more = ranges.changed_figures(below, cursor, at=request.arrived_at, most=MOST_REPORTS)
    hours = hours_in_force.hours_of_days(sorted({revision.report.day for revision in changed}))
    reports = [_report(revision, hours[revision.report.day]) for revision in changed]
    return {"unit": unit.code, "reports": reports, "next": str(after), "has_more": has_more}


@router.get(
    "units/{code}/changes/{day}",
    response=schemas.ChangesOut,
    summary=_("Changes since the seal"),
    description=_(
        "The cumulative as sealed, the current one, and every step between them; they add up. A day that has not been "
        "sealed is refused."
    ),
)
def changes(request, code: str, day: Day):
    unit = parameters.unit_of_day(request, code, day)
    figures = parameters.figures(request, unit, day, look_back.LookBack(day))
    seal = look_back.newest_seal(unit, day)
    if seal is None:
        raise Refused("not-sealed")
    return {"day": day, "unit": unit.code, **vars(since_seal.changes(unit, figures, seal))}


@router.get(
    "units/{code}/official/{day}",
    response=schemas.OfficialOut,
    summary=_("The ministry’s own figures"),
    description=_(
        "The ministry’s figures and ours of the same day, side by side and never added. A unit is marked if it claims "
        "more than the ministry counts, by more than the threshold."
    ),
)
def official(
    request,
    code: str,
    day: Day,
    metric: Annotated[Metric | None, Query(description=_("default: the metric with the newest figure"))] = None,
    as_of: AsOf = "",
):
    unit = parameters.unit_of_day(request, code, day)
    if unit.is_agency:
        raise Refused("not-found")
    look = parameters.look(request, unit, day, as_of)
    figures = parameters.figures(request, unit, day, look)
    compared = day_comparison(unit, figures, metric and metric.value)
    about = {"metric": compared.metric, "own": compared.own, "below": compared.below}
    return {"day": day, "unit": unit.code, "as_of": figures.instant, **about}


@router.get("campaign", response=schemas.CampaignOut, include_in_schema=False)
@router.get(
    "campaign/",
    response=schemas.CampaignOut,
    summary=_("Orders, deadlines and exempt days"),
    description=_(
        "The campaign’s orders and downtimes, and the extensions, exempt days and own hours that apply to the unit, to "
        "one above or to one below it. Withdrawn ones are included."
    ),
)
def campaign(request):
    kinds = ("directives", "extensions", "exempt_days", "unit_hours", "downtimes")
    records = dict(zip(kinds, records_reaching(request.auth.unit), strict=True))
    return {"first_day": hours_in_force.campaign_start(), **records}


def _day(figures: DayRollup, lines: list[tidy.Line], seals) -> dict:
    agencies = figures.own if figures.own.is_agency else figures.agency_total
    return {
        "day": figures.day,
        "as_of": figures.instant,
        "seal": (seals or {}).get(figures.day),
        "total": _total(figures.own),
        "agency_total": _total(agencies) if agencies else None,
        "lines": [tidy.values(line, schemas.OF_A_LINE) for line in lines],
    }


def _total(row: Row) -> dict:
    return tidy.values(tidy.Line(row, None, None, None, None), schemas.OF_A_TOTAL)


def _report(revision: Revision, hours: DayHours) -> dict:
    report = revision.report
    return {
        "unit": report.unit.code,
        **{name: getattr(report, name) for name in ("day", "kind", "version", "covers_from", "received_at")},
        "is_late": report.installs is not None and hours.is_late(report.unit.path, report.received_at),
        "counted_at": revision.counted_at,
        **{field.name: getattr(report, field.column) for field in fields.OF_DAY},
    }
