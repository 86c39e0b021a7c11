"""A new unit as the administrator types it, by the rules of the register."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from .. import clock
from ..acts import locking, unit_register
from ..hours import deadline
from ..models import Unit, User
from .fields import CleanTextField, NumberField


class UnitForm(forms.ModelForm):
    """`at` is the moment of the check, inside the lock."""

    name = CleanTextField(label=_("name"), max_length=150)
    kind = CleanTextField(label=_("kind"), max_length=30, required=False)
    effective_on = forms.DateField(
        label=_("effective on"),
        help_text=_("The day that the unit opens: a later one than today once the campaign has begun."),
    )
    population = NumberField(
        label=_("population"),
        required=False,
        help_text=_("Without it the share of the units above is not known from that day on."),
    )
    population_source = CleanTextField(label=_("source"), max_length=200, required=False)

    class Meta:
        model = Unit
        fields = ["code", "level", "parent", "phone"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.label = capfirst(field.label)

    def full_clean(self):
        super().full_clean()
        if not self.is_bound or self.errors:
            return
        for top in Unit.objects.tops():  # the page's transaction holds the lock until the unit is there
            locking.lock_all(top)
        self.at = clock.now()
        today, day = deadline.reporting_day(self.at), self.cleaned_data["effective_on"]
        for _line, words in unit_register.problems([self.line], by=None, effective_on=day, today=today):
            self.add_error(None, words[:1].upper() + words[1:])

    @property
    def line(self) -> unit_register.UnitLine:
        typed = {**self.cleaned_data, "line": 0, "smartphone_users": None, "households": None}
        del typed["effective_on"]
        parent = typed.pop("parent")
        return unit_register.UnitLine(**typed, parent_code=parent.code if parent else "")

    def establish(self, by: User) -> Unit:
        day = self.cleaned_data["effective_on"]
        unit_register.import_lines([self.line], by=by, effective_on=day, now=lambda: self.at)
        return Unit.objects.get(code=self.cleaned_data["code"])
