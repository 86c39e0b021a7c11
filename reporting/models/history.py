"""What of a row stays as it was written: each model says it, and both the triggers and the nightly ledger go by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models


@dataclass(frozen=True)
class History:
    """Of a model's columns those that never change, those that are filled once, and those whose changes are recorded.

    Without `frozen` the rows are only added to: all columns but those filled once never change, and triggers see to it.
    """

    frozen: tuple[str, ...] = ()
    once: tuple[str, ...] = ()  # filled when they are empty, all of them by one act
    recorded: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)  # by kinds of access record

    def frozen_of(self, model: type[models.Model]) -> list[str]:
        own = [column.attname for column in model._meta.concrete_fields if column.attname not in self.once]
        return list(self.frozen or own)
