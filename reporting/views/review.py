from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from .. import acts, permissions
from ..days import look_back
from ..deadline import Phase
from ..figures import rollup, since_seal as change_records
from ..forms.review import ACTS, OF_THE_DAY, BelowForm, DecideForm, ReopenForm, SealForm, SealUndoForm, forms_of
from ..models import LateRequest
from ..pages import board as boards, review_day
from ..pages.day import State
from ..people import access, kept_through_sign_in
from ..permissions import Act
from . import day as days
from .guards import form_view, post_view, read_view
from .parameters import (
    day_page,
    picked_day,
    posted_record,
    refuse_look_back,
    save_and_redirect,
    unit_context,
    visible_unit,
)

ALL = "all"


@read_view
def review(request, code, day):
    """A superior's day: waiting requests, the units right below, their difficulties, and the sign-off."""
    unit = _superior(request, code, day, Act.DECIDE)
    refuse_look_back(request, unit, day, known=["unit"])
    return page(request, day_page(request, code, day), bound=_typed_form(request, unit, day))


@post_view
def act(request, code, day):
    """Perform one act on a superior's day; the address selects the form."""
    form_class = ACTS[request.resolver_match.url_name]
    unit = _superior(request, code, day, form_class.permission)
    if form_class is DecideForm and request.POST.get("request") == ALL:
        return _decide_all(request, unit, day)
    form = _form(request, form_class, unit, day, request.POST, data=request.POST)

    def refused(status):
        return page(request, day_page(request, code, day), bound=form, status=status)

    return save_and_redirect(request, form, back_to=reverse("reporting:review", args=[code, day]), page=refused)


def _form(request, form_class, unit, day, sent, **kwargs):
    """The form of an act on the posted unit or request; 404 if it does not exist."""
    about = {"unit": unit, "day": day}
    if form_class is DecideForm:
        requests = LateRequest.objects.filter(unit__parent=unit, day=day)
        about["late_request"] = posted_record(requests, "pk", sent.get("request"))
        about["below"] = unit.children.named(day).get(pk=about["late_request"].unit_id)
    elif issubclass(form_class, BelowForm):
        about["below"] = posted_record(unit.children.open_on(day).named(day), "code", sent.get("unit"))
    if form_class is ReopenForm:
        about["at"] = request.arrived_at
    return form_class(**about, **kwargs)


def _typed_form(request, unit, day):
    """The form with what was typed before the sign-in; None if there is nothing, or its unit is gone."""
    typed = kept_through_sign_in.take_typed(request)
    form_class = ACTS.get(typed.get("act"))
    try:
        return form_class and _form(request, form_class, unit, day, typed, initial=typed)
    except Http404:
        return None


def _superior(request, code, day, act):
    """A unit with others below it, for the people who may do the act; 404 or 403 otherwise."""
    unit = visible_unit(request, code, day)
    picked_day(request, day)
    if not (unit.is_open_on(day) and unit.children.open_on(day).exists()):
        raise Http404
    if not permissions.may_ever(access.role_below(request.user, unit), act):
        raise PermissionDenied
    return unit


def _decide_all(request, unit, day):
    accepted, left = acts.decide_all(superior=unit, day=day, by=request.user, at=request.arrived_at)
    names = {child.pk: child.full_name for child in unit.children.named(day)}
    if accepted:
        words = ngettext("%(n)s request has been accepted.", "%(n)s requests have been accepted.", len(accepted))
        messages.success(request, words % {"n": len(accepted)})
    # A clerk must see a changed report before a request replaces it.
    changed = _("The report has changed since this request. Compare both and decide this request separately.")
    for waiting, error in left:
        words = _("%(unit)s is still waiting: %(why)s")
        why = changed if isinstance(error, acts.Conflict) else error.message
        messages.warning(request, words % {"unit": names[waiting.unit_id], "why": why})
    return redirect("reporting:review", code=unit.code, day=day)


