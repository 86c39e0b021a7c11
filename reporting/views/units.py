from django.core.exceptions import PermissionDenied
from django.forms.models import model_to_dict
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from .. import acts, charts, deadline, permissions, site, tables
from ..days.look_back import SEALED, newest_seal
from ..days.other_records import other_records
from ..deadline import Phase
from ..exports.offices import issues_papers, letterhead
from ..figures import country, discipline as records, ranking as rankings, shares_above, since_seal
from ..forms.day import PaperForm, RangeForm
from ..forms.report import ReportForm
from ..ministry import figures as ministry
from ..models import Unit
from ..pages import bulletin as bulletins, inbox as inboxes, navigation, overview, receipts, trends, unit_groups
from ..people import access
from ..permissions import Act
from ..text import characters, status_marks, unit_kinds
from .guards import read_view
from .parameters import day_page, look_back, no_such_moment, sort_and_page, unit_context, visible_unit


@read_view
def home(request):
    unit = access.home_unit(request.user)
    if unit is None:
        raise Http404
    return redirect("reporting:unit", code=unit.code)


@read_view
def unit(request, code):
    """The dashboard of a unit: its own row, the units below, who is missing; for a reporting unit, its days."""
    context = day_page(request, code)
    unit, day, look = (context[name] for name in ("unit", "day", "look"))
    if not unit.is_open_on(day):
        context["successor"] = unit.successor and Unit.objects.named(day).get(pk=unit.successor_id)
        return render(request, "reporting/unit_closed.html", context)
    figures, seen_above = shares_above.with_rows(unit, day, look.as_of, at=request.arrived_at, top_alone=True)
    if unit.code not in figures.by_code:  # the unit was not known at that moment
        return render(request, "reporting/unit_closed.html", context)
    context |= {
        "figures": figures,
        "until": figures.until(request.arrived_at),
        "changes": since_seal.since_seal(figures, look.seal) if look.seal and not look.as_of else None,
    }
    if unit.pk == request.user.unit_id and look.as_of is None and not request.user.hints_closed:
        context["hints"] = navigation.guide_role(request.user)
    context["remarks"] = trends.remarks(unit, figures)
    context["history"] = trends.trend(unit, figures, at=request.arrived_at)
    if seen_above:
        context |= {"above": seen_above.shares, "place": seen_above.place}
    if figures.own.is_reporting:
        return _reporting_unit(request, context)
    return _parent_unit(request, context)


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
        context["form"] = ReportForm(unit=unit, day=day, at=request.arrived_at, user=request.user)
    return render(request, "reporting/unit_reporting.html", context)


def _parent_unit(request, context):
    figures, look, unit = context["figures"], context["look"], context["unit"]
    at, below = request.arrived_at, figures.children
    confirmed = acts.confirmations(figures)
    seal = newest_seal(unit, context["day"], look.as_of) if look.as_of else look.seal
    signed = confirmed.sign_offs if confirmed.expected else None
    history = context["history"]
    paces = {row.code: trends.pace_of(row, figures, history.recent, history.then, at=at) for row in below}
    missing_urgencies = overview.missing_urgencies(figures, at=at)
    context |= {
        "confirmed": confirmed,
        "verdict": overview.verdict(figures.own, context["history"].pace),
        "cards": overview.cards(unit, figures, confirmed=confirmed, seal=seal, at=figures.as_of or at),
        "laggards": overview.laggards(figures, paces, missing_urgencies, at=at) if look.as_of is None else [],
        "confirming": unit_kinds.confirming_level(figures),
        "called": unit_kinds.level_of_names(below[0].level, [row.name for row in below]) if below else "",
    }
    context |= _tables(request, context, signed, paces, missing_urgencies, seal)
    context["map"] = charts.tile_map(below if any(row.place for row in below) else [])
    context["progress"] = trends.progress(context["history"])
    context["second_series"] = _second_series(request, context)
    remarks = acts.day_difficulties(figures)
    context |= {"difficulties": remarks.listed, "not_sent_up": remarks.never_sent_up}
    has_reporting = any(row.is_reporting for row in [*below, *figures.agencies])
    role = access.role_below(request.user, unit)
    context["can_review"] = permissions.may_ever(role, Act.DECIDE)
    context["can_take_up"] = look.as_of is None and unit.is_sealing and permissions.may_ever(role, Act.TAKE_UP)
    context["can_enter"] = look.as_of is None and has_reporting and permissions.may_ever(role, Act.ENTER)
    context["has_paper"] = issues_papers(unit)
    if context["has_paper"] and context["can_review"]:
        office = site.current().own_office if site.current().unit == unit else None
        context["paper_form"] = PaperForm(initial=model_to_dict(office) if office else None)
    context["can_seal"] = permissions.may_ever(role, Act.SEAL) and access.is_sealing_clerk(request.user, unit)
    if look.as_of is None:
        context["message"] = bulletins.message(
            figures, name=unit.full_name, until=context["until"], pace=context["history"].pace, seal=look.seal
        )
        context["next_act"] = _next_act(context, at)
    return render(request, "reporting/unit.html", context)


