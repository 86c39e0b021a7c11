from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.utils.translation import gettext as _

from ..demo import PASSWORD
from . import unsent


class SignInView(LoginView):
    """Signing in; figures that were sent meanwhile are not lost, and a demonstration offers an account of each role."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        roles = _demo_roles() if settings.DEMO else []
        return super().get_context_data(demo_roles=roles, unsent=unsent.sent(self.request), **kwargs)

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        if request.user.is_authenticated:
            unsent.keep(request, response.url)
        return response


def login_keeps_figures(view):
    """`login_required`, but that the sign-in page carries figures along which were sent without a session."""
    redirecting = login_required(view)

    @wraps(view)
    def keeping(request, *args, **kwargs):
        if request.method != "POST" or request.user.is_authenticated or not unsent.sent(request):
            return redirecting(request, *args, **kwargs)
        page = SignInView()
        page.setup(request)
        context = page.get_context_data(form=AuthenticationForm(request))
        return page.render_to_response({**context, "next": request.path}, status=403)

    return keeping


def _demo_roles() -> list[dict]:
    return [
        {"username": "11416", "password": PASSWORD, "label": _("Commune officer (Đằng Hải)")},
        {"username": "306", "password": PASSWORD, "label": _("District staff (Hải An)")},
        {"username": "31", "password": PASSWORD, "label": _("City ICT department")},
    ]
