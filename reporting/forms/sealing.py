"""The city seals a day."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from .. import acts
from ..models import User
from .fields import CleanTextField
from .review import ReasonField, ReviewForm


class SealForm(ReviewForm):
    """Fix the day's table; again only with a reason."""

    name = "seal"
    reason = ReasonField(required=False)
    shown = CleanTextField(required=False, max_length=64)  # the digest of the table that the page showed

    @property
    def done(self) -> str:
        return _("The day is sealed.")

    def save(self, *, by: User, at: datetime) -> None:
        acts.seal(unit=self.unit, day=self.day, **self.cleaned_data, by=by, at=at)
