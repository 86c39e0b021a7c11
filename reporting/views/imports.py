from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from .. import deadline, gate, imports
from ..acts import REFUSED, Refusal
from ..exports import slips as papers
from ..figures import rollup
from ..forms.imports import (
    ConsentForm,
    LayoutForm,
    UndoForm,
    UploadForm,
    sent_file,
    table_of,
)
from ..imports import Plan, RowOutcome, undo
from ..imports.kinds import people
from ..imports.layout import MAX_DAYS
from ..imports.template import template
from ..models import AccessRecord, Import, ImportFile
from ..text import addresses
from .downloads import TYPES
from .guards import form_view, read_view, takes_a_file_turn
from .sign_in import recently_confirmed

DOUBTFUL = "doubtful"  # the tab of rows with doubts; they are also in the tabs of their outcomes
ROWS, RECORDED = 100, 30  # on a page of a preview; of the list of imports
# The tabs in their order, after those of errors and doubts.
SHOWN = (RowOutcome.CHANGED, RowOutcome.NEW, RowOutcome.SUM, RowOutcome.UNCHANGED, RowOutcome.LEFT_OUT)
for_people_confirmed = recently_confirmed(gettext_lazy("Import accounts"), when=lambda kind, **_rest: kind == "people")


@read_view
def import_list(request):
    """The kinds of import that the person may use, and the waiting files."""
    kinds = imports.kinds_for(request.user)
    if not kinds:
        raise PermissionDenied
    kept_files = ImportFile.objects.filter(by=request.user, kind__in=kinds).alive(request.arrived_at)
    waiting = [(kinds[kept.kind], kept) for kept in kept_files.defer("table", "plan")]
    waiting = [(kind, kept) for kind, kept in waiting if kind.hands_out or not kept.done_at]
    recorded = Import.objects.filter(unit=request.user.unit).select_related("by", "withdrawn_by").defer("rows")
    page = Paginator(recorded, RECORDED).get_page(request.GET.get("page"))
    for one in page:
        one.title, one.may_be_undone = imports.KINDS[one.kind].title, undo.may_undo(request.user, one)
    context = {"kinds": kinds.values(), "waiting": waiting, "page": page}
    return render(request, "reporting/imports.html", context)


@form_view
def import_undo(request, pk):
    """Take a recorded import back, with a reason."""
    record = get_object_or_404(Import.objects.select_related("unit", "by"), pk=pk, unit=request.user.unit)
    if record.kind not in imports.kinds_for(request.user) or not undo.may_undo(request.user, record):
        raise PermissionDenied
    form = UndoForm(request.POST or None)
    if form.is_valid():
        try:
            undo.undo(record, by=request.user, at=request.arrived_at, reason=form.cleaned_data["reason"])
        except Refusal as error:
            form.add_error(None, error.words)
        else:
            messages.success(request, _("Undone: %(file)s.") % {"file": record})
            return redirect("reporting:import_list")
    context = {"record": record, "title": imports.KINDS[record.kind].title, "form": form}
    return render(request, "reporting/import_undo.html", context, status=REFUSED if form.is_bound else 200)


@form_view
@for_people_confirmed
def import_upload(request, kind):
    """Read a file and store it for the preview."""
    kind = _kind(request, kind)
    if request.method != "POST":
        return _upload_page(request, kind)
    form = UploadForm(request.POST, request.FILES, kind=kind, by=request.user, at=request.arrived_at)
    with gate.turn(gate.IMPORT):
        if form.is_valid():
            return redirect("reporting:import_preview", kind.name, form.save().pk)
    return _upload_page(request, kind, form, status=REFUSED)


@read_view
@takes_a_file_turn
def import_template(request, kind):
    """The template: a workbook to fill in. For reports it has the days of the campaign, newest first."""
    kind, today = _kind(request, kind), deadline.reporting_day(request.arrived_at)
    days = rollup.campaign_days(request.user.unit, today)[:MAX_DAYS] if kind.is_of_reports else []
    content = template(kind, imports.Sent(by=request.user, at=request.arrived_at, source=""), days=days)
    headers = {"Content-Disposition": f'attachment; filename="bluezone-{kind.name}.xlsx"'}
    return HttpResponse(content, content_type=TYPES["xlsx"], headers=headers)


@form_view
@for_people_confirmed
def import_preview(request, kind, pk):
    """Asks what the file is, then shows the preview. A POST applies the plan and leads to the result."""
    kind = _kind(request, kind)
    own = ImportFile.objects.filter(by=request.user, kind=kind.name).alive(request.arrived_at)
    kept = get_object_or_404(own.defer("table"), pk=pk)
    if kept.done_at:
        return _result_page(request, kind, kept)
    if request.method == "POST" and "discard" in request.POST:
        kept.delete()
        return redirect("reporting:import_upload", kind.name)
    with gate.turn(gate.IMPORT):
        if kept.plan is None or "layout" in request.GET:
            return _layout_page(request, kind, kept)
        if request.method == "POST":
            return _recorded(request, kind, get_object_or_404(own, pk=pk))
        return _preview_page(request, kind, kept, Plan.unpacked(kept.plan))


