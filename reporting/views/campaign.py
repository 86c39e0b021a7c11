from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from .. import acts, deadline
from ..acts import campaign as campaign_acts
from ..figures import rollup, since_seal
from ..forms.campaign import CITY_FORMS, WithdrawalForm
from ..models import AccessRecord, BaseFigure, Directive, Downtime, ExemptDay, Extension, Reorganisation, UnitHour
from ..pages import undo
from ..people import access, kept_through_sign_in
from ..text import formatting
from .guards import form_view, post_view, read_view
from .parameters import with_named_units
from .sign_in import recently_confirmed

NEWEST = 30  # records of each kind
OF_A_UNIT = ("base_figure", "exempt_day", "extension", "unit_hour")


@read_view
def campaign(request):
    """The page of the campaign's settings ("Thiết lập đợt")."""
    return _page(request, sealing_unit(request))


@post_view
def campaign_add(request, kind):
    """Add a setting: the first POST shows its effect, the second saves it."""
    top = sealing_unit(request)
    if kind not in CITY_FORMS:
        raise Http404
    form = CITY_FORMS[kind](request.POST, top=top, by=request.user, at=request.arrived_at)
    recorded, status = preview_or_save(form)
    if recorded is None:
        return _page(request, top, bound=form, status=status)
    note_change(request, recorded)
    say_recorded(request, recorded)
    return redirect("reporting:campaign")


@form_view
@recently_confirmed(gettext_lazy("Withdraw a setting"))
def campaign_withdraw(request, kind, pk):
    """Withdraw a setting, or a reorganisation that has not taken effect; the first POST shows the effect."""
    top = sealing_unit(request)
    record = get_object_or_404(_recorded(kind, top), pk=pk)
    if record.is_withdrawn:
        messages.warning(request, _("This has been withdrawn already."))
        return _to_the_list(record)
    if kind in OF_A_UNIT:
        _named([record])
    posted = request.POST if request.method == "POST" else None
    form = WithdrawalForm(posted, record=record, top=top, by=request.user, at=request.arrived_at)
    kept_through_sign_in.fill_form(form, kept_through_sign_in.take_typed(request))
    withdrawn, status = preview_or_save(form)
    if withdrawn is None:
        context = {"unit": top, "record": record, "kind": record._meta.verbose_name, "form": form}
        return render(request, "reporting/campaign_withdraw.html", context, status=status)
    note_change(request, withdrawn, f"{_('withdrawal')} ({withdrawn.withdrawal_reason}): ")
    messages.success(request, _("Withdrawn."))
    return _to_the_list(withdrawn)


def preview_or_save(form):
    """Save a confirmed `PreviewedForm`. Returns the record and None, or None and the page's HTTP status."""
    if not form.is_valid():
        return None, acts.REFUSED if form.is_bound else 200
    try:
        if form.is_confirmed:
            return form.save(), None
        form.show()
    except acts.Refusal as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return None, error.status
    return None, 200


def note_change(request, record, act=""):
    """Write an access record of what the city has set or withdrawn."""
    unit, reason = getattr(record, "unit", None), since_seal.set_up_reason(record)
    detail = f"{act}{record._meta.verbose_name}: {since_seal.set_up_words(record)} ({reason})"
    AccessRecord.objects.note(AccessRecord.Kind.CAMPAIGN_CHANGED, request=request, unit=unit, detail=detail)


def _to_the_list(record):
    return redirect("reporting:reorganise" if isinstance(record, Reorganisation) else "reporting:campaign")


def _recorded(kind, top) -> QuerySet:
    """The records of a kind, withdrawn ones included."""
    if kind not in campaign_acts.KINDS:
        raise Http404
    records: QuerySet = campaign_acts.KINDS[kind]._base_manager.all()  # the other managers leave out withdrawn records
    return records.filter(unit__path__startswith=top.path) if kind in OF_A_UNIT else records


def say_recorded(request, recorded: Any):
    """Show the message after a save, with “Undo” or with the time from which it can be withdrawn."""
    words, tags = _("Recorded."), ""
    if type(recorded) in campaign_acts.KINDS.values():
        refused = campaign_acts.withdrawal_refusal(record=recorded, by=request.user, at=request.arrived_at)
        if refused is None:
            kind = campaign_acts.kind_of(recorded)
            tags = undo.tags(reverse("reporting:campaign_withdraw", args=[kind, recorded.pk]))
        elif isinstance(refused, acts.StillRunning):
            since = _("Recorded. Units rely on it now: you can withdraw it from %(moment)s on.")
            words = since % {"moment": formatting.moment(refused.until)}
    messages.success(request, words, extra_tags=tags)


def sealing_unit(request):
    """The unit that seals, named as of today; 403 unless the person is its clerk."""
    if not access.is_sealing_clerk(request.user, request.user.unit):
        raise PermissionDenied
    return access.own_unit(request.user, deadline.reporting_day(request.arrived_at))


def _page(request, top, *, bound=None, status=200):
    own = {"top": top, "by": request.user, "at": request.arrived_at}
    typed = kept_through_sign_in.take_typed(request)
    if form := CITY_FORMS.get(typed.get("act")):
        bound = form(**own)
        kept_through_sign_in.fill_form(bound, typed)
    forms = [bound if bound and bound.name == name else form(**own) for name, form in CITY_FORMS.items()]
    bases = BaseFigure._base_manager.filter(by__isnull=False).order_by("-recorded_at", "-id")
    context = {
        "unit": top,
        "forms": {form.name: form for form in forms},
        "bound": bound,
        "directives": Directive.objects.select_related("withdrawn_by")[:NEWEST],
        "extensions": _below(Extension.objects, top),
        "exempt_days": _below(ExemptDay.objects, top),
        "unit_hours": _below(UnitHour.objects, top),
        "downtimes": Downtime.objects.select_related("withdrawn_by")[:NEWEST],
        "bases": _below(bases, top),
        "population": rollup.rows(top, deadline.reporting_day(request.arrived_at)).own.population,
    }
    return render(request, "reporting/campaign.html", context, status=status)


def _below(records, top):
    """The newest records of the units below, with the names of the units."""
    return _named(list(records.filter(unit__path__startswith=top.path).select_related("withdrawn_by")[:NEWEST]))


def _named(records):
    """The records, with their units named as of their newest day."""
    days = ("day", "effective_on", "effective_from")
    newest = [next(getattr(record, name) for name in days if hasattr(record, name)) for record in records]
    return with_named_units(records, max(newest)) if records else []
