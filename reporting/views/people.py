from django.conf import settings
from django.contrib.auth.views import LoginView

DEMO_ROLES = ["11416", "306", "31"]  # a commune, its district, the city


class SignInView(LoginView):
    """Signing in; a demonstration offers an account of each role."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        return super().get_context_data(demo_roles=DEMO_ROLES if settings.DEMO else [], **kwargs)
