from contextlib import nullcontext
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from .. import gate, permissions
from ..days import state
from ..figures import rollup
from ..forms.day import DownloadForm
from ..forms.entry import EntryGrid
from ..forms.report import ReportForm
from ..forms.review import VoidForm, WithdrawRequestForm
from ..models import Press, Report, Revision, Seal
from ..pages import inbox, receipts
from ..people import access, kept_through_sign_in
from ..permissions import Act
from ..text import formatting
from .guards import form_view, post_view, read_view
from .parameters import day_page, look_back, picked_day, save_and_redirect, save_form, unit_context, visible_unit

DAYS_A_PAGE = 31


@form_view
def report(request, code, day):
    """The form of one day: a report or, once the day is closed to the officer, a late request."""
    if request.method != "POST":
        return _report_page(request, _own_form(request, code, day))
    form = _own_form(request, code, day, request.POST)
    if "X-Press" in request.headers:
        return _pressed(request, form)
    return _sent(request, form, page=partial(_report_page, request, form))


def _sent(request, form, page):
    code, day = form.unit.code, form.day
    is_late = request.resolver_match.url_name == "late_request"
    back_to = _address_of_unit(code, day) if is_late else reverse("reporting:report_detail", args=[code, day])
    return save_and_redirect(request, form, back_to=back_to, page=page)


def _pressed(request, form):
    """Takes what a phone's outbox sends and answers in JSON. The same press gets the same receipt."""
    try:
        form.press = UUID(request.headers["X-Press"])
    except ValueError:
        raise BadRequest("X-Press is no UUID") from None
    known = Press.objects.filter(pk=form.press).first()
    if known and (known.by_id, known.unit_id, known.day) != (request.user.pk, form.unit.pk, form.day):
        raise BadRequest("X-Press is that of something else")
    if known is None:
        answer = _sent(request, form, page=lambda status: HttpResponse(status=status))
        if answer.status_code != 302:
            state, words = form.outcome
            return JsonResponse({"state": state, "words": words}, status=answer.status_code)
        known = Press.objects.filter(pk=form.press).first()  # none if the same request waits already
    is_report = known is not None and known.revision is not None
    to = "report_detail" if is_report else "report"
    received_at = (known and (known.revision or known.late_request).received_at) or request.arrived_at
    moment = formatting.hour(received_at)
    return JsonResponse(
        {
            "state": "received",
            "words": _("received at %(hour)s") % {"hour": moment} if is_report else _("sent, waits for acceptance"),
            "to": reverse(f"reporting:{to}", args=[form.unit.code, form.day]),
            "version": known.revision.number if is_report else None,
        }
    )


@read_view
def report_state(request, code, day):
    """What a phone asks for before it sends, and near the hour: the clock, until when the day is open, the report."""
    unit = _own_unit(request, code, day)
    form = ReportForm(unit=unit, day=day, at=request.arrived_at, user=request.user)
    open_until = form.day_state.open_until
    return JsonResponse(
        {
            "user": request.user.username,
            "session": str(int(request.session.get_expiry_date().timestamp())),
            "token": get_token(request),
            "now": request.arrived_at.isoformat(),
            "open_until": open_until and open_until.isoformat(),
            "is_open": form.day_state.is_open,
            "phase": form.day_state.phase,
            "version": form.standing.version,
        }
    )


def _own_unit(request, code, day):
    unit = visible_unit(request, code, day)
    if not access.can_report(request.user, unit):
        raise PermissionDenied
    return unit


def _own_form(request, code, day, data=None):
    """The officer's form, with what was typed before the officer signed in again."""
    about = {"unit": _own_unit(request, code, day), "day": day, "at": request.arrived_at, "user": request.user}
    typed = kept_through_sign_in.typed(request)
    form = ReportForm(data, **about) if data or typed else ReportForm.with_open_question(**about)
    form.typed = typed
    kept_through_sign_in.fill_form(form, form.typed)
    if form.typed and form.is_shown:
        kept_through_sign_in.forget_typed(request)
    return form


