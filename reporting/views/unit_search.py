from django.shortcuts import redirect, render

from .. import deadline
from ..pages.unit_search import matching_units
from ..people import access
from ..text import characters
from .guards import read_view

LONGEST = 100  # characters


@read_view
def unit_search(request):
    """Visible units by any part of their name; redirects if only one matches."""
    sought = characters.printable(request.GET.get("q", "")).strip()[:LONGEST]
    today = deadline.reporting_day(request.arrived_at)
    matches = matching_units(access.visible_units(request.user), sought, today)
    is_one = len(matches.units) == 1 and not matches.has_more
    if is_one and "list" not in request.GET:  # the script that suggests units asks for the list
        return redirect("reporting:unit", code=matches.units[0].code)
    return render(request, "reporting/unit_search.html", {"sought": sought, "matches": matches})
