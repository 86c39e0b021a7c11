"""What the files of many days say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from ..days.look_back import LookBack
from ..text import formatting


@dataclass(frozen=True, kw_only=True)
class RangeHeading:
    """Of which unit and days the file is, when it was made, and how its figures are seen."""

    code: str
    unit: str  # its name
    first: date
    last: date
    printed_at: datetime
    look: LookBack

    @property
    def words(self) -> str:
        days = {"first": formatting.day(self.first), "last": formatting.day(self.last)}
        words = _("%(first)s to %(last)s") % days
        if self.look.seals is not None:
            return f"{words}. {_('Each day as it was sealed; a day that was not sealed has no figures')}"
        if self.look.as_of is None:
            return words
        then = _("As known at %(moment)s, not the figures of now") % {"moment": formatting.moment(self.look.as_of)}
        return f"{words}. {then}"
