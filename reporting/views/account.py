import django_otp
import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django_otp.plugins.otp_totp.models import default_key

from ..forms.account import AddressForm, ChoiceForm, CodeForm, VerifyForm
from ..models import AccessRecord, MailChoice
from ..people import access, kept_through_sign_in, passkeys, second_factor, sessions
from ..people.wrong_passwords import remember_device
from .guards import form_view, one_press, post_view, read_view
from .sign_in import recently_confirmed

NEW_KEY = "second_factor_key"  # session key, until a code confirms it
TOO_MANY, REFUSED = 429, 422


@read_view
def second_factor_state(request):
    """The page about the second factor of the account."""
    return _state_page(request, VerifyForm())


@form_view
@recently_confirmed(gettext_lazy("Set up a second factor"))
def second_factor_set_up(request):
    """Show a key for the phone. A correct code confirms it."""
    if second_factor.is_set_up(request.user):
        return redirect("reporting:second_factor")
    key = request.session.setdefault(NEW_KEY, default_key())
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _set_up_page(request, key, form)
    try:
        device = second_factor.set_up(request.user, key=key, code=form.cleaned_data["code"], at=request.arrived_at)
    except second_factor.CodeError as error:
        form.add_error("code", error)
        return _set_up_page(request, key, form)
    del request.session[NEW_KEY]
    django_otp.login(request, device)
    update_session_auth_hash(request, request.user)  # all other sessions end
    _note(request, _("set up"))
    messages.success(request, _("The second factor is set up. Other devices have been signed out."))
    return HttpResponseRedirect(_onward(request))


@form_view
def second_factor_verify(request):
    """Ask for the code after the password; until then no other page opens."""
    if not second_factor.owes_code(request.user):
        return HttpResponseRedirect(_onward(request))
    form = VerifyForm(request.POST if request.method == "POST" else None)
    form.fields["code"].widget.attrs["autofocus"] = True
    device = _verified_device(request, form)
    if device is None:
        context = {"form": form, "next": _onward(request), "has_passkey": request.user.passkeys.exists()}
        return render(request, "reporting/second_factor_verify.html", context, status=_status(form))
    request.session.cycle_key()
    django_otp.login(request, device)
    return HttpResponseRedirect(_onward(request))


@post_view
@recently_confirmed(gettext_lazy("Switch the second factor off"))
def second_factor_off(request):
    """Switch the second factor off, with a code. The person's other sessions end."""
    form = VerifyForm(request.POST)
    if second_factor.is_set_up(request.user) and _verified_device(request, form) is None:
        return _state_page(request, form)
    if second_factor.remove(request.user):
        update_session_auth_hash(request, request.user)
        _note(request, _("switched off"))
        messages.success(request, _("The second factor is switched off."))
    return redirect("reporting:second_factor")


@post_view
@recently_confirmed(gettext_lazy("Reset a lost second factor"))
def second_factor_reset(request, pk):
    """Reset the second factor of somebody who lost phone and recovery codes. All their sessions end."""
    if not access.can_reset_second_factor(request.user):
        raise PermissionDenied
    person = get_object_or_404(access.manageable_people(request.user), pk=pk)
    if second_factor.remove(person):
        _note(request, _("reset"), about=person)
        messages.success(request, _("The second factor is reset: the password is enough now."))
    return redirect("reporting:person", pk)


def _verified_device(request, form):
    """The device that the code belongs to; None if the code is refused, with the error at the field."""
    if not form.is_valid():
        return None
    try:
        device = second_factor.use_code(request.user, form.cleaned_data["code"])
    except second_factor.CodeError as error:
        form.add_error("code", error)
        if error.code == "wrong":
            _note(request, _("wrong code"))
        return None
    _note(request, _("right code"))
    return device


def _status(form):
    if not form.is_bound:
        return 200
    return TOO_MANY if form.has_error("code", "too_soon") else REFUSED


def _note(request, detail, *, kind=AccessRecord.Kind.SECOND_FACTOR, about=None):
    AccessRecord.objects.note(kind, request=request, about=about or request.user, detail=detail)


def _onward(request):
    """The address in `next` if it is on this host, otherwise the overview."""
    address = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours else resolve_url("reporting:home")


def _state_page(request, form):
    return render(request, "reporting/second_factor.html", {"form": form}, status=_status(form))


def _set_up_page(request, key, form):
    device = second_factor.unsaved_device(request.user, key)
    context = {
        "form": form,
        "next": _onward(request),
        "picture": segno.make(second_factor.key_address(device), error="m").svg_data_uri(
            scale=4, border=4, light="#fff", dark="#000"
        ),
        "letters": second_factor.key_in_letters(device),
    }
    return render(request, "reporting/second_factor_set_up.html", context, status=_status(form))


