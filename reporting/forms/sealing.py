"""The city seals a day."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy

from .. import acts
from ..models import Seal, User
from .fields import CleanTextField
from .review import ReasonField, ReviewForm


class SealForm(ReviewForm):
    """Fix the day's table; while something is missing, and again, only with a reason."""

    name = "seal"
    undone_by = "reporting:seal_undo"
    done = gettext_lazy("The day is sealed.")
    reason = ReasonField(required=False, widget=forms.Textarea({"rows": 2}))  # the act says when it is owed
    shown = CleanTextField(required=False, max_length=64)  # the digest of the table that the page showed

    def save(self, *, by: User, at: datetime) -> Seal:
        return acts.seal(unit=self.unit, day=self.day, **self.cleaned_data, by=by, at=at)


class SealUndoForm(ReviewForm):
    """Take back the seal that the page showed, within ten minutes."""

    name = "seal_undo"
    done = gettext_lazy("The seal has been undone; the record of it stays.")
    shown = forms.IntegerField(required=False)

    def save(self, *, by: User, at: datetime) -> None:
        acts.undo_seal(unit=self.unit, day=self.day, shown=self.cleaned_data["shown"], by=by, at=at)