def _report_page(request, form, status=200, **context):
    notices = inbox.notices(form.unit, at=request.arrived_at).on_day(form.day)
    context |= unit_context(request, form.unit, form.day) | {"form": form, "notices": notices}
    context["late_request"] = next(iter(notices.waiting), None)
    return render(request, "reporting/report.html", context, status=status)


@post_view
def late_withdraw(request, code, day):
    """Withdraw the waiting request."""
    form = WithdrawRequestForm(request.POST, unit=_own_unit(request, code, day), day=day)

    def page(status):
        return _report_page(request, _own_form(request, code, day), status, refusal=form.non_field_errors())

    return save_and_redirect(request, form, back_to=reverse("reporting:late_request", args=[code, day]), page=page)


def _address_of_unit(code, day):
    return f"{reverse('reporting:unit', args=[code])}?day={day.isoformat()}"


@form_view
def own_reports(request, day):
    """A card with one box for each unit that the person reports for. One press sends them, each report by itself."""
    typed = kept_through_sign_in.take_typed(request)
    cards, sent = [], 0
    for unit in access.reportable_units(request.user).open_on(day).named(day).order_by("path"):
        card = partial(_card, request, unit, day)
        form = card()
        if request.POST.get(form.add_prefix(form.main), "").strip():
            form = card(request.POST)
            if save_form(form, by=request.user, at=request.arrived_at) is None:
                form, sent = card(), sent + 1
        kept_through_sign_in.fill_form(form, typed)
        if form.day_state.code is not state.DayCode.NOT_REPORTING:
            cards.append(form)
    if not cards:
        raise PermissionDenied
    refused = [form for form in cards if form.is_bound]
    if request.method == "POST":
        words = ngettext("%(n)s report has been received.", "%(n)s reports have been received.", sent) % {"n": sent}
        if sent or not refused:
            messages.success(request, words if sent else _("No figure was changed: nothing had to be saved."))
        if not refused:
            return redirect("reporting:own_reports", day)
    context = {"day": day, "cards": cards, "can_send": any(form.takes_one_number or form.is_bound for form in cards)}
    return render(request, "reporting/own_reports.html", context, status=refused[0].status if refused else 200)


def _card(request, unit, day, data=None):
    form = ReportForm(data, unit=unit, day=day, at=request.arrived_at, user=request.user, prefix=unit.code)
    form.fields[form.main].widget.attrs.pop("aria-required")  # an empty box is not sent
    if form.standing.missed_before:
        form.initial["covers"] = form.standing.missed_before[0].isoformat()
    return form


@read_view
def report_detail(request, code, day):
    """The receipt of a day, with its history."""
    return _detail(request, code, day)


@post_view
def report_void(request, code, day):
    """Void a report that was entered by mistake, before the deadline."""
    unit = _own_unit(request, code, day)
    form = VoidForm(request.POST, below=unit, unit=unit, day=day)
    page = partial(_detail, request, code, day, void=form)
    return save_and_redirect(request, form, back_to=_address_of_unit(code, day), page=page)


def _detail(request, code, day, *, void=None, status=200):
    unit = visible_unit(request, code, day)
    look = look_back(request, unit, day)
    steps = Prefetch("revisions", Revision.objects.select_related("by"))
    report = get_object_or_404(Report.objects.prefetch_related(steps), unit=unit, day=day)
    revisions = receipts.steps_as_of(report, look.as_of)
    if not revisions:
        raise Http404("no report yet at that moment")
    figures = rollup.rows(unit, day, look.as_of, at=request.arrived_at) if unit.is_open_on(day) else None
    context = unit_context(request, unit, day, look) | {
        "report": report,
        "revisions": revisions,
        "title": receipts.title(report, revisions),
        "last_step": receipts.last_step(revisions),
        "correction": receipts.correction(day, revisions),
        "row": figures and figures.own,
        "hours": figures and figures.hours,
        "at": look.as_of or request.arrived_at,
    }
    if look.as_of is None:
        context |= _may(request, unit, day, report, void)
    return render(request, "reporting/report_detail.html", context, status=status)


