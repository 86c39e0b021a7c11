"""Giving a token to another system: for which unit, under what name, until when."""

from datetime import datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..days.look_back import start_of
from ..hours import deadline
from ..models import Unit, User
from ..people import tokens
from ..people.tokens import Given
from .campaign import UnitChoice
from .fields import CleanTextField, DayField, days_near

USUAL = timedelta(days=180)


class TokenForm(forms.Form):
    name = CleanTextField(
        max_length=100,
        label=gettext_lazy("Name of the system"),
        help_text=gettext_lazy("Which system reads, and who looks after it."),
    )
    unit = forms.Field()
    last_day = DayField(label=gettext_lazy("Last day"))

    def __init__(self, data=None, *, top: Unit, by: User | None, at: datetime):
        self.by, self.at, self.today = by, at, deadline.reporting_day(at)
        super().__init__(data, initial={"unit": top.pk, "last_day": self.today + USUAL})
        days_near(self, self.today)
        units = Unit.objects.below(top).open_on(self.today).named(self.today).order_by("path")
        self.fields["unit"] = UnitChoice(units, label=_("Reads this unit and all below it"), empty_label=None)

    def clean_last_day(self):
        last = self.cleaned_data["last_day"]
        if not self.today <= last <= self.today + timedelta(days=tokens.LONGEST):
            words = _("From today on, and at most %(days)s days.") % {"days": tokens.LONGEST}
            raise ValidationError(words, code="out_of_range")
        return last

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and tokens.is_given(unit=cleaned["unit"], name=cleaned["name"], at=self.at):
            words = _("There is one of this name for this unit. Revoke it, or choose another name.")
            self.add_error("name", ValidationError(words, code="given"))
        return cleaned

    def save(self) -> Given:
        """The token serves to the end of its last day."""
        ends = start_of(self.cleaned_data["last_day"] + timedelta(days=1))
        named = {name: self.cleaned_data[name] for name in ("name", "unit")}
        return tokens.give(**named, expires_at=ends, by=self.by, at=self.at)
