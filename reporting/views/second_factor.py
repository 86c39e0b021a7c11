import django_otp
import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..forms.second_factor import NewFactorForm, VerifyForm
from ..models import AccessRecord
from ..people import access, second_factor
from .confirmation import recently_confirmed
from .guards import form_view, post_view, read_view

KEY = "second_factor_key"  # in the session, from the page that shows it to the code that confirms it
TOO_MANY, REFUSED = 429, 422


@read_view
def second_factor_state(request):
    """Whether the account has a second factor, and what can be done with it."""
    return _state_page(request, VerifyForm())


@form_view
@recently_confirmed(gettext_lazy("Set up a second factor"))
def second_factor_set_up(request):
    """A key for the phone, as a picture and in letters; a code that fits confirms it and gives the recovery codes."""
    if second_factor.is_set_up(request.user):
        return redirect("reporting:second_factor")
    key = request.session.setdefault(KEY, second_factor.new_key())
    form = NewFactorForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _set_up_page(request, key, form)
    try:
        device, codes = second_factor.set_up(
            request.user, key=key, code=form.cleaned_data["code"], at=request.arrived_at
        )
    except second_factor.Refused as error:
        form.add_error("code", error)
        return _set_up_page(request, key, form)
    del request.session[KEY]
    django_otp.login(request, device)
    update_session_auth_hash(request, request.user)  # this one session goes on
    _note(request, _("set up"))
    return _codes_page(request, codes)


@form_view
def second_factor_verify(request):
    """The code at the sign-in, before any other page."""
    if not second_factor.owes_code(request.user):
        return HttpResponseRedirect(_onward(request))
    form = VerifyForm(request.POST if request.method == "POST" else None)
    device = _verified_device(request, form)
    if device is None:
        context = {"form": form, "next": _onward(request)}
        return render(request, "reporting/second_factor_verify.html", context, status=_status(form))
    request.session.cycle_key()
    django_otp.login(request, device)
    return HttpResponseRedirect(_onward(request))


@post_view
@recently_confirmed(gettext_lazy("Make new recovery codes"))
def second_factor_codes(request):
    """Ten other recovery codes."""
    if not second_factor.is_set_up(request.user):
        return redirect("reporting:second_factor")
    codes = second_factor.renew_codes(request.user)
    _note(request, _("new recovery codes"))
    return _codes_page(request, codes)


@post_view
@recently_confirmed(gettext_lazy("Switch the second factor off"))
def second_factor_off(request):
    """The password is enough again, for who gives a code once more; the person's other sessions end."""
    form = VerifyForm(request.POST)
    if second_factor.is_set_up(request.user) and _verified_device(request, form) is None:
        return _state_page(request, form)
    if second_factor.end(request.user):
        update_session_auth_hash(request, request.user)
        _note(request, _("switched off"))
        messages.success(request, _("The second factor is switched off."))
    return redirect("reporting:second_factor")


@post_view
@recently_confirmed(gettext_lazy("Reset a lost second factor"))
def second_factor_reset(request, pk):
    """Somebody has lost his phone and his recovery codes: his password is enough again, and all his sessions end."""
    if not access.can_reset_second_factor(request.user):
        raise PermissionDenied
    found = get_object_or_404(access.people_to_reset_second_factor(request.user), pk=pk)
    if second_factor.end(found):
        _note(request, _("reset"), about=found)
        messages.success(request, _("The second factor is reset: the password is enough now."))
    if access.can_manage_people(request.user):
        return redirect("reporting:person", pk=pk)
    return redirect("admin:reporting_user_change", pk)


def _verified_device(request, form):
    """The device whose code was given, or that a recovery code stands for; None where the form says why not."""
    if not form.is_valid():
        return None
    recovery_code = form.cleaned_data["recovery_code"]
    try:
        if recovery_code:
            device = second_factor.use_recovery_code(request.user, recovery_code)
        else:
            device = second_factor.verify(request.user, form.cleaned_data["code"])
    except second_factor.Refused as error:
        form.add_error("recovery_code" if recovery_code else "code", error)
        if error.code == "wrong":
            _note(request, _("wrong code"))
        return None
    if recovery_code:
        left = request.user.recovery_codes.count()
        words = _("Recovery codes left: %(left)s. Make new ones soon.") % {"left": left}
        messages.warning(request, words)
    _note(request, _("recovery code used") if recovery_code else _("right code"))
    return device


def _status(form):
    if not form.is_bound:
        return 200
    return TOO_MANY if form.has_error("code", "too_soon") else REFUSED


def _note(request, detail, *, about=None):
    kind = AccessRecord.Kind.SECOND_FACTOR
    AccessRecord.objects.note(kind, request=request, about=about or request.user, detail=detail)


def _onward(request):
    """The page of this host that was asked for before, or the overview."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if is_ours else resolve_url("reporting:home")


def _state_page(request, form):
    context = {"form": form, "left": request.user.recovery_codes.count()}
    return render(request, "reporting/second_factor.html", context, status=_status(form))


def _set_up_page(request, key, form):
    device = second_factor.unconfirmed(request.user, key)
    context = {
        "form": form,
        "next": _onward(request),
        "picture": segno.make(second_factor.key_address(device), error="m").svg_data_uri(
            scale=4, border=4, light="#fff", dark="#000"
        ),
        "letters": second_factor.letters(device),
    }
    status = REFUSED if request.method == "POST" else 200
    return render(request, "reporting/second_factor_set_up.html", context, status=status)


def _codes_page(request, codes):
    """The one page that ever shows them."""
    context = {"codes": [second_factor.grouped(code, "-") for code in codes], "next": _onward(request)}
    return render(request, "reporting/second_factor_codes.html", context)
