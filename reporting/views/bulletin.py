from django.http import Http404
from django.shortcuts import render
from django.urls import reverse

from .. import charts, site
from ..exports.offices import bulletin_head
from ..figures import country
from ..pages import bulletin as bulletins
from ..pages import dashboard
from ..people import access
from .asked import look_back, picked_day, unit_context, visible_unit
from .guards import read_view


@read_view
def bulletin(request, code, day):
    """The day of the city or of a district on one sheet, and in three lines for a group."""
    unit = visible_unit(request, code, day, is_open=True)
    picker = picked_day(request, day)
    if not unit.is_superior_level:
        raise Http404("no bulletin")
    look = look_back(request, unit, day)
    figures = country.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    until = figures.until(request.arrived_at)
    found = bulletins.of(unit, figures, until=until, at=request.arrived_at, seal=look.seal)

    mapped = figures.children if len(figures.children) <= bulletins.MOST_TILES else []

    def address(row):
        return f"{reverse('reporting:unit', args=[row.code])}?day={day.isoformat()}{look.query}"

    context = unit_context(request, unit, day, look) | {
        "picker": picker,
        "bulletin": found,
        "head": bulletin_head(unit, site.over(unit, day).own_office),
        "remarks": dashboard.remarks(unit, figures),
        "check_code": look.seal.short_digest if look.is_sealed and access.is_sealing_clerk(request.user, unit) else "",
        "map": charts.tile_map(mapped, address=address),
        "trend": dashboard.progress(found.history),
    }
    return render(request, "reporting/bulletin.html", context)
