"""Foreign keys that protect people and units from deletion, and the base class of rows of a unit and a day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from .people import User
    from .units import Unit


@overload
def of_a_person(
    words: Any, *, related_name: str = "+", null: Literal[True], **options: Any
) -> models.ForeignKey[User | None, User | None]: ...
@overload
def of_a_person(words: Any, *, related_name: str = "+", **options: Any) -> models.ForeignKey[User, User]: ...
def of_a_person(words, *, related_name="+", **options):
    defaults = {"related_name": related_name, "verbose_name": words, **options}
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, **defaults)


@overload
def of_a_unit(
    related_name: str = "+", *, null: Literal[True], **options: Any
) -> models.ForeignKey[Unit | None, Unit | None]: ...
@overload
def of_a_unit(related_name: str = "+", **options: Any) -> models.ForeignKey[Unit, Unit]: ...
def of_a_unit(related_name="+", **options):
    defaults = {"related_name": related_name, "verbose_name": _("unit"), **options}
    return models.ForeignKey("reporting.Unit", on_delete=models.PROTECT, **defaults)


class OfADay(models.Model):
    """A row about one unit on one day."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.unit_id} {self.day:%d/%m/%Y}"
