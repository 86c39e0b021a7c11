"""Fields that many forms use: numbers, days and hours as people type them, and clean text."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from ..acts import ReasonMissing
from ..figures.fields import EXTRAS, Count
from ..text import parsing
from ..text.formatting import is_english, number, signed

MINUS_SIGNS = ("-", "\N{MINUS SIGN}", "\N{EN DASH}")
SIGNS = ("+", *MINUS_SIGNS)
YEARS = range(2000, 3000)
DAY_ATTRS = {"inputmode": "numeric", "autocomplete": "off", "placeholder": "21/08/2020"}
HOUR_ATTRS = {"inputmode": "numeric", "autocomplete": "off", "placeholder": "18h00"}


class NumberField(forms.Field):
    """A whole number as people type it: 1.234, 1 234 and 1234 are one thousand two hundred and thirty-four."""

    default_error_messages = {
        "required": gettext_lazy("Enter a number; if there is none, enter 0."),
        "not_a_number": gettext_lazy("Enter a whole number, for example 1234."),
        "too_large": gettext_lazy("This number is too large."),
    }

    def __init__(self, **kwargs):
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "number"})
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value) -> int | None:
        try:
            return parsing.whole_number(str(value if value is not None else ""))
        except parsing.NotANumber as error:
            raise ValidationError(self.error_messages["not_a_number"], code="not_a_number") from error
        except parsing.TooLarge as error:
            raise ValidationError(self.error_messages["too_large"], code="too_large") from error

    def prepare_value(self, value):
        if not isinstance(value, int):
            return value
        return str(value) if is_english() else number(value)  # input takes no comma as thousands separator


class PercentField(forms.DecimalField):
    """A share as people type it, in percent: 60, 60 % and 60,5 are the shares 0.6, 0.6 and 0.605."""

    def __init__(self, *, least: str, **kwargs):
        bounds = {"min_value": Decimal(least), "max_value": 100, "max_digits": 5, "decimal_places": 2}
        super().__init__(localize=True, **bounds, **kwargs)

    def clean(self, value) -> Decimal | None:
        percent = super().clean(str(value or "").strip().rstrip("% "))
        return None if percent is None else percent / 100

    def prepare_value(self, value):
        if not isinstance(value, Decimal):
            return value
        return (value * 100).normalize() + 0  # adding zero makes 60 of 6E+1


def _count_field(count: Count) -> NumberField:
    field = NumberField(required=False, label=count.asked, help_text=count.help_text)
    field.widget.attrs["data-beside"] = True  # the script saves it in the draft
    return field


# A form that asks for the counts beside the installs.
BesideForm = type("BesideForm", (forms.Form,), {count.column: _count_field(count) for count in EXTRAS})


class SignedNumberField(NumberField):
    """A whole number with its sign: -12, +12 and 12."""

    default_error_messages = {
        "not_a_number": gettext_lazy("Enter a whole number with its sign, for example -12 or +12."),
    }

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.widget.attrs["inputmode"] = "text"  # number pads have no minus sign

    def to_python(self, value) -> int | None:
        text = parsing.composed(str(value if value is not None else ""), "NFKC").strip()
        is_negative = text[:1] in MINUS_SIGNS
        number = super().to_python(text[1:] if text[:1] in SIGNS else text)
        return -number if is_negative and number is not None else number

    def prepare_value(self, value):
        return signed(value) if isinstance(value, int) else value


class DayField(forms.DateField):
    """A day as people write it, within `YEARS`. If the form has `today`, 20/8 is the 20 August nearest to it."""

    default_error_messages = {"invalid": gettext_lazy("Write a day like 21/08/2020.")}
    near: date | None = None

    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(attrs=DAY_ATTRS, format="%d/%m/%Y"), **kwargs)

    def get_bound_field(self, form, field_name: str) -> forms.BoundField:
        self.near = getattr(form, "today", None)
        return super().get_bound_field(form, field_name)

    def to_python(self, value) -> date | None:
        if not isinstance(value, str) or not value:
            return super().to_python(value)
        day = parsing.day(value, near=self.near)
        if day is None or day.year not in YEARS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class HourField(forms.TimeField):
    """An hour as people write it: 18h00 or 18:00."""

    def __init__(self, **kwargs):
        formats = ["%Hh%M", "%H:%M", "%Hh"]
        super().__init__(widget=forms.TimeInput(attrs=HOUR_ATTRS, format="%Hh%M"), input_formats=formats, **kwargs)


class CleanTextField(forms.CharField):
    """Free text in NFC, without control characters and non-characters.

    Text that is far too long is refused before cleaning; the form shows only its beginning again.
    """

    def to_python(self, value) -> str:
        text = str(value if value is not None else "")
        if self._cut(text) != text:
            self.run_validators(self._cut(text))  # raises the error
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return super().to_python(parsing.composed(parsing.UNWANTED.sub("", text)))

    def bound_data(self, data, initial):
        shown = super().bound_data(data, initial)
        return self._cut(shown) if isinstance(shown, str) else shown

    def _cut(self, text: str) -> str:
        return text[: 4 * self.max_length] if self.max_length else text


class ReasonField(CleanTextField):
    def __init__(self, **kwargs):
        kwargs = {"label": gettext_lazy("Reason"), "error_messages": {"required": ReasonMissing.text}, **kwargs}
        super().__init__(max_length=300, **kwargs)


class LinesField(CleanTextField):
    """Several texts, one per line."""

    def __init__(self, **options):
        help_text = gettext_lazy("One per line. If you leave this empty, the usual text is used.")
        super().__init__(required=False, widget=forms.Textarea({"rows": 2}), help_text=help_text, **options)

    def to_python(self, value) -> str:
        return "\n".join(filter(None, map(str.strip, super().to_python(value).split("\n"))))


class ExplainedForm(forms.Form):
    """A form that asks about figures that look wrong. A tick answers, with an explanation if the form has its field."""

    questions: Sequence[str] = ()
    confirm = forms.BooleanField(required=False, label=gettext_lazy("I have checked them: they are right"))
    explanation = CleanTextField(required=False, max_length=150, label=gettext_lazy("Explanation"))

    def demand_explanation(self, cleaned: dict) -> None:
        if not cleaned.get("confirm"):
            self.add_error("confirm", ValidationError(_("Check the figures and tick here."), code="confirm"))
        elif "explanation" in self.fields and not (cleaned.get("explanation") or "explanation" in self.errors):
            self.add_error("explanation", ValidationError(_("Explain why the figures are right."), code="required"))


ANSWERS = tuple(ExplainedForm.base_fields)  # the fields that answer questions


class SentFileField(forms.FileField):
    """An uploaded file; `accept` only filters the browser's dialogue."""

    default_error_messages = {"required": gettext_lazy("Choose a file."), "empty": gettext_lazy("The file is empty.")}

    def __init__(self, *, accept: str, **kwargs):
        super().__init__(widget=forms.FileInput(attrs={"accept": accept}), **kwargs)


class RecordsField(forms.ModelMultipleChoiceField):
    """Records chosen by key. A key that the database cannot hold is an invalid choice."""

    def _check_values(self, value):
        for key in value:
            if not isinstance(key, str) or not key.isdecimal() or len(key) > 18:
                raise ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(key)[:20]}
                )
        return super()._check_values(value)


class RecordChoice(forms.ModelChoiceField):
    """One record of a list that starts with “Choose one.”."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"empty_label": _("Choose one."), **kwargs})
