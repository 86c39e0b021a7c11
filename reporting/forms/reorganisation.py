"""Mergers, splits and renames as the city sends them: shown first, recorded when what was shown is sent again."""

from __future__ import annotations

from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts import refusals, reorganisation
from ..acts.unit_register import BadFile
from ..hours import deadline
from ..models import Reorganisation, User
from .fields import CleanTextField, DayField

LONGEST = 100_000  # characters


class ReorganisationForm(forms.Form):
    """`plan` is what will be done; it is recorded once `shown` says that the person has seen that very plan."""

    effective_on = DayField(label=gettext_lazy("Effective from"))
    source = CleanTextField(
        max_length=200,
        label=gettext_lazy("Decision"),
        widget=forms.TextInput(attrs={"placeholder": "Nghị quyết số 872/NQ-UBTVQH14"}),
    )
    table = CleanTextField(
        required=False,
        max_length=LONGEST,
        strip=False,
        label=gettext_lazy("The changes, one a line"),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
        help_text=gettext_lazy("Pasted from Excel, or written with commas; the first line names the columns."),
    )
    file = forms.FileField(
        required=False,
        label=gettext_lazy("Or as a CSV file"),
        help_text=gettext_lazy("In UTF-8. It takes the place of what is written above."),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, files=None, *, by: User, at: datetime):
        self.by, self.at = by, at
        self.plan: reorganisation.Plan | None = None
        super().__init__(data, files)

    @property
    def is_confirmed(self) -> bool:
        """Whether what would be recorded is what the person has before him, and is not to be shown once more."""
        return self.cleaned_data["shown"] == self.plan.digest and "again" not in self.data

    def clean_effective_on(self) -> date:
        day = self.cleaned_data["effective_on"]
        if day <= deadline.reporting_day(self.at):
            raise ValidationError(refusals.words(reorganisation.NotLater()), code="not_later")
        return day

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("file"):
            cleaned["table"] = self._read_file(cleaned["file"])
        if not cleaned.get("table", "").strip() and not self.errors.keys() & {"table", "file"}:
            self.add_error("table", ValidationError(_("Paste the changes here, or choose a file."), code="required"))
        if not self.errors:
            self._plan(cleaned)
        return cleaned

    def show_plan(self) -> None:
        """The next POST of the same records the plan."""
        self.data = self.data.copy()
        self.data["shown"] = self.plan.digest if self.plan else ""

    def save(self) -> Reorganisation:
        cleaned = self.cleaned_data
        return reorganisation.record(
            cleaned["table"],
            effective_on=cleaned["effective_on"],
            source=cleaned["source"],
            digest=self.plan.digest,
            by=self.by,
            at=self.at,
        )

    def refuse(self, error: BadFile | acts.NotWritten) -> None:
        """Why the file is not recorded, at its field."""
        if isinstance(error, BadFile):
            self.add_error("table", [ValidationError(words, code="line") for words in error.errors])
        elif isinstance(error, reorganisation.NotLater):
            self.add_error("effective_on", ValidationError(refusals.words(error), code="not_later"))
        else:
            self.add_error(None, ValidationError(refusals.words(error), code="changed"))
            self._plan(self.cleaned_data)
            self.show_plan()

    def _plan(self, cleaned: dict) -> None:
        self.plan = None
        try:
            self.plan = reorganisation.plan(cleaned["table"], effective_on=cleaned["effective_on"])
        except BadFile as error:
            self.refuse(error)

    def _read_file(self, file) -> str:
        """The file's text, which also goes into the field, so that it can be corrected there."""
        text = ""
        try:
            text = self.fields["table"].clean(file.read(LONGEST * 4).decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", ValidationError(_("The file is not in UTF-8: save it as “CSV UTF-8”."), code="code"))
        except ValidationError as error:
            self.add_error("file", error)
        self.data = self.data.copy()
        self.data["table"] = text
        return text
