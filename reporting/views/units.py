from django.http import Http404
from django.shortcuts import redirect, render

from .. import acts, charts, deadline, permissions, tables
from ..days import state
from ..days.other_records import other_records
from ..exports.offices import issues_papers
from ..figures import shares_above, since_seal, statements
from ..forms.report import ReportForm
from ..models import Unit
from ..pages import bulletin as bulletins, inbox as inboxes, navigation, overview, receipts, trends
from ..pages.day import STATES, State
from ..people import access
from ..permissions import Act
from ..text import formatting, unit_kinds
from . import day as days, review as reviews
from .guards import read_view
from .parameters import day_page, sort_and_page


@read_view
def home(request):
    unit = access.home_unit(request.user)
    if unit is None:
        raise Http404
    if access.is_administrator(request.user):
        return redirect("reporting:people")
    return redirect("reporting:unit", code=unit.code)


@read_view
def unit(request, code):
    """The dashboard of a unit: its own row, the units below, who is missing; for a reporting unit, its days."""
    context = day_page(request, code)
    unit, day, look = (context[name] for name in ("unit", "day", "look"))
    if not unit.is_open_on(day):
        context["successor"] = unit.successor and Unit.objects.named(day).get(pk=unit.successor_id)
        return render(request, "reporting/unit_closed.html", context)
    if unit.pk == request.user.unit_id and look.as_of is None and not request.user.hints_closed:
        context["hints"] = navigation.guide_role(request.user)
    is_superior = state.has_units_below(unit, day)
    if is_superior and (answer := _state_before_the_result(request, context)):
        return answer
    is_for_leaders = is_superior and request.user.is_viewer and not _asked_state(request, look)
    shown = look.by_default_sealed if is_for_leaders else look  # a sealed day is told as it was sealed
    figures, seen_above = shares_above.with_rows(unit, shown, at=request.arrived_at)
    if unit.code not in figures.by_code:  # the unit was not known at that moment
        return render(request, "reporting/unit_closed.html", context)
    context |= {
        "figures": figures,
        "changes": _since_seal(figures, look),
    }
    context["remarks"] = trends.remarks(figures)
    context["history"] = trends.trend(unit, figures, at=request.arrived_at, seal=look.seal)
    if seen_above:
        context |= {"above": seen_above.shares, "place": seen_above.place}
    if figures.own.is_reporting:
        return _reporting_unit(request, context)
    return _leader(request, context) if is_for_leaders else _parent_unit(request, context)


def _since_seal(figures, look):
    """Statements: what was sealed, and what has changed since. Empty in a look back, or if the unit is newer."""
    then = since_seal.since_seal(figures, look.seal) if look.seal and not look.as_of else None
    return statements.since_seal(statements.subject(figures, seal=look.seal), then) if then else ()


def _state_before_the_result(request, context):
    """The board, the review or the seal of a superior's day, by the clock or by `?state=`; None for the result."""
    unit, asked = context["unit"], _asked_state(request, context["look"])
    if request.user.is_viewer and not asked:
        return None
    shown = asked or STATES.get(days.phase(context, at=request.arrived_at))
    if shown == State.REPORT:
        return days.report_page(request, context)
    is_confirming = permissions.may_ever(access.role_below(request.user, unit), Act.DECIDE)
    if shown == State.CONFIRM and is_confirming and unit.is_under_seal:
        return reviews.page(request, context)
    if shown == State.CONFIRM and is_confirming and access.is_sealing_clerk(request.user, unit):
        return reviews.seal_page(request, context)
    return None


def _asked_state(request, look):
    """The state in the address, or empty. A look back or a sorted table always shows the result."""
    is_result = look.as_of or request.GET.keys() & {"sort", "agencies-sort", "page"}
    return request.GET.get("state") or (State.RESULT if is_result else "")


