"""What the units right below a superior have reported of a day, in one row: kept by the database itself.

Triggers on the reports move it in the transaction that moves them (`kept_sums.py`), so that it is never older than the
last receipt, whichever way a figure was written. Nothing else may write it, and `manage.py verify` proves it.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from .reports import Figures

# What a report may say beside the installs, by column.
BESIDE = tuple(
    field.name
    for field in Figures._meta.local_fields
    if isinstance(field, models.PositiveIntegerField) and field.name != "installs"
)


def _of_a_count(name: str) -> dict[str, models.Field]:
    """Of the day: the sum, and how many have said it; the same of all days up to it."""
    return {
        name: models.BigIntegerField(default=0),
        f"{name}_said": models.IntegerField(default=0),
        f"{name}_so_far": models.BigIntegerField(default=0),
        f"{name}_ever_said": models.IntegerField(default=0),
    }


_columns = {column: field for name in BESIDE for column, field in _of_a_count(name).items()}
_is_abstract = type("Meta", (), {"abstract": True})
Beside = type("Beside", (models.Model,), {"__module__": __name__, "Meta": _is_abstract, **_columns})


class DaySum(Beside):
    COUNTS = BESIDE

    superior = models.ForeignKey(
        "reporting.Unit", on_delete=models.PROTECT, related_name="+", verbose_name=_("superior")
    )
    is_agency = models.BooleanField()  # the stream that it is of
    day = models.DateField(_("day"))
    reports = models.IntegerField(default=0)  # rows, void ones and those of before the campaign too
    reported = models.IntegerField(default=0)  # daily reports that say a number
    late = models.IntegerField(default=0)
    installs = models.BigIntegerField(default=0)
    adjustment = models.BigIntegerField(default=0)
    cumulative = models.BigIntegerField(default=0)  # of all days up to it, the reports of before the campaign too

    class Meta:
        verbose_name = _("sum of a day")
        verbose_name_plural = _("sums of days")
        constraints = [
            models.UniqueConstraint(
                fields=["superior", "is_agency", "day"], name="day_sum_once_for_a_superior_and_day"
            ),
        ]
        indexes = [models.Index(fields=["day", "superior"], name="day_sum_day_superior")]  # as of reports

    def __str__(self) -> str:
        return f"{self.superior_id} {self.day:%d/%m/%Y}"
