"""A person's mail address, the code that proves it, and what he wants to hear."""

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import outbox
from ..models import MailChoice, User

OF_OFFICERS, OF_SUPERIORS = ("wants_reminder", "minutes_before"), ("wants_silent",)


class AddressForm(forms.Form):
    address = forms.EmailField(label=gettext_lazy("Mail address"), max_length=254)

    def save(self, *, person: User, at: datetime) -> MailChoice | None:
        """None where no code is sent: the field says why."""
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
    """What is offered follows from the person's unit: nobody is told of what he does not see."""

    minutes_before = forms.TypedChoiceField(
        coerce=int,
        choices=[(minutes, minutes) for minutes in MailChoice.MINUTES],
        label=gettext_lazy("Minutes before the hour"),
    )

    class Meta:
        model = MailChoice
        fields = ("wants_reminder", "minutes_before", "wants_silent", "wants_bulletin", "wants_events")

    def __init__(self, data=None, *, person: User, instance: MailChoice):
        super().__init__(data, instance=instance)
        for name in set(self.fields) - set(offered(person)):
            del self.fields[name]


def offered(person: User) -> list[str]:
    """The names of the choices that make a difference to the person."""
    unit, names = person.unit, []
    if not person.is_viewer and (not unit.is_superior_level or not person.has_units_below):
        names += OF_OFFICERS
    if unit.is_superior_level:
        names += [*(OF_SUPERIORS if not person.is_viewer else ()), "wants_bulletin"]
    return [*names, "wants_events"] if unit.is_sealing and not person.is_viewer else names
