import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from .. import api, deadline
from ..forms.day import AccessFilterForm
from ..forms.people import CoverForm, NewPersonForm, PeopleFilterForm, PersonForm, TokenForm
from ..models import AccessRecord, Cover, Token, Unit
from ..people import access, accounts, kept_through_sign_in, second_factor, tokens
from .campaign import sealing_unit
from .guards import form_view, one_press, post_view, read_view
from .parameters import save_form, with_named_units
from .sign_in import recently_confirmed

ROWS_A_PAGE = 50
NEWEST = 50  # covers and tokens
Kind = AccessRecord.Kind


@read_view
def people_list(request):
    """The accounts of the user's unit and of those below ("Tài khoản")."""
    unit = _own_unit(request)
    form = PeopleFilterForm(request.GET)
    is_valid, everybody = form.is_valid(), accounts.rows(request.user, at=request.arrived_at)
    rows = accounts.matching_rows(everybody, **form.cleaned_data) if is_valid else []
    context = {
        "unit": unit,
        "form": form,
        "page": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "counts": [(state, sum(row.state == state for row in everybody)) for state in accounts.AccountState],
    }
    return render(request, "reporting/people.html", context, status=200 if is_valid else 422)


@form_view
@recently_confirmed(gettext_lazy("Add an account"), posts_only=True)
def person_add(request):
    """Add an account for a unit below, and show the slip for its first sign-in."""
    unit = _own_unit(request)
    form = NewPersonForm(request.POST or None, by=request.user, at=request.arrived_at)
    kept_through_sign_in.fill_form(form, kept_through_sign_in.take_typed(request))
    if request.method == "POST" and form.is_valid():
        slip = form.save()
        AccessRecord.objects.note(Kind.PERSON_ADDED, request=request, about=slip.person)
        return _slip(request, slip)
    context = {"unit": unit, "form": form}
    return render(request, "reporting/person_add.html", context, status=422 if request.method == "POST" else 200)


@form_view
@recently_confirmed(gettext_lazy("Change an account"), posts_only=True)
def person(request, pk):
    """One account: its fields, its unit, and buttons for other acts."""
    account = _person(request, pk)
    sent = request.POST if request.method == "POST" else None
    form = PersonForm(sent, by=request.user, at=request.arrived_at, instance=account)
    if not form.is_bound:
        kept_through_sign_in.fill_form(form, kept_through_sign_in.take_typed(request))
    status = save_form(form) if form.is_bound else 200
    if status is None:
        AccessRecord.objects.note(Kind.PERSON_CHANGED, request=request, about=form.saved, detail=form.changes)
        messages.success(request, _("Changed."))
        return redirect("reporting:person", pk=pk)
    shown = _person(request, pk)  # as stored, not as typed
    context = {
        "unit": Unit.objects.named(deadline.reporting_day(request.arrived_at)).get(pk=shown.unit_id),
        "person": shown,
        "state": accounts.state(shown),
        "form": form,
        "can_reset_second_factor": access.can_reset_second_factor(request.user),
    }
    return render(request, "reporting/person.html", context, status=status)


@post_view
@recently_confirmed(gettext_lazy("Reset the password of an account"))
def person_reset(request, pk):
    """Set a new one-time password, and end all sessions. A closed account becomes active again."""
    account = _person(request, pk)
    detail = "" if account.is_active else _("active again")
    try:
        slip = accounts.give_new_password(account, by=request.user, at=request.arrived_at)
    except accounts.Overtaken:
        return _overtaken(request, pk)
    AccessRecord.objects.note(Kind.PASSWORD_RESET, request=request, about=account, detail=detail)
    return _slip(request, slip)


@post_view
@recently_confirmed(gettext_lazy("Close an account"))
def person_leave(request, pk):
    """Close the account. Its history stays under the person's name."""
    account = _person(request, pk)
    try:
        accounts.close_account(account, by=request.user)
    except accounts.Overtaken:
        return _overtaken(request, pk)
    AccessRecord.objects.note(Kind.PERSON_CHANGED, request=request, about=account, detail=_("left"))
    messages.success(request, _("The account is closed. Its history stays under the person’s name."))
    return redirect("reporting:person", pk=pk)


@form_view
@recently_confirmed(gettext_lazy("Let a colleague report"), posts_only=True)
@one_press
def cover_list(request):
    """Covers: people who also report for another unit ("Trực thay"). A POST adds one."""
    unit = _own_unit(request)
    form = CoverForm(request.POST or None, by=request.user, at=request.arrived_at)
    kept_through_sign_in.fill_form(form, kept_through_sign_in.take_typed(request))
    if request.method == "POST" and form.is_valid():
        cover = form.save()
        _note_cover(request, cover, str(cover))
        messages.success(request, _("Recorded."))
        return redirect("reporting:covers")
    today = deadline.reporting_day(request.arrived_at)
    recorded = with_named_units(_covers(request).select_related("person", "by")[:NEWEST], today)
    context = {"unit": unit, "form": form, "recorded": recorded, "today": today}
    return render(request, "reporting/covers.html", context, status=422 if request.method == "POST" else 200)