def _may(request, unit, day, report, void):
    """Which acts are possible on the current report."""
    role = access.role(request.user, unit)
    phase = state.day_state(unit, day, at=request.arrived_at).phase
    may: dict[str, Any] = {
        "can_edit": permissions.may(role, Act.SUBMIT, phase),
        "can_ask": permissions.may(role, Act.REQUEST, phase),
    }
    is_own = access.can_report(request.user, unit) and report.installs is not None and not report.is_opening
    if void is not None or (is_own and permissions.may(role, Act.VOID, phase)):
        may["void"] = void or VoidForm(below=unit, unit=unit, day=day, initial={"base_version": report.version})
        kept_through_sign_in.fill_form(may["void"], kept_through_sign_in.take_typed(request))
    return may


@read_view
def report_list(request, code):
    """The unit's days, newest first, up to `?day=` and as of `?as_of=`. `?from=&to=&format=` redirects to a file."""
    context = day_page(request, code)
    unit, last, look = (context[name] for name in ("unit", "day", "look"))
    form = DownloadForm(request.GET, at=request.arrived_at)
    is_valid, is_asked = form.is_valid(), "format" in request.GET
    if is_valid and is_asked:
        return redirect(f"reporting:{form.route}", code, form.cleaned_data["from"], form.cleaned_data["to"])
    page = Paginator(rollup.campaign_days(unit, last), DAYS_A_PAGE).get_page(request.GET.get("page"))
    sealed = Seal.objects.filter(unit__code__in=unit.codes, day__in=list(page))
    lines = receipts.day_lines(unit, list(page), at=look.as_of or request.arrived_at, as_of=look.as_of)
    context |= {
        "form": form,
        "page": page,
        "lines": lines,
        "has_adjustments": any(line.row.adjustment for line in lines),
        "sealed": () if look.as_of else set(sealed.values_list("day", flat=True)),
        "can_report": look.as_of is None and access.can_report(request.user, unit),
    }
    return render(request, "reporting/report_list.html", context, status=422 if is_asked else 200)


@form_view
def entry(request, code, day):
    """The grid of a superior's day: a row for every reporting unit right below, each saved by a separate act.

    A person saves one whole grid at a time.
    """
    is_whole = request.method == "POST" and "row" not in request.POST
    turn = gate.IMPORT if request.POST.get("action") == "paste" else gate.GRID
    with gate.turn(turn) if is_whole else nullcontext():
        return _entry(request, code, day)


def _entry(request, code, day):
    unit = visible_unit(request, code, day, is_open=True)
    picker = picked_day(request, day)
    if not permissions.may_ever(access.role_below(request.user, unit), Act.ENTER):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    own = {"unit": unit, "day": day, "user": request.user, "at": request.arrived_at}
    grid = EntryGrid(**own, data=data)
    if not grid.rows:
        raise Http404("no unit right below reports")
    typed = kept_through_sign_in.typed(request)
    if typed and grid.is_allowed:
        kept_through_sign_in.forget_typed(request)
        if data is None:
            grid.show_typed(typed)
    if alone := request.POST.get("row"):
        return _entry_row(request, grid, alone)
    if request.method == "POST":
        if request.POST.get("action") == "paste":
            if not grid.can_paste:
                raise PermissionDenied
            if pasted := grid.paste():
                pasted.kept.options["back"] = request.path
                return redirect("reporting:import_preview", pasted.kind.name, pasted.save().pk)
        else:
            grid.save()
            if not grid.is_refused:
                messages.success(request, grid.saved_words)
                page = request.POST.get("page")
                page = page if page in ("board", "review", "seal") else "entry"  # the state of the day it was sent from
                return redirect(f"reporting:{page}", code=code, day=day)
    context = unit_context(request, unit, day) | {"picker": picker, "grid": grid}
    return render(request, "reporting/entry.html", context, status=grid.status)


def _entry_row(request, grid, code):
    """Save one row, and return the row as it is after the save."""
    grid.save(code)
    row = next((row for row in grid.rows if row.unit.code == code), None)
    if row is None:
        raise Http404("no such row")
    return render(request, "reporting/entry_saved.html", {"grid": grid, "row": row}, status=grid.status)
