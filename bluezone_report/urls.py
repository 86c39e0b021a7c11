from django.contrib.auth import views as auth_views
from django.urls import include, path
from django.views.i18n import set_language

from reporting import api
from reporting.views import errors, sign_in

urlpatterns = [
    path("", include("reporting.urls")),
    path("api/v1/", include(api.urls)),
    path("api/<path:rest>", api.nothing),  # 404: other versions do not redirect here
    path("accounts/login/", sign_in.SignInView.as_view(), name="login"),
    path("accounts/login/passkey/", sign_in.passkey_sign_in, name="passkey_sign_in"),
    path("accounts/logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("accounts/password_change/", sign_in.ChangePasswordView.as_view(), name="password_change"),
    path("accounts/password_change/done/", auth_views.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("language/", set_language, name="set_language"),
]

handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
