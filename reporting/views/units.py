from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import acts, charts, tables
from ..days import marks
from ..days.look_back import newest_seal
from ..exports import offices
from ..figures import above, comparison, since_seal
from ..forms.report import ReportForm
from ..hours import permissions
from ..hours.permissions import Act
from ..models import Unit
from ..pages import bulletin, dashboard, guide, inbox, overview, receipts, unit_groups
from ..people import access
from ..text import level_words
from .asked import arranged, day_page
from .guards import read_view


@read_view
def home(request):
    unit = access.home_unit(request.user)
    if unit is None:
        raise Http404
    return redirect("reporting:unit", code=unit.code)


@read_view
def unit(request, code):
    """The dashboard of any unit: its own row, its children, who is missing; for a reporting unit, its days."""
    context = day_page(request, code)
    unit, day, look = (context[name] for name in ("unit", "day", "look"))
    if not unit.is_open_on(day):
        context["successor"] = unit.successor and Unit.objects.named(day).get(pk=unit.successor_id)
        return render(request, "reporting/unit_closed.html", context)
    figures, seen_above = above.with_rows(unit, day, look.as_of, at=request.arrived_at, top_alone=True)
    if unit.code not in figures.by_code:  # not known yet at that moment
        return render(request, "reporting/unit_closed.html", context)
    context |= {
        "figures": figures,
        "until": figures.until(request.arrived_at),
        "changes": since_seal.since_seal(figures, look.seal) if look.seal and not look.as_of else None,
    }
    if unit.pk == request.user.unit_id and look.as_of is None and not request.user.hints_closed:
        context["hints"] = guide.role_of(request.user)
    context["remarks"] = dashboard.remarks(unit, figures)
    context["history"] = dashboard.trend(unit, figures, at=request.arrived_at)
    if seen_above:
        context |= {"above": seen_above.shares, "place": seen_above.place}
    if figures.own.is_reporting:
        return _reporting_unit(request, context)
    return _parent_unit(request, context)


def _reporting_unit(request, context):
    unit, day, as_of = context["unit"], context["day"], context["look"].as_of
    shown = [past.day for past in reversed(context["history"].shown)]
    context["lines"] = receipts.lines(unit, shown, at=as_of or request.arrived_at, as_of=as_of)
    context["has_adjustments"] = receipts.have_adjustments(context["lines"])
    own = next((line for line in context["lines"] if line.day == day), None)
    context |= {"asked": own and own.waiting, "corrected": own and own.corrected}
    context["progress"] = dashboard.progress(context["history"])
    if as_of is None:
        context["notices"] = inbox.notices(unit, at=request.arrived_at)
    context["can_report"] = as_of is None and access.can_report(request.user, unit)
    if context["can_report"]:
        context["form"] = ReportForm(unit=unit, day=day, at=request.arrived_at, user=request.user)
    return render(request, "reporting/unit_reporting.html", context)


def _parent_unit(request, context):
    figures, look, unit = context["figures"], context["look"], context["unit"]
    at, below = request.arrived_at, figures.children
    confirmed = acts.confirmed(figures)
    seal = newest_seal(unit, context["day"], look.as_of) if look.as_of else look.seal
    signed = confirmed.sign_offs if confirmed.expected else None
    paces = {row.code: overview.pace_below(row, context["history"], at=at) for row in below}
    context |= {
        "confirmed": confirmed,
        "verdict": overview.verdict(figures.own, context["history"].pace),
        "cards": overview.cards(unit, figures, confirmed=confirmed, seal=seal, at=figures.as_of or at),
        "laggards": overview.laggards(figures, paces, overview.owed(figures, at=at), at=at)
        if look.as_of is None
        else [],
        "called": level_words.called(below[0].level, [row.name for row in below]) if below else "",
    }
    context |= _tables(request, context, signed, paces, seal)
    mapped = below if any(row.place for row in below) else []
    context["map"] = charts.tile_map(mapped)
    context["progress"] = dashboard.progress(context["history"])
    context["second_series"] = _second_series(request, context)
    heard = acts.heard(figures)
    context |= {"difficulties": heard.difficulties, "not_sent_up": heard.silent_on_the_way}
    has_reporting = any(row.is_reporting for row in [*below, *figures.agencies])
    role = access.role_below(request.user, unit)
    context["can_review"] = permissions.has(role, Act.DECIDE)
    context["can_take_up"] = look.as_of is None and unit.is_sealing and permissions.has(role, Act.TAKE_UP)
    context["can_enter"] = look.as_of is None and has_reporting and permissions.has(role, Act.ENTER)
    context["has_paper"] = offices.issues_papers(unit)
    context["can_seal"] = permissions.has(role, Act.SEAL) and access.is_sealing_clerk(request.user, unit)
    if look.as_of is None:
        context["message"] = bulletin.message(
            figures, name=unit.full_name, until=context["until"], found=context["history"].pace, seal=look.seal
        )
        context["next_act"] = _next_act(context, at)
    return render(request, "reporting/unit.html", context)


