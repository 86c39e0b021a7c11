from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render

from ..forms.entry import EntryGrid
from ..hours import permissions
from ..hours.permissions import Act
from ..people import access, kept_through_sign_in
from .asked import picked_day, unit_context, visible_unit
from .guards import form_view

PASTE = "paste"


@form_view
def entry(request, code, day):
    """The grid of a superior's day: every unit right below that reports, each row an act of its own."""
    unit = visible_unit(request, code, day, is_open=True)
    picker = picked_day(request, day)
    if not permissions.has(access.role_below(request.user, unit), Act.ENTER):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    own = {"unit": unit, "day": day, "user": request.user, "at": request.arrived_at}
    grid = EntryGrid(**own, data=data, opened=request.GET.get("row", ""))
    if not grid.rows:
        raise Http404("no unit right below reports")
    typed = kept_through_sign_in.typed(request)
    if typed and grid.is_allowed:
        kept_through_sign_in.forget(request)
        if data is None:
            grid.show_typed(typed)
    if alone := request.POST.get("row"):
        return _row(request, grid, alone)
    if request.method == "POST":
        if request.POST.get("action") == PASTE:
            grid.paste()
        else:
            grid.save()
            if not grid.failed and not grid.left:
                messages.success(request, grid.saved_words)
                return redirect("reporting:entry", code=code, day=day)
    context = unit_context(request, unit, day) | {"picker": picker, "grid": grid}
    return render(request, "reporting/entry.html", context, status=grid.status)


def _row(request, grid, code):
    """One row saved by itself: the row as it stands then, to be put in the place of the one that was sent."""
    grid.save(code)
    row = next((row for row in grid.rows if row.unit.code == code), None)
    if row is None:
        raise Http404("no such row")
    return render(request, "reporting/entry_saved.html", {"grid": grid, "row": row}, status=grid.status)
