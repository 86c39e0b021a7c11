"""What the city sets for the campaign: each form starts empty, shows what it will do, and asks once."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.forms.models import model_to_dict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts, site
from ..acts import base_figures, questions
from ..acts.campaign import span
from ..days import hours_in_force
from ..files import emblems
from ..files.cells import Unreadable
from ..hours import deadline
from ..models import (
    BaseFigure,
    Directive,
    Downtime,
    Emblem,
    ExemptDay,
    Extension,
    Office,
    Reorganisation,
    Unit,
    UnitHour,
    User,
)
from ..models.campaign import Record
from ..pages import set_up
from .fields import (
    CleanTextField,
    DayField,
    ExplainedForm,
    HourField,
    NumberField,
    RecordChoice,
    SentFileField,
    days_near,
)


class ShownFirst(forms.Form):
    """What is recorded once `shown` says that the person has read what these very fields will do: `foreseen`."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    foreseen: list[str] | None = None
    questions: Sequence[str] = ()  # about what is usually a mistake: answered by `ANSWERS`, where it has these
    ANSWERS = ("confirm", "explanation")
    is_of_all_later_days = False
    model: type[models.Model]  # of what is recorded
    top: Unit
    by: User
    at: datetime

    @property
    def is_confirmed(self) -> bool:
        return self.cleaned_data["shown"] == self._digest and "again" not in self.data

    @property
    def typed(self) -> dict:
        """The fields of what is to be recorded, by name."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("shown", *self.ANSWERS)}

    @property
    def asked_always(self) -> list[forms.BoundField]:
        """The fields to fill in, but for those of a question."""
        return [field for field in self.visible_fields() if field.name not in self.ANSWERS]

    @property
    def _digest(self) -> str:
        typed = [(name, str(value)) for name, value in self.typed.items()]
        return hashlib.sha256(repr(sorted(typed)).encode()).hexdigest()

    def made(self) -> models.Model:
        """What is to be recorded."""
        return self.model(**self.typed, by=self.by)

    def save(self) -> models.Model:
        made = self.made()
        acts.record(made, top=self.top, at=self.at)
        return made

    def show(self) -> None:
        """The next POST of the same records it. Raises what the act would refuse."""
        self.foreseen = self.foresee()
        self.data = self.data.copy()
        self.data[self.add_prefix("shown")] = self._digest

    def foresee(self) -> list[str]:
        """What will happen, in sentences."""
        scope, day = self.reach()
        foreseen = acts.foresee(self.save, unit=scope, day=day, is_of_all_later_days=self.is_of_all_later_days)
        for_whom = [set_up.scope_words(scope, day)] if "unit" in self.cleaned_data else []
        return for_whom + set_up.preview_sentences(foreseen, at=self.at)

    def reach(self) -> tuple[Unit, date]:
        """For whom, and on which day, it is shown."""
        return self.cleaned_data.get("unit", self.top), self.cleaned_data["day"]


class UnitChoice(RecordChoice):
    """Units by their place in the tree, named as of the day; with script found by typing (`search.js`)."""

    def widget_attrs(self, widget) -> dict:
        return {"data-search": _("Find a unit")}

    def label_from_instance(self, unit: Unit) -> str:
        depth = len(unit.codes) - 1
        return f"{' ' * 3 * depth}{unit.full_name}"


class CityForm(ShownFirst):
    """The shared part: who acts, for which tree, at which moment."""

    def __init__(self, data=None, *, top: Unit, by: User, at: datetime):
        self.top, self.by, self.at = top, by, at
        super().__init__(data, prefix=self.name)
        today = deadline.reporting_day(at)
        days_near(self, today)
        if "unit" in self.fields:
            units = Unit.objects.below(top).open_on(today).named(today).order_by("path")
            self.fields["unit"] = UnitChoice(units, label=_("Unit and all below it"))


class ExtensionForm(CityForm):
    """Move the hour of a day; `review.extend` decides."""

    name = "extension"
    unit = forms.Field()
    day = DayField(label=gettext_lazy("Day"))
    hour = HourField(label=gettext_lazy("Extended until"))
    reason = CleanTextField(max_length=200, label=gettext_lazy("Reason"))

    def save(self) -> Extension:
        cleaned = self.cleaned_data
        until = datetime.combine(cleaned["day"], cleaned["hour"], tzinfo=deadline.ZONE)
        return acts.extend(
            unit=cleaned["unit"], day=cleaned["day"], until=until, reason=cleaned["reason"], by=self.by, at=self.at
        )


class ExemptDayForm(CityForm):
    name = "exempt"
    model = ExemptDay
    unit = forms.Field()
    day = DayField(label=gettext_lazy("Day"))
    reason = CleanTextField(max_length=200, label=gettext_lazy("Reason"))


class UnitHourForm(CityForm):
    """Another hour for one unit and all below it, by an order; it decides."""

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

    def reach(self) -> tuple[Unit, date]:
        return self.cleaned_data["unit"], self.cleaned_data["effective_from"]


class DowntimeForm(CityForm):
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


def _share(label, *, least: str) -> forms.DecimalField:
    bounds = {"min_value": Decimal(least), "max_value": 1, "max_digits": 5, "decimal_places": 4}
    return forms.DecimalField(label=label, localize=True, **bounds)


class DirectiveForm(ShownFirst, forms.ModelForm):
    """A new order, from a later day on; what it goes on with is taken from the one in force."""

    name = "directive"
    OF_ITS_OWN = {"number", "title", "issued_on", "effective_from"}
    is_of_all_later_days = True
    issued_on = DayField(label=gettext_lazy("Issued on"))
    effective_from = DayField(label=gettext_lazy("Effective from"))
    target_date = DayField(label=gettext_lazy("Target date"), required=False)
    target_share = _share(gettext_lazy("Target (share of population, for example 0,60)"), least="0.0001")
    official_threshold = _share(
        gettext_lazy("Marked if above the ministry’s figure by more than (share, for example 0,05)"), least="0"
    )
    report_deadline = HourField(label=gettext_lazy("Report deadline"))
    signoff_deadline = HourField(label=gettext_lazy("Sign-off deadline"))

    class Meta:
        model = Directive
        field_classes = dict.fromkeys(("number", "issuer", "title", "grounds"), CleanTextField)
        fields = [
            "kind",
            "number",
            "issuer",
            "title",
            "grounds",
            "issued_on",
            "effective_from",
            "target_share",
            "target_date",
            "report_deadline",
            "signoff_deadline",
            "correction_days",
            "official_threshold",
        ]

    def __init__(self, data=None, *, top: Unit, by: User, at: datetime):
        self.top, self.at = top, at
        today = deadline.reporting_day(at)
        in_force = hours_in_force.of_day(today).order
        initial = model_to_dict(in_force, fields=set(self._meta.fields) - self.OF_ITS_OWN) if in_force else {}
        super().__init__(data, initial=initial, prefix=self.name, instance=Directive(recorded_at=at, by=by))
        days_near(self, today)

    def reach(self) -> tuple[Unit, date]:
        return self.top, self.cleaned_data["effective_from"]

    def made(self) -> Directive:
        return self.instance


class BaseFigureForm(ExplainedForm, CityForm):
    """The figures that a unit's shares are measured against, from a day on; also to correct those of a day gone by."""

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

    def __init__(self, data=None, *, top: Unit, by: User, at: datetime):
        super().__init__(data, top=top, by=by, at=at)
        day = deadline.reporting_day(at)
        counting = Unit.objects.below(top).exclude(children__in=Unit.objects.open_on(day))
        self.fields["unit"] = UnitChoice(counting.named(day).order_by("path"), label=_("Unit"))

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
        """What is usually a mistake is shown with its question, and recorded with a tick and an explanation."""
        [found] = base_figures.doubtful([self.made()], top=self.top, today=deadline.reporting_day(self.at))
        self.questions = [questions.of_a_base_figure(cleaned["population"], one) for one in found]
        if not (self.questions and self.is_confirmed):
            return
        self.demand_explanation(cleaned)
        if self.errors:
            self.foreseen = self.foresee()

    def foresee(self) -> list[str]:
        """The population before and after; the rest of the set-up stays as it is."""
        base = self.made()
        return [set_up.base_figure_words(base, BaseFigure.objects.in_force(base.unit, base.effective_on), base)]

    def made(self) -> BaseFigure:
        explanation = self.cleaned_data.get("explanation", "") if self.questions else ""
        return BaseFigure(**self.typed, explanation=explanation, by=self.by)


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


