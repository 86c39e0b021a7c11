"""Mergers, splits and renames as the city sends them: shown first, recorded when what was shown is sent again."""

from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts, imports
from ..acts import reorganisation, unit_register
from ..files import spreadsheets
from ..hours import deadline
from ..imports.kinds import mergers, units
from ..models import Reorganisation, User
from .fields import CleanTextField, DayField, ExplainedForm, days_near
from .shown_first import ShownFirst

LONGEST = 100_000  # characters
KIND = imports.KINDS["mergers"]


class ReorganisationForm(ShownFirst, ExplainedForm):
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
        help_text=gettext_lazy("In UTF-8. It replaces what is written above."),
    )

    def __init__(self, data=None, files=None, *, by: User, at: datetime):
        self.by, self.at = by, at
        self.plan: imports.Plan | None = None
        super().__init__(data, files)
        days_near(self, deadline.reporting_day(at))

    @property
    def _digest(self) -> str:
        return self.plan.digest if self.plan else ""

    def foresee(self) -> list[str]:
        return [*self.plan.outlook] if self.plan else []

    def clean_effective_on(self) -> date:
        day = self.cleaned_data["effective_on"]
        if day <= deadline.reporting_day(self.at):
            raise ValidationError(reorganisation.NotLater().words, code="not_later")
        return day

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors.keys() & {"table", "file"}:
            self._read(cleaned)
        if not self.errors:
            self._plan()
        if not self.errors and self.plan.doubtful and self.is_confirmed:
            self.demand_explanation(cleaned)
        return cleaned

    def save(self) -> Reorganisation:
        """Raises `NotWritten`: shown is what would be done now."""
        try:
            return imports.apply(KIND, self.rows, self._sent(), shown=self._digest).made
        except acts.NotWritten:
            self._plan()
            self.show()
            raise

    def _sent(self) -> imports.Sent:
        beside = {"effective_on": self.cleaned_data["effective_on"], "source": self.cleaned_data["source"]}
        explanation = self.cleaned_data.get("explanation", "")
        return imports.Sent(by=self.by, at=self.at, source=beside["source"], options=beside, explanation=explanation)

    def _plan(self) -> None:
        """The plan, if it can be done; otherwise what is wrong, line by line."""
        plan = imports.preview(KIND, self.rows, self._sent())
        self.plan = plan if plan.can_be_applied else None
        for words in unit_register.BadFile(units.errors_by_line(plan.errors)).errors:
            self.add_error("table", ValidationError(words, code="line"))

    def _read(self, cleaned: dict) -> None:
        """The lines of the file, or of what was pasted. Those of a file go into the field, to be corrected there."""
        file, pasted = cleaned.get("file"), cleaned.get("table", "")
        if file is None and not pasted.strip():
            self.add_error("table", ValidationError(_("Paste the changes here, or choose a file."), code="required"))
            return
        try:
            data = file.read() if file is not None else pasted.encode()
            self.rows, _source = imports.read_table(KIND, data, file.name if file else "", is_apart=file is not None)
        except spreadsheets.Unreadable as error:
            self.add_error("table" if file is None else "file", ValidationError(str(error), code="unreadable"))
            return
        if file is not None:
            self.data = self.data.copy()
            self.data["table"] = mergers.as_text(self.rows)
