import io

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import papers
from ..exports import printed_day, range_csv
from ..exports import workbook as workbooks
from ..figures import ranges, rollup
from ..forms.ranges import DownloadForm
from .asked import picked_day, visible_unit
from .download_limit import limited_downloads
from .look_back import look_back

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


@require_safe
@login_required
@limited_downloads
def workbook(request, code, day):
    """The day's Excel file of a unit and what lies below it."""
    unit = _unit(request, code, day)
    look, refusal = look_back(request, unit, day)
    if refusal:
        return refusal
    figures = _figures(request, unit, day, look)
    until = figures.until(request.arrived_at)
    beside = printed_day.of(unit, figures, seal=look.seal if look.is_sealed else None)
    content = workbooks.day_workbook(beside, until=until, printed_at=request.arrived_at)
    name = f"bluezone-{unit.code}-{day.isoformat()}{_kind(look)}.xlsx"
    return HttpResponse(content, content_type=XLSX, headers=_named(name))


@require_safe
@login_required
@limited_downloads
def paper(request, code, day):
    """The day's official paper as a Word file, of a unit that has others below it and issues papers."""
    unit = _unit(request, code, day)
    look, refusal = look_back(request, unit, day)
    if refusal:
        return refusal
    seal = look.seal if look.is_sealed else None
    content = papers.day_paper(unit, _figures(request, unit, day, look), seal=seal, at=request.arrived_at)
    if content is None:
        raise Http404("issues no paper")
    name = f"bao-cao-{unit.code}-{day.isoformat()}{_kind(look)}.docx"
    return HttpResponse(content, content_type=papers.DOCX, headers=_named(name))


@require_safe
@login_required
@limited_downloads
def workbook_range(request, code, first, last):
    """An Excel file of several days, written row by row; packed, the longest takes less than two megabytes."""
    asked, refusal = _range(request, code, first, last, "xlsx")
    if refusal:
        return refusal
    unit, look = asked
    file = io.BytesIO()
    heading = workbooks.RangeHeading(
        unit=unit.full_name, first=first, last=last, printed_at=request.arrived_at, as_of=look.as_of
    )
    days = ranges.days(unit, first, last, at=request.arrived_at, as_of=look.as_of)
    workbooks.range_workbook(days, heading, file)
    return HttpResponse(
        file.getvalue(), content_type=XLSX, headers=_named(_range_name(unit, first, last, look, "xlsx"))
    )


@require_safe
@login_required
@limited_downloads
def csv_range(request, code, first, last):
    """The lines of any number of days, sent on as they are read."""
    asked, refusal = _range(request, code, first, last, "csv")
    if refusal:
        return refusal
    unit, look = asked
    lines = range_csv.range_csv(ranges.days(unit, first, last, at=request.arrived_at, as_of=look.as_of))
    return StreamingHttpResponse(lines, content_type=CSV, headers=_named(_range_name(unit, first, last, look, "csv")))


def _range(request, code, first, last, kind):
    """The unit and how its days are seen, or what is answered if they cannot be had: one of the two is None."""
    unit = visible_unit(request, code, last)
    form = DownloadForm.of(first, last, kind, at=request.arrived_at)
    if not form.is_valid():
        context = {"unit": unit, "first": first, "last": last, "form": form}
        return None, render(request, "reporting/range_refused.html", context, status=422)
    look, refusal = look_back(request, unit, last)
    return (None, refusal) if refusal else ((unit, look), None)


def _range_name(unit, first, last, look, kind):
    return f"bluezone-{unit.code}-{first.isoformat()}-{last.isoformat()}{_kind(look)}.{kind}"


def _unit(request, code, day):
    unit = visible_unit(request, code, day, is_open=True)
    picked_day(request, day)
    return unit


def _figures(request, unit, day, look):
    figures = rollup.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    return figures


def _kind(look):
    """How the figures are seen, in the name of a file; nothing for now."""
    if look.is_sealed:
        return "-chot"
    return "-luc-" + look.of_a_file if look.as_of else ""


def _named(name):
    return {"Content-Disposition": f'attachment; filename="{name}"'}