@post_view
def cover_end(request, pk):
    """End a cover now."""
    _own_unit(request)
    cover = get_object_or_404(_covers(request), pk=pk)
    if _covers(request).filter(pk=pk, ended_at=None).update(ended_at=request.arrived_at, ended_by=request.user):
        _note_cover(request, cover, _("ended"))
        messages.success(request, _("The cover has ended."))
    return redirect("reporting:covers")


def _covers(request):
    """The covers of the units below the user's own."""
    units = access.units_for_people(request.user, deadline.reporting_day(request.arrived_at))
    return Cover.objects.filter(unit__in=units.exclude(pk=request.user.unit_id))


def _note_cover(request, cover, detail):
    AccessRecord.objects.note(Kind.COVER_CHANGED, request=request, about=cover.person, unit=cover.unit, detail=detail)


def _own_unit(request):
    if not access.can_manage_people(request.user):
        raise PermissionDenied
    if access.home_unit(request.user) is None:  # before the first units
        raise Http404
    return access.own_unit(request.user, deadline.reporting_day(request.arrived_at))


def _person(request, pk):
    _own_unit(request)
    return get_object_or_404(access.manageable_people(request.user).select_related("unit"), pk=pk)


def _overtaken(request, pk):
    messages.warning(request, accounts.Overtaken.text)
    return redirect("reporting:person", pk=pk)


def _slip(request, slip):
    """The page with the one-time password; no other page shows it."""
    address = request.build_absolute_uri(reverse("reporting:home"))
    code = segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff", dark="#000")
    context = {"slip": slip, "address": address, "code": code}
    return render(request, "reporting/slip.html", context)


@read_view
def access_records(request):
    """The access record, for the city ("Nhật ký truy cập")."""
    top, form = sealing_unit(request), AccessFilterForm(request.GET, at=request.arrived_at)
    context, is_valid = {"unit": top, "form": form}, form.is_valid()
    if is_valid:
        page = Paginator(form.records(top), ROWS_A_PAGE).get_page(request.GET.get("page"))
        records = with_named_units(page, deadline.reporting_day(request.arrived_at))
        context |= {"page": page, "records": records}
    return render(request, "reporting/access_records.html", context, status=200 if is_valid else 422)


@form_view
@recently_confirmed(gettext_lazy("Give a token to another system"), posts_only=True)
@one_press
def token_list(request):
    """The tokens of other systems ("Kết nối dữ liệu"); a POST gives a new one."""
    top = sealing_unit(request)
    may_give = second_factor.is_set_up(request.user)
    data = request.POST if may_give and request.method == "POST" else None
    form = TokenForm(data, top=top, by=request.user, at=request.arrived_at)
    kept_through_sign_in.fill_form(form, kept_through_sign_in.take_typed(request))
    if form.is_valid():
        new = form.save()
        words = _("given: %s") % new.token
        AccessRecord.objects.note(Kind.TOKEN, request=request, unit=new.token.unit, detail=words)
        return _tokens_page(request, top, form, given=new)
    status = 200 if request.method != "POST" else 422 if may_give else 403
    return _tokens_page(request, top, form, status=status)


@post_view
@recently_confirmed(gettext_lazy("Revoke a token"))
def token_revoke(request, pk):
    """Revoke a token at once."""
    token = get_object_or_404(_tokens(sealing_unit(request)), pk=pk)
    if tokens.revoke_token(token, by=request.user, at=request.arrived_at):
        AccessRecord.objects.note(Kind.TOKEN, request=request, unit=token.unit, detail=_("revoked: %s") % token)
        messages.success(request, _("Revoked. It no longer works."))
    return redirect("reporting:tokens")


def _tokens(top):
    return Token.objects.filter(unit__path__startswith=top.path)


def _tokens_page(request, top, form, *, given=None, status=200):
    today = deadline.reporting_day(request.arrived_at)
    newest = _tokens(top).select_related("by").annotate(times=Sum("uses__answered"))[:NEWEST]
    shown = with_named_units(newest, today)
    for token in shown:
        token.is_valid_now = token.is_valid(request.arrived_at)
        token.is_ending = token.is_valid_now and token.expires_at <= request.arrived_at + tokens.WARNING
    context = {
        "unit": top,
        "form": form,
        "tokens": shown,
        "given": given,
        "may_give": second_factor.is_set_up(request.user),
    }
    return render(request, "reporting/tokens.html", context, status=status)


@read_view
def api_docs(request):
    """The OpenAPI document as a page for people ("Giao diện dữ liệu")."""
    context = {
        "paths": api.document()["paths"],
        "problems": api.problems.TITLES,
        "root": request.build_absolute_uri(api.ROOT),
        "openapi": f"{api.ROOT}openapi.json",
        "per_minute": settings.TOKEN_REQUESTS_PER_MINUTE,
    }
    return render(request, "reporting/api_docs.html", context)
