"""Functions that views share: reading unit, day and moment of an address, saving a form, sorting a table."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ..acts import REFUSED, Refusal
from ..days.look_back import LookBack
from ..forms.day import DayForm, LookBackForm
from ..models import Unit
from ..pages import undo
from ..pages.checking import NotIssued
from ..people import access
from ..text import addresses


class NotShown(Http404):
    """There is no page for that day or moment; the 404 page says why (`errors.page_not_found`)."""

    def __init__(self, template: str, **context):
        super().__init__(template)
        self.template, self.context = template, context


def no_such_moment(request, unit: Unit, day: date, errors: Iterable[object]) -> NotShown:
    return NotShown("reporting/look_back_refused.html", **unit_context(request, unit, day), errors=errors)


def picked_day(request, day: date | None = None) -> DayForm:
    """The day picker, with the day of the address or `?day=`. Raises `NotShown` for a day outside the campaign."""
    picker = DayForm({"day": day.isoformat()} if day else request.GET, at=request.arrived_at)
    if picker.is_valid():
        return picker
    page, today = request.resolver_match, ""
    if request.method in ("GET", "HEAD"):
        today = reverse(page.view_name, kwargs=page.kwargs | ({"day": picker.today} if day else {}))
    context = {"picker": picker, "is_in_address": bool(day), "today": today, "inbox_count": None}
    raise NotShown("reporting/day_refused.html", **context)


def look_back(request, unit: Unit, day: date) -> LookBack:
    """The look back of `?as_of=`; also sets the unit's name as of that moment. Raises `NotShown`."""
    form = LookBackForm(request.GET, unit=unit, day=day, at=request.arrived_at)
    if not form.is_valid():
        raise no_such_moment(request, unit, day, form.errors["as_of"])
    if form.look.as_of:
        then = Unit.objects.named(day, form.look.as_of).get(pk=unit.pk)
        unit.name, unit.kind = then.name or unit.name, then.kind or unit.kind
    return form.look


@contextmanager
def only_if_true(request, unit: Unit, day: date) -> Iterator[None]:
    """Instead of a paper or bulletin with a false statement a page says which it is. Raises `NotShown`."""
    try:
        yield
    except NotIssued as error:
        words = _("Not issued, because these sentences do not agree with the records. The operator has been told.")
        false = [one.statement.words() for one in error.failures]
        raise no_such_moment(request, unit, day, [words, *dict.fromkeys(false)]) from error


def refuse_look_back(request, unit: Unit, day: date, known: Sequence[str] = ()) -> None:
    """Raises `NotShown` if `?as_of=` is given to a page without it; `known` has the page's parameters."""
    if request.GET.get("as_of"):
        raise no_such_moment(request, unit, day, [f"as_of: {addresses.wrong_parameters(request.GET, known)['as_of']}"])


def visible_unit(request, code: str, day: date, *, is_open: bool = False) -> Unit:
    """The unit of the address, named as on the day; 404 if not visible or, with `is_open`, not open on the day."""
    own = request.user.unit
    if own is not None and own.code == code and request.user.is_active and (not is_open or own.is_open_on(day)):
        return access.own_unit(request.user, day)
    units = access.visible_units(request.user)
    return get_object_or_404((units.open_on(day) if is_open else units).named(day), code=code)


def day_page(request, code: str, day: date | None = None, *, is_open: bool = False) -> dict:
    """The context of a page of a unit's day, with its picker and `?as_of=`."""
    picker = picked_day(request) if day is None else None
    unit = visible_unit(request, code, day or picker.cleaned_data["day"], is_open=is_open)
    picker = picker or picked_day(request, day)
    day = picker.cleaned_data["day"]
    return unit_context(request, unit, day, look_back(request, unit, day)) | {"picker": picker}


def unit_context(request, unit: Unit, day: date, look: LookBack | None = None) -> dict:
    """The context of a page of a unit's day: unit, day, trail and look back."""
    context = {"unit": unit, "day": day, "trail": access.trail(request.user, unit, day, look.as_of if look else None)}
    if look:
        context |= {"look": look, "can_choose_moment": access.can_choose_moment(request.user)}
    return context


def with_named_units(records: Iterable, day: date) -> list:
    """The records, each with its unit named as on the day, in one more query."""
    records = list(records)
    units = Unit.objects.named(day).in_bulk({record.unit_id for record in records} - {None})
    for record in records:
        record.unit = units.get(record.unit_id)
    return records


def posted_record(records: Iterable, key: str, value: str | None):
    """The record whose `key` is the posted value; 404 if there is none."""
    posted = next((record for record in records if str(getattr(record, key)) == value), None)
    if posted is None:
        raise Http404
    return posted


def save_and_redirect(request, form, *, back_to: str, page: Callable[..., HttpResponse]) -> HttpResponse:
    """Save a form and redirect; if it is refused, return `page` with the HTTP status."""
    status = save_form(form, by=request.user, at=request.arrived_at)
    if status is not None:
        return page(status=status)
    route = getattr(form, "undone_by", "")
    tags = undo.tags(reverse(route, args=[form.unit.code, form.day]), form.saved.pk) if route else ""
    messages.success(request, form.done, extra_tags=tags)
    return redirect(back_to)


def save_form(form, **act) -> int | None:
    """Save a form and set `form.saved`; returns the HTTP status if the form or the act refuses."""
    if not form.is_valid():
        return getattr(form, "status", REFUSED)
    try:
        form.saved = form.save(**act)
    except Refusal as error:
        form.refuse(error)
        return error.status
    return None


def sort_and_page(request, table, *, is_paged=False):
    """The table sorted by `?sort=`, at the requested page; unknown columns are ignored."""
    table.request = request
    columns = request.GET.getlist(table.prefixed_order_by_field)
    known = [alias for alias in columns if alias.removeprefix("-") in table.base_columns]
    if known:
        table.order_by = known
    if is_paged:
        table.paginate()
        table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    return table
