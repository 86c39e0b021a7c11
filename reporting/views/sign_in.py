from django.conf import settings
from django.contrib.auth.views import LoginView, PasswordChangeView, RedirectURLMixin
from django.urls import reverse
from django.utils.translation import gettext as _

from ..days import hours_in_force
from ..demo import PASSWORD, ROLES
from ..forms.people import ChangePasswordForm, SignInForm
from ..gate import Busy
from ..hours import deadline
from ..models import AccessRecord, Unit
from ..people import accounts, kept_through_sign_in
from ..people.wrong_passwords import TooSoon, remember_device


class SignInView(LoginView):
    """Signing in; figures that were sent meanwhile are not lost, and a demonstration offers an account of each role."""

    redirect_authenticated_user = True
    form_class = SignInForm

    def get_context_data(self, **kwargs):
        context = {
            "demo_roles": _demo_roles() if settings.DEMO else [],
            "unsent": kept_through_sign_in.typed_fields(self.request),
            "has_office_accounts": bool(settings.OIDC_ISSUER),
        }
        if not kwargs.get("is_busy"):  # in a flood nobody asks the database for whom to ring
            context |= _duty(deadline.reporting_day(self.request.arrived_at))
        return super().get_context_data(**(context | kwargs))

    def get_redirect_url(self) -> str:
        """Not to the sign-in page itself, nor to the administrator's pages who is none: both would lead back here."""
        url = super().get_redirect_url()
        path = url.partition("?")[0]
        is_barred = path.startswith(reverse("admin:index")) and not self.request.user.is_staff
        leads_back = path == reverse("login") or (self.request.user.is_authenticated and is_barred)
        return "" if leads_back else url

    def post(self, request, *args, **kwargs):
        """Who has to wait is told for how long; the page's script waits and sends the same again."""
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
            kept_through_sign_in.keep(request, response.url)
            if request.method == "POST":
                remember_device(request, response)
        return response


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
        return response


def page_with_figures(request):
    """The sign-in page with the figures that were sent without a session."""
    return sign_in_page(request, form=SignInForm(request), status=403, next=kept_through_sign_in.page_of(request))


def sign_in_page(request, *, form, status, **context):
    page = SignInView()
    page.setup(request)
    response = page.render_to_response({**page.get_context_data(form=form, **context), **context}, status=status)
    return response.render()


def _duty(day) -> dict:
    """Whom to ring near the hour: the districts' duty numbers and the city's, and the hour that all of them have."""
    above = list(Unit.objects.superior_levels().open_on(day).named(day).order_by("level", "sort_key"))
    hours, city = hours_in_force.of_day(day), next((unit.path for unit in above if unit.is_sealing), "")
    return {
        "duty": [unit for unit in above if unit.phone],
        "hour": hours.closes_at(city) or hours.ordered,
    }


def _demo_roles() -> list[dict]:
    return [{"username": name, "password": PASSWORD, "label": _(who)} for name, who in ROLES.items()]
