"""One page a superior and day: who is missing, then what is to be decided, then the result.

The three states have addresses of their own, which people keep: the board, the review or the seal, and the unit's page.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from .. import acts, deadline, permissions
from ..days import hours_in_force, state
from ..days.look_back import newest_seal
from ..figures.rollup import Row
from ..pages import board as boards, trends
from ..pages.day import Day, State
from ..people import access
from ..permissions import Act
from ..text import unit_kinds
from .guards import post_view, read_view
from .parameters import day_page


def shell(request, context, figures, shown, *, sign_off=None):
    """What each state of the page has above it: the strip of states and the line of figures."""
    unit, look = context["unit"], context["look"]
    role = access.role_below(request.user, unit)
    the_day = Day(
        unit=unit,
        figures=figures,
        at=look.as_of or request.arrived_at,
        seal=newest_seal(unit, context["day"], look.as_of) if look.as_of else look.seal,
        sign_off=sign_off,
        may_confirm=permissions.may_ever(role, Act.DECIDE) and (unit.is_under_seal or unit.is_sealing),
        query=look.query,
    )
    below = figures.children
    kinds = unit_kinds.level_of_names(below[0].level, [row.name for row in below]) if below else ""
    if unit.pk == request.user.unit_id:
        context["trail"] = None
    return context | {
        "the_day": the_day,
        "state": shown,
        "called": f"{len(below)} {kinds}" if below else "",
    }


def own_sign_off(context):
    """The superior's own confirmation; None of the unit that seals, which confirms nothing."""
    unit = context["unit"]
    return state.sign_off_in_force(unit.pk, context["day"], context["look"].as_of) if unit.is_under_seal else None


def phase(context, *, at):
    """The phase of the superior's day now."""
    signed = {"is_confirmed": own_sign_off(context) is not None, "is_sealed": context["look"].seal is not None}
    return hours_in_force.hours_of_day(context["day"]).phase(context["unit"].path, at, **signed)


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
    if not reminded:  # otherwise each line says it, and a message would push the last lines off the screen
        messages.success(request, _("Nobody was reminded: no report is awaited any more."))
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
    figures, missing, districts = day_board.figures, day_board.missing, day_board.districts
    context = shell(request, context, figures, State.REPORT, sign_off=own_sign_off(context))
    called: list[boards.BoardRow | Row] = [*missing, *(one.row for one in districts)]
    numbers = boards.contacts(called)
    role = access.role_below(request.user, unit)
    is_now = look.as_of is None
    can_enter = is_now and permissions.may_ever(role, Act.ENTER)
    own = [row for row in day_board.rows if row.superior is None]
    context |= {
        "route": "reporting:board",
        "kept_query": f"?{look.query.removeprefix('&')}" if look.query else "",
        "board": day_board,
        "districts": [(one, numbers[one.row.code]) for one in districts],
        "rows": [(row, numbers[row.code]) for row in missing],
        "remarks": trends.remarks(figures),
        "arrived": day_board.arrived,
        "arrived_before": boards.words_of_the_day_before(
            unit, day, of_agencies=all(row.row.is_agency for row in day_board.rows), at=at
        )
        if is_now
        else "",
        "is_live": is_now and day == deadline.reporting_day(at),
        "words": boards.reminder_words(day_board, at=at) if is_now else "",
        "can_remind": is_now and permissions.may_ever(role, Act.REMIND),
        "can_enter": can_enter and bool(own),
        "boxes": {row.code: row.version for row in missing if can_enter and row.is_awaited},
        "owes_reason": any(figures.hours.is_late(row.path, at) for row in missing),
        "refusal": error.message if error else "",
    }
    return render(request, "reporting/day_report.html", context, status=error.status if error else 200)
