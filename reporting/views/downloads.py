import io

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from .. import papers
from ..days.look_back import SEALED, LookBack, newest_seals
from ..exports import stamp, tidy
from ..exports.annex import printed_annex
from ..exports.stamp import Range
from ..exports.workbook.day import day_workbook
from ..exports.workbook.many_days import range_workbook
from ..figures import rollup
from ..forms.day import DownloadForm
from ..text import addresses
from .guards import read_view, takes_a_file_turn
from .parameters import look_back, no_such_moment, only_if_true, picked_day, visible_unit

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": papers.DOCX,
    "csv": "text/csv; charset=utf-8",
}


@read_view
@takes_a_file_turn
def workbook(request, code, day):
    """The day's Excel file of a unit and all units below it."""
    unit, look = _day(request, code, day)
    figures = rollup.rows(unit, day, look.as_of, at=request.arrived_at)
    if unit.code not in figures.by_code:
        raise Http404("not known at that moment")
    content = day_workbook(printed_annex(unit, figures, at=request.arrived_at, seal=look.seal))
    return _file(request, look, f"bluezone-{unit.code}-{day}{look.file_suffix}", "xlsx", content)


@read_view
@takes_a_file_turn
def paper(request, code, day):
    """The day's official paper as a Word file; only for a unit that issues papers and has units below it."""
    unit, look = _day(request, code, day)
    with only_if_true(request, unit, day):
        content = papers.day_paper(unit, day, look.as_of, at=request.arrived_at)
    if content is None:
        raise Http404("issues no paper")
    return _file(request, look, f"bao-cao-{unit.code}-{day}{look.file_suffix}", "docx", content)


@read_view
@takes_a_file_turn
def file_of_days(request, code, first, last, kind):
    """The days of a range as a workbook or CSV. CSV is streamed."""
    unit = visible_unit(request, code, last)
    form = DownloadForm({"from": f"{first}", "to": f"{last}", "format": kind}, at=request.arrived_at)
    if not form.is_valid():
        context = {"unit": unit, "first": first, "last": last, "form": form}
        return render(request, "reporting/range_refused.html", context, status=422)
    look = _look(request, unit, last, first=first)
    if first == last:
        look = look.by_default_sealed
    shown = Range(unit=unit, first=first, last=last, at=request.arrived_at, look=look)
    if kind == "csv":
        return _file(request, look, shown.file_name, kind, tidy.days_csv(shown))
    file = io.BytesIO()
    range_workbook(shown, file)
    return _file(request, look, shown.file_name, kind, file.getvalue())


def _day(request, code, day):
    """The unit and the look back.

    A sealed day is downloaded as sealed, unless the address asks for `?as_of=now` or another moment.
    """
    unit = visible_unit(request, code, day, is_open=True)
    picked_day(request, day)
    return unit, _look(request, unit, day).by_default_sealed


def _look(request, unit, day, *, first=None):
    """The look back. With `first` it is that of a range: as sealed, each day then has its own seal or none."""
    wrong = addresses.wrong_parameters(request.GET, ["as_of"])
    if wrong:
        raise no_such_moment(request, unit, day, [f"{name}: {words}" for name, words in wrong.items()])
    if first and request.GET.get("as_of") == SEALED:
        return LookBack(day, asked=SEALED, seals=newest_seals(unit, first, day))
    return look_back(request, unit, day)


def _file(request, look, name, kind, content):
    """The file, with the headers that describe it; CSV is streamed."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        **stamp.headers(look, at=request.arrived_at),
    }
    response = StreamingHttpResponse if kind == "csv" else HttpResponse
    return response(content, content_type=TYPES[kind], headers=headers)
