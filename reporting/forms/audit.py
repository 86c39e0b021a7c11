"""What of the access record is looked at."""

from datetime import datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..hours import deadline
from ..models import AccessRecord, Unit
from ..models.audit import AccessRecordQuerySet
from .fields import CleanTextField, DayField, days_near

DAYS_SHOWN = 30  # unless others are asked for


class AccessFilterForm(forms.Form):
    """`?kind=&who=&from=&to=`; empty is the last thirty days."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What"), required=False, choices=[("", gettext_lazy("all")), *AccessRecord.Kind.choices]
    )
    who = CleanTextField(label=gettext_lazy("Name, user name or unit code"), required=False, max_length=150)

    def __init__(self, data, *, at: datetime, longest: int | None = None):
        self.longest = longest  # days, of a file
        today = deadline.reporting_day(at)
        first = today - timedelta(days=DAYS_SHOWN - 1)
        given = {
            "kind": data.get("kind", ""),
            "who": data.get("who", ""),
            "from": data.get("from") or f"{first:%d/%m/%Y}",
            "to": data.get("to") or f"{today:%d/%m/%Y}",
        }
        super().__init__(given)
        self.fields["from"] = DayField(label=gettext_lazy("From day"))
        self.fields["to"] = DayField(label=gettext_lazy("To day"))
        days_near(self, today)

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and cleaned["from"] > cleaned["to"]:
            self.add_error("to", ValidationError(_("The last day cannot be before the first."), "ends_before"))
        if not self.errors and self.longest and (cleaned["to"] - cleaned["from"]).days >= self.longest:
            words = _("At most %(days)s days at a time.") % {"days": self.longest}
            self.add_error("to", ValidationError(words, "too_long"))
        return cleaned

    def records(self, top: Unit) -> AccessRecordQuerySet:
        """The records asked for, newest first, of those that `top` may see."""
        cleaned = self.cleaned_data
        start = datetime.combine(cleaned["from"], time.min, tzinfo=deadline.ZONE)
        end = datetime.combine(cleaned["to"] + timedelta(days=1), time.min, tzinfo=deadline.ZONE)
        found = AccessRecord.objects.of(top).filter(at__gte=start, at__lt=end)
        if cleaned["kind"]:
            found = found.filter(kind=cleaned["kind"])
        if cleaned["who"]:
            found = found.search(cleaned["who"])
        return found.select_related("by", "about", "unit")
