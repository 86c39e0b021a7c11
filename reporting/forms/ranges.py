"""From which day to which: of a lateness record, and of a unit's figures that are downloaded."""

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
XLSX, CSV, ZIP = "xlsx", "csv", "zip"
ROUTES = {XLSX: "workbook_range", CSV: "csv_range", ZIP: "data_package"}


class RangeForm(forms.Form):
    """`?from=&to=`: days of the campaign up to today, at most 92; empty is the last thirty."""

    is_limited = True

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
    def too_long(self) -> str:
        return _("At most %(days)s days at a time.") % {"days": discipline.LONGEST}

    @property
    def days(self) -> list[date]:
        """The days of the range, oldest first."""
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]


class DownloadForm(RangeForm):
    """`?from=&to=&format=`: a workbook of at most 92 days, or CSV or a data package of any number.

    Codes of refusal: "no_such_day", "ends_before", "too_long".
    """

    def __init__(self, data, *, at: datetime):
        super().__init__({name: data[name] for name in ("from", "to", "format") if name in data}, at=at)
        words = gettext_lazy("Excel holds at most 92 days.")  # beside the choice: a phone would cut it off there
        choices = [(XLSX, "Excel"), (CSV, gettext_lazy("CSV for Excel")), (ZIP, gettext_lazy("Data package (zip)"))]
        self.fields["format"] = forms.ChoiceField(label=gettext_lazy("File"), choices=choices, help_text=words)
        self.data.setdefault("format", XLSX)

    @classmethod
    def of(cls, first: date, last: date, kind: str, *, at: datetime) -> DownloadForm:
        """The form as an address holds it."""
        return cls({"from": first.isoformat(), "to": last.isoformat(), "format": kind}, at=at)

    @property
    def route(self) -> str:
        return ROUTES[self.cleaned_data["format"]]

    @property
    def is_limited(self) -> bool:
        return self.cleaned_data.get("format") == XLSX

    @property
    def too_long(self) -> str:
        words = _("A workbook holds at most %(days)s days.") % {"days": discipline.LONGEST}
        return f"{words} {_('Choose CSV or the data package, which take any number of days.')}"
