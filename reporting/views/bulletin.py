from django.http import Http404
from django.shortcuts import render

from .. import site
from ..exports.offices import letterhead
from ..figures import rollup, statements
from ..pages import bulletin as bulletins, checking, trends
from ..people import access
from .guards import read_view
from .parameters import day_page, only_if_true


@read_view
def bulletin(request, code, day):
    """The day of the city or a district on one sheet, and as a short message."""
    context = day_page(request, code, day, is_open=True)
    unit, look = context["unit"], context["look"].by_default_sealed
    context["look"] = look
    if not unit.is_superior_level:
        raise Http404("no bulletin")
    at = request.arrived_at
    figures = rollup.rows(unit, day, look.as_of or (None if unit.is_country else at), at=at)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    until, place = figures.until(at), site.site_of(unit, day)
    sheet = bulletins.bulletin_of(unit, figures, until=until, at=at, as_of=look.as_of)
    if not unit.is_country:  # its exact day takes too long for a page
        with only_if_true(request, unit, day):
            context["checked"] = statements.checked_words(checking.checked(sheet.statements))
    context |= {
        "bulletin": sheet,
        "head": letterhead(unit, name=unit.full_name, city=place.full_name, office=place.own_office),
        "remarks": trends.remarks(figures),
        "check_code": look.seal.short_digest if look.is_sealed and access.is_sealing_clerk(request.user, unit) else "",
        "trend": trends.progress(sheet.history),
    }
    return render(request, "reporting/bulletin.html", context)
