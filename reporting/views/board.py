from dataclasses import replace
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from .. import acts, deadline, permissions
from ..days import state
from ..pages import arrivals, board as boards
from ..people import access
from ..permissions import Act
from .guards import post_view, read_view
from .parameters import day_page

MOST_ROWS = 50  # unless the request asks for all


@read_view
def board(request, code, day):
    """Which units are missing, since when, and whom to call."""
    return _page(request, _context(request, code, day))


@post_view
def remind(request, code, day):
    """Put a reminder on the page of one missing unit, or of all missing units."""
    context = _context(request, code, day)
    unit = context["unit"]
    if not permissions.may_ever(access.role_below(request.user, unit), Act.REMIND):
        raise PermissionDenied
    day_board = boards.day_board(unit, day, at=request.arrived_at)
    below, chosen = request.POST.get("below", ""), request.POST.get("code", "")
    part = day_board.part(below)
    if below and part is day_board:
        raise Http404("no such group: nobody is reminded, and not all of them")
    codes = {row.code for row in part.awaited}
    units = access.visible_units(request.user).below(unit).named(day)
    if chosen:
        if chosen not in {row.code for group in part.groups for row in group.rows}:
            raise Http404("none of the group")
        codes &= {chosen}
    try:
        reminded = acts.remind(units=units.filter(code__in=codes), day=day, by=request.user, at=request.arrived_at)
    except acts.Refusal as error:
        name = units.get(code=chosen).full_name if chosen else _("Remind all")
        return _page(request, context, error=error, refused=name)
    words = ngettext("%(count)s unit reminded.", "%(count)s units reminded.", len(reminded)) % {"count": len(reminded)}
    messages.success(request, words if reminded else _("Nobody was reminded: no report is awaited any more."))
    return redirect(reverse("reporting:board", args=[code, day]) + (f"?below={quote(below)}" if below else ""))


def _context(request, code, day):
    """The context of the page: a unit with units below it, on a day of the campaign."""
    context = day_page(request, code, day, is_open=True)
    if not state.has_units_below(context["unit"], day):
        raise Http404("no unit below")
    return context


def _page(request, context, *, error=None, refused=""):
    unit, day, look = (context[name] for name in ("unit", "day", "look"))
    at = look.as_of or request.arrived_at
    show = request.GET.get("show")
    show = show if show in boards.FILTERS else "missing"
    day_board = boards.day_board(unit, day, at=at, as_of=look.as_of)
    part = day_board.part(request.POST.get("below") or request.GET.get("below", ""))
    below = "" if part is day_board else part.groups[0].code
    groups, left = _shown(part.shown(show), is_whole=request.GET.get("rows") == "all")
    rows = [row for group in groups for row in group.rows]
    numbers = boards.contacts(rows, at) if rows else {}
    hours = _arrivals(unit, day_board, at, look.as_of) if part is day_board else None  # the day before has all units
    choices = [group for group in day_board.groups if group.not_reported or group.code == below]
    role = access.role_below(request.user, unit)
    context |= {
        "board": day_board,
        "part": part,  # what passes the filter
        "choices": [(group.code, f"{group.title} ({group.not_reported})") for group in choices],
        "shown": [(group, [(row, numbers[row.code]) for row in group.rows]) for group in groups],
        "left": left,
        "show": show,
        "below": below,
        "kept": f"&below={quote(below)}" if below else "",
        "due": boards.due_words(day_board, at=at),
        "arrivals": hours,
        "kept_query": f"?show={show}{look.query}",
        "moment": day_board.worked_out_at or at,
        "is_live": look.as_of is None and day == deadline.reporting_day(at),
        "words": "" if look.as_of else boards.reminder_words(part, at=at),
        "can_remind": look.as_of is None and permissions.may_ever(role, Act.REMIND),
        "can_enter": look.as_of is None and permissions.may_ever(role, Act.ENTER),
        "refusal": error.message if error else "",
        "refused": refused,
    }
    return render(request, "reporting/board.html", context, status=error.status if error else 200)


def _shown(groups, *, is_whole):
    """The groups with about `MOST_ROWS` rows, the folded ones whole, and the number of rows left out."""
    shown, count = [], 0
    for group in groups:
        room = max(MOST_ROWS - count, 0)
        rows = group.rows if is_whole or (room and group.is_folded) else group.rows[:room]
        count += len(rows)
        if rows:
            shown.append(replace(group, rows=rows))
    return shown, sum(len(group.rows) for group in groups) - count


def _arrivals(unit, board, at, as_of):
    """The arrivals of the residents' units, or of the agencies if there are no others."""
    of_agencies = all(group.is_agencies for group in board.groups)
    groups = [group for group in board.groups if group.is_agencies == of_agencies]
    received = [row.row.received_at for group in groups for row in group.rows]
    hour = None if board.is_exempt else board.hours.closing_hour(board.path)
    about = {"of_agencies": of_agencies, "at": at, "closing_hour": hour, "as_of": as_of}
    return arrivals.arrivals(unit, board.day, received, **about)
