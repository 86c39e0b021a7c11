"""Where another system wants to be told, and of which unit."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..hours import deadline
from ..models import Endpoint, Unit, User
from ..outbox import endpoints
from ..webhooks import sending
from .campaign import UnitChoice
from .fields import CleanTextField


class EndpointForm(forms.Form):
    prefix = "webhook"

    name = CleanTextField(max_length=100, label=gettext_lazy("Name of the system"))
    address = forms.CharField(
        max_length=300,
        label=gettext_lazy("Address that is told"),
        validators=[URLValidator(schemes=["https", "http"])],
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    unit = forms.Field()

    def __init__(self, data=None, *, top: Unit, by: User, at: datetime):
        self.by, self.at = by, at
        super().__init__(data, initial={"unit": top.pk})
        today = deadline.reporting_day(at)
        units = Unit.objects.below(top).open_on(today).named(today).order_by("path")
        self.fields["unit"] = UnitChoice(units, label=_("Is told of this unit and all below it"), empty_label=None)

    def clean_address(self) -> str:
        """Looked up now, so that a mistake is seen at once, and again whenever it is sent to."""
        address = self.cleaned_data["address"]
        parts = urlsplit(address)
        try:
            if parts.username or parts.password or parts.fragment or not address.isascii():
                raise sending.Refused("holds a name, a password or a fragment")
            sending.checked(parts.scheme, parts.hostname or "", parts.port or sending.PORTS[parts.scheme])
        except (sending.Refused, OSError, ValueError) as error:
            words = _("This address cannot be sent to: it is not found, not by https, or inside the own network.")
            raise ValidationError(words, code="not_sent_to") from error
        return address

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and endpoints.is_told(unit=cleaned["unit"], address=cleaned["address"]):
            words = _("This address is told of this unit already.")
            self.add_error("address", ValidationError(words, code="told"))
        return cleaned

    def save(self) -> tuple[Endpoint, str]:
        return endpoints.give(**self.cleaned_data, by=self.by, at=self.at)