def _recorded(request, kind, kept):
    """Apply the plan that was shown; a second press leads to the result of the first."""
    if kept.done_at:
        return redirect("reporting:import_preview", kind.name, kept.pk)
    form, address = ConsentForm(request.POST, plan=Plan.unpacked(kept.plan)), addresses.client_address(request)
    sent = sent_file(kept, at=request.arrived_at, address=address, **form.given)
    try:
        imports.apply(kind, table_of(kept), sent, shown=request.POST.get("shown", ""), keep=partial(_keep, kept, sent))
    except imports.NotDone as error:
        if ImportFile.objects.exclude(done_at=None).filter(pk=kept.pk).exists():
            return redirect("reporting:import_preview", kind.name, kept.pk)
        ImportFile.objects.filter(pk=kept.pk).update(plan=error.plan.packed())
        explained = form if isinstance(error, imports.NotExplained) else None
        return _preview_page(request, kind, kept, error.plan, error.message, explained=explained, status=error.status)
    if kind.name == "units":
        AccessRecord.objects.note(AccessRecord.Kind.UNIT_CHANGED, request=request, detail=kept.source)
    return redirect("reporting:import_preview", kind.name, kept.pk)


def _keep(kept, sent, done):
    """Store the result, so that a second press shows it; the cells are deleted. Inside the lock."""
    if not ImportFile.objects.filter(pk=kept.pk, done_at=None).exists():
        raise imports.Changed(done)
    kept.done_at, kept.plan, kept.table = sent.at, None, {"digest": kept.table["digest"]}
    kept.result = {"count": done.count, "slips": [*done.made.slips]}
    kept.save()
    about = {"kind": kept.kind, "source": kept.source, "unit": kept.by.unit, "by": kept.by, "recorded_at": sent.at}
    Import.objects.create(**about, count=done.count, rows=done.made.rows)


def _result_page(request, kind, kept):
    """The page of the result. It can be opened again; slips are shown only until they are printed."""
    if request.method == "POST" and "printed" in request.POST:
        kept.delete()
        return redirect("reporting:people")
    if kept.result["slips"]:
        slips = people.slips(kept.result["slips"], sent_file(kept, at=kept.done_at), kept.done_at)
        if slips:
            address = request.build_absolute_uri(reverse("reporting:home"))
            paper = papers.handover(slips, issuer=request.user.unit, address=address, at=request.arrived_at)
            return render(request, "reporting/slips.html", {"paper": paper})
    count = kept.result["count"]
    if kind.hands_out:
        words = ngettext("Recorded: %(n)s change.", "Recorded: %(n)s changes.", count)
    else:
        words = ngettext("Recorded: %(n)s figure.", "Recorded: %(n)s figures.", count)
    messages.success(request, words % {"n": count})
    return redirect(kept.options.get("back", "reporting:import_list"))


def _layout_page(request, kind, kept):
    form = LayoutForm(request.POST or None, kept=kept, kind=kind, at=request.arrived_at)
    if form.is_valid():
        form.save(request.arrived_at)
        return redirect("reporting:import_preview", kind.name, kept.pk)
    context = {"kind": kind, "kept": kept, "form": form}
    return render(request, "reporting/import_layout.html", context, status=REFUSED if form.is_bound else 200)


def _kind(request, name):
    """The kind of import; refuses a kind that the person may not import."""
    kinds = imports.kinds_for(request.user)
    if kinds and name not in imports.KINDS:
        raise Http404
    if name not in kinds:
        raise PermissionDenied
    return kinds[name]


def _upload_page(request, kind, form=None, *, status=200):
    form = form or UploadForm(kind=kind, by=request.user, at=request.arrived_at)
    return render(request, "reporting/import_upload.html", {"kind": kind, "form": form}, status=status)


def _preview_page(request, kind, kept, planned, refused="", *, explained=None, status=200):
    parts = {str(RowOutcome.ERROR): planned.errors, DOUBTFUL: planned.doubtful}
    parts |= {outcome: [row for row in planned.rows if row.outcome == outcome] for outcome in SHOWN}
    parts = {name: rows for name, rows in parts.items() if rows}
    shown = request.GET.get("show")
    shown = shown if shown in parts else next(iter(parts), "")
    context = {
        "kind": kind,
        "kept": kept,
        "plan": planned,
        "tabs": [(name, len(rows)) for name, rows in parts.items()],
        "shown": shown,
        "page": Paginator(parts.get(shown, []), ROWS).get_page(request.GET.get("page")),
        "refused": refused,
        "form": (explained or ConsentForm(plan=planned)) if planned.consents else None,
    }
    return render(request, "reporting/import_preview.html", context, status=status)
