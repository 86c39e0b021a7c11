"""What was set up is taken back by a record of its own: what it takes back stays as it was, and stood until then."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .campaign import Directive, Downtime, ExemptDay, Extension, Record, Recorded
from .unit_hours import UnitHour
from .units import BaseFigure, Reorganisation

# By column: what can be withdrawn, each once.
WITHDRAWN = {
    "directive": Directive,
    "exempt_day": ExemptDay,
    "extension": Extension,
    "downtime": Downtime,
    "unit_hour": UnitHour,
    "reorganisation": Reorganisation,
    "base_figure": BaseFigure,
}


def _withdrawn(model: type[models.Model], *, seen_from: str = "withdrawal") -> models.OneToOneField:
    return models.OneToOneField(
        model, on_delete=models.PROTECT, null=True, editable=False, related_name=seen_from, verbose_name=_("record")
    )


class Withdrawal(Recorded):
    """The dated end of one record, with its reason. Only added to: what was taken back by mistake is set anew."""

    directive = _withdrawn(Directive)
    exempt_day = _withdrawn(ExemptDay)
    extension = _withdrawn(Extension)
    downtime = _withdrawn(Downtime)
    unit_hour = _withdrawn(UnitHour)
    reorganisation = _withdrawn(Reorganisation)
    base_figure = _withdrawn(BaseFigure, seen_from="+")  # it names its withdrawal itself
    reason = models.CharField(_("reason"), max_length=300)

    class Meta:
        ordering = ["-recorded_at", "-id"]
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="withdrawal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(
                    *(Q(**{f"{other}__isnull": other != name for other in WITHDRAWN}) for name in WITHDRAWN),
                    _connector=Q.OR,
                ),
                name="withdrawal_of_one_record",
            ),
        ]

    def __str__(self) -> str:
        return str(self.record)

    @property
    def record(self) -> Record | Reorganisation | BaseFigure:
        """What is taken back."""
        return next(found for name in WITHDRAWN if (found := getattr(self, name)))


def column_of(record: Record | Reorganisation | BaseFigure) -> str:
    """The column of `Withdrawal` that names such a record."""
    return next(name for name, model in WITHDRAWN.items() if isinstance(record, model))


def is_withdrawn(record: Record | Reorganisation | BaseFigure) -> bool:
    """Whether it was taken back, by itself or along with what it came with; as it is now."""
    if isinstance(record, BaseFigure):
        return BaseFigure.objects.with_withdrawn().filter(pk=record.pk, withdrawal__isnull=False).exists()
    return Withdrawal.objects.filter(**{column_of(record): record}).exists()