def page(request, context, *, bound=None, status=200):
    """The state after the hour: what a superior decides on before it confirms the day."""
    unit, at = context["unit"], request.arrived_at
    own = {"unit": unit, "day": context["day"]}
    to_review = review_day.day_to_review(**own, user=request.user, at=at, seal=context["look"].seal)
    lines, gaps = {line.unit.code: line for line in to_review.lines}, to_review.gaps
    opened = {request.GET.get("unit"), bound and bound.code}  # lines whose acts are asked for
    forms = {
        code: forms_of(line, at=at, bound=bound, **own)
        for code, line in lines.items()
        if line.row.not_reported or line.is_to_check or code in opened
    }
    numbers = boards.contacts([line.row for line in gaps])
    context = days.shell(request, context, to_review.figures, State.CONFIRM, sign_off=to_review.sign_off) | {
        "route": "reporting:review",
        "review": to_review,
        "doubtful": [(line, forms[code]) for code, line in lines.items() if code in forms and line not in gaps],
        "requests": [(line, forms[line.unit.code].get("decide")) for line in to_review.waiting],
        "gaps": [(line, numbers[line.unit.code], forms[line.unit.code]) for line in gaps],
        "boxes": {line.unit.code: line.version for line in gaps if line.may_enter},
        "owes_reason": any(line.state.is_late(at) for line in gaps),
        "streams": _streams(to_review, forms, unit),
        "bound": bound,
        **{form.name: bound if type(bound) is form else form(**own) for form in OF_THE_DAY},
        "not_signed": _why_not_signed(to_review),
    }
    return render(request, "reporting/review.html", context, status=status)


def _streams(to_review, forms, unit):
    """The ordinary lines of residents' units and of agencies, each group with its total."""
    totals = {False: to_review.figures.own if unit.is_under_seal else None, True: to_review.figures.agency_total}
    for is_agency, total in totals.items():
        usual = [line for line in to_review.lines if line.unit.is_agency == is_agency]
        if lines := [(line, None) for line in usual if line.unit.code not in forms]:
            yield is_agency, lines, total


def _why_not_signed(to_review):
    """Why the day cannot be confirmed; empty if it can be, or is already confirmed."""
    if Act.SIGN in to_review.may or to_review.sign_off:
        return ""
    if to_review.phase in (Phase.BEFORE, Phase.TO_CONFIRM):
        return _("The unit has not confirmed the day.")
    return acts.NotAllowed(Act.SIGN, to_review.phase).message


@form_view
def seal(request, code, day):
    """The page to seal the city's day: what is missing, and the checked seals. A POST seals the day."""
    unit = _sealing_unit(request, code, day)
    if request.method == "POST":
        return _seal_act(request, SealForm(request.POST, unit=unit, day=day))
    refuse_look_back(request, unit, day)
    return seal_page(request, day_page(request, code, day))


@post_view
def seal_undo(request, code, day):
    """Undo one's own seal within ten minutes."""
    return _seal_act(request, SealUndoForm(request.POST, unit=_sealing_unit(request, code, day), day=day))


def _sealing_unit(request, code, day):
    unit = visible_unit(request, code, day)
    picked_day(request, day)
    if not unit.is_sealing:
        raise Http404
    if not access.is_sealing_clerk(request.user, unit):
        raise PermissionDenied
    return unit


def _seal_act(request, form):
    code, day = form.unit.code, form.day

    def refused(status):
        return seal_page(request, day_page(request, code, day), bound=form, status=status)

    return save_and_redirect(request, form, back_to=reverse("reporting:seal", args=[code, day]), page=refused)


def seal_page(request, context, *, bound=None, status=200):
    """The city's state after the hour: what the seal contains and ends; afterwards the checked seals."""
    unit, day, at = context["unit"], context["day"], request.arrived_at
    sealing = review_day.day_to_seal(unit, day, at=at)
    form = bound if isinstance(bound, SealForm) else SealForm(unit=unit, day=day)
    if bound is None:
        kept_through_sign_in.fill_form(form, kept_through_sign_in.take_typed(request))
    numbers = boards.contacts(sealing.unsigned)
    context = days.shell(request, context, sealing.figures, State.CONFIRM) | {
        "route": "reporting:seal",
        "sealing": sealing,
        "may_undo": bool(sealing.newest) and acts.may_undo(sealing.newest.seal, request.user, at),
        "unsigned": [(row, numbers[row.code]) for row in sealing.unsigned],
        "form": form,
        "bound": bound or form,
    }
    return render(request, "reporting/seal.html", context, status=status)


@read_view
def changes(request, code, day):
    """Why a day has changed since its seal: the sealed figure, the current figure, and every cause."""
    unit = visible_unit(request, code, day, is_open=True)
    picked_day(request, day)
    refuse_look_back(request, unit, day)
    newest = look_back.newest_seal(unit, day)
    if newest is None:
        raise Http404("not sealed")
    since_seal = change_records.changes(unit, rollup.rows(unit, day, at=request.arrived_at), newest)
    return render(request, "reporting/changes.html", unit_context(request, unit, day) | {"changes": since_seal})
