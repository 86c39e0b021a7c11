"""`?as_of=`: as of now, as of the seal, or as of an instant that is not in the future."""

from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ..days.look_back import SEALED, LookBack, newest_seal, start_of
from ..hours import deadline
from ..models import Unit
from ..text import formatting, parsing


class LookBackForm(forms.Form):
    """An instant as an address writes it (2020-08-21T17:00) or as people do (21/08/2020 17h00).

    Codes of refusal: "not_sealed", "no_such_moment", "future", "before_the_day"."""

    as_of = forms.CharField(required=False, strip=True, max_length=40)

    def __init__(self, data, *, unit: Unit, day: date, at: datetime):
        self.day, self.at, self.seal = day, at, newest_seal(unit, day)
        super().__init__({"as_of": data.get("as_of", "")})

    def clean_as_of(self) -> datetime | None:
        asked = self.cleaned_data["as_of"]
        if not asked:
            return None
        if asked == SEALED:
            if self.seal is None:
                words = _("%(day)s has not been sealed.") % {"day": formatting.day(self.day)}
                raise ValidationError(words, code="not_sealed")
            return self.seal.at
        as_of = self._moment(asked)
        if as_of > self.at:
            raise ValidationError(_("This moment is still to come."), code="future")
        if as_of < start_of(self.day):
            raise ValidationError(_("At this moment the day had not begun."), code="before_the_day")
        return as_of

    @property
    def look(self) -> LookBack:
        """Of a form that is valid; of another one, the look at now."""
        if not self.is_valid():
            return LookBack(self.day, self.seal)
        as_of, asked = self.cleaned_data["as_of"], self.data["as_of"].strip()
        if as_of and parsing.moment(asked, near=self.day):  # an address writes it in one way
            asked = as_of.replace(tzinfo=None).isoformat(timespec="minutes" if not as_of.second else "seconds")
        return LookBack(self.day, self.seal, as_of, asked)

    def _moment(self, text: str) -> datetime:
        if typed := parsing.moment(text, near=self.day):
            return typed.replace(tzinfo=deadline.ZONE)
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None and len(text) > len("2020-08-21"):
                return moment.replace(tzinfo=deadline.ZONE)
        except ValueError:
            pass
        raise ValidationError(_("Write a moment like 21/08/2020 17h00."), code="no_such_moment")
