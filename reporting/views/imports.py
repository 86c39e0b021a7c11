from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from .. import imports
from ..acts import CONFLICT, REFUSED
from ..forms.imports import ExplanationForm, TemplateForm, UploadForm, sent
from ..imports import RowOutcome
from ..models import AccessRecord, ImportFile
from ..text import addresses
from .confirmation import recently_confirmed
from .downloads import XLSX
from .file_turn import takes_a_file_turn
from .slips import slips_page

IMPORT_PEOPLE = gettext_lazy("Import accounts")
DOUBTFUL = "doubtful"  # what is recorded only with an explanation, beside what will happen with it
ROWS = 100  # of a preview on one page
# What matters most first.
SHOWN = (RowOutcome.ERROR, RowOutcome.CHANGED, RowOutcome.NEW, RowOutcome.UNCHANGED, RowOutcome.LEFT_OUT)


def _is_of_people(*, kind, **_kwargs):
    return kind == "people"


@require_safe
@login_required
def import_list(request):
    """The kinds of import that the person has, with their files that wait to be applied."""
    kinds = _kinds(request)
    waiting = ImportFile.objects.filter(by=request.user).alive(request.arrived_at).defer("table")
    waiting = [kept for kept in waiting if kept.kind in kinds]
    for kept in waiting:
        kept.title = kinds[kept.kind].title
    return render(request, "reporting/imports.html", {"kinds": kinds.values(), "waiting": waiting})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@recently_confirmed(IMPORT_PEOPLE, when=_is_of_people)
def import_upload(request, kind):
    """Send a file: it is read, and kept for the preview."""
    kind = _kind(request, kind)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, kind=kind, by=request.user, at=request.arrived_at)
        if form.is_valid():
            return redirect("reporting:import_preview", kind.name, form.save().pk)
        return _upload_page(request, kind, form, status=REFUSED)
    return _upload_page(request, kind, UploadForm(kind=kind, by=request.user, at=request.arrived_at))


@require_safe
@login_required
@takes_a_file_turn
def import_template(request, kind):
    """The workbook to fill in; for reports of the days asked for."""
    kind = _kind(request, kind)
    days, mode = [], ""
    if kind.has_days and request.GET:
        form = TemplateForm(request.GET, at=request.arrived_at)
        if not form.is_valid():
            upload = UploadForm(kind=kind, by=request.user, at=request.arrived_at)
            return _upload_page(request, kind, upload, template=form, status=REFUSED)
        days, mode = form.days, form.cleaned_data["mode"]
    asked = imports.Sent(by=request.user, at=request.arrived_at, source="")
    content = imports.template(kind, asked, days=days, mode=mode)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="bluezone-{kind.name}.xlsx"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@recently_confirmed(IMPORT_PEOPLE, when=_is_of_people)
def import_preview(request, kind, pk):
    """What the file will do, cell by cell; a POST of what was shown does it, all of it or nothing."""
    kind = _kind(request, kind)
    own = ImportFile.objects.filter(by=request.user, kind=kind.name).alive(request.arrived_at)
    kept = get_object_or_404(own, pk=pk)
    table = imports.unpacked(kept.table)
    beside = sent(kept, at=request.arrived_at, address=addresses.client_address(request))
    if request.method == "POST" and "discard" in request.POST:
        kept.delete()
        return redirect("reporting:import_upload", kind.name)
    if request.method != "POST":
        return _preview_page(request, kind, kept, table, imports.preview(kind, table, beside))
    explained = ExplanationForm(request.POST)
    try:
        beside = replace(beside, explanation=explained.words)
        planned = imports.apply(kind, table, beside, shown=request.POST.get("shown", ""))
    except imports.NotExplained as error:
        status = REFUSED
        return _preview_page(request, kind, kept, table, error.plan, explained=explained, status=status)
    except imports.Changed as error:
        words = _("Something has changed since the preview. Look at what will happen now, then record it.")
        return _preview_page(request, kind, kept, table, error.plan, refused=words, status=CONFLICT)
    except imports.NothingToDo as error:
        words = _("Nothing was recorded: correct the file and send it again.")
        return _preview_page(request, kind, kept, table, error.plan, refused=words, status=REFUSED)
    if kind.name == "units":
        AccessRecord.objects.note(AccessRecord.Kind.UNIT_CHANGED, request=request, detail=kept.source)
    kept.delete()
    if planned.slips:
        return slips_page(request, planned.slips)
    count = planned.counts[RowOutcome.NEW] + planned.counts[RowOutcome.CHANGED]
    if kind.hands_out:
        words = ngettext("Recorded: %(n)s change.", "Recorded: %(n)s changes.", count)
    else:
        words = ngettext("Recorded: %(n)s figure.", "Recorded: %(n)s figures.", count)
    messages.success(request, words % {"n": count})
    if planned.unconfirmed:
        words = _("Withdrawn by it, to be confirmed again: %(confirmations)s.")
        messages.warning(request, words % {"confirmations": ", ".join(planned.unconfirmed)})
    return redirect("reporting:import_list")


def _kinds(request):
    kinds = imports.kinds_for(request.user)
    if not kinds:
        raise PermissionDenied
    return kinds


def _kind(request, name):
    """The kind of that name; one that is the city's alone is refused to others."""
    kinds = _kinds(request)
    if name not in imports.KINDS:
        raise Http404
    if name not in kinds:
        raise PermissionDenied
    return kinds[name]


def _upload_page(request, kind, form, *, template=None, status=200):
    if template is None and kind.has_days:
        template = TemplateForm(at=request.arrived_at)
    context = {"kind": kind, "form": form, "template": template}
    return render(request, "reporting/import_upload.html", context, status=status)


def _preview_page(request, kind, kept, table, planned, *, refused="", explained=None, status=200):
    counts = planned.counts
    parts = {outcome: [row for row in planned.rows if row.outcome == outcome] for outcome in SHOWN}
    parts = {str(RowOutcome.ERROR): parts.pop(RowOutcome.ERROR), DOUBTFUL: planned.doubtful, **parts}
    tabs = [(name, len(rows)) for name, rows in parts.items() if rows]
    shown = request.GET.get("show")
    if not any(name == shown for name, _count in tabs):
        shown = tabs[0][0] if tabs else ""
    pages = Paginator(parts.get(shown, []), ROWS)
    context = {
        "kind": kind,
        "kept": kept,
        "plan": planned,
        "notes": imports.notes(table),
        "tabs": tabs,
        "shown": shown,
        "page": pages.get_page(request.GET.get("page")),
        "slips": sum(account.gets_slip for account in planned.writes) if kind.hands_out else 0,
        "count": counts[RowOutcome.NEW] + counts[RowOutcome.CHANGED],
        "refused": refused,
        "form": (explained or ExplanationForm()) if planned.doubtful else None,
    }
    return render(request, "reporting/import_preview.html", context, status=status)
