from django.http import Http404
from django.shortcuts import render

from .. import charts, site
from ..exports.offices import bulletin_head
from ..figures import country
from ..pages import bulletin as bulletins
from ..pages import dashboard
from ..people import access
from .asked import day_page
from .guards import read_view


@read_view
def bulletin(request, code, day):
    """The day of the city or of a district on one sheet, and in three lines for a group."""
    context = day_page(request, code, day, is_open=True)
    unit, look = context["unit"], context["look"]
    if not unit.is_superior_level:
        raise Http404("no bulletin")
    figures = country.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    until = figures.until(request.arrived_at)
    found = bulletins.bulletin_of(unit, figures, until=until, at=request.arrived_at, seal=look.seal)
    mapped = figures.children if len(figures.children) <= bulletins.MOST_TILES else []
    context |= {
        "bulletin": found,
        "head": bulletin_head(unit, site.over(unit, day).own_office),
        "remarks": dashboard.remarks(unit, figures),
        "check_code": look.seal.short_digest if look.is_sealed and access.is_sealing_clerk(request.user, unit) else "",
        "map": charts.tile_map(mapped),
        "trend": dashboard.progress(found.history),
    }
    return render(request, "reporting/bulletin.html", context)
