from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from .. import access, deadline, rollup
from .. import workbook as workbooks
from ..forms import DayForm

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
def workbook(request, code, day):
    """The day's Excel file of a unit and what lies below it."""
    unit = get_object_or_404(access.visible_units(request.user).open_on(day).named(day), code=code)
    if not DayForm({"day": day.isoformat()}, at=request.arrived_at).is_valid():
        raise Http404("no such day")
    figures = rollup.rows(unit, day)
    until = deadline.figures_until(day, figures.report_deadline, at=request.arrived_at)
    response = HttpResponse(workbooks.day_workbook(figures, until=until), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="bluezone-{unit.code}-{day.isoformat()}.xlsx"'
    return response
