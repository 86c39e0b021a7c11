"""Signing in and out with the office's own account (OpenID Connect).

The addresses are 404 without a configured provider, and do not exist without its packages. A form starts the sign-in,
so that the session keeps what was typed. A page then redirects to the provider, because our CSP forbids forms to other
hosts.
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
from .sign_in import SignInView, at_office, sign_in_page

STARTED = "sign_in_started"  # session key, while the person is at the provider
SIGN_IN_LASTS = timedelta(minutes=10)  # lifetime of the session before a sign-in
log = logging.getLogger(__name__)


def _if_configured(view):
    """The view answers 404 without a provider. After a failed sign-in, a page says why."""

    @wraps(view)
    def guarded(request):
        if not settings.OIDC_ISSUER:
            raise Http404
        try:
            with gate.turn(gate.PROVIDER):
                return view(request)
        except provider.IS_AWAY as error:
            words = _("The office’s sign-in does not answer. Try again, or ask your superior for a one-time password.")
            return _refused(request, words, error, status=503)
        except (*provider.IS_WRONG, accounts.Overtaken) as error:
            return _refused(request, _("The office’s sign-in did not confirm who you are. Try again."), error)

    return never_cache(guarded)


@require_POST
@_if_configured
def office_account(request):
    """Start the office's sign-in. A signed-in person must type the password there again, to continue an act."""
    page, since = SignInView(), request.arrived_at
    page.setup(request)
    if not request.user.is_authenticated:
        since -= settings.IDLE_LASTS
        request.session.set_expiry(SIGN_IN_LASTS)
    typed = kept_through_sign_in.typed_fields(request)
    request.session[STARTED] = {"next": page.get_redirect_url(), "unsent": typed, "since": since.isoformat()}
    provider.metadata.cache_clear()  # if the provider does not answer, fail here and not in the browser
    return _leave_to(request, Question().get(request).url)


@require_safe
@_if_configured
def office_account_back(request):
    """Sign in with the provider's code, or confirm a signed-in person. The password must have been typed recently."""
    started, sent = request.session[STARTED], request.session["oidc_states"].pop(request.GET["state"])
    request.claims, request.session.modified = {}, True  # stays empty if the person declines at the provider
    person = provider.Backend().authenticate(request, nonce=sent["nonce"], code_verifier=sent["code_verifier"])
    given = min(datetime.fromtimestamp(request.claims["auth_time"], UTC) + clock.offset(), request.arrived_at)
    if given < datetime.fromisoformat(started["since"]) - provider.LEEWAY:
        raise SuspiciousOperation("the password was given too long ago")
    if person is None or not person.is_active:
        words = _("No account here uses this office account. Ask the city to add it to yours.")
        return _refused(request, words, who=str(request.claims[settings.OIDC_CLAIM]), person=person)
    if not request.user.is_authenticated:
        return _signed_in(request, person, given, started)
    if request.user != person:
        raise SuspiciousOperation("the password is somebody else's")
    request.session.cycle_key()
    sessions.password_given(request, given)
    return at_office(request)


def _signed_in(request, person, given, started):
    url = started["next"] or reverse("reporting:home")
    factors = [request.claims.get("acr"), *(request.claims.get("amr") or ())]  # malformed ones fail before the sign-in
    request.signs_in_by = _("with the office’s account")
    accounts.end_password(person)
    auth.login(request, person)
    sessions.password_given(request, given)
    request.session[sessions.BY_OFFICE_ACCOUNT] = True
    request.session[sessions.SECOND_FACTOR_THERE] = any(factor in settings.OIDC_SECOND_FACTOR for factor in factors)
    kept_through_sign_in.keep_typed(request, url, started["unsent"])
    response = redirect(url)
    remember_device(request, response)
    return response


class Question(OIDCAuthenticationRequestView):  # makes the provider's address for a sign-in
    get_settings = staticmethod(provider.get_settings)

    def get_extra_params(self, request):
        """The extra parameters. `max_age`: the password may be typed so many seconds ago; 0 asks for it again."""
        factor = {"acr_values": " ".join(settings.OIDC_SECOND_FACTOR)} if settings.OIDC_SECOND_FACTOR else {}
        if request.user.is_authenticated:
            return {"prompt": "login", "max_age": 0, **factor}
        return {"max_age": int(settings.IDLE_LASTS.total_seconds()), **factor}


class SignOutView(LogoutView):
    """Sign out, also at the provider if the session began there."""

    def post(self, request, *args, **kwargs):
        token, there = request.session.get("oidc_id_token"), None
        if settings.OIDC_ISSUER and token:
            with suppress(provider.IS_AWAY, *provider.IS_WRONG):
                there = provider.metadata(settings.OIDC_ISSUER).get(provider.SIGN_OUT)
        response = super().post(request, *args, **kwargs)
        back = request.build_absolute_uri(reverse("login"))
        asked = {"id_token_hint": token, "client_id": settings.OIDC_RP_CLIENT_ID, "post_logout_redirect_uri": back}
        return _leave_to(request, f"{there}{'&' if '?' in there else '?'}{urlencode(asked)}") if there else response


def _leave_to(request, address):
    response = render(request, "registration/led_out.html", {"address": address})
    response["Refresh"] = f"0; url={address}"
    return response


def _refused(request, words, error="unknown", *, status=403, who="", person=None):
    """The page where the sign-in began, with the refusal. The sign-in page also keeps what was typed."""
    log.warning("The office's sign-in: %s", error)
    is_again = request.user.is_authenticated
    note_refusal(request, who, person or (request.user if is_again else None), request.arrived_at, words)
    if is_again:
        messages.warning(request, words)
        return at_office(request, status=status)
    started = request.session.get(STARTED, {"next": "", "unsent": {}})
    context = {"next": started["next"], "unsent": started["unsent"], "refusal": words}
    return sign_in_page(request, form=SignInForm(request), status=status, **context)
