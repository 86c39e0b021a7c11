"""Take back what was set up: what it will do is shown first."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts.withdrawals import span
from ..models import Directive, Reorganisation, Unit, UnitHour, User, Withdrawal
from ..models.campaign import Record
from .fields import CleanTextField
from .shown_first import ShownFirst


class WithdrawalForm(ShownFirst):
    """Take back one of them, or a reorganisation that has not begun; `acts.withdraw` decides."""

    name = "withdrawal"
    reason = CleanTextField(max_length=300, label=gettext_lazy("Reason of withdrawal"))

    def __init__(self, data=None, *, record: Record | Reorganisation, top: Unit, by: User, at: datetime):
        self.record, self.top, self.by, self.at = record, top, by, at
        self.is_of_all_later_days = isinstance(record, Directive | UnitHour)
        super().__init__(data)

    def foresee(self) -> list[str]:
        said = super().foresee()
        if isinstance(self.record, Reorganisation):
            return [_("The units go on as if the reorganisation had never been recorded."), *said]
        return said

    def reach(self) -> tuple[Unit, date]:
        if isinstance(self.record, Reorganisation):
            return self.top, self.record.effective_on
        first, _last = span(self.record, self.at)
        return getattr(self.record, "unit", self.top), first

    def save(self) -> Withdrawal:
        return acts.withdraw(record=self.record, reason=self.cleaned_data["reason"], by=self.by, at=self.at)
