"""The range of days of a lateness record."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..days import hours_in_force
from ..figures import discipline
from ..hours import deadline
from .fields import DayField, days_near

DAYS_SHOWN = 30  # unless others are asked for


class RangeForm(forms.Form):
    """`?from=&to=`: days of the campaign up to today, at most 92; empty is the last thirty."""

    def __init__(self, data, *, at: datetime):
        self.today = deadline.reporting_day(at)
        self.first = min(hours_in_force.campaign_start() or self.today, self.today)
        last = data.get("to") or self.today.isoformat()
        super().__init__({**data, "from": data.get("from") or None, "to": last})
        self.fields["from"] = DayField(label=gettext_lazy("From day"), required=False)
        self.fields["to"] = DayField(label=gettext_lazy("To day"))
        days_near(self, self.today)

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if not cleaned["from"]:
            cleaned["from"] = max(self.first, cleaned["to"] - timedelta(days=DAYS_SHOWN - 1))
        self.data |= {name: f"{cleaned[name]:%d/%m/%Y}" for name in ("from", "to")}  # as people write it
        for name in ("from", "to"):
            if not self.first <= cleaned[name] <= self.today:
                self.add_error(name, ValidationError(_("Choose a day of the campaign, up to today."), "no_such_day"))
        if self.errors:
            return cleaned
        if cleaned["from"] > cleaned["to"]:
            self.add_error("to", ValidationError(_("The last day cannot be before the first."), "ends_before"))
        elif self.is_limited and (cleaned["to"] - cleaned["from"]).days >= discipline.LONGEST:
            self.add_error("from", ValidationError(self.too_long, "too_long"))
        return cleaned

    @property
    def is_limited(self) -> bool:
        return True

    @property
    def too_long(self) -> str:
        return _("At most %(days)s days at a time.") % {"days": discipline.LONGEST}

    @property
    def days(self) -> list[date]:
        """The days of the range, oldest first."""
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]
