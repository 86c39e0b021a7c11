"""The password again, and the codes of a second factor."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..people import second_factor
from ..people.accounts import ALPHABET
from ..people.sessions import Request
from ..people.wrong_passwords import is_own_password

LONGEST_PASSWORD = 1000


class ConfirmForm(forms.Form):
    """The password of the person who is signed in, again."""

    password_again = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, data=None, *, request: Request):
        self.request = request
        super().__init__(data)

    def clean_password_again(self) -> str:
        given = self.cleaned_data["password_again"]
        if not is_own_password(self.request, given):
            raise ValidationError(_("The password is wrong."), code="wrong")
        return given


class CodeField(forms.CharField):
    """Six digits, as the application shows them in two groups."""

    def __init__(self, **kwargs):
        attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "placeholder": "123 456", "class": "number"}
        widget, label = forms.TextInput(attrs=attrs), gettext_lazy("Code of the application")
        super().__init__(label=label, max_length=20, widget=widget, **kwargs)

    def to_python(self, value) -> str:
        code = "".join(super().to_python(value).split())
        if code and not re.fullmatch(r"[0-9]{6}", code):
            raise ValidationError(_("The code has six digits."), code="no_code")
        return code


class RecoveryCodeField(forms.CharField):
    """Letters and digits, with or without the strokes between them."""

    def to_python(self, value) -> str:
        code = "".join(letter for letter in super().to_python(value).lower() if letter in ALPHABET)
        if code and len(code) != second_factor.GROUPS * second_factor.GROUP:
            raise ValidationError(_("A recovery code has 24 letters and digits."), code="no_code")
        return code


class NewFactorForm(forms.Form):
    """The code that shows that the phone has taken the key."""

    code = CodeField()


class VerifyForm(forms.Form):
    """A code of the application or, when the phone is lost, a recovery code."""

    code = CodeField(required=False)
    recovery_code = RecoveryCodeField(
        label=gettext_lazy("Recovery code"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs["autofocus"] = True

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and not cleaned["code"] and not cleaned["recovery_code"]:
            self.add_error("code", ValidationError(_("Enter the code."), code="required"))
        return cleaned
