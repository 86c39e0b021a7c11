from django.conf import settings
from django.contrib import messages
from django.db.models import Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import api
from ..forms.people import TokenForm
from ..hours import deadline
from ..models import AccessRecord, Token
from ..people import second_factor, tokens
from .asked import with_named_units
from .campaign import sealing_unit
from .confirmation import recently_confirmed
from .guards import form_view, post_view, read_view

SHOWN = 50  # of the newest
KIND = AccessRecord.Kind.TOKEN


@form_view
@recently_confirmed(gettext_lazy("Give a token to another system"), posts_only=True)
def token_list(request):
    """Which other systems read, until when, since when they were last seen ("Kết nối dữ liệu"); and giving a token."""
    top = sealing_unit(request)
    may_give = second_factor.is_set_up(request.user)
    data = request.POST if may_give and request.method == "POST" else None
    form = TokenForm(data, top=top, by=request.user, at=request.arrived_at)
    if form.is_valid():
        given = form.save()
        AccessRecord.objects.note(KIND, request=request, unit=given.token.unit, detail=_("given: %s") % given.token)
        return _page(request, top, form, given=given)
    status = 200 if request.method != "POST" else 422 if may_give else 403
    return _page(request, top, form, status=status)


@post_view
@recently_confirmed(gettext_lazy("Revoke a token"))
def token_revoke(request, pk):
    """From now on it opens nothing."""
    token = get_object_or_404(_tokens(sealing_unit(request)), pk=pk)
    if tokens.revoke(token, by=request.user, at=request.arrived_at):
        AccessRecord.objects.note(KIND, request=request, unit=token.unit, detail=_("revoked: %s") % token)
        messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect("reporting:tokens")


def _tokens(top):
    return Token.objects.filter(unit__path__startswith=top.path)


def _page(request, top, form, *, given=None, status=200):
    today = deadline.reporting_day(request.arrived_at)
    newest = _tokens(top).select_related("by").annotate(times=Sum("uses__answered"))[:SHOWN]
    found = with_named_units(newest, today)
    for token in found:
        token.serves = token.is_serving(request.arrived_at)
        token.is_ending = token.serves and token.expires_at <= request.arrived_at + tokens.WARNING
    context = {
        "unit": top,
        "form": form,
        "tokens": found,
        "given": given,
        "may_give": second_factor.is_set_up(request.user),
    }
    return render(request, "reporting/tokens.html", context, status=status)


@read_view
def api_docs(request):
    """What other systems can read, and how: the OpenAPI document for people, without a script ("Giao diện dữ liệu")."""
    context = {
        "described": api.description(),
        "root": request.build_absolute_uri(api.ROOT),
        "openapi": f"{api.ROOT}openapi.json",
        "per_minute": settings.TOKEN_REQUESTS_PER_MINUTE,
    }
    return render(request, "reporting/api_docs.html", context)
