"""Signing in and choosing a password."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import clock, formatting
from ..models import User


class SignInForm(AuthenticationForm):
    """The same words for a name that nobody has and for a wrong password."""

    def get_invalid_login_error(self) -> ValidationError:
        minutes = settings.AXES_COOLOFF_TIME.seconds // 60
        words = _("The user name or the password is wrong. Capital letters matter in both.")
        lock = ngettext(
            "After %(failures)s wrong attempts signing in is locked for %(minutes)s minute.",
            "After %(failures)s wrong attempts signing in is locked for %(minutes)s minutes.",
            minutes,
        ) % {"failures": settings.AXES_FAILURE_LIMIT, "minutes": minutes}
        return ValidationError(f"{words} {lock}", code="invalid_login")

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if user.is_password_over(clock.now()):
            words = _("This one-time password was to be used before %(moment)s. Ask your superior unit for a new one.")
            moment = formatting.moment(user.password_expires_at)
            raise ValidationError(words % {"moment": moment}, code="password_over")


class ChangePasswordForm(PasswordChangeForm):
    """A password of one's own; with it the one-time password has had its day."""

    def clean(self) -> dict:
        cleaned = super().clean()
        new = cleaned.get("new_password1")
        if new and new == cleaned.get("old_password"):
            self.add_error(
                "new_password1", ValidationError(_("Choose another password than the old one."), code="same")
            )
        return cleaned

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = False
        self.user.password_expires_at = None
        return super().save(commit)
