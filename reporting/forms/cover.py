"""Letting a colleague report for another unit."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..hours import deadline
from ..models import Cover, User
from ..people import access
from .campaign import UnitChoice
from .fields import CleanTextField, DayField, RecordChoice, days_near

LONGEST = 30  # days


class PersonChoice(RecordChoice):
    def label_from_instance(self, person: User) -> str:
        return f"{person.display_name} ({person.username})"


class CoverForm(forms.Form):
    person = forms.Field()
    unit = forms.Field()
    first_day = DayField(label=gettext_lazy("From day"))
    last_day = DayField(label=gettext_lazy("To day"))
    reason = CleanTextField(max_length=200, label=gettext_lazy("Reason"), required=False)

    def __init__(self, data=None, *, by: User, at: datetime):
        self.by, self.at, self.today = by, at, deadline.reporting_day(at)
        super().__init__(data, initial={"first_day": self.today})
        days_near(self, self.today)
        people = access.manageable_people(by).filter(is_active=True, is_viewer=False)
        self.fields["person"] = PersonChoice(
            people.order_by("unit__path", "username"), label=_("Colleague who reports")
        )
        units = access.units_to_cover(by, self.today).named(self.today).order_by("path")
        self.fields["unit"] = UnitChoice(units, label=_("For the unit"))

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        first, last, person, unit = (cleaned[name] for name in ("first_day", "last_day", "person", "unit"))
        if last < max(first, self.today):
            self.add_error(
                "last_day", ValidationError(_("The last day is in the past or before the first day."), "ends_before")
            )
        elif (last - first).days >= LONGEST:
            words = _("At most %(days)s days at a time.") % {"days": LONGEST}
            self.add_error("last_day", ValidationError(words, "too_long"))
        if unit.path.startswith(person.unit.path):
            words = _("This person can already report for the unit.")
            self.add_error("person", ValidationError(words, "own"))
        elif Cover.objects.filter(person=person, unit=unit, ended_at=None, first_day__lte=last, last_day__gte=first):
            self.add_error("person", ValidationError(_("This person already covers the unit on these days."), "twice"))
        return cleaned

    def save(self) -> Cover:
        return Cover.objects.create(**self.cleaned_data, by=self.by, recorded_at=self.at)
