"""Signing in, and choosing a password."""

from collections.abc import Callable
from functools import partial, wraps

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import LoginView, PasswordChangeView, RedirectURLMixin
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from .. import deadline
from ..days import hours_in_force
from ..demo import PASSWORD, ROLES
from ..forms.account import ConfirmForm
from ..forms.people import ChangePasswordForm, SignInForm
from ..gate import Busy
from ..models import AccessRecord, Unit
from ..people import accounts, kept_through_sign_in, passkeys, sessions
from ..people.wrong_passwords import TooSoon, has_passkey, name_browser, note_refusal, remember_device


class SignInView(LoginView):
    """The sign-in page. It keeps figures that were sent without a session; a demonstration offers its accounts."""

    request: sessions.Request
    redirect_authenticated_user = True
    form_class = SignInForm

    def get_context_data(self, **kwargs):
        day = deadline.reporting_day(self.request.arrived_at)
        roles = ROLES if settings.DEMO else {}
        context = {
            "demo_roles": [{"username": name, "password": PASSWORD, "label": _(who)} for name, who in roles.items()],
            "unsent": kept_through_sign_in.typed_fields(self.request),
            "has_passkey": has_passkey(self.request),
            "day": day,
            "call": partial(_duty, day),  # stored for a minute: a flood must not query the database
        }
        return super().get_context_data(**(context | kwargs))

    def get_redirect_url(self) -> str:
        """The page after sign-in; never the sign-in page itself."""
        url = super().get_redirect_url()
        return "" if url.partition("?")[0] == reverse("login") else url

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
        if not request.user.is_authenticated:
            name_browser(request, response)
            return response
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
            form.add_error(None, error.message)
            return self.render_to_response(self.get_context_data(form=form), status=409)
        AccessRecord.objects.note(AccessRecord.Kind.PASSWORD_CHANGED, request=self.request)
        return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def passkey_sign_in(request):
    """What the browser asks its device to sign. A POST signs in with the answer; it is also the second factor."""
    if request.method != "POST":
        return HttpResponse(passkeys.question_to_use(request), content_type="application/json")
    page, is_first = SignInView(), not request.user.is_authenticated
    page.setup(request)
    url = page.get_redirect_url() or reverse("reporting:home")
    try:
        person = passkeys.use(request, request.POST.get("passkey", ""))
    except passkeys.PasskeyError as error:
        note_refusal(request, "", None if is_first else request.user, request.arrived_at, str(error.message))
        if is_first:
            return sign_in_page(request, form=SignInForm(request), status=403, next=url, refusal=error.message)
        messages.warning(request, error.message)
        return redirect(url)
    if is_first:
        login(request, person)
    else:
        request.session.cycle_key()
        sessions.password_given(request, request.arrived_at)
    request.session[sessions.BY_PASSKEY] = True
    kept_through_sign_in.keep_typed(request, url)
    response = redirect(url)
    remember_device(request, response)
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


# An act with wide effects asks for the password again, in case somebody else uses an open screen. The question comes
# before the page or act and carries what was typed; then these continue. Wrong passwords count as at sign-in.

PASSWORD_AGAIN, PASSKEY_AGAIN, FOR_A_PAGE = "password_again", "passkey_again", "for_a_page"
NOT_CARRIED = ("csrfmiddlewaretoken", PASSWORD_AGAIN, PASSKEY_AGAIN, FOR_A_PAGE)


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
                form = ConfirmForm(answer, request=request)
                if not form.is_valid():
                    status = 403 if answer is None else 429 if form.has_error(PASSWORD_AGAIN, "too_soon") else 422
                    return _question_page(request, act, form, status=status)
                request.session.cycle_key()
                sessions.password_given(request, request.arrived_at)
            if answer is not None and FOR_A_PAGE in answer:
                return redirect(request.get_full_path())
            return view(request, *args, **kwargs)

        return confirmed

    return decorator


def _taken_out(request) -> QueryDict | None:
    """Take the answer to the question out of `request.POST`; None if the request is no answer."""
    if PASSWORD_AGAIN not in request.POST:
        return None
    answer, request.POST = request.POST, request.POST.copy()
    for name in (PASSWORD_AGAIN, PASSKEY_AGAIN, FOR_A_PAGE):
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
        "has_passkey": has_passkey(request),
    }
    return render(request, "reporting/confirm.html", waits | {"form": form}, status=status)