def _next_act(context, at):
    """The person's next task: to seal, to confirm, or to follow up; None without a task."""
    unit, day, own = context["unit"], context["day"], context["figures"].own
    if context["look"].seal:
        return None
    hours, may_confirm = context["figures"].hours, context["can_review"] and unit.is_under_seal
    phase = hours.phase(own.path, at, is_confirmed=context["confirmed"].own is not None)
    missing = own.not_reported + (context["figures"].agency_total.not_reported if context["figures"].agencies else 0)
    if context["can_seal"] and hours.may_seal(own.path, at):
        return {"words": _("Seal the day"), "address": reverse("reporting:seal", args=[unit.code, day])}
    is_to_confirm = phase in (Phase.TO_CONFIRM, Phase.OVER) or (phase is Phase.BEFORE and not missing)
    if may_confirm and is_to_confirm:
        return {"words": _("Review and confirm"), "address": reverse("reporting:review", args=[unit.code, day])}
    if missing:
        words = ngettext("Follow up %(n)s missing report", "Follow up %(n)s missing reports", missing)
        return {"words": words % {"n": missing}, "address": reverse("reporting:board", args=[unit.code, day])}
    return None


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
        "table": sort_and_page(request, table, is_paged=len(chosen.rows) > unit_groups.MANY),
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


LONGEST = 100  # characters
CALENDAR_DAYS = 31


@read_view
def unit_search(request):
    """Visible units by any part of their name; redirects if only one matches."""
    sought = characters.printable(request.GET.get("q", "")).strip()[:LONGEST]
    today = deadline.reporting_day(request.arrived_at)
    matches = unit_groups.matching_units(access.visible_units(request.user), sought, today)
    is_one = len(matches.units) == 1 and not matches.has_more
    if is_one and "list" not in request.GET:  # the script that suggests units asks for the list
        return redirect("reporting:unit", code=matches.units[0].code)
    return render(request, "reporting/unit_search.html", {"sought": sought, "matches": matches})


@read_view
def inbox(request):
    """The page of what waits for the person."""
    if not inboxes.can_act(request.user):
        raise PermissionDenied
    today = deadline.reporting_day(request.arrived_at)
    unit = access.visible_units(request.user).named(today).get(pk=request.user.unit_id)
    context = {
        "unit": unit,
        "today": today,
        "inbox": inboxes.inbox(request.user, at=request.arrived_at),
        "trail": access.trail(request.user, unit, today),
    }
    return render(request, "reporting/inbox.html", context)


@read_view
def bulletin(request, code, day):
    """The day of the city or a district on one sheet, and as a short message."""
    context = day_page(request, code, day, is_open=True)
    unit, look = context["unit"], context["look"]
    if not unit.is_superior_level:
        raise Http404("no bulletin")
    figures = country.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    until, place = figures.until(request.arrived_at), site.site_of(unit, day)
    sheet = bulletins.bulletin_of(unit, figures, until=until, at=request.arrived_at, seal=look.seal)
    mapped = figures.children if len(figures.children) <= bulletins.MOST_TILES else []
    context |= {
        "bulletin": sheet,
        "head": letterhead(unit, name=unit.full_name, city=place.full_name, office=place.own_office),
        "remarks": trends.remarks(unit, figures),
        "check_code": look.seal.short_digest if look.is_sealed and access.is_sealing_clerk(request.user, unit) else "",
        "map": charts.tile_map(mapped),
        "trend": trends.progress(sheet.history),
    }
    return render(request, "reporting/bulletin.html", context)


