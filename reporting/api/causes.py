"""Why a sealed day has changed, the ministry's own figures beside ours, and what the campaign has set."""

from typing import Annotated

from django.utils.translation import gettext_noop as _
from ninja import Query, Router

from ..days import hours_in_force, look_back
from ..figures import comparison, since_seal
from ..models import Metric
from ..models.campaign import records_reaching
from . import asked
from .asked import Day
from .days import AsOf
from .problems import Refused
from .schemas import CampaignOut, ChangesOut, OfficialOut

router = Router(tags=["causes"])


@router.get(
    "units/{code}/changes/{day}",
    response=ChangesOut,
    operation_id="changes",
    summary=_("Changes since the seal"),
    description=_(
        "The cumulative as sealed, the one of now, and every step between them; they add up. A day that has "
        "not been sealed is refused."
    ),
)
def changes(request, code: str, day: Day):
    unit = asked.unit(request, code, asked.campaign_day(request, day))
    figures = asked.figures(request, unit, day, look_back.LookBack(day))
    seal = look_back.newest_seal(unit, day)
    if seal is None:
        raise Refused("not-sealed")
    found = since_seal.changes(unit, figures, seal)
    return {"day": day, "unit": unit.code, **vars(found)}


@router.get(
    "units/{code}/official/{day}",
    response=OfficialOut,
    operation_id="official",
    summary=_("The ministry’s own figures"),
    description=_(
        "Beside ours of the same day, never mixed in; marked where a unit claims more by more than the threshold."
    ),
)
def official(
    request,
    code: str,
    day: Day,
    metric: Annotated[Metric | None, Query(description=_("without one, the one counted last"))] = None,
    as_of: AsOf = "",
):
    unit = asked.unit(request, code, asked.campaign_day(request, day))
    if unit.is_agency:
        raise Refused("not-found")
    looked = asked.look(request, unit, day, as_of)
    figures = asked.figures(request, unit, day, looked)
    found = comparison.on_day(unit, day, metric and metric.value, figures=figures, as_of=looked.as_of)
    return {
        "day": day,
        "unit": unit.code,
        "as_of": looked.as_of,
        "metric": found.metric,
        "own": found.own,
        "below": found.below,
    }


@router.get("campaign", response=CampaignOut, include_in_schema=False)
@router.get(
    "campaign/",
    response=CampaignOut,
    operation_id="campaign",
    summary=_("Orders, hours and days off"),
    description=_(
        "What was set for the campaign, and what was taken back of it; extensions, exempt days and hours of "
        "their own as far as they reach the unit."
    ),
)
def campaign(request):
    kinds = ("directives", "extensions", "exempt_days", "unit_hours", "downtimes")
    set_up = dict(zip(kinds, records_reaching(request.auth.unit), strict=True))
    return {"first_day": hours_in_force.campaign_start(), **set_up}
