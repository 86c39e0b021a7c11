"""The map of the units right below another: column and line of each."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ..acts import NotWritten, map_places
from ..models import Unit, User, map_place
from ..models.map_place import COLUMNS, LINES, MapPlace
from .fields import NumberField


class MapPlacesForm(forms.Form):
    """Two numbers a unit, both empty where the register's order shall put it; `shown` is what was there before."""

    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, unit: Unit, day: date):
        self.unit = unit
        self.units = list(map_places.on_the_map(unit).named(day))
        if data and "clear" in data:  # whatever was typed
            data = {"shown": data.get("shown", "")}
        super().__init__(data)
        self.now = {one.code: one.place for one in self.units}
        self.fields["shown"].initial = map_places.as_text(self.units)
        for one in self.units:
            for axis, most, words in (("column", COLUMNS, _("column")), ("line", LINES, _("line"))):
                label = f"{one.full_name}, {words}"
                field = NumberField(required=False, label=label, initial=getattr(one, f"map_{axis}"))
                field.widget.attrs |= {"maxlength": len(str(most)), "aria-label": label}
                self.fields[f"{axis}-{one.code}"] = field

    @property
    def lines(self) -> list[tuple[Unit, forms.BoundField, forms.BoundField]]:
        return [(one, self[f"column-{one.code}"], self[f"line-{one.code}"]) for one in self.units]

    def clean(self) -> dict:
        cleaned = super().clean()
        taken: dict[MapPlace, str] = {}
        for one in self.units:
            numbers = [cleaned.get(f"{axis}-{one.code}") for axis in ("column", "line")]
            if self.errors.keys() & {f"column-{one.code}", f"line-{one.code}"}:
                continue
            if words := map_place.problem(*numbers):
                self._refuse(one, words)
            elif place := map_place.place(*numbers):
                other = taken.setdefault(place, one.full_name)
                if other != one.full_name:
                    words = _("%(other)s already lies on the map at %(place)s.") % {"other": other, "place": place}
                    self._refuse(one, words)
        return cleaned

    def _refuse(self, one: Unit, words: str) -> None:
        self.add_error(f"column-{one.code}", ValidationError(words[:1].upper() + words[1:], code="place"))

    def save(self, *, by: User) -> list[Unit]:
        """Those that have moved. Raises `NotWritten`."""
        cleaned = self.cleaned_data
        places = {
            one.code: map_place.place(cleaned[f"column-{one.code}"], cleaned[f"line-{one.code}"]) for one in self.units
        }
        return map_places.arrange(unit=self.unit, places=places, shown=self.cleaned_data["shown"], by=by)

    def refuse(self, error: NotWritten) -> None:
        self.add_error(None, ValidationError(error.words, code="refused"))
