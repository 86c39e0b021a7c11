from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts import map_places, withdrawals
from ..forms.campaign import CITY_FORMS, WithdrawalForm
from ..hours import deadline
from ..models import AccessRecord, BaseFigure, Directive, Downtime, ExemptDay, Extension, Reorganisation, Unit, UnitHour
from ..pages.undo import Undo
from ..people import access
from ..text import formatting
from .confirmation import recently_confirmed
from .guards import form_view, post_view, read_view

SHOWN = 30  # of the newest of each kind
OF_A_UNIT = ("base_figure", "exempt_day", "extension", "unit_hour")


@read_view
def campaign(request):
    """What the city sets: directive and hours, extensions, exempt days, downtime ("Thiết lập đợt")."""
    return _page(request, sealing_unit(request))


@post_view
def campaign_add(request, kind):
    """A first POST shows what one of them will do, the second of the same adds it; what is there is never changed."""
    top = sealing_unit(request)
    if kind not in CITY_FORMS:
        raise Http404
    form = CITY_FORMS[kind](request.POST, top=top, by=request.user, at=request.arrived_at)
    if form.is_valid():
        try:
            if not form.is_confirmed:
                form.show()
                return _page(request, top, bound=form)
            recorded = form.save()
        except acts.NotWritten as error:
            form.add_error(None, error.words)
            return _page(request, top, bound=form, status=error.status)
        AccessRecord.objects.note(
            AccessRecord.Kind.CAMPAIGN_CHANGED,
            request=request,
            unit=getattr(recorded, "unit", None),
            detail=f"{recorded._meta.verbose_name}: {recorded}",
        )
        say_recorded(request, recorded)
        return redirect("reporting:campaign")
    return _page(request, top, bound=form, status=422)


@form_view
@recently_confirmed(gettext_lazy("Take back what was set up"))
def campaign_withdraw(request, kind, pk):
    """Take one of them back, or a reorganisation that has not begun: what it will do is shown first."""
    top = sealing_unit(request)
    record = get_object_or_404(_recorded(kind, top), pk=pk)
    if record.is_withdrawn:
        messages.warning(request, _("This has been withdrawn already."))
        return _to_the_list(record)
    if kind in OF_A_UNIT:
        _named([record])
    sent = request.POST if request.method == "POST" else None
    form = WithdrawalForm(sent, record=record, top=top, by=request.user, at=request.arrived_at)
    status = 200 if sent is None else acts.REFUSED
    if form.is_valid():
        try:
            if form.is_confirmed:
                return _withdrawn(request, form.save())
            form.show()
            status = 200
        except acts.NotWritten as error:
            form.add_error(None, error.words)
            status = error.status
    context = {"unit": top, "record": record, "kind": record._meta.verbose_name, "form": form}
    return render(request, "reporting/campaign_withdraw.html", context, status=status)


def _withdrawn(request, record):
    kind = AccessRecord.Kind.CAMPAIGN_CHANGED
    detail = f"{_('withdrawal')}: {record._meta.verbose_name} {record} ({record.withdrawal_reason})"
    AccessRecord.objects.note(kind, request=request, unit=getattr(record, "unit", None), detail=detail)
    messages.success(request, _("Withdrawn."))
    return _to_the_list(record)


def _to_the_list(record):
    return redirect("reporting:reorganise" if isinstance(record, Reorganisation) else "reporting:campaign")


def _recorded(kind, top):
    """The records of a kind that the city may take back, or has taken back."""
    if kind not in withdrawals.KINDS:
        raise Http404
    records = withdrawals.KINDS[kind]._base_manager.all()  # the others leave out what is withdrawn
    return records.filter(unit__path__startswith=top.path) if kind in OF_A_UNIT else records


def say_recorded(request, recorded):
    """With the page that shows what taking it back does, or from when it can be; an office's name is not taken back."""
    words, tags = _("Recorded."), ""
    if isinstance(recorded, tuple(withdrawals.KINDS.values())):
        refused = withdrawals.why_not(record=recorded, by=request.user, at=request.arrived_at)
        if refused is None:
            tags = Undo(reverse("reporting:campaign_withdraw", args=[withdrawals.kind_of(recorded), recorded.pk])).tags
        elif isinstance(refused, acts.StillRunning):
            since = _("Recorded. It can be withdrawn from %(moment)s on, when nobody may send by it any more.")
            words = since % {"moment": formatting.moment(refused.until)}
    messages.success(request, words, extra_tags=tags)


def sealing_unit(request):
    """The unit that seals, named as of today, for its own clerk only."""
    unit = request.user.unit
    if unit is None or not access.is_sealing_clerk(request.user, unit):
        raise PermissionDenied
    return access.own_unit(request.user, deadline.reporting_day(request.arrived_at))


def _page(request, top, *, bound=None, status=200):
    forms = [
        bound if bound is not None and bound.name == name else form(top=top, by=request.user, at=request.arrived_at)
        for name, form in CITY_FORMS.items()
    ]
    is_below = {"unit__path__startswith": top.path}
    bases = BaseFigure.objects.with_withdrawn().filter(by__isnull=False, **is_below)
    bases = bases.select_related("withdrawn_by")
    context = {
        "unit": top,
        "forms": {form.name: form for form in forms},
        "bound": bound,
        "directives": _with_end(Directive)[:SHOWN],
        "extensions": _named(_with_end(Extension).filter(**is_below)[:SHOWN]),
        "exempt_days": _named(_with_end(ExemptDay).filter(**is_below)[:SHOWN]),
        "unit_hours": _named(_with_end(UnitHour).filter(**is_below)[:SHOWN]),
        "downtimes": _with_end(Downtime)[:SHOWN],
        "with_map": map_places.with_a_map(top).order_by("path").first(),
        "bases": _named(bases.order_by("-recorded_at", "-id")[:SHOWN]),
    }
    return render(request, "reporting/campaign.html", context, status=status)


def _with_end(model):
    return model.objects.select_related("withdrawn_by")


def _named(records):
    """The records with their units' names, in one more query."""
    records = list(records)
    if records:
        newest = max(
            next(getattr(record, name) for name in ("day", "effective_on", "effective_from") if hasattr(record, name))
            for record in records
        )
        units = Unit.objects.named(newest).in_bulk({record.unit_id for record in records})
        for record in records:
            record.unit = units[record.unit_id]
    return records