@read_view
def ranking(request, code):
    """The ranking of the units below; a unit without units below it sees only its own place."""
    context = day_page(request, code)
    unit, day, look = (context[name] for name in ("unit", "day", "look"))
    figures, seen_above = shares_above.with_rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:
        return render(request, "reporting/unit_closed.html", context)
    context |= {
        "figures": figures,
        "until": figures.until(request.arrived_at),
        "remarks": trends.remarks(unit, figures),
    }
    if seen_above:
        context |= {"above": seen_above.shares, "place": seen_above.place}
    if not figures.own.is_reporting:
        context |= _ranking_tables(request, context)
    return render(request, "reporting/ranking.html", context)


def _ranking_tables(request, context):
    unit, figures, day, look = (context[name] for name in ("unit", "figures", "day", "look"))
    yesterday, week_ago = trends.earlier_cumulatives(unit, figures)
    levels = rankings.by_level(figures, yesterday=yesterday, week_ago=week_ago)
    text = request.GET.get("q", "").strip()
    ranked = [tables.RankingTable(level.named(text)) for level in levels]
    return {
        "sought": text,
        "kept": look.with_as_of(day=day.isoformat()),
        "tables": [sort_and_page(request, table, is_paged=True) for table in ranked],
        "is_first_day": yesterday is None,
    }


@read_view
def discipline(request, code):
    """The lateness record of a unit and those right below, over a range of days."""
    form = RangeForm(request.GET, at=request.arrived_at)
    is_valid = form.is_valid()
    last = form.cleaned_data["to"] if is_valid else form.today
    unit = visible_unit(request, code, last)
    context = unit_context(request, unit, last) | {"form": form}
    if not is_valid:
        return render(request, "reporting/discipline.html", context, status=422)
    if request.GET.get("as_of", "").strip() == SEALED and form.cleaned_data["from"] != last:
        raise no_such_moment(request, unit, last, [_("Each day has its own seal: for several days, choose a moment.")])
    look = look_back(request, unit, form.cleaned_data["from"])
    context["look"] = look
    lateness = records.discipline(unit, form.days, at=request.arrived_at, as_of=look.as_of)
    span = {"first": form.cleaned_data["from"], "last": last}
    if not lateness.further:  # only a reporting unit has its own days
        context["calendar"] = _calendar(lateness.below)
    if lateness.below:
        context["table"] = sort_and_page(request, tables.DisciplineTable(lateness.below, total=lateness.total, **span))
    if lateness.agencies:
        agencies = tables.DisciplineTable(lateness.agencies, total=lateness.agency_total, prefix="agencies-", **span)
        context["agency_table"] = sort_and_page(request, agencies)
    if lateness.further:
        context |= _further(request, lateness, span)
        context["kept"] = look.with_as_of(**{"from": span["first"].isoformat(), "to": last.isoformat()})
    return render(request, "reporting/discipline.html", context | {"lateness": lateness, **span})


def _calendar(lateness_records):
    """The last days, newest first; each record with its statuses; and all statuses that occur."""
    days = sorted({day for record in lateness_records for day, _status in record.days}, reverse=True)[:CALENDAR_DAYS]
    by_day = [(record, dict(record.days)) for record in lateness_records]
    occurring = {statuses_of.get(day) for _record, statuses_of in by_day for day in days}
    return {
        "days": days,
        "lines": [(record.name, [statuses_of.get(day) for day in days]) for record, statuses_of in by_day],
        "statuses": [status for status in status_marks.STATUSES if status in occurring],
    }


def _further(request, lateness, span):
    """The units further down whose name contains `?q=`."""
    text = request.GET.get("q", "").strip()
    listed = records.named(lateness.further, text)
    table = tables.FurtherTable(listed, total=lateness.total, prefix="further-", **span)
    return {
        "sought": text,
        "listed": listed,
        "called": unit_kinds.level_of_names(lateness.further[0].level, [record.name for record in lateness.further]),
        "further_table": sort_and_page(request, table, is_paged=True),
    }
