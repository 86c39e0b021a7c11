from django.shortcuts import redirect, render

from ..hours import deadline
from ..pages import unit_search as searches
from ..people import access
from ..text import characters
from .guards import read_view

LONGEST = 100  # characters


@read_view
def unit_search(request):
    """The units that the person may see, by any part of their name; the only one found is shown at once."""
    sought = characters.printable(request.GET.get("q", "")).strip()[:LONGEST]
    today = deadline.reporting_day(request.arrived_at)
    found = searches.matching_units(access.visible_units(request.user), sought, today)
    is_one = len(found.units) == 1 and not found.has_more
    if is_one and "list" not in request.GET:  # suggestions ask for the list
        return redirect("reporting:unit", code=found.units[0].code)
    return render(request, "reporting/unit_search.html", {"sought": sought, "found": found})
