"""The city seals a day."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from .. import acts
from .fields import CleanTextField
from .review import ReasonField, ReviewForm


class SealForm(ReviewForm):
    """Fix the day's table; while something is missing, and again, only with a reason."""

    name = "seal"
    act = acts.seal
    undone_by = "reporting:seal_undo"
    done = gettext_lazy("The day is sealed.")
    reason = ReasonField(required=False, widget=forms.Textarea({"rows": 2}))  # the act says when it is owed
    shown = CleanTextField(required=False, max_length=64)  # the digest of the table that the page showed


class SealUndoForm(ReviewForm):
    """Take back the seal that the page showed, within ten minutes."""

    name = "seal_undo"
    act = acts.undo_seal
    done = gettext_lazy("The seal has been undone; the record of it stays.")
    shown = forms.IntegerField(required=False)
