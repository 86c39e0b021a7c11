from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from ..exports import access_csv
from ..forms.audit import AccessFilterForm
from ..hours import deadline
from .asked import with_named_units
from .campaign import sealing_unit
from .guards import read_view, takes_a_file_turn

ROWS_A_PAGE = 50
LONGEST_FILE = 92  # days


@read_view
def access_records(request):
    """Who came in, who was refused, who took figures away and who changed what: for the city ("Nhật ký truy cập")."""
    top, form = sealing_unit(request), AccessFilterForm(request.GET, at=request.arrived_at)
    if not form.is_valid():
        return _refused(request, top, form)
    page = Paginator(form.records(top), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "unit": top,
        "form": form,
        "page": page,
        "records": with_named_units(page, deadline.reporting_day(request.arrived_at)),
        "query": urlencode(form.data),
    }
    return render(request, "reporting/access_records.html", context)


@read_view
@takes_a_file_turn
def access_records_csv(request):
    """The same as a file, all pages of it, sent on as they are read."""
    top, form = sealing_unit(request), AccessFilterForm(request.GET, at=request.arrived_at, longest=LONGEST_FILE)
    if not form.is_valid():
        return _refused(request, top, form)
    lines = access_csv.access_csv(form.records(top), at=request.arrived_at, language=get_language())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    first, last = form.cleaned_data["from"], form.cleaned_data["to"]
    response["Content-Disposition"] = f'attachment; filename="nhat-ky-truy-cap-{first}-{last}.csv"'
    return response


def _refused(request, top, form):
    return render(request, "reporting/access_records.html", {"unit": top, "form": form}, status=422)
