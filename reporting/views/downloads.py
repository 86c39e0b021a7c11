import io

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from .. import papers
from ..days.look_back import SEALED, LookBack, newest_seals
from ..exports import data_package, printed_day, stamp, tidy
from ..exports.stamp import RangeHeading
from ..exports.workbook.day import day_workbook
from ..exports.workbook.ranges import range_workbook
from ..figures import ranges, rollup
from ..forms.day import DownloadForm
from ..people import access
from ..text import addresses
from .asked import look_back, no_such_moment, picked_day, visible_unit
from .guards import read_view, takes_a_file_turn

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {
    "xlsx": XLSX,
    "docx": papers.DOCX,
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
}


@read_view
@takes_a_file_turn
def workbook(request, code, day):
    """The day's Excel file of a unit and what lies below it."""
    unit, look, figures, seal = _day(request, code, day)
    content = day_workbook(printed_day.printed_annex(unit, figures, at=request.arrived_at, seal=seal))
    return _file(request, look, f"bluezone-{unit.code}-{day}", "xlsx", content)


@read_view
@takes_a_file_turn
def paper(request, code, day):
    """The day's official paper as a Word file; 404 for a unit that issues none."""
    unit, look, figures, seal = _day(request, code, day)
    content = papers.day_paper(unit, figures, seal=seal, at=request.arrived_at)
    if content is None:
        raise Http404("issues no paper")
    return _file(request, look, f"bao-cao-{unit.code}-{day}", "docx", content)


@read_view
@takes_a_file_turn
def file_of_days(request, code, first, last, kind):
    """The days of a range as a workbook, CSV or data package. CSV is sent while it is read."""
    unit = visible_unit(request, code, last)
    form = DownloadForm({"from": f"{first}", "to": f"{last}", "format": kind}, at=request.arrived_at)
    if not form.is_valid():
        context = {"unit": unit, "first": first, "last": last, "form": form}
        return render(request, "reporting/range_refused.html", context, status=422)
    look = _look(request, unit, last, first=first)
    at = request.arrived_at
    day_rows = ranges.days(unit, first, last, at=at, as_of=look.as_of, seals=look.seals)
    name = f"bluezone-{unit.code}-{first}-{last}"
    if kind == "csv":
        return _file(request, look, name, kind, tidy.range_csv(day_rows, at=at, seals=look.seals))
    file = io.BytesIO()
    heading = RangeHeading(code=code, unit=unit.full_name, first=first, last=last, printed_at=at, look=look)
    if kind == "xlsx":
        range_workbook(day_rows, heading, file)
    else:
        data_package.write(file, day_rows, access.visible_units(request.user).below(unit), heading)
    return _file(request, look, name, kind, file.getvalue())


def _day(request, code, day):
    """The unit, how its day is seen, the figures, and the seal if they are as sealed; 404 if not known then."""
    unit = visible_unit(request, code, day, is_open=True)
    picked_day(request, day)
    look = _look(request, unit, day)
    figures = rollup.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    return unit, look, figures, look.seal if look.is_sealed else None


def _look(request, unit, day, *, first=None):
    """How the figures are seen; in a range as sealed each day has its own seal, or none."""
    wrong = addresses.wrong_parameters(request.GET, ["as_of"])
    if wrong:
        raise no_such_moment(request, unit, day, [f"{name}: {words}" for name, words in wrong.items()])
    if first and request.GET.get("as_of") == SEALED:
        return LookBack(day, asked=SEALED, seals=newest_seals(unit, first, day))
    return look_back(request, unit, day)


def _file(request, look, name, kind, content):
    """The response with the file; CSV is streamed."""
    disposition = f'attachment; filename="{name}{look.file_suffix}.{kind}"'
    headers = {"Content-Disposition": disposition, **stamp.headers(look, at=request.arrived_at)}
    response = StreamingHttpResponse if kind == "csv" else HttpResponse
    return response(content, content_type=TYPES[kind], headers=headers)
