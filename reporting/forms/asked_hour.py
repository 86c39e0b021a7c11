"""The earlier hour that a superior asks of its units."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts import refusals
from ..models import AskedHour, Unit, User
from .fields import HourField


class AskedHourForm(forms.Form):
    """Empty asks for no other hour than the deadline; `acts.ask_by` decides."""

    hour = HourField(
        required=False,
        label=gettext_lazy("Reports asked for before"),
        help_text=gettext_lazy(
            "To have time to sum up: shown to the units and reminded by. It decides nothing; who sends before the "
            "deadline is on time. Leave it empty to ask for no other hour."
        ),
    )

    def __init__(self, data=None, *, unit: Unit):
        self.unit = unit
        newest = AskedHour.objects.filter(unit=unit).first()
        super().__init__(data, initial={"hour": newest and newest.hour})

    @property
    def done(self) -> str:
        return _("Recorded.")

    def save(self, *, by: User, at: datetime) -> None:
        acts.ask_by(unit=self.unit, hour=self.cleaned_data["hour"], by=by, at=at)

    def refuse(self, error: acts.NotWritten) -> None:
        self.add_error("hour", ValidationError(refusals.words(error), code="refused"))
