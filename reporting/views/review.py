from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import acts
from ..forms.review import (
    AdjustForm,
    BelowForm,
    DecideForm,
    PassUpForm,
    ReopenForm,
    SignOffForm,
    TakeUpForm,
    VoidForm,
    WithdrawForm,
    forms_of,
)
from ..hours import permissions
from ..hours.permissions import Act, Situation
from ..models import LateRequest
from ..pages import review_day, unit_groups
from ..people import access, kept_through_sign_in
from .asked import act_in, chosen, picked_day, refuse_look_back, remembered, visible_unit
from .guards import post_view, read_view

ALL = "all"
PAGE = 50  # lines of many
OF_THE_DAY = (SignOffForm, WithdrawForm, PassUpForm, TakeUpForm)
ACTS = {form.name: form for form in (*OF_THE_DAY, DecideForm, ReopenForm, VoidForm, AdjustForm)}
FILTERS = {"missing": "not_reported", "check": "to_check"}  # ?show= and the lines of the desk that it names


@read_view
def review(request, code, day):
    """The superior's day: what waits, the units right below, their difficulties, and the confirmation of the day."""
    unit = _superior(request, code, day, Act.DECIDE)
    refuse_look_back(request, unit, day, known=["of", "page", "show"])
    return _page(request, unit, day, bound=_typed_form(request, unit, day))


@post_view
def act(request, code, day):
    """One act on the superior's day, whose form has the name of the address."""
    form_class = ACTS[request.resolver_match.url_name]
    unit = _superior(request, code, day, form_class.permission)
    if form_class is DecideForm and request.POST.get("request") == ALL:
        return _decide_all(request, unit, day)
    form = _form(request, form_class, unit, day, request.POST, data=request.POST)

    def page(status):
        return _page(request, unit, day, bound=form, status=status)

    return act_in(request, form, back_to=reverse("reporting:review", args=[code, day]), page=page)


def _form(request, form_class, unit, day, sent, **kwargs):
    """The form of an act, of the unit below or the request that was sent; 404 for one that is not there."""
    about = {"unit": unit, "day": day}
    if form_class is DecideForm:
        asked = LateRequest.objects.filter(unit__parent=unit, day=day)
        about["late_request"] = chosen(asked, "pk", sent.get("request"))
        about["below"] = unit.children.named(day).get(pk=about["late_request"].unit_id)
    elif issubclass(form_class, BelowForm):
        about["below"] = chosen(unit.children.open_on(day).named(day), "code", sent.get("unit"))
    if form_class is ReopenForm:
        about["at"] = request.arrived_at
    return form_class(**about, **kwargs)


def _typed_form(request, unit, day):
    """The form with what was sent when the session had ended; None without, and where its unit is no longer there."""
    typed = kept_through_sign_in.take(request)
    form_class = ACTS.get(typed.get("act"))
    try:
        return form_class and _form(request, form_class, unit, day, typed, initial=typed)
    except Http404:
        return None


def _superior(request, code, day, act):
    """The unit that has others below it on a day of the campaign, for those whose act it is."""
    unit = visible_unit(request, code, day)
    picked_day(request, day)
    if not (unit.is_open_on(day) and unit.children.open_on(day).exists()):
        raise Http404
    if not permissions.has(access.role_below(request.user, unit), act):
        raise PermissionDenied
    return unit


def _decide_all(request, unit, day):
    accepted, left = acts.decide_all(superior=unit, day=day, by=request.user, at=request.arrived_at)
    names = {child.pk: child.full_name for child in unit.children.named(day)}
    if accepted:
        words = ngettext("%(n)s request has been taken in.", "%(n)s requests have been taken in.", len(accepted))
        messages.success(request, words % {"n": len(accepted)})
    # Over a report that has changed since, only by who was shown both.
    changed = _("The report has changed since this request. Compare both and decide this request separately.")
    for waiting, error in left:
        words = _("%(unit)s goes on waiting: %(why)s")
        why = changed if isinstance(error, acts.Conflict) else error.words
        messages.warning(request, words % {"unit": names[waiting.unit_id], "why": why})
    collided = [_collided(unit, day, *one) for one in left if isinstance(one[1], acts.Collision)]
    if collided:
        return _page(request, unit, day, collided=collided, status=acts.CONFLICT)
    return redirect("reporting:review", code=unit.code, day=day)


def _collided(unit, day, late_request, error):
    """The form that decides a request whose day would be counted twice, with the choices."""
    form = DecideForm(unit=unit, day=day, below=late_request.unit, late_request=late_request)
    form.keep(error)
    return form


def _page(request, unit, day, *, bound=None, collided=(), status=200):
    at = request.arrived_at
    own = {"unit": unit, "day": day}
    on_desk = review_day.on_day(unit, day, user=request.user, at=at)
    may_take_up = unit.is_sealing and permissions.has(on_desk.role, Act.TAKE_UP)
    is_long = len(on_desk.lines) > unit_groups.MANY and bound is None and not collided
    show = remembered(request, "review", [*FILTERS, ALL], "missing") if is_long else ALL
    shown = getattr(on_desk, FILTERS.get(show, "lines"))
    part = _part(request, shown) if is_long else {}
    shown = part.get("lines", shown)
    lines = {line.unit.code: line for line in [*shown, *on_desk.waiting]}
    forms = {code: forms_of(line, at=at, bound=bound, **own) for code, line in lines.items()}
    for form in collided:
        forms[form.code]["decide"] = form
    context = own | {
        "trail": access.trail(request.user, unit, day),
        "picker": picked_day(request, day),
        "until": on_desk.figures.until(at),
        "desk": on_desk,
        "show": show,
        "is_long": is_long,
        **part,
        "unusual": [(line, forms[line.unit.code]) for line in shown if line.is_unusual],
        "streams": _streams(on_desk, shown, forms, is_whole=len(shown) == len(on_desk.lines)),
        "requests": [(line, forms[line.unit.code].get("decide")) for line in on_desk.waiting],
        "bound": bound,
        **{form.name: bound if type(bound) is form else form(**own) for form in OF_THE_DAY},
        "not_sent_up": acts.heard(on_desk.figures).not_sent_up if may_take_up else [],
        "not_signed": _why_not_signed(on_desk),
    }
    return render(request, "reporting/review.html", context, status=status)


def _part(request, lines):
    """Of many lines those of the group that the address asks for, a page of them at a time."""
    groups = unit_groups.grouped([line.row for line in lines if not line.unit.is_agency])
    group = next((one for one in groups if one.name == request.GET.get("of")), None)
    lines = [line for line in lines if group is None or line.unit.code in group.codes]
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    return {"groups": groups, "group": group, "page": page, "lines": list(page)}


def _streams(on_desk, shown, forms, *, is_whole):
    """The units of the residents and the agencies that need no look, apart: with their forms, and the total of all."""
    residents = None if on_desk.is_top else on_desk.figures.own
    totals = {False: residents, True: on_desk.figures.agency_total}
    streams = []
    for is_agency in (False, True):
        usual = [line for line in shown if line.unit.is_agency == is_agency and not line.is_unusual]
        if lines := [(line, forms[line.unit.code]) for line in usual]:
            streams.append((is_agency, lines, totals[is_agency] if is_whole else None))
    return streams


def _why_not_signed(on_desk):
    """Why there is no confirmation to give; empty when there is, or when one stands."""
    if Act.SIGN in on_desk.may or on_desk.standing:
        return ""
    if on_desk.situation in (Situation.OPEN, Situation.AFTER_HOUR):
        return _("The unit has not confirmed the day.")
    return acts.NotAllowed(Act.SIGN, on_desk.situation).words