BESIDE = ("short_name", "managing", "symbol", "phone")  # the name itself


class OfficeForm(ShownFirst):
    """Begins with what stands now, and shows the heads it will make.

    Its first field is the office's name; `name` is the form's, as of every form of the set-up.
    """

    name = "office"
    office = CleanTextField(max_length=150, label=gettext_lazy("Issuing office"))
    short_name = CleanTextField(max_length=40, label=gettext_lazy("Short name, for the head of the pages"))
    managing = CleanTextField(max_length=150, required=False, label=gettext_lazy("Body above the office"))
    symbol = CleanTextField(
        max_length=20,
        label=gettext_lazy("Abbreviation in the number of its papers"),
        validators=[RegexValidator(r"^[\w&.-]+\Z", gettext_lazy("Letters, digits, &, point and hyphen only: STTTT."))],
    )
    phone = CleanTextField(max_length=30, required=False, label=gettext_lazy("Telephone on duty"))

    def __init__(self, data=None, *, top: Unit, by: User, at: datetime):
        self.top, self.by, self.at = top, by, at
        now = site.over(top, deadline.reporting_day(at)).office
        initial = {"office": now.name} | {key: getattr(now, key) for key in BESIDE}
        super().__init__(data, initial=initial, prefix=self.name)

    def foresee(self) -> list[str]:
        """The line above the pages, and the number of a paper."""
        cleaned = self.cleaned_data
        head = " · ".join(filter(None, (cleaned["managing"], cleaned["short_name"]))).upper()
        return [
            _("Head of the pages: %(head)s") % {"head": head},
            _("Papers: %(office)s, No. .../BC-%(symbol)s") % {"office": cleaned["office"], "symbol": cleaned["symbol"]},
        ]

    def made(self) -> Office:
        typed = self.typed
        return Office(name=typed.pop("office"), **typed, unit=self.top, by=self.by)


class EmblemForm(forms.Form):
    file = SentFileField(
        accept=".png",
        label=gettext_lazy("Picture (.png)"),
        help_text=gettext_lazy("At most 100 KB, 16 to 1024 pixels a side."),
    )

    def clean_file(self) -> bytes:
        """The picture as it is kept."""
        file = self.cleaned_data["file"]
        try:
            return emblems.checked(file.read(emblems.MAX_BYTES + 1))
        except Unreadable as error:
            raise ValidationError(str(error), code="unreadable") from error


def record_emblem(content: bytes, *, top: Unit, by: User) -> Emblem:
    """Records the picture; empty `content` takes it away."""
    digest = hashlib.sha256(content).hexdigest() if content else ""
    emblem = Emblem(unit=top, by=by, content=content, digest=digest)
    acts.record(emblem, top=top)
    return emblem


CITY_FORMS = {
    form.name: form
    for form in (ExtensionForm, UnitHourForm, ExemptDayForm, DowntimeForm, DirectiveForm, BaseFigureForm, OfficeForm)
}