def _next_act(context, at):
    """The act that comes next for the person: to seal, to confirm, or to follow up; None where nothing is left."""
    unit, day, own = context["unit"], context["day"], context["figures"].own
    if context["look"].seal:
        return None
    opens_at = context["figures"].hours.seals_from(own.path)
    silent = own.not_reported + (context["figures"].agency_total.not_reported if context["figures"].agencies else 0)
    if context["can_seal"] and opens_at and at >= opens_at:
        return {"words": _("Seal the day"), "address": reverse("reporting:seal", args=[unit.code, day])}
    may_confirm = context["can_review"] and unit.is_under_seal and not context["confirmed"].own
    if may_confirm and (not silent or context["figures"].hours.is_last_over(own.path, at)):
        return {"words": _("Review and confirm"), "address": reverse("reporting:review", args=[unit.code, day])}
    if silent:
        words = ngettext(
            "Follow up the %(n)s that has not reported", "Follow up the %(n)s that have not reported", silent
        )
        return {"words": words % {"n": silent}, "address": reverse("reporting:board", args=[unit.code, day])}
    return None


def _tables(request, context, signed, paces, seal):
    """The units below in the order and of the state that the address asks for; the agencies apart."""
    figures, day, look = context["figures"], context["day"], context["look"]
    filters = overview.filters(figures, signed=signed)
    chosen = overview.chosen(filters, request.GET.get("only", ""))
    shared = {
        "day": day,
        "returned": inbox.returned_codes(context["unit"], day, at=request.arrived_at, as_of=look.as_of),
        "owed": overview.owed(figures, at=request.arrived_at),
        "query": look.query,
    }
    below = {"signed": signed, "to_confirm": overview.to_confirm(figures, seal=seal, at=request.arrived_at)}
    below["paces"] = {**paces, figures.own.code: context["history"].pace}
    table = tables.UnitTable(chosen.rows, total=figures.own, **below, **shared)
    is_paged = len(chosen.rows) > unit_groups.MANY
    found = {
        "table": arranged(request, table, is_paged=is_paged),
        "filters": filters,
        "chosen": chosen,
        "order": str(table.order_by),
    }
    if figures.agencies:
        agencies = tables.AgencyTable(figures.agencies, total=figures.agency_total, prefix="agencies-", **shared)
        found["agency_table"] = arranged(request, agencies)
        found["is_agencies_sorted"] = agencies.prefixed_order_by_field in request.GET
    return found


def _second_series(request, context):
    """What is marked beside the ministry's figures, and whether there is anything to compare at all."""
    unit, day, as_of = context["unit"], context["day"], context["look"].as_of
    days = [past.day for past in context["history"].recent.days]
    is_linked = access.is_sealing_clerk(request.user, request.user.unit) if request.user.unit_id else False
    is_any = marks.of_any_day(unit, at=request.arrived_at).compared
    is_there = is_any and comparison.is_there(unit, day, as_of)
    return {
        "is_linked": not unit.is_agency and (is_linked or is_there),
        "marked": comparison.marked(unit, context["figures"], days) if is_there else [],
    }
