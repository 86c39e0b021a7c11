"""A form that shows what it will do before it does it: the first POST is answered with it, the second does it."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from django import forms
from django.db import models

from .. import acts
from ..models import Unit, User
from ..pages import set_up


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
