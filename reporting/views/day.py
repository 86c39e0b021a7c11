"""One page a superior and day: who is missing, then what is to be decided, then the result.

The three states have addresses of their own, which people keep: the board, the review or the seal, and the unit's page.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, ngettext

from .. import acts, deadline, permissions
from ..days import state
from ..days.look_back import newest_seal
from ..figures.rollup import Row
from ..models import Report
from ..pages import arrivals, board as boards, trends
from ..pages.day import Day, State
from ..people import access
from ..permissions import Act
from ..text import unit_kinds
from .guards import post_view, read_view
from .parameters import day_page


def shell(request, context, figures, shown, *, confirmed=None):
    """What each state of the page has above it: the strip of states and the line of figures."""
    unit, look = context["unit"], context.get("look")
    as_of = look.as_of if look else None
    at = as_of or request.arrived_at
    role = access.role_below(request.user, unit)
    confirmed = confirmed or acts.confirmations(figures)
    the_day = Day(
        unit=unit,
        figures=figures,
        at=at,
        seal=newest_seal(unit, context["day"], as_of) if as_of or look is None else look.seal,
        sign_off=confirmed.own if unit.is_under_seal else None,
        may_confirm=permissions.may_ever(role, Act.DECIDE) and (unit.is_under_seal or unit.is_sealing),
        query=look.query if look else "",
    )
    below = figures.children
    kinds = unit_kinds.level_of_names(below[0].level, [row.name for row in below]) if below else ""
    if unit.pk == request.user.unit_id:
        context["trail"] = None
    return context | {
        "the_day": the_day,
        "state": shown,
        "until": figures.until(request.arrived_at),
        "confirmed": confirmed,
        "called": f"{len(below)} {kinds}" if below else "",
    }


@read_view
def board(request, code, day):
    """Which units are missing, since when, and whom to call."""
    return report_page(request, _context(request, code, day))


@post_view
def remind(request, code, day):
    """Put a reminder on the page of each missing unit that was not reminded in the last ten minutes."""
    context = _context(request, code, day)
    unit = context["unit"]
    if not permissions.may_ever(access.role_below(request.user, unit), Act.REMIND):
        raise PermissionDenied
    codes = {row.code for row in boards.day_board(unit, day, at=request.arrived_at).awaited}
    units = access.visible_units(request.user).below(unit).named(day).filter(code__in=codes)
    try:
        reminded = acts.remind(units=units, day=day, by=request.user, at=request.arrived_at)
    except acts.Refusal as error:
        return report_page(request, context, error=error)
    words = ngettext("%(count)s unit reminded.", "%(count)s units reminded.", len(reminded)) % {"count": len(reminded)}
    messages.success(request, words if reminded else _("Nobody was reminded: no report is awaited any more."))
    return redirect("reporting:board", code=code, day=day)


def _context(request, code, day):
    """The context of the page: a unit with units below it, on a day of the campaign."""
    context = day_page(request, code, day, is_open=True)
    if not state.has_units_below(context["unit"], day):
        raise Http404("no unit below")
    return context


def report_page(request, context, *, error=None):
    """The state before the hour: the missing, one line a unit, or one a district."""
    unit, day, look = (context[name] for name in ("unit", "day", "look"))
    at = look.as_of or request.arrived_at
    day_board = boards.day_board(unit, day, at=at, as_of=look.as_of)
    context = shell(request, context, day_board.figures, State.REPORT)
    called: list[boards.BoardRow | Row] = [*day_board.missing, *(group.row for group in day_board.folded)]
    numbers = boards.contacts(called, at) if called else {}
    role = access.role_below(request.user, unit)
    is_now = look.as_of is None
    can_enter = is_now and permissions.may_ever(role, Act.ENTER)
    context |= {
        "route": "reporting:board",
        "kept_query": f"?{look.query.removeprefix('&')}" if look.query else "",
        "board": day_board,
        "folded": [(group, numbers[group.code]) for group in day_board.folded],
        "rows": [(row, numbers[row.code]) for row in day_board.missing],
        "remarks": trends.remarks(unit, day_board.figures),
        "arrived": day_board.arrived,
        "arrived_before": arrivals.words_of_the_day_before(
            unit, day, of_agencies=all(group.is_agencies for group in day_board.groups), at=at, as_of=look.as_of
        ),
        "is_live": is_now and day == deadline.reporting_day(at),
        "words": boards.reminder_words(day_board, at=at) if is_now else "",
        "can_remind": is_now and permissions.may_ever(role, Act.REMIND),
        "can_enter": can_enter and any(group.is_own for group in day_board.groups),
        "boxes": boxes(day_board.missing, unit, day) if can_enter else {},
        "owes_reason": any(day_board.figures.hours.is_late(row.path, at) for row in day_board.missing),
        "refusal": error.message if error else "",
    }
    return render(request, "reporting/day_report.html", context, status=error.status if error else 200)


def boxes(rows, unit, day):
    """The units right below for which a number may be entered, with the version of the report that a box replaces."""
    codes = [row.code for row in rows if row.path == f"{unit.path}{row.code}/" and row.is_awaited]
    reports = Report.objects.filter(unit__code__in=codes, day=day, kind=Report.Kind.DAILY)
    return dict.fromkeys(codes, 0) | dict(reports.values_list("unit__code", "version"))
