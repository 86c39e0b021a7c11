"""Forms for a person's own account: password check, second-factor codes, mail address."""

import re
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from .. import outbox
from ..models import MailChoice, User
from ..people import passkeys
from ..people.sessions import Request
from ..people.wrong_passwords import is_own_password

LONGEST_PASSWORD = 128  # characters


class ConfirmForm(forms.Form):
    """Asks the signed-in person for the password again, or for a passkey."""

    password_again = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    passkey_again = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, request: Request):
        self.request = request
        super().__init__(data)
        self.fields["password_again"].required = not (data and data.get("passkey_again"))

    def clean_passkey_again(self) -> str:
        if answer := self.cleaned_data["passkey_again"]:
            passkeys.use(self.request, answer)
        return answer

    def clean_password_again(self) -> str:
        password = self.cleaned_data["password_again"]
        if self.fields["password_again"].required and not is_own_password(self.request, password):
            raise ValidationError(_("The password is wrong."), code="wrong")
        return password


class CodeField(forms.CharField):
    """A code of six digits; blanks between them are removed."""

    def __init__(self, **kwargs):
        attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "placeholder": "123 456", "class": "number"}
        widget, label = forms.TextInput(attrs=attrs), gettext_lazy("Code of the application")
        super().__init__(label=label, max_length=20, widget=widget, **kwargs)

    def to_python(self, value) -> str:
        code = "".join(super().to_python(value).split())
        if code and not re.fullmatch(r"[0-9]{6}", code):
            raise ValidationError(_("The code has six digits."), code="no_code")
        return code


class VerifyForm(forms.Form):
    """A code from the application on the phone."""

    code = CodeField()


class AddressForm(forms.Form):
    address = forms.EmailField(label=gettext_lazy("Mail address"), max_length=254)

    def save(self, *, person: User, at: datetime) -> MailChoice | None:
        """Send a code. If it is refused, add an error and return None."""
        try:
            return outbox.send_code(person, self.cleaned_data["address"], at=at)
        except outbox.TooManyCodes:
            words = _("Only %(n)s codes are sent within an hour. Try again later.") % {"n": outbox.MOST_CODES}
            self.add_error("address", ValidationError(words, code="too_many"))
        return None


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code from the mail"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "number"}),
    )

    def __init__(self, data=None, *, choice: MailChoice, at: datetime):
        self.choice, self.at = choice, at
        super().__init__(data)

    def clean_code(self) -> str:
        typed = "".join(self.cleaned_data["code"].split())
        if not outbox.confirm_address(self.choice, typed, at=self.at):
            words = _("The code is wrong or has expired. After five tries, ask for a new one.")
            raise ValidationError(words, code="wrong")
        return typed


class ChoiceForm(forms.ModelForm):
    """The choice of mails; what is offered depends on the person's unit."""

    minutes_before = forms.TypedChoiceField(
        coerce=int,
        choices=[(minutes, minutes) for minutes in MailChoice.MINUTES],
        label=gettext_lazy("Minutes before the deadline"),
    )

    class Meta:
        model = MailChoice
        fields = ("wants_reminder", "minutes_before", "wants_silent", "wants_bulletin", "wants_events")

    def __init__(self, data=None, *, person: User, instance: MailChoice):
        super().__init__(data, instance=instance)
        for name in set(self.fields) - set(offered(person)):
            del self.fields[name]


def offered(person: User) -> list[str]:
    """The `ChoiceForm` fields that the person sees."""
    unit, names = person.unit, []
    if not person.is_viewer and (not unit.is_superior_level or not person.has_units_below):
        names += ["wants_reminder", "minutes_before"]
    if unit.is_superior_level:
        names += ["wants_bulletin"] if person.is_viewer else ["wants_silent", "wants_bulletin"]
    return [*names, "wants_events"] if unit.is_sealing and not person.is_viewer else names
