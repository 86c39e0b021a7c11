from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from .. import access, dashboard, deadline, review, rollup
from .. import paper as papers
from .. import workbook as workbooks
from ..forms import DayForm
from ..models import Unit
from .look_back import look_back

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@login_required
def workbook(request, code, day):
    """The day's Excel file of a unit and what lies below it."""
    unit = _unit(request, code, day)
    look, refusal = look_back(request, unit, day)
    if refusal:
        return refusal
    figures = _figures(unit, day, look)
    until = deadline.figures_until(day, figures.report_deadline, at=look.as_of or request.arrived_at)
    seal = look.seal if look.is_sealed else None
    content = workbooks.day_workbook(figures, until=until, printed_at=request.arrived_at, seal=seal)
    return _download(content, XLSX, f"bluezone-{unit.code}-{day.isoformat()}{_kind(look)}.xlsx")


@require_safe
@login_required
def paper(request, code, day):
    """The day's official paper as a Word file, of a unit that has others below it and issues papers."""
    unit = _unit(request, code, day)
    look, refusal = look_back(request, unit, day)
    if refusal:
        return refusal
    figures = _figures(unit, day, look)
    superior = Unit.objects.named(day, look.as_of).filter(pk=unit.parent_id).first()
    if figures.own.is_reporting or papers.office(unit, superior) is None:
        raise Http404("issues no paper")
    history = dashboard.history(unit, figures, at=request.arrived_at)
    content = papers.day_paper(
        figures,
        unit=unit,
        superior=superior,
        until=deadline.figures_until(day, figures.report_deadline, at=look.as_of or request.arrived_at),
        printed_at=request.arrived_at,
        confirmed=review.confirmed(figures),
        before=dict(history.days).get(day - timedelta(days=1)),
        pace=history.pace,
        difficulties=review.difficulties(figures),
        seal=look.seal if look.is_sealed else None,
    )
    return _download(content, DOCX, f"bao-cao-{unit.code}-{day.isoformat()}{_kind(look)}.docx")


def _unit(request, code, day):
    unit = get_object_or_404(access.visible_units(request.user).open_on(day).named(day), code=code)
    if not DayForm({"day": day.isoformat()}, at=request.arrived_at).is_valid():
        raise Http404("no such day")
    return unit


def _figures(unit, day, look):
    figures = rollup.rows(unit, day, look.as_of)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    return figures


def _kind(look):
    """What the file's name says of the look: that it is sealed, or of which instant."""
    if look.is_sealed:
        return "-chot"
    return "-luc-" + look.typed.replace(":", "") if look.as_of else ""


def _download(content, content_type, name):
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
