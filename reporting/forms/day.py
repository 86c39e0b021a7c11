"""The day that a page is of, as an address or a picker names it."""

from datetime import date, datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..days import hours_in_force
from ..hours import deadline
from ..text import formatting
from .fields import DayField, days_near


class DayForm(forms.Form):
    """The day picker: any day of the campaign up to today; empty is today."""

    day = DayField(required=False, label=gettext_lazy("Reporting day"))

    def __init__(self, data, *, at: datetime):
        self.today = deadline.reporting_day(at)
        self.first = hours_in_force.campaign_start() or self.today
        super().__init__({"day": data.get("day") or self.today.isoformat()})
        days_near(self, self.today)
        bounds = {"min": self.first.isoformat(), "max": self.today.isoformat()}
        self.fields["day"].widget = forms.DateInput({"type": "date", **bounds}, format="%Y-%m-%d")

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        self.data = {"day": day.isoformat()}  # as a native field takes it
        if day > self.today:
            words = _("%(day)s is still to come.") % {"day": formatting.day(day)}
            raise ValidationError(words, code="still_to_come")
        if day < min(self.first, self.today):
            shown = {"day": formatting.day(day), "start": formatting.day(self.first)}
            raise ValidationError(_("%(day)s is before the campaign, which began on %(start)s.") % shown, "no_such_day")
        return day

    @property
    def day_before(self) -> date | None:
        day = self.cleaned_data["day"]
        return day - timedelta(days=1) if day > self.first else None

    @property
    def day_after(self) -> date | None:
        day = self.cleaned_data["day"]
        return day + timedelta(days=1) if day < self.today else None
