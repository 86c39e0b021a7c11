from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from .. import gate, imports
from ..acts import REFUSED
from ..exports import slips as papers
from ..forms.imports import ColumnsForm, ExplanationForm, TemplateForm, UploadForm, sent_file, table_of
from ..imports import Plan, RowOutcome
from ..imports.kinds import people
from ..imports.template import template
from ..models import AccessRecord, ImportFile
from ..text import addresses
from .downloads import TYPES
from .guards import form_view, read_view, takes_a_file_turn
from .sign_in import recently_confirmed

IMPORT_PEOPLE = gettext_lazy("Import accounts")
DOUBTFUL = "doubtful"  # the tab of rows with doubts; they are also in the tabs of their outcomes
ROWS = 100  # on a page of a preview
# The tabs in their order, after those of errors and doubts.
SHOWN = (RowOutcome.CHANGED, RowOutcome.NEW, RowOutcome.UNCHANGED, RowOutcome.LEFT_OUT)


def _is_of_people(*, kind, **_kwargs):
    return kind == "people"


@read_view
def import_list(request):
    """The kinds of import that the person may use, and the waiting files."""
    kinds = _kinds(request)
    waiting = ImportFile.objects.filter(by=request.user).alive(request.arrived_at).defer("table", "plan")
    waiting = [kept for kept in waiting if kept.kind in kinds and (not kept.done_at or kinds[kept.kind].hands_out)]
    for kept in waiting:
        kept.title = kinds[kept.kind].title
    return render(request, "reporting/imports.html", {"kinds": kinds.values(), "waiting": waiting})


@form_view
@recently_confirmed(IMPORT_PEOPLE, when=_is_of_people)
def import_upload(request, kind):
    """Read a file and store it for the preview."""
    kind = _kind(request, kind)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, kind=kind, by=request.user, at=request.arrived_at)
        with gate.turn(gate.IMPORT):
            if form.is_valid():
                return redirect("reporting:import_preview", kind.name, form.save().pk)
        return _upload_page(request, kind, form, status=REFUSED)
    return _upload_page(request, kind, UploadForm(kind=kind, by=request.user, at=request.arrived_at))


@read_view
@takes_a_file_turn
def import_template(request, kind):
    """The template: a workbook to fill in. For reports it has the chosen days."""
    kind = _kind(request, kind)
    days, mode = [], ""
    if kind.has_days and request.GET:
        form = TemplateForm(request.GET, at=request.arrived_at)
        if not form.is_valid():
            upload = UploadForm(kind=kind, by=request.user, at=request.arrived_at)
            return _upload_page(request, kind, upload, template=form, status=REFUSED)
        days, mode = form.days, form.cleaned_data["mode"]
    asked = imports.Sent(by=request.user, at=request.arrived_at, source="")
    content = template(kind, asked, days=days, mode=mode)
    response = HttpResponse(content, content_type=TYPES["xlsx"])
    response["Content-Disposition"] = f'attachment; filename="bluezone-{kind.name}.xlsx"'
    return response


@form_view
@recently_confirmed(IMPORT_PEOPLE, when=_is_of_people)
def import_preview(request, kind, pk):
    """Asks about unclear columns, then shows the preview. A POST applies the plan and leads to the result."""
    kind = _kind(request, kind)
    own = ImportFile.objects.filter(by=request.user, kind=kind.name).alive(request.arrived_at)
    kept = get_object_or_404(own.defer("table"), pk=pk)
    if kept.done_at:
        return _result_page(request, kind, kept)
    if request.method == "POST" and "discard" in request.POST:
        kept.delete()
        return redirect("reporting:import_upload", kind.name)
    asks_columns = kept.plan is None or "columns" in request.GET
    if asks_columns or request.method != "POST":
        with gate.turn(gate.IMPORT):
            if asks_columns:
                return _columns_page(request, kind, kept)
            return _preview_page(request, kind, kept, Plan.unpacked(kept.plan))
    if not ImportFile.objects.begin(kept.pk, request.arrived_at):
        return render(request, "reporting/import_running.html", {"kind": kind, "kept": kept})
    try:
        with gate.turn(gate.IMPORT):
            return _recorded(request, kind, kept)
    finally:
        ImportFile.objects.filter(pk=kept.pk, done_at=None).update(started_at=None)


