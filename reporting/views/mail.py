from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..forms.mail import AddressForm, ChoiceForm, CodeForm
from ..models import AccessRecord, MailChoice
from .confirmation import recently_confirmed
from .guards import form_view, post_view


@form_view
@recently_confirmed(gettext_lazy("Change the mail address"), posts_only=True)
def mail(request):
    """The person's address and what comes by mail ("Thư báo"); a POST gives an address, to which a code is sent."""
    _has_unit(request)
    form = AddressForm(request.POST if request.method == "POST" else None)
    if settings.MAILS and form.is_valid() and form.save(person=request.user, at=request.arrived_at):
        _note(request, _("another mail address, not confirmed yet"))
        messages.success(request, _("We sent you a code. Enter it here within one hour."))
        return redirect("reporting:mail")
    return _page(request, address=form, status=422 if request.method == "POST" else 200)


@post_view
def mail_confirm(request):
    """The code that came by mail: the address is the person's."""
    choice = get_object_or_404(MailChoice, person=_has_unit(request), confirmed_at=None)
    form = CodeForm(request.POST, choice=choice, at=request.arrived_at)
    if form.is_valid():
        _note(request, _("mail address confirmed"))
        messages.success(request, _("The address is confirmed."))
        return redirect("reporting:mail")
    return _page(request, code=form, status=422)


@post_view
def mail_choose(request):
    """Which mails come."""
    choice = get_object_or_404(MailChoice, person=_has_unit(request))
    form = ChoiceForm(request.POST, person=request.user, instance=choice)
    if form.is_valid():
        choice.save(update_fields=list(form.fields))
        messages.success(request, _("Changed."))
        return redirect("reporting:mail")
    return _page(request, choices=form, status=422)


def _note(request, detail):
    AccessRecord.objects.note(AccessRecord.Kind.PERSON_CHANGED, request=request, about=request.user, detail=detail)


def _has_unit(request):
    if request.user.unit_id is None:
        raise PermissionDenied
    return request.user


def _page(request, *, address=None, code=None, choices=None, status=200):
    choice = MailChoice.objects.filter(person=request.user).first()
    known = choice.address if choice else request.user.email
    is_open = choice is not None and choice.confirmed_at is None
    shown = (address, code, choices) if settings.MAILS else (choices,)
    context = {
        "choice": choice,
        "address_form": address if address and address.is_bound else AddressForm(initial={"address": known}),
        "code_form": code or (CodeForm(choice=choice, at=request.arrived_at) if is_open else None),
        "choice_form": choices or (ChoiceForm(person=request.user, instance=choice) if choice else None),
        "form": next((form for form in shown if form is not None and form.is_bound), None),
        "sends_mail": settings.MAILS,
    }
    return render(request, "reporting/mail.html", context, status=status)
