from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView, PasswordChangeView, RedirectURLMixin
from django.urls import reverse
from django.utils.translation import gettext as _

from ..days import hours_in_force
from ..demo import PASSWORD, played
from ..forms.people import ChangePasswordForm, SignInForm
from ..hours import deadline
from ..models import AccessRecord, Unit, User
from ..people import accounts, hashing, kept_through_sign_in, lockout
from ..text import addresses

TRY_AGAIN = 2  # seconds, when too many sign in at once


class SignInView(LoginView):
    """Signing in; figures that were sent meanwhile are not lost, and a demonstration offers an account of each role."""

    redirect_authenticated_user = True
    form_class = SignInForm

    def get_context_data(self, **kwargs):
        context = {
            "demo_roles": _demo_roles() if settings.DEMO else [],
            "unsent": kept_through_sign_in.sent(self.request),
        }
        if not kwargs.get("is_busy"):  # in a flood nobody asks the database for whom to ring
            context |= _duty(deadline.reporting_day(self.request.arrived_at))
        return super().get_context_data(**context, **kwargs)

    def get_redirect_url(self) -> str:
        """Not to the sign-in page itself, nor to the administrator's pages who is none: both would lead back here."""
        url = super().get_redirect_url()
        path = url.partition("?")[0]
        is_barred = path.startswith(reverse("admin:index")) and not self.request.user.is_staff
        leads_back = path == reverse("login") or (self.request.user.is_authenticated and is_barred)
        return "" if leads_back else url

    def post(self, request, *args, **kwargs):
        """Strangers hash no more than there is room for, and from one address no more than a hundred wrong ones."""
        until = lockout.address_ends_at(addresses.subscriber(request))
        if until:
            lockout.note_address_locked(request)
            return _sign_in_page(request, form=_as_typed(request), status=429, address_locked_until=until)
        try:
            return super().post(request, *args, **kwargs)
        except hashing.Busy:
            page = _sign_in_page(request, form=_as_typed(request), status=503, is_busy=True)
            page["Retry-After"] = TRY_AGAIN
            return page

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        if request.user.is_authenticated:
            kept_through_sign_in.keep(request, response.url)
        return response


def locked_out(request, response, credentials):
    """The page of a person who is locked: until when, and whom to ring meanwhile."""
    username = (credentials or {}).get("username") or ""
    until = lockout.ends_at(username, addresses.subscriber(request))
    if request.axes_failures_since_start:  # the attempt that locked, not one of those that met the lock
        about = User.objects.filter(username=username).select_related("unit").first()
        AccessRecord.objects.note(AccessRecord.Kind.LOCKED, request=request, by_name=username or "?", about=about)
    if request.user.is_authenticated:  # his password was asked for again: the page that did so says the same
        return response
    return _sign_in_page(request, form=_as_typed(request), status=429, locked_until=until)


class ChangePasswordView(RedirectURLMixin, PasswordChangeView):
    """Choosing a password of one's own; who was sent here by another page goes on to it."""

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
        lockout.lift_at(form.user.username, addresses.subscriber(self.request))
        return response

    def form_invalid(self, form):
        status = 429 if getattr(self.request, "axes_locked_out", False) else 200
        return self.render_to_response(self.get_context_data(form=form), status=status)


def login_keeps_figures(view):
    """`login_required`, but that the sign-in page carries figures along which were sent without a session."""
    redirecting = login_required(view)

    @wraps(view)
    def keeping(request, *args, **kwargs):
        if request.method != "POST" or request.user.is_authenticated or not kept_through_sign_in.sent(request):
            return redirecting(request, *args, **kwargs)
        return _sign_in_page(request, form=SignInForm(request), status=403, next=kept_through_sign_in.page_of(request))

    return keeping


def _sign_in_page(request, *, form, status, **context):
    page = SignInView()
    page.setup(request)
    response = page.render_to_response({**page.get_context_data(form=form, **context), **context}, status=status)
    return response.render()


def _as_typed(request) -> SignInForm:
    """The form again, without the password."""
    return SignInForm(request, initial={"username": request.POST.get("username", "")})


def _duty(day) -> dict:
    """Whom to ring near the hour: the districts' duty numbers and the city's, and the hour that all of them have."""
    above = list(Unit.objects.superior_levels().open_on(day).named(day).order_by("level", "sort_key"))
    hours, city = hours_in_force.of_day(day), next((unit.path for unit in above if unit.is_sealing), "")
    return {
        "duty": [unit for unit in above if unit.phone],
        "hour": hours.closes_at(city) or hours.ordered,
    }


def _demo_roles() -> list[dict]:
    return [{"username": name, "password": PASSWORD, "label": _(who)} for name, who in played().roles.items()]
