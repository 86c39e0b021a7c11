"""Each model declares which columns may change. Triggers and the nightly ledger check it.

A withdrawn row stays as it was recorded, and says when, by whom and why it was withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import models
from django.db.models import Q


@dataclass(frozen=True)
class History:
    """Which columns of a model never change, which are filled once, and which changes need an access record.

    Without `frozen` the rows are append-only: triggers refuse to change any column that is not in `once`.
    """

    frozen: tuple[str, ...] = ()
    once: tuple[str, ...] = ()  # empty until one act fills them all
    recorded: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)  # columns: kinds of access record

    def frozen_of(self, model: type[models.Model]) -> list[str]:
        own = [column.attname for column in model._meta.concrete_fields if column.attname not in self.once]
        return list(self.frozen or own)


def in_force_at(as_of: datetime | None) -> Q:
    """A `Q` for rows not withdrawn at `as_of`, or now if None."""
    not_withdrawn = Q(withdrawn_at=None)
    return not_withdrawn if as_of is None else not_withdrawn | Q(withdrawn_at__gt=as_of)


class WithdrawableQuerySet(models.QuerySet):
    def withdraw(self, reason: str, by: models.Model | None, at: datetime) -> None:
        """Withdraw the rows. No other code does."""
        self.update(withdrawn_at=at, withdrawn_by=by, withdrawal_reason=reason)


class InForceManager(models.Manager):
    """Only the rows that are not withdrawn."""

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(in_force_at(None))


class Withdrawable(models.Model):
    """A row that can be withdrawn once. To correct it, add a new one."""

    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        "reporting.User", models.PROTECT, related_name="+", null=True, blank=True, editable=False
    )
    withdrawal_reason = models.CharField(max_length=300, blank=True, editable=False)

    history = History(once=("withdrawn_at", "withdrawn_by_id", "withdrawal_reason"))

    class Meta:
        abstract = True

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None


WITHDRAWN_WITH_A_REASON = models.CheckConstraint(
    condition=Q(withdrawn_at=None) | Q(withdrawal_reason__gt=""), name="%(class)s_is_withdrawn_with_a_reason"
)