@read_view
def session_list(request):
    """The person's sessions and passkeys."""
    context = {"sessions": sessions.own_sessions(request), "passkeys": request.user.passkeys.order_by("-used_at")}
    return render(request, "reporting/session_list.html", context)


@form_view
@recently_confirmed(gettext_lazy("Use this device’s fingerprint or PIN"), posts_only=True)
def passkey_add(request):
    """What the browser needs to make a passkey; a POST stores it."""
    if request.method != "POST":
        return HttpResponse(passkeys.question_to_add(request), content_type="application/json")
    response = HttpResponseRedirect(_onward(request))
    try:
        passkeys.add(request, request.POST.get("passkey", ""))
    except passkeys.PasskeyError as error:
        messages.warning(request, error.message)
        return response
    remember_device(request, response)
    messages.success(request, _("From now on this device’s fingerprint or PIN signs you in here."))
    return response


@post_view
@recently_confirmed(gettext_lazy("Remove a fingerprint or PIN"))
def passkey_remove(request, pk):
    """Remove a passkey, as of a lost phone."""
    if not passkeys.remove(request, pk):
        raise Http404
    messages.success(request, _("Removed. That device’s fingerprint or PIN no longer signs in here."))
    return redirect("reporting:session_list")


@post_view
@recently_confirmed(gettext_lazy("Sign out on other devices"))
def session_end(request):
    """End one session, or all others."""
    ended = sessions.end_others(request, request.POST.get("session", ""))
    if ended:
        AccessRecord.objects.note(AccessRecord.Kind.SIGNED_OUT, request=request, detail=_("on another device"))
    words = ngettext("%(n)s device has been signed out.", "%(n)s devices have been signed out.", ended)
    messages.success(request, words % {"n": ended})
    return redirect("reporting:session_list")


@form_view
@recently_confirmed(gettext_lazy("Change the mail address"), posts_only=True)
@one_press
def mail(request):
    """The mail address and the chosen mails ("Nhận thông báo qua email"). A POST sends a code to a new address."""
    _has_unit(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if settings.MAILS and form.is_valid() and form.save(person=request.user, at=request.arrived_at):
        _note(request, _("another mail address, not confirmed yet"), kind=AccessRecord.Kind.PERSON_CHANGED)
        messages.success(request, _("We sent you a code. Enter it here within one hour."))
        return redirect("reporting:mail")
    return _mail_page(request, address=form, status=422 if request.method == "POST" else 200)


@post_view
def mail_confirm(request):
    """Confirm the address with the code from the mail."""
    choice = get_object_or_404(MailChoice, person=_has_unit(request), confirmed_at=None)
    form = CodeForm(request.POST, choice=choice, at=request.arrived_at)
    if form.is_valid():
        _note(request, _("mail address confirmed"), kind=AccessRecord.Kind.PERSON_CHANGED)
        messages.success(request, _("The address is confirmed."))
        return redirect("reporting:mail")
    return _mail_page(request, code=form, status=422)


@post_view
def mail_choose(request):
    """Choose which mails to get."""
    choice = get_object_or_404(MailChoice, person=_has_unit(request))
    form = ChoiceForm(request.POST, person=request.user, instance=choice)
    if form.is_valid():
        choice.save(update_fields=list(form.fields))
        messages.success(request, _("Changed."))
        return redirect("reporting:mail")
    return _mail_page(request, choices=form, status=422)


def _has_unit(request):
    if request.user.unit_id is None:
        raise PermissionDenied
    return request.user


def _mail_page(request, *, address=None, code=None, choices=None, status=200):
    choice = MailChoice.objects.filter(person=request.user).first()
    known = {"address": choice.address if choice else request.user.email} | kept_through_sign_in.take_typed(request)
    is_open = choice is not None and choice.confirmed_at is None
    shown = (address, code, choices) if settings.MAILS else (choices,)
    context = {
        "choice": choice,
        "address_form": address if address and address.is_bound else AddressForm(initial=known),
        "code_form": code or (CodeForm(choice=choice, at=request.arrived_at) if is_open else None),
        "choice_form": choices or (ChoiceForm(person=request.user, instance=choice) if choice else None),
        "form": next((form for form in shown if form is not None and form.is_bound), None),
        "sends_mail": settings.MAILS,
    }
    return render(request, "reporting/mail.html", context, status=status)
