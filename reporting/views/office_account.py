"""Signing in with the office's own account, giving the password again there, and signing out there too.

There is none of it (404) unless a provider is named. A form begins the way there, so that what was typed goes along in
the session; a page that moves on by itself leads out, since our policy of contents lets no form lead to another host.
"""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.views import LogoutView
from django.core.exceptions import SuspiciousOperation
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from .. import clock, gate
from ..forms.people import SignInForm
from ..people import accounts, kept_through_sign_in, provider, sessions
from ..people.wrong_passwords import note_refusal, remember_device
from . import confirmation
from .sign_in import SignInView, sign_in_page

WAY = "way_to_the_office"  # in the session
WAY_LASTS = timedelta(minutes=10)  # of a session in which nobody has signed in
log = logging.getLogger(__name__)


def _if_on(view):
    """The view, where a provider is named; who does not come in is told why."""

    @wraps(view)
    def guarded(request):
        if not settings.OIDC_ISSUER:
            raise Http404
        try:
            with gate.turn(gate.PROVIDER):
                return view(request)
        except provider.IS_AWAY as error:
            words = _("The office’s sign-in does not answer. Try again, or ask your superior unit for a code.")
            return _refused(request, words, error, status=503)
        except (*provider.IS_WRONG, accounts.Overtaken) as error:
            return _refused(request, _("The office’s sign-in did not confirm who you are. Try again."), error)

    return never_cache(guarded)


@require_POST
@_if_on
def office_account(request):
    """Set out for the office's sign-in: to come in, or to give the password again for the act that waits."""
    page, since = SignInView(), request.arrived_at
    page.setup(request)
    if not request.user.is_authenticated:
        since -= settings.IDLE_LASTS
        request.session.set_expiry(WAY_LASTS)
    typed = kept_through_sign_in.typed_fields(request)
    request.session[WAY] = {"next": page.get_redirect_url(), "unsent": typed, "since": since.isoformat()}
    provider.metadata.cache_clear()  # one that is away is found out here, and not on a page of the browser's own
    return _led_out(request, Question().get(request).url)


@require_safe
@_if_on
def office_account_back(request):
    """Back with a code, which tells who it is; the password must not have been given there too long ago."""
    way, sent = request.session[WAY], request.session["oidc_states"].pop(request.GET["state"])
    request.claims, request.session.modified = {}, True  # of who has refused there there are none
    person = provider.Backend().authenticate(request, nonce=sent["nonce"], code_verifier=sent["code_verifier"])
    given = min(datetime.fromtimestamp(request.claims["auth_time"], UTC) + clock.offset(), request.arrived_at)
    if given < datetime.fromisoformat(way["since"]) - provider.LEEWAY:
        raise SuspiciousOperation("the password was given too long ago")
    if person is None or not person.is_active:
        words = _("This office account opens nothing here. Ask the city to enter it in your account.")
        return _refused(request, words, who=str(request.claims[settings.OIDC_CLAIM]), person=person)
    if not request.user.is_authenticated:
        return _signed_in(request, person, given, way)
    if request.user != person:
        raise SuspiciousOperation("the password is somebody else's")
    request.session.cycle_key()
    sessions.password_given(request, given)
    return confirmation.at_office(request)


def _signed_in(request, person, given, way):
    url = way["next"] or reverse("reporting:home")
    factors = [request.claims.get("acr"), *(request.claims.get("amr") or ())]  # what is wrong in them lets nobody in
    request.signs_in_by = _("with the office’s account")
    accounts.end_password(person)
    auth.login(request, person)
    sessions.password_given(request, given)
    request.session[provider.SESSION] = True
    request.session[provider.FACTOR] = any(factor in settings.OIDC_SECOND_FACTOR for factor in factors)
    kept_through_sign_in.keep(request, url, way["unsent"])
    response = redirect(url)
    remember_device(request, response)
    return response


class Question(OIDCAuthenticationRequestView):
    get_settings = staticmethod(provider.get_settings)

    def get_extra_params(self, request):
        """How long ago the password may have been given there; where it is asked for again, now."""
        factor = {"acr_values": " ".join(settings.OIDC_SECOND_FACTOR)} if settings.OIDC_SECOND_FACTOR else {}
        if request.user.is_authenticated:
            return {"prompt": "login", "max_age": 0, **factor}
        return {"max_age": int(settings.IDLE_LASTS.total_seconds()), **factor}


class SignOutView(LogoutView):
    """Signing out, at the office too where the session began there."""

    def post(self, request, *args, **kwargs):
        token, there = request.session.get("oidc_id_token"), None
        if settings.OIDC_ISSUER and token:
            with suppress(provider.IS_AWAY, *provider.IS_WRONG):
                there = provider.metadata(settings.OIDC_ISSUER).get(provider.SIGN_OUT)
        response = super().post(request, *args, **kwargs)
        back = request.build_absolute_uri(reverse("login"))
        asked = {"id_token_hint": token, "client_id": settings.OIDC_RP_CLIENT_ID, "post_logout_redirect_uri": back}
        return _led_out(request, f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}") if there else response


def _led_out(request, address):
    response = render(request, "registration/led_out.html", {"address": address})
    response["Refresh"] = f"0; url={address}"
    return response


def _refused(request, words, error="unknown", *, status=403, who="", person=None):
    """On the page that was left: that of the act, or the sign-in page with what was typed."""
    log.warning("The office's sign-in: %s", error)
    is_again = request.user.is_authenticated
    note_refusal(request, who, person or (request.user if is_again else None), request.arrived_at, words)
    if is_again:
        messages.warning(request, words)
        return confirmation.at_office(request, status=status)
    way = request.session.get(WAY, {"next": "", "unsent": {}})
    context = {"next": way["next"], "unsent": way["unsent"], "refusal": words}
    return sign_in_page(request, form=SignInForm(request), status=status, **context)
