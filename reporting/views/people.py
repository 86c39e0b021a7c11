from django.conf import settings
from django.contrib.auth.views import LoginView
from django.utils.translation import gettext as _

from ..demo import PASSWORD


class SignInView(LoginView):
    """Signing in; a demonstration offers an account of each role."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(demo_roles=_demo_roles() if settings.DEMO else [], **kwargs)


def _demo_roles() -> list[dict]:
    return [
        {"username": "11416", "password": PASSWORD, "label": _("Commune officer (Đằng Hải)")},
        {"username": "306", "password": PASSWORD, "label": _("District staff (Hải An)")},
        {"username": "31", "password": PASSWORD, "label": _("City ICT department")},
    ]
