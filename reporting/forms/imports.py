"""What is asked for beside an imported file, and which template is wanted."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import imports
from ..acts import new_units
from ..files import spreadsheets
from ..hours import deadline
from ..models import Directive, ImportFile, User
from .fields import CleanTextField, DayField, SentFileField, days_near
from .ministry import THE_MINISTRY

MOST_DAYS = 31  # of a template that nobody asked days for
MOST_KEPT = 5  # files of one person that wait
MODES = (("mới", gettext_lazy("new installs of each day")), ("lũy kế", gettext_lazy("cumulative figures")))


class UploadForm(forms.Form):
    """A file of one kind; `save` keeps what was read of it for the preview."""

    file = SentFileField(
        accept=".xlsx,.csv",
        label=gettext_lazy("File (.xlsx or .csv)"),
        help_text=gettext_lazy("At most 5 MB. It is only read now: what it will do is shown before it is recorded."),
    )
    effective_on = DayField(label=gettext_lazy("Effective from"))
    day = DayField(label=gettext_lazy("Day"), help_text=gettext_lazy("Of the lines that name no day."))
    source = CleanTextField(
        required=False,
        max_length=200,
        label=gettext_lazy("Source"),
        help_text=gettext_lazy("Of the lines that name no source."),
    )
    reason = CleanTextField(
        max_length=300,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("For example: reports on paper of the first days. Kept with each figure."),
    )

    zeros = forms.BooleanField(
        required=False,
        label=gettext_lazy("A cumulative that has not moved is a report of 0"),
        help_text=gettext_lazy("Only where each unit has reported each day. Otherwise such a figure is left out."),
    )
    reissue = forms.BooleanField(
        required=False,
        label=gettext_lazy("New slips for those who have an account and have never signed in"),
        help_text=gettext_lazy("Their old slips serve no more. For slips that were lost, or never printed."),
    )

    def __init__(self, data=None, files=None, *, kind: imports.Kind, by: User, at: datetime):
        self.kind, self.by, self.at = kind, by, at
        today = deadline.reporting_day(at)
        initial = {"effective_on": new_units.CENSUS_DAY, "day": today}
        if kind.name == "units":
            initial["effective_on"] = new_units.first_day(today)
        if kind.name == "official-figures":
            initial["source"] = THE_MINISTRY
        super().__init__(data, files, initial=initial)
        days_near(self, today)
        for name in ("effective_on", "day", "source", "reason", "zeros", "reissue"):
            if name not in kind.options:
                del self.fields[name]

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            file = cleaned["file"]
            try:
                if file.size > spreadsheets.MAX_BYTES:
                    raise spreadsheets.too_large()
                self.table, self.source_words = imports.read(self.kind, file.read(), file.name, is_apart=True)
            except spreadsheets.Unreadable as error:
                self.add_error("file", ValidationError(str(error), code="unreadable"))
        return cleaned

    def save(self) -> ImportFile:
        ImportFile.objects.dead(self.at).delete()
        options = {name: self.cleaned_data[name] for name in self.kind.options}
        kept = ImportFile.objects.create(
            kind=self.kind.name,
            source=self.source_words,
            table=imports.packed(self.table),
            options={name: v.isoformat() if isinstance(v, date) else v for name, v in options.items()},
            sent_at=self.at,
            by=self.by,
        )
        own = ImportFile.objects.filter(by=self.by).values_list("pk", flat=True)
        ImportFile.objects.filter(pk__in=list(own[MOST_KEPT:])).delete()
        return kept


def sent(kept: ImportFile, *, at: datetime, address: str | None = None) -> imports.Sent:
    """What the importer is told of a kept file, and from where it is asked for."""
    options = {
        name: date.fromisoformat(value) if name in ("effective_on", "day") else value
        for name, value in kept.options.items()
    }
    return imports.Sent(by=kept.by, at=at, source=kept.source, options=options, address=address)


class ExplanationForm(forms.Form):
    """What a preview asks before it is recorded with figures that are usually a mistake: a tick and a reason."""

    confirm = forms.BooleanField(
        label=gettext_lazy("I have checked them: they are right"),
        error_messages={"required": gettext_lazy("Check the figures and tick here.")},
    )
    explanation = CleanTextField(
        max_length=150,
        label=gettext_lazy("Explanation"),
        help_text=gettext_lazy("Kept with these figures."),
        error_messages={"required": gettext_lazy("Explain why the figures are right.")},
    )

    @property
    def words(self) -> str:
        """What was explained; empty as long as something is missing."""
        return self.cleaned_data["explanation"] if self.is_bound and self.is_valid() else ""


class TemplateForm(forms.Form):
    """The days and the kind of figures of a template for reports."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("To"))
    mode = forms.ChoiceField(label=gettext_lazy("Kind of figures"), choices=MODES)

    def __init__(self, data=None, *, at: datetime):
        today = deadline.reporting_day(at)
        start = Directive.objects.campaign_start() or today
        first = max(min(start, today), today - timedelta(days=MOST_DAYS - 1))
        super().__init__(data, initial={"first": first, "last": today, "mode": "mới"})
        days_near(self, today)

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            days = (cleaned["last"] - cleaned["first"]).days + 1
            if days < 1:
                self.add_error("last", ValidationError(_("The last day cannot be before the first."), code="order"))
            elif days > imports.MAX_DAYS:
                words = _("A template holds at most %(n)s days.") % {"n": imports.MAX_DAYS}
                self.add_error("last", ValidationError(words, code="too_many"))
        return cleaned

    @property
    def days(self) -> list[date]:
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]
