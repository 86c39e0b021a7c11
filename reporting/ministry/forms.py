"""The forms of the page that compares our figures with the ministry's."""

from collections.abc import Sequence
from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from .. import deadline
from ..forms.fields import CleanTextField, DayField, HourField, NumberField
from ..forms.review import ReviewForm
from ..models import Metric, OfficialFigure, Unit, User
from . import acts


class OfficialFigureForm(ReviewForm):
    """A figure of the ministry for the day of the page, for its unit or a unit directly below."""

    name = "record"
    shown_at = {"hour": "counted_hour"}
    unit_code = forms.ChoiceField(label=gettext_lazy("Unit"))
    metric = forms.ChoiceField(choices=Metric.choices, label=gettext_lazy("What is counted"))
    value = NumberField(label=gettext_lazy("The ministry’s figure"))
    counted_day = DayField(label=gettext_lazy("Counted on"))
    counted_hour = HourField(label=gettext_lazy("Counted at"))
    source = CleanTextField(max_length=200, label=gettext_lazy("Source"))

    def __init__(self, data=None, *, units: Sequence[Unit], at: datetime, metric: str = Metric.DOWNLOADS, **kwargs):
        self.at, self.today, self.by_code = at, deadline.reporting_day(at), {unit.code: unit for unit in units}
        counted_at = timezone.localtime(min(at, deadline.closes_at(kwargs["day"])), deadline.ZONE)
        initial = {
            "unit_code": kwargs["unit"].code,
            "metric": metric,
            "counted_day": counted_at.date(),
            "counted_hour": counted_at.time(),
            "source": OfficialFigure.USUAL_SOURCE,
        }
        super().__init__(data, initial=initial, **kwargs)
        self.fields["unit_code"].choices = [(unit.code, unit.full_name) for unit in units]

    @property
    def counted_at(self) -> datetime:
        cleaned = self.cleaned_data
        return datetime.combine(cleaned["counted_day"], cleaned["counted_hour"], tzinfo=deadline.ZONE)

    def made(self) -> OfficialFigure:
        cleaned = self.cleaned_data
        return OfficialFigure(
            unit=self.by_code[cleaned["unit_code"]],
            day=self.day,
            metric=cleaned["metric"],
            counted_at=self.counted_at,
            value=cleaned["value"],
            source=cleaned["source"],
        )

    def save(self, *, by: User, at: datetime):
        return acts.record_official(top=by.unit, rows=[self.made()], by=by, at=at)

    @property
    def done(self) -> str:
        return _("Recorded.") if self.saved else _("This figure is already recorded.")
