"""Forms for the city's campaign settings. Each shows its effect before it is saved."""

import hashlib
from datetime import date, datetime, time

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _, gettext_lazy

from .. import acts, deadline, site
from ..acts import base_figures
from ..acts.campaign import first_affected_day
from ..days import hours_in_force
from ..models import BaseFigure, Directive, Downtime, ExemptDay, Extension, Office, Reorganisation, Unit, UnitHour, User
from ..models.campaign import Record
from ..pages import set_up
from .fields import (
    ANSWERS,
    CleanTextField,
    DayField,
    ExplainedForm,
    HourField,
    LinesField,
    NumberField,
    PercentField,
    RecordChoice,
)


class PreviewedForm(forms.Form):
    """Shows its effect in `foreseen` first. It is saved if `shown` is the digest of the same field values."""

    name = ""
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    foreseen: list[str] | None = None
    is_of_all_later_days = False
    model: type[models.Model]

    def __init__(self, *args, by: User, at: datetime, top: Unit | None = None, **options):
        self.by, self.at, self.today = by, at, deadline.reporting_day(at)
        self.top = top or by.unit
        super().__init__(*args, prefix=self.name or None, **options)
        if "unit" in self.fields:
            open_units = Unit.objects.below(self.top).open_on(self.today).named(self.today).order_by("path")
            self.fields["unit"] = UnitChoice(open_units, label=_("Unit and all below it"))

    @property
    def is_confirmed(self) -> bool:
        return self.cleaned_data["shown"] == self._digest and "again" not in self.data

    @property
    def typed(self) -> dict:
        """The values of the new record by field name."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("shown", *ANSWERS)}

    @property
    def _digest(self) -> str:
        typed = [(name, str(value)) for name, value in self.typed.items()]
        return hashlib.sha256(repr(sorted(typed)).encode()).hexdigest()

    def made(self) -> models.Model:
        """The unsaved record."""
        return self.model(**self.typed, by=self.by)

    def save(self) -> models.Model:
        made = self.made()
        acts.record_setting(made, top=self.top)
        return made

    def try_out(self) -> None:
        """Write the change; `acts.preview` runs it in a transaction and rolls back."""
        acts.record_setting(self.made(), top=self.top)

    def show(self) -> None:
        """Set `foreseen`; the next POST with the same values saves. Raises what the act would raise."""
        self.foreseen = self.foresee()
        self.data = self.data.copy()
        self.data[self.add_prefix("shown")] = self._digest

    def foresee(self) -> list[str]:
        """Sentences on what will happen."""
        scope, day = self.reach()
        foreseen = acts.preview(self.try_out, unit=scope, day=day, is_of_all_later_days=self.is_of_all_later_days)
        for_whom = [set_up.scope_words(scope, day)] if "unit" in self.cleaned_data else []
        return for_whom + set_up.preview_sentences(foreseen, at=self.at)

    def reach(self) -> tuple[Unit, date]:
        """The unit and the first day that the record affects."""
        cleaned = self.cleaned_data
        return cleaned.get("unit", self.top), cleaned.get("day") or cleaned["effective_from"]


class UnitChoice(RecordChoice):
    """Units in tree order; `search.js` lets people search them."""

    def widget_attrs(self, widget) -> dict:
        return {"data-search": _("Find a unit")}

    def label_from_instance(self, unit: Unit) -> str:
        depth = len(unit.codes) - 1
        return f"{' ' * 3 * depth}{unit.full_name}"


class ExtensionForm(PreviewedForm):
    name = "extension"
    unit = forms.Field()
    day = DayField(label=gettext_lazy("Day"))
    hour = HourField(label=gettext_lazy("Extended until"))
    reason = CleanTextField(max_length=200, label=gettext_lazy("Reason"))

    def made(self) -> Extension:
        typed = self.typed
        until = datetime.combine(typed["day"], typed.pop("hour"), tzinfo=deadline.ZONE)
        return Extension(**typed, until=until, by=self.by)


class ExemptDayForm(PreviewedForm):
    name = "exempt"
    model = ExemptDay
    unit = forms.Field()
    day = DayField(label=gettext_lazy("Day"))
    reason = CleanTextField(max_length=200, label=gettext_lazy("Reason"))


class UnitHourForm(PreviewedForm):
    """A deadline for one unit and all below it, set by an order."""

    name = "unit_hour"
    model = UnitHour
    is_of_all_later_days = True
    unit = forms.Field()
    effective_from = DayField(label=gettext_lazy("Effective from"))
    effective_until = DayField(label=gettext_lazy("To and including"), required=False)
    report_deadline = HourField(label=gettext_lazy("Report deadline"))
    reason = CleanTextField(max_length=200, label=gettext_lazy("Order and reason"))

    def clean(self) -> dict:
        cleaned = super().clean()
        last = cleaned.get("effective_until")
        if last and last < cleaned.get("effective_from", last):
            words = _("The last day cannot be before the first.")
            self.add_error("effective_until", ValidationError(words, code="order"))
        return cleaned


class DowntimeForm(PreviewedForm):
    name = "downtime"
    day = DayField(label=gettext_lazy("Day"))
    from_hour = HourField(label=gettext_lazy("From"))
    to_hour = HourField(label=gettext_lazy("To"))
    reason = CleanTextField(max_length=200, label=gettext_lazy("Reason"))

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if cleaned["to_hour"] <= cleaned["from_hour"]:
            self.add_error("to_hour", ValidationError(_("The end must be later than the beginning."), code="order"))
        elif self._moment("from_hour") > self.at:
            self.add_error("from_hour", ValidationError(_("Only past events can be recorded."), code="future"))
        return cleaned

    def made(self) -> Downtime:
        starts_at, ends_at = self._moment("from_hour"), self._moment("to_hour")
        return Downtime(starts_at=starts_at, ends_at=ends_at, reason=self.cleaned_data["reason"], by=self.by)

    def _moment(self, name: str) -> datetime:
        hour: time = self.cleaned_data[name]
        return datetime.combine(self.cleaned_data["day"], hour, tzinfo=deadline.ZONE)


class DirectiveForm(PreviewedForm, forms.ModelForm):
    """A new order for later days. It starts with the values of the current one."""

    name = "directive"
    OF_ITS_OWN = {"number", "title", "issued_on", "effective_from"}
    is_of_all_later_days = True
    issued_on = DayField(label=gettext_lazy("Issued on"))
    effective_from = DayField(label=gettext_lazy("Effective from"))
    target_date = DayField(label=gettext_lazy("Target date"), required=False)
    target_share = PercentField(label=gettext_lazy("Target (% of the population)"), least="0.01")
    official_threshold = PercentField(
        label=gettext_lazy("Marked if above the ministry’s figure by more than (%)"), least="0"
    )
    report_deadline = HourField(label=gettext_lazy("Report deadline"))
    signoff_deadline = HourField(label=gettext_lazy("Sign-off deadline"))

    class Meta:
        model = Directive
        field_classes = dict.fromkeys(("number", "issuer", "title", "grounds"), CleanTextField)
        fields = [
            *("kind", "number", "issuer", "title", "grounds", "issued_on", "effective_from", "target_share"),
            *("target_date", "report_deadline", "signoff_deadline", "correction_days", "official_threshold"),
        ]

    def __init__(self, data=None, *, by: User, at: datetime, **options):
        in_force = hours_in_force.hours_of_day(deadline.reporting_day(at)).order
        initial = model_to_dict(in_force, fields=set(self._meta.fields) - self.OF_ITS_OWN) if in_force else {}
        instance = Directive(recorded_at=at, by=by)
        super().__init__(data, initial=initial, instance=instance, by=by, at=at, **options)

    def made(self) -> Directive:
        return self.instance


class BaseFigureForm(ExplainedForm, PreviewedForm):
    """A unit's base figures from a day on, which may be in the past."""

    name = "base"
    unit = forms.Field()
    effective_on = DayField(label=gettext_lazy("Effective from"))
    population = NumberField(
        label=gettext_lazy("Population (of an agency: its staff)"),
        error_messages={"required": gettext_lazy("Enter the number of people.")},
    )
    smartphone_users = NumberField(label=gettext_lazy("Smartphone users"), required=False)
    households = NumberField(label=gettext_lazy("Households"), required=False)
    source = CleanTextField(max_length=200, label=gettext_lazy("Source"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        counting = Unit.objects.below(self.top).exclude(children__in=Unit.objects.open_on(self.today))
        self.fields["unit"] = UnitChoice(counting.named(self.today).order_by("path"), label=_("Unit"))

    def clean(self) -> dict:
        cleaned = super().clean()
        population = cleaned.get("population")
        if population == 0:
            self.add_error("population", ValidationError(_("The population cannot be 0."), code="zero"))
        for name in ("smartphone_users", "households"):
            if population and (cleaned.get(name) or 0) > population:
                self.add_error(name, ValidationError(_("More than the population."), code="more_than_population"))
        if not self.errors:
            self._ask(cleaned)
        return cleaned

    def _ask(self, cleaned: dict) -> None:
        """Ask about likely mistakes; a tick and an explanation answer them."""
        [doubts] = base_figures.base_doubts([self.made()], top=self.top, today=self.today)
        self.questions = [one.question for one in doubts]
        if not (self.questions and self.is_confirmed):
            return
        self.demand_explanation(cleaned)
        if self.errors:
            self.foreseen = self.foresee()

    def foresee(self) -> list[str]:
        """The population before and after."""
        base = self.made()
        return [set_up.base_figure_words(base, BaseFigure.objects.in_force(base.unit, base.effective_on), base)]

    def made(self) -> BaseFigure:
        explanation = self.cleaned_data.get("explanation", "") if self.questions else ""
        return BaseFigure(**self.typed, explanation=explanation, by=self.by)


class WithdrawalForm(PreviewedForm):
    """Withdraw a campaign setting, a base figure, or a reorganisation that has not taken effect."""

    reason = CleanTextField(max_length=300, label=gettext_lazy("Reason of withdrawal"))

    def __init__(self, data=None, *, record: Record | Reorganisation | BaseFigure, **options):
        self.record, self.is_of_all_later_days = record, isinstance(record, Directive | UnitHour)
        super().__init__(data, **options)

    def foresee(self) -> list[str]:
        if isinstance(base := self.record, BaseFigure):
            acts.preview(self.save, unit=base.unit, day=base.effective_on)  # raises what `save` would
            others = BaseFigure.objects.exclude(pk=base.pk)
            return [set_up.base_figure_words(base, base, others.in_force(base.unit, base.effective_on))]
        sentences = super().foresee()
        if isinstance(self.record, Reorganisation):
            return [_("The units stay as if the reorganisation had never been recorded."), *sentences]
        return sentences

    def reach(self) -> tuple[Unit, date]:
        if isinstance(self.record, Reorganisation):
            return self.top, self.record.effective_on
        first = first_affected_day(self.record)
        return getattr(self.record, "unit", self.top), first

    def save(self) -> Record | Reorganisation | BaseFigure:
        return acts.withdraw_setting(record=self.record, reason=self.cleaned_data["reason"], by=self.by, at=self.at)

    def try_out(self) -> None:
        self.save()


class OfficeForm(PreviewedForm):
    """The office's names and the texts of its papers, filled with the current ones; `office` is the full name."""

    name = "office"
    office = CleanTextField(max_length=150, label=gettext_lazy("Issuing office"))
    short_name = CleanTextField(max_length=40, label=gettext_lazy("Short name, for the head of the pages"))
    managing = CleanTextField(max_length=150, required=False, label=gettext_lazy("Body above the office"))
    symbol = CleanTextField(
        max_length=20,
        label=gettext_lazy("Abbreviation in the number of its papers"),
        validators=[RegexValidator(r"^[\w&.-]+\Z", gettext_lazy("Use letters, digits, & . - only, as in STTTT."))],
    )
    phone = CleanTextField(max_length=30, required=False, label=gettext_lazy("Telephone on duty"))
    signature = LinesField(max_length=200, label=gettext_lazy("Capacity and title of the signer"))
    signer = CleanTextField(required=False, max_length=100, label=gettext_lazy("Full name of the signer"))
    recipients = LinesField(max_length=500, label=gettext_lazy("The paper is addressed to"))

    def __init__(self, data=None, *, top: Unit, at: datetime, **options):
        now = site.site_of(top, deadline.reporting_day(at)).office
        super().__init__(data, initial=model_to_dict(now) | {"office": now.name}, top=top, at=at, **options)

    def foresee(self) -> list[str]:
        cleaned = self.cleaned_data
        head = " · ".join(filter(None, (cleaned["managing"], cleaned["short_name"]))).upper()
        return [
            _("Head of the pages: %(head)s") % {"head": head},
            _("Papers: %(office)s, No. .../BC-%(symbol)s") % {"office": cleaned["office"], "symbol": cleaned["symbol"]},
        ]

    def made(self) -> Office:
        typed = self.typed
        return Office(name=typed.pop("office"), **typed, unit=self.top, by=self.by)


CITY_FORMS = {
    form.name: form
    for form in (ExtensionForm, UnitHourForm, ExemptDayForm, DowntimeForm, DirectiveForm, BaseFigureForm, OfficeForm)
}
