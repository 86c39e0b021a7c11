"""Take back what was set up: what it will do is shown first."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts.withdrawals import span
from ..models import BaseFigure, Directive, Reorganisation, Unit, UnitHour, User
from ..models.campaign import Record
from ..pages import set_up
from .fields import CleanTextField
from .shown_first import ShownFirst


class WithdrawalForm(ShownFirst):
    """Take back one of them, a base figure, or a reorganisation that has not begun; `acts.withdraw` decides."""

    name = "withdrawal"
    reason = CleanTextField(max_length=300, label=gettext_lazy("Reason of withdrawal"))

    def __init__(self, data=None, *, record: Record | Reorganisation | BaseFigure, top: Unit, by: User, at: datetime):
        self.record, self.top, self.by, self.at = record, top, by, at
        self.is_of_all_later_days = isinstance(record, Directive | UnitHour)
        super().__init__(data)

    def foresee(self) -> list[str]:
        if isinstance(self.record, BaseFigure):
            return self._foresee_people(self.record)
        said = super().foresee()
        if isinstance(self.record, Reorganisation):
            return [_("The units stay as if the reorganisation had never been recorded."), *said]
        return said

    def _foresee_people(self, base: BaseFigure) -> list[str]:
        acts.foresee(self.save, unit=base.unit, day=base.effective_on)  # what it refuses, it refuses now
        others = BaseFigure.objects.exclude(pk=base.pk)
        return [set_up.base_figure_words(base, base, others.in_force(base.unit, base.effective_on))]

    def reach(self) -> tuple[Unit, date]:
        if isinstance(self.record, Reorganisation):
            return self.top, self.record.effective_on
        first, _last = span(self.record, self.at)
        return getattr(self.record, "unit", self.top), first

    def save(self) -> Record | Reorganisation | BaseFigure:
        return acts.withdraw(record=self.record, reason=self.cleaned_data["reason"], by=self.by, at=self.at)
