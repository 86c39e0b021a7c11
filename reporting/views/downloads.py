from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from .. import access, annex, deadline, rollup
from .. import workbook as workbooks
from ..forms import DayForm
from .look_back import look_back

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
def workbook(request, code, day):
    """The day's Excel file of a unit and what lies below it."""
    unit = get_object_or_404(access.visible_units(request.user).open_on(day).named(day), code=code)
    if not DayForm({"day": day.isoformat()}, at=request.arrived_at).is_valid():
        raise Http404("no such day")
    look, refusal = look_back(request, unit, day)
    if refusal:
        return refusal
    figures = rollup.rows(unit, day, look.as_of)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    until = deadline.figures_until(day, figures.report_deadline, at=look.as_of or request.arrived_at)
    seal = look.seal if look.is_sealed else None
    beside = annex.of(unit, figures, seal=seal)
    content = workbooks.day_workbook(beside, until=until, printed_at=request.arrived_at)
    response = HttpResponse(content, content_type=XLSX)
    kind = "-chot" if seal else "-luc-" + look.typed.replace(":", "") if look.as_of else ""
    response["Content-Disposition"] = f'attachment; filename="bluezone-{unit.code}-{day.isoformat()}{kind}.xlsx"'
    return response