def _reporting_unit(request, context):
    unit, day, as_of = context["unit"], context["day"], context["look"].as_of
    shown = [past.day for past in reversed(context["history"].recent.days)]
    context["lines"] = receipts.day_lines(unit, shown, at=as_of or request.arrived_at, as_of=as_of)
    context["has_adjustments"] = any(line.row.adjustment for line in context["lines"])
    own = next((line for line in context["lines"] if line.day == day), None)
    context |= {"late_request": own and own.waiting, "correction": own and own.correction}
    context["progress"] = trends.progress(context["history"])
    if as_of is None:
        context["notices"] = inboxes.notices(unit, at=request.arrived_at)
    context["can_report"] = as_of is None and access.can_report(request.user, unit)
    if context["can_report"]:
        context["form"] = ReportForm.with_open_question(unit=unit, day=day, at=request.arrived_at, user=request.user)
    return render(request, "reporting/unit_reporting.html", context)


def _leader(request, context):
    """One phone screen: the share and where it leads, the slowest units, one message to all."""
    figures, look, history = context["figures"], context["look"], context["history"]
    at = request.arrived_at
    until = figures.until(at)
    context |= {
        "laggards": overview.laggards(history, at=at),
        "outlook": trends.outlook(history),
        "message": bulletins.message(
            figures,
            name=context["unit"].full_name,
            until=until,
            verdict=history.verdict,
            seal=look.seal,
            later=trends.after_hour(history, until, formatting.moment(until)),
            as_of=figures.as_of,
        ),
        "numbers": ",".join(filter(None, (formatting.dial(row.phone) for row in figures.children))),
    }
    return render(request, "reporting/leader.html", days.shell(request, context, figures, ""))


def _parent_unit(request, context):
    figures, look, unit, history = (context[name] for name in ("figures", "look", "unit", "history"))
    confirmed = acts.confirmations(figures)
    at, below, role = request.arrived_at, figures.children, access.role_below(request.user, unit)
    has_reporting = any(row.is_reporting for row in [*below, *figures.agencies])
    is_clerk = access.is_sealing_clerk(request.user, request.user.unit)
    multiples = trends.multiples(history)
    has_official = other_records(unit, deadline.reporting_day(at), at=at).has_official
    context = days.shell(request, context, figures, State.RESULT, sign_off=confirmed.own) | {
        "confirmed": confirmed,
        "confirming": unit_kinds.confirming_level(figures),
        "verdict": history.verdict,
        "multiples": multiples if len(below) <= charts.MOST else [],
        "progress": trends.progress(history),
        "files_query": f"?{look.query.removeprefix('&')}" if look.asked else "",
        "difficulties": acts.day_difficulties(figures),
        "can_compare": not unit.is_agency and (has_official or is_clerk),
        "can_enter": look.as_of is None and has_reporting and permissions.may_ever(role, Act.ENTER),
        "has_paper": issues_papers(unit),
    }
    return render(request, "reporting/unit.html", context | _tables(request, context, multiples))


def _tables(request, context, multiples):
    """The tables of units below and of agencies, sorted."""
    figures, day, look, confirmed = (context[name] for name in ("figures", "day", "look", "confirmed"))
    at, paces = request.arrived_at, trends.paces(context["history"], at=request.arrived_at)
    shared = {
        "day": day,
        "returned": inboxes.returned_codes(context["unit"], day, at=at, as_of=look.as_of),
        "missing_urgencies": overview.missing_urgencies(figures, at=at),
        "query": look.query,
    }
    table = tables.UnitTable(
        figures.children,
        total=figures.own,
        signed=confirmed.sign_offs if confirmed.expected else None,
        confirmation_urgencies=overview.confirmation_urgencies(figures, seal=context["the_day"].seal, at=at),
        paces={**paces, figures.own.code: context["history"].pace},
        lines={one.row.code: one.picture for one in multiples},
        **shared,
    )
    shown = {"table": sort_and_page(request, table, is_paged=True)}
    if figures.agencies:
        agencies = tables.AgencyTable(figures.agencies, total=figures.agency_total, prefix="agencies-", **shared)
        shown["agency_table"] = sort_and_page(request, agencies)
        shown["is_agencies_sorted"] = agencies.prefixed_order_by_field in request.GET
    return shown