def _recorded(request, kind, kept):
    """Apply the plan that was shown."""
    explained, address = ExplanationForm(request.POST), addresses.client_address(request)
    sent = sent_file(kept, at=request.arrived_at, address=address, explanation=explained.words)
    shown, keep = request.POST.get("shown", ""), partial(_keep, kept, sent)
    try:
        imports.apply(kind, table_of(kept), sent, shown=shown, keep=keep)
    except imports.NotExplained as error:
        return _preview_page(request, kind, kept, error.plan, explained=explained, status=REFUSED)
    except imports.Changed as error:
        ImportFile.objects.filter(pk=kept.pk).update(plan=error.plan.packed())
        return _preview_page(request, kind, kept, error.plan, refused=error.words, status=error.status)
    except imports.NothingToDo as error:
        words = _("Nothing was recorded: correct the file and send it again.")
        return _preview_page(request, kind, kept, error.plan, refused=words, status=REFUSED)
    if kind.name == "units":
        AccessRecord.objects.note(AccessRecord.Kind.UNIT_CHANGED, request=request, detail=kept.source)
    return redirect("reporting:import_preview", kind.name, kept.pk)


def _keep(kept, sent, done):
    """Store the result, so that a second press shows it; the cells are deleted."""
    kept.done_at, kept.plan, kept.table = sent.at, None, {"digest": kept.table["digest"]}
    kept.result = {
        "count": done.count,
        "unconfirmed": [*done.unconfirmed],
        "slips": done.made if kept.kind == people.KIND.name else [],
    }
    kept.save()


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
    if kept.result["unconfirmed"]:
        words = _("This withdrew confirmations, which must be given again: %(confirmations)s.")
        messages.warning(request, words % {"confirmations": ", ".join(kept.result["unconfirmed"])})
    return redirect("reporting:import_list")


def _columns_page(request, kind, kept):
    form = ColumnsForm(request.POST or None, kept=kept, kind=kind, at=request.arrived_at)
    if form.is_valid():
        form.save(request.arrived_at)
        return redirect("reporting:import_preview", kind.name, kept.pk)
    context = {"kind": kind, "kept": kept, "form": form, "problems": imports.problems(form.table)}
    return render(request, "reporting/import_columns.html", context, status=REFUSED if form.is_bound else 200)


def _kinds(request):
    kinds = imports.kinds_for(request.user)
    if not kinds:
        raise PermissionDenied
    return kinds


def _kind(request, name):
    """The kind of import; refuses a kind that the person may not import."""
    kinds = _kinds(request)
    if name not in imports.KINDS:
        raise Http404
    if name not in kinds:
        raise PermissionDenied
    return kinds[name]


def _upload_page(request, kind, form, *, template=None, status=200):
    if template is None and kind.has_days:
        template = TemplateForm({}, at=request.arrived_at)
    context = {"kind": kind, "form": form, "template": template}
    return render(request, "reporting/import_upload.html", context, status=status)


def _preview_page(request, kind, kept, planned, *, refused="", explained=None, status=200):
    parts = {str(RowOutcome.ERROR): planned.errors, DOUBTFUL: planned.doubtful}
    parts |= {outcome: [row for row in planned.rows if row.outcome == outcome] for outcome in SHOWN}
    tabs = [(name, len(rows)) for name, rows in parts.items() if rows]
    shown = request.GET.get("show")
    if not parts.get(shown):
        shown = tabs[0][0] if tabs else ""
    context = {
        "kind": kind,
        "kept": kept,
        "plan": planned,
        "tabs": tabs,
        "shown": shown,
        "page": Paginator(parts.get(shown, []), ROWS).get_page(request.GET.get("page")),
        "refused": refused,
        "form": (explained or ExplanationForm()) if planned.doubtful else None,
    }
    return render(request, "reporting/import_preview.html", context, status=status)
