"""From which day to which a unit's figures are downloaded, and as what."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..figures import discipline
from .discipline import RangeForm

XLSX, CSV, ZIP = "xlsx", "csv", "zip"
ROUTES = {XLSX: "workbook_range", CSV: "csv_range", ZIP: "data_package"}


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
