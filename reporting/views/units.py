from django.forms.models import model_to_dict
from django.http import Http404
from django.shortcuts import redirect, render

from .. import acts, charts, deadline, permissions, site, tables
from ..days import state
from ..days.look_back import newest_seal
from ..days.other_records import other_records
from ..exports.offices import issues_papers
from ..figures import shares_above, since_seal, statements
from ..forms.day import PaperForm
from ..forms.report import ReportForm
from ..ministry import figures as ministry
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
    figures, seen_above = shares_above.with_rows(unit, shown, at=request.arrived_at, top_alone=True)
    if unit.code not in figures.by_code:  # the unit was not known at that moment
        return render(request, "reporting/unit_closed.html", context)
    context |= {
        "figures": figures,
        "until": figures.until(request.arrived_at),
        "changes": _since_seal(figures, look),
    }
    context["remarks"] = trends.remarks(unit, figures)
    context["history"] = trends.trend(unit, figures, at=request.arrived_at, seal=look.seal)
    if seen_above:
        context |= {"above": seen_above.shares, "place": seen_above.place}
    if figures.own.is_reporting:
        return _reporting_unit(request, context)
    return _leader(request, context) if is_for_leaders else _parent_unit(request, context)


def _since_seal(figures, look):
    """The statements of what was sealed and what has changed since; none in a look back, or if the unit is newer."""
    then = since_seal.since_seal(figures, look.seal) if look.seal and not look.as_of else None
    return statements.since_seal(statements.subject(figures, seal=look.seal), then) if then else ()


def _state_before_the_result(request, context):
    """The page of a superior's day as the hour wants it; None if that is the result, which `?state=result` asks for."""
    unit, look, at = context["unit"], context["look"], request.arrived_at
    asked = _asked_state(request, look)
    if request.user.is_viewer and not asked:
        return None
    shown = asked or STATES.get(state.day_phase(unit, context["day"], at=at))
    if shown == State.REPORT:
        return days.report_page(request, context)
    is_confirming = permissions.may_ever(access.role_below(request.user, unit), Act.DECIDE)
    if shown == State.CONFIRM and is_confirming and unit.is_under_seal:
        return reviews.page(request, context)
    if shown == State.CONFIRM and is_confirming and access.is_sealing_clerk(request.user, unit):
        return reviews.seal_page(request, context)
    return None


def _asked_state(request, look):
    """The state that the address asks for; empty if the hour, or for a leader the person, decides."""
    if look.as_of or request.GET.keys() & {"only", "sort", "agencies-sort", "page"}:
        return request.GET.get("state") or State.RESULT
    return request.GET.get("state")


def _reporting_unit(request, context):
    unit, day, as_of = context["unit"], context["day"], context["look"].as_of
    shown = [past.day for past in reversed(context["history"].shown)]
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
    context |= {
        "laggards": overview.laggards(history, at=at),
        "outlook": trends.outlook(history),
        "message": bulletins.message(
            figures,
            name=context["unit"].full_name,
            until=context["until"],
            verdict=history.verdict,
            seal=look.seal,
            as_of=figures.as_of,
        ),
        "numbers": ",".join(filter(None, (formatting.dial(row.phone) for row in figures.children))),
    }
    return render(request, "reporting/leader.html", days.shell(request, context, figures, ""))


def _parent_unit(request, context):
    figures, look, unit = context["figures"], context["look"], context["unit"]
    at, below = request.arrived_at, figures.children
    confirmed = acts.confirmations(figures)
    seal = newest_seal(unit, context["day"], look.as_of) if look.as_of else look.seal
    signed = confirmed.sign_offs if confirmed.expected else None
    history = context["history"]
    paces = trends.paces(history, at=at)
    missing_urgencies = overview.missing_urgencies(figures, at=at)
    context |= {
        "confirmed": confirmed,
        "verdict": history.verdict,
        "confirming": unit_kinds.confirming_level(figures),
    }
    context |= _tables(request, context, signed, paces, missing_urgencies, seal)
    context["map"] = charts.tile_map(below if any(row.place for row in below) else [])
    context["progress"] = trends.progress(context["history"])
    context["files_query"] = f"?{look.query.removeprefix('&')}" if look.asked else ""
    context["second_series"] = _second_series(request, context)
    context["difficulties"] = acts.day_difficulties(figures)
    has_reporting = any(row.is_reporting for row in [*below, *figures.agencies])
    role = access.role_below(request.user, unit)
    context["can_review"] = permissions.may_ever(role, Act.DECIDE)
    context["can_enter"] = look.as_of is None and has_reporting and permissions.may_ever(role, Act.ENTER)
    context["has_paper"] = issues_papers(unit)
    if context["has_paper"] and context["can_review"]:
        office = site.current().own_office if site.current().unit == unit else None
        context["earlier_seal"] = trends.earlier_seal(history)
        context["paper_form"] = PaperForm(initial=model_to_dict(office) if office else None)
    context["can_seal"] = permissions.may_ever(role, Act.SEAL) and access.is_sealing_clerk(request.user, unit)
    context = days.shell(request, context, figures, State.RESULT, confirmed=confirmed)
    return render(request, "reporting/unit.html", context)


def _tables(request, context, signed, paces, missing_urgencies, seal):
    """The tables of units below and of agencies, filtered by `?only=` and sorted."""
    figures, day, look = context["figures"], context["day"], context["look"]
    filters = overview.unit_filters(figures, signed=signed)
    chosen = next((one for one in filters if one.name == request.GET.get("only")), filters[0])  # by default all
    shared = {
        "day": day,
        "returned": inboxes.returned_codes(context["unit"], day, at=request.arrived_at, as_of=look.as_of),
        "missing_urgencies": missing_urgencies,
        "query": look.query,
    }
    to_confirm = overview.confirmation_urgencies(figures, seal=seal, at=request.arrived_at)
    below = {"signed": signed, "paces": {**paces, figures.own.code: context["history"].pace}}
    table = tables.UnitTable(chosen.rows, total=figures.own, confirmation_urgencies=to_confirm, **below, **shared)
    tables_shown = {
        "table": sort_and_page(request, table, is_paged=True),
        "filters": filters,
        "chosen": chosen,
        "order": str(table.order_by),
    }
    if figures.agencies:
        agencies = tables.AgencyTable(figures.agencies, total=figures.agency_total, prefix="agencies-", **shared)
        tables_shown["agency_table"] = sort_and_page(request, agencies)
        tables_shown["is_agencies_sorted"] = agencies.prefixed_order_by_field in request.GET
    return tables_shown


def _second_series(request, context):
    """Whether there are figures of the ministry to compare, and which units are marked."""
    unit = context["unit"]
    days = [past.day for past in context["history"].recent.days]
    is_clerk = request.user.unit_id is not None and access.is_sealing_clerk(request.user, request.user.unit)
    at = request.arrived_at
    is_any = other_records(unit, deadline.reporting_day(at), at=at).has_official
    return {
        "is_linked": not unit.is_agency and (is_any or is_clerk),
        "marked": ministry.marked_units(unit, context["figures"], days) if is_any else [],
    }
