"""Signing in and out, also with the office's own account (OpenID Connect), and choosing a password.

Without a configured provider, the addresses of the office's account are 404. A form starts that sign-in, so that the
session keeps what was typed. A page then redirects to the provider, because our CSP forbids forms to other hosts.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView, RedirectURLMixin
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from .. import clock, deadline, gate
from ..days import hours_in_force
from ..demo import PASSWORD, ROLES
from ..forms.account import ConfirmForm
from ..forms.people import ChangePasswordForm, SignInForm
from ..gate import Busy
from ..models import AccessRecord, Unit
from ..people import accounts, kept_through_sign_in, provider, sessions
from ..people.wrong_passwords import TooSoon, note_refusal, remember_device


class SignInView(LoginView):
    """The sign-in page. It keeps figures that were sent without a session; a demonstration offers its accounts."""

    redirect_authenticated_user = True
    form_class = SignInForm

    def get_context_data(self, **kwargs):
        context = {
            "demo_roles": [
                {"username": name, "password": PASSWORD, "label": _(who)}
                for name, who in ROLES.items()
                if settings.DEMO
            ],
            "unsent": kept_through_sign_in.typed_fields(self.request),
            "has_office_accounts": bool(settings.OIDC_ISSUER),
        }
        if not kwargs.get("is_busy"):  # a flood of sign-ins must not query the database
            context |= _duty(deadline.reporting_day(self.request.arrived_at))
        return super().get_context_data(**(context | kwargs))

    def get_redirect_url(self) -> str:
        """The page after sign-in; never one that leads back here, such as the admin for people who are not staff."""
        url = super().get_redirect_url()
        path = url.partition("?")[0]
        is_barred = path.startswith(reverse("admin:index")) and not self.request.user.is_staff
        leads_back = path == reverse("login") or (self.request.user.is_authenticated and is_barred)
        return "" if leads_back else url

    def post(self, request, *args, **kwargs):
        """Sign in. If the person must wait, say how long; the page's script then sends the form again."""
        try:
            return super().post(request, *args, **kwargs)
        except (Busy, TooSoon) as error:
            waits = {"is_busy": isinstance(error, Busy), "wait": error.seconds}
            without_password = SignInForm(request, initial={"username": request.POST.get("username", "")})
            page = sign_in_page(request, form=without_password, status=429, **waits)
            page["Retry-After"] = error.seconds
            return page

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        if request.user.is_authenticated:
            kept_through_sign_in.keep_typed(request, response.url)
            if request.method == "POST":
                remember_device(request, response)
        return response


class ChangePasswordView(RedirectURLMixin, PasswordChangeView):
    """Choose a password, then continue to the page that required it."""

    form_class = ChangePasswordForm
    next_page = "password_change_done"

    def get_context_data(self, **kwargs):
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form):
        try:
            response = super().form_valid(form)
        except accounts.Overtaken as error:
            form.refuse(error)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        AccessRecord.objects.note(AccessRecord.Kind.PASSWORD_CHANGED, request=self.request)
        return response


def sign_in_page(request, *, form, status, **context):
    page = SignInView()
    page.setup(request)
    response = page.render_to_response({**page.get_context_data(form=form, **context), **context}, status=status)
    return response.render()


def _duty(day) -> dict:
    """Whom to call near the deadline: the duty numbers of the districts and the city, and the common deadline."""
    above = list(Unit.objects.superior_levels().open_on(day).named(day).order_by("level", "sort_key"))
    hours, city = hours_in_force.hours_of_day(day), next((unit.path for unit in above if unit.is_sealing), "")
    return {"duty": [unit for unit in above if unit.phone], "hour": hours.closes_at(city) or hours.ordered}


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
    request.session[provider.SESSION] = True
    request.session[provider.FACTOR] = any(factor in settings.OIDC_SECOND_FACTOR for factor in factors)
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


# An act with wide effects asks for the password again, in case somebody else uses an open screen. The question comes
# before the page or act and carries what was typed; then these continue. Wrong passwords count as at sign-in.

WAITING_ACT = "act_that_waits"  # session key, while the person is at the provider
PASSWORD_AGAIN, FOR_A_PAGE = "password_again", "for_a_page"
NOT_CARRIED = ("csrfmiddlewaretoken", PASSWORD_AGAIN, FOR_A_PAGE)


def recently_confirmed(act, *, when: Callable[..., bool] = lambda **kwargs: True, posts_only: bool = False):
    """The view requires a recently typed password; otherwise it asks for the password again.

    `act` is the title of the question. `when` gets the arguments of the address and says whether a password is required
    at all; with `posts_only` only a POST requires it. Write it below the decorator from `guards`.
    """

    def decorator(view):
        @wraps(view)
        def confirmed(request, *args, **kwargs):
            if not when(**kwargs) or (posts_only and request.method != "POST"):
                return view(request, *args, **kwargs)
            answer = _taken_out(request)
            if not sessions.is_password_recent(request):
                if provider.SESSION in request.session:
                    return _question_page(request, act, ConfirmForm(request=request), status=403)
                form = ConfirmForm(answer, request=request)
                if not form.is_valid():
                    status = 403 if answer is None else 429 if form.has_error(PASSWORD_AGAIN, "too_soon") else 422
                    return _question_page(request, act, form, status=status)
                request.session.cycle_key()
                sessions.password_given(request, request.arrived_at)
            if answer is not None and FOR_A_PAGE in answer:
                return redirect(request.get_full_path())
            request.session.pop(WAITING_ACT, None)
            return view(request, *args, **kwargs)

        return confirmed

    return decorator


def _taken_out(request) -> QueryDict | None:
    """Take the answer to the question out of `request.POST`; None if the request is no answer."""
    if PASSWORD_AGAIN not in request.POST:
        return None
    answer, request.POST = request.POST, request.POST.copy()
    for name in (PASSWORD_AGAIN, FOR_A_PAGE):
        request.POST.pop(name, None)
    return answer


def _question_page(request, act, form, *, status):
    is_page = request.method != "POST" or FOR_A_PAGE in form.data
    carried = [] if is_page else [(name, value) for name, values in request.POST.lists() for value in values]
    waits = {  # the act or page that continues after the password
        "act": str(act),
        "path": request.get_full_path(),
        "for_a_page": is_page,
        "carried": [(name, value) for name, value in carried if name not in NOT_CARRIED and "password" not in name],
        "has_files": bool(request.FILES),
    }
    if provider.SESSION in request.session:
        request.session[WAITING_ACT] = waits
        return at_office(request, status=status)
    return render(request, "reporting/confirm.html", waits | {"form": form}, status=status)


def at_office(request, *, status=200):
    """The page with the button to the provider's sign-in; afterwards its button sends what was typed."""
    waits, is_given = request.session.get(WAITING_ACT), sessions.is_password_recent(request)
    if waits is None or (is_given and waits["for_a_page"]):
        return redirect(waits["path"] if waits else "reporting:home")
    context = {"is_at_office": True, "is_given": is_given}
    return render(request, "reporting/confirm.html", waits | context, status=status)
