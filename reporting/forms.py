"""What people may send: the form explains, the act decides."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import deadline, state, submissions
from .formatting import number
from .models import Directive, Unit, User

WHOLE_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}([. ])[0-9]{3}(?:\1[0-9]{3})*")
MAX_DIGITS = 9
UNWANTED = re.compile(
    # Controls but for tab and line feed, surrogates, and non-characters: some of them make a workbook unreadable.
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
STAMP_LIFE = timedelta(minutes=10)
STAMP_SALT = "reporting.first-arrival"


class NumberField(forms.Field):
    """A whole number as people type it: 1.234, 1 234 and 1234 are one thousand two hundred and thirty-four."""

    default_error_messages = {
        "required": gettext_lazy("Enter a number; if there is none, enter 0."),
        "not_a_number": gettext_lazy("Enter a whole number in digits only, for example 1234 or 1.234."),
        "too_large": gettext_lazy("This number is too large."),
    }

    def __init__(self, **kwargs):
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "number"})
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value) -> int | None:
        text = unicodedata.normalize("NFKC", str(value if value is not None else "")).strip()
        if not text:
            return None
        if not WHOLE_NUMBER.fullmatch(text):
            raise ValidationError(self.error_messages["not_a_number"], code="not_a_number")
        digits = re.sub(r"[^0-9]", "", text).lstrip("0") or "0"
        if len(digits) > MAX_DIGITS:
            raise ValidationError(self.error_messages["too_large"], code="too_large")
        return int(digits)

    def prepare_value(self, value):
        return number(value) if isinstance(value, int) else value


class CleanTextField(forms.CharField):
    """Free text without control characters and non-characters, composed (NFC)."""

    def to_python(self, value) -> str:
        text = str(value if value is not None else "").replace("\r\n", "\n").replace("\r", "\n")
        return super().to_python(unicodedata.normalize("NFC", UNWANTED.sub("", text)))


class DayForm(forms.Form):
    """The day picker: any day of the campaign up to today; empty is today."""

    day = forms.DateField(
        required=False,
        label=gettext_lazy("Reporting day"),
        widget=forms.DateInput(attrs={"inputmode": "numeric", "autocomplete": "off"}, format="%d/%m/%Y"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )

    def __init__(self, data, *, at: datetime):
        self.today = deadline.reporting_day(at)
        self.first = Directive.objects.campaign_start() or self.today
        super().__init__({"day": data.get("day") or self.today.isoformat()})

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        self.data = {"day": f"{day:%d/%m/%Y}"}  # a link's 2020-08-21 is shown as people write it
        if not min(self.first, self.today) <= day <= self.today:
            raise ValidationError(_("Choose a day of the campaign, up to today."), code="no_such_day")
        return day

    @property
    def day_before(self) -> date | None:
        day = self.cleaned_data["day"]
        return day - timedelta(days=1) if day > self.first else None

    @property
    def day_after(self) -> date | None:
        day = self.cleaned_data["day"]
        return day + timedelta(days=1) if day < self.today else None


class ReportForm(forms.Form):
    """A unit's report of one day, as its officer types it.

    Refusals carry the codes of `state.Code`, and "more_than_population", "below_cumulative", "figures_disagree".
    A doubtful number is asked about (code "confirm"): the answer counts from the first arrival, which `stamp` proves.
    """

    installs = NumberField(required=False)
    cumulative = NumberField(required=False)
    opening = NumberField()
    households_visited = NumberField(required=False)
    note = CleanTextField(
        required=False,
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=gettext_lazy("Difficulties"),
    )
    base_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)
    as_cumulative = forms.BooleanField(required=False)  # the button that answers a question
    confirm = forms.BooleanField(required=False, label=gettext_lazy("The figures are right, send them all the same"))
    confirm_reason = CleanTextField(required=False, max_length=300, label=gettext_lazy("Explanation (required)"))

    field_order = ("opening", "installs", "cumulative", "households_visited", "note")

    def __init__(self, data=None, *, unit: Unit, day: date, at: datetime, user: User):
        self.unit, self.day, self.user = unit, day, user
        self.arrived_at = at
        self.standing = submissions.standing(unit, day)
        self.questions: list[str] = []
        self.offers_cumulative = False
        super().__init__(data, initial=self._initial())
        self.day_state = state.day_state(unit, day, at=at)
        self._label()
        self.fields["opening"].required = self.owes_opening
        if unit.is_agency:
            del self.fields["households_visited"]
            self.order_fields(["opening", "cumulative", "installs", "note"])

    def _initial(self) -> dict:
        report = self.standing.report
        if report is None:
            return {"base_version": 0}
        number = {"cumulative": report.cumulative} if self.unit.is_agency else {"installs": report.installs}
        return {
            **number,
            "households_visited": report.households_visited,
            "note": report.note,
            "base_version": report.version,
        }

    def _label(self) -> None:
        fields = self.fields
        if self.unit.is_agency:
            fields["installs"].label = _("Staff who installed today")
            fields["cumulative"].label = _("Staff who have installed so far")
            fields["opening"].label = _("Staff who had installed before %(day)s")
        else:
            fields["installs"].label = _("New installs")
            fields["cumulative"].label = _("Cumulative installs so far")
            fields["opening"].label = _("Phones that had it before %(day)s")
        start = self.day_state.opening_day and self.day_state.opening_day + timedelta(days=1)
        fields["opening"].label %= {"day": f"{start or self.day:%d/%m/%Y}"}
        fields["opening"].help_text = _("Asked once, with the first report. If there were none, enter 0.")
        hour = f"{self.day_state.report_deadline:%Hh%M}"
        fields["installs"].help_text = _(
            "From %(hour)s on %(day_before)s to %(hour)s on %(day)s. If there are none, enter 0."
        ) % {"hour": hour, "day_before": f"{self.day - timedelta(days=1):%d/%m}", "day": f"{self.day:%d/%m}"}
        fields["cumulative"].help_text = _("The total to date; the number of the day is computed from it.")
        fields["households_visited"].label = _("New households visited")
        fields["households_visited"].help_text = _("A household visited twice counts once. May be left empty.")
        fields["note"].help_text = _("May be left empty.")

    def clean(self) -> dict:
        cleaned = super().clean()
        self._first_typed = self._stamp_payload(cleaned)
        self._recall_first_arrival(cleaned)
        if cleaned.get("as_cumulative") and cleaned.get("cumulative") is None:
            self._read_as_cumulative(cleaned)
        self._explain_the_day(cleaned)
        self._keep_opening(cleaned)
        self._require_a_number(cleaned)
        if self.errors:
            return cleaned
        self._settle_installs(cleaned)
        if not self.errors and not self.is_repeat(cleaned):
            self._ask(cleaned)
        return cleaned

    def is_repeat(self, cleaned: dict) -> bool:
        """The very same figures stand already: they get their receipt again, whatever the hour."""
        report = self.standing.report
        return (
            report is not None
            and report.installs is not None
            and cleaned.get("installs") == report.installs
            and cleaned.get("households_visited") == report.households_visited
            and cleaned.get("note", "") == report.note
        )

    def save(self) -> submissions.Receipt:
        cleaned = self.cleaned_data
        return submissions.submit(
            unit=self.unit,
            day=self.day,
            installs=None if self.reads_cumulative else cleaned["installs"],
            cumulative=cleaned["cumulative"] if self.reads_cumulative else None,
            households_visited=cleaned.get("households_visited"),
            note=cleaned["note"],
            opening=cleaned.get("opening"),
            reason=cleaned["confirm_reason"] if self.questions else "",
            base_version=cleaned.get("base_version") or 0,
            by=self.user,
            at=self.arrived_at,
        )

    def show_conflict(self) -> None:
        """Keep the figures typed and let the next POST replace the report that now stands."""
        self.standing = submissions.standing(self.unit, self.day)
        self.data = self.data.copy()
        self.data["base_version"] = self.standing.version
        self._stamp()

    def refuse(self, error: submissions.NotWritten) -> None:
        """The act decided otherwise than this form had: say so where the officer looks."""
        match error:
            case submissions.DayClosed(day_state=day_state):
                self.add_error(None, ValidationError(day_state.explanation, code=day_state.code))
            case submissions.LimitExceeded(population=population):
                self.add_error("installs", self._more_than(population))
            case submissions.BelowCumulative(cumulative=cumulative):
                self.add_error("cumulative", self._below(cumulative))
            case submissions.OpeningMissing():
                self.add_error(
                    None, ValidationError(_("The report was changed meanwhile. Check it and send it again."))
                )

    @property
    def owes_opening(self) -> bool:
        """Until it is there, the form also asks for the installs before the campaign."""
        return self.standing.opening is None

    @property
    def cumulative_base(self) -> int:
        """What the unit had up to the day before, the opening number just typed included."""
        return self.standing.cumulative_before + (self._typed_opening or 0)

    @property
    def adjustment(self) -> int:
        return self.standing.report.adjustment if self.standing.report else 0

    @property
    def _typed_opening(self) -> int | None:
        return getattr(self, "cleaned_data", {}).get("opening") if self.owes_opening else None

    def _recall_first_arrival(self, cleaned: dict) -> None:
        """A question answered within ten minutes counts from the first time these figures arrived."""
        try:
            payload = signing.loads(cleaned.get("stamp") or "", salt=STAMP_SALT)
            first = datetime.fromisoformat(payload.pop("arrived_at"))
        except (signing.BadSignature, ValueError, KeyError, AttributeError):
            return
        if payload == self._stamp_payload(cleaned) and timedelta(0) <= self.arrived_at - first <= STAMP_LIFE:
            self.arrived_at = first
            self.day_state = state.day_state(self.unit, self.day, at=first)

    def _stamp_payload(self, cleaned: dict) -> dict:
        """What was typed, whichever way it is read."""
        typed = cleaned.get("installs") if cleaned.get("installs") is not None else cleaned.get("cumulative")
        return {
            "user": self.user.pk,
            "unit": self.unit.pk,
            "day": self.day.isoformat(),
            "number": typed,
            "households": cleaned.get("households_visited"),
            "opening": cleaned.get("opening"),
        }

    def _stamp(self) -> None:
        payload = {**self._first_typed, "arrived_at": self.arrived_at.isoformat()}
        self.data = self.data.copy()
        self.data["stamp"] = signing.dumps(payload, salt=STAMP_SALT)

    def _read_as_cumulative(self, cleaned: dict) -> None:
        cleaned["cumulative"], cleaned["installs"] = cleaned.get("installs"), None
        self.data = self.data.copy()
        self.data["cumulative"], self.data["installs"] = self.data.get("installs"), ""

    def _keep_opening(self, cleaned: dict) -> None:
        """The opening number is asked once; another one sent later is said, not dropped in silence."""
        stored = self.standing.opening
        if stored is not None and cleaned.get("opening") not in (None, stored.installs):
            message = _(
                "The number before the campaign is already recorded as %(opening)s; ask your superior to correct it."
            )
            raise ValidationError(message % {"opening": number(stored.installs)}, code="opening_differs")

    def _explain_the_day(self, cleaned: dict) -> None:
        if not self.day_state.is_open and not self.is_repeat(self._as_stored(cleaned)):
            raise ValidationError(self.day_state.explanation, code=self.day_state.code)

    def _as_stored(self, cleaned: dict) -> dict:
        """The figures with a number typed as the total turned into the day's."""
        if cleaned.get("installs") is None and cleaned.get("cumulative") is not None:
            return {**cleaned, "installs": cleaned["cumulative"] - self.cumulative_base - self.adjustment}
        return cleaned

    def _require_a_number(self, cleaned: dict) -> None:
        if any(cleaned.get(name) is not None or name in self.errors for name in ("installs", "cumulative")):
            return
        first = "cumulative" if self.unit.is_agency else "installs"
        self.add_error(first, ValidationError(self.fields[first].error_messages["required"], code="required"))

    def _settle_installs(self, cleaned: dict) -> None:
        """One number for the day, from what was typed as the day's, as the total, or both."""
        self.reads_cumulative = cleaned.get("installs") is None and cleaned.get("cumulative") is not None
        population = self.standing.base.population if self.standing.base else None
        computed = self._as_stored({**cleaned, "installs": None})["installs"]
        if computed is not None and computed < 0:
            self.add_error("cumulative", self._below(self.cumulative_base + self.adjustment))
            return
        if computed is not None and cleaned.get("installs") not in (None, computed):
            message = _("The two numbers disagree: a total of %(total)s means %(installs)s on this day.")
            total = number(cleaned["cumulative"])
            self.add_error(
                "cumulative",
                ValidationError(message % {"total": total, "installs": number(computed)}, code="figures_disagree"),
            )
            return
        cleaned["installs"] = computed if cleaned["installs"] is None else cleaned["installs"]
        if population and cleaned["installs"] > population:
            self.add_error("cumulative" if self.reads_cumulative else "installs", self._more_than(population))
        if population and (cleaned.get("opening") or 0) > population:
            self.add_error("opening", self._more_than(population))

    def _more_than(self, population: int) -> ValidationError:
        message = (
            _("More than the %(population)s staff of the unit. Check the number.")
            if self.unit.is_agency
            else _("More than the %(population)s people of the unit. Check the number.")
        )
        return ValidationError(message % {"population": number(population)}, code="more_than_population")

    def _below(self, cumulative: int) -> ValidationError:
        message = _("Less than the cumulative number so far, %(cumulative)s. Check the number.")
        return ValidationError(message % {"cumulative": number(cumulative)}, code="below_cumulative")

    def _ask(self, cleaned: dict) -> None:
        """Numbers that are usually a mistake: the officer may send them all the same, with an explanation."""
        installs, before, mean = cleaned["installs"], self.cumulative_base, self.standing.mean
        population = self.standing.base.population if self.standing.base else None
        total = before + self.adjustment + installs
        if cleaned.get("cumulative") is None and installs > SMALL_TOTAL and before and installs * 5 >= before * 4:
            self.offers_cumulative = total > installs and installs >= before
            self.questions.append(
                _("%(installs)s is close to or above the %(before)s installed so far: is it the total, not the day's?")
                % {"installs": number(installs), "before": number(before)}
            )
        if population and total > population:
            self.questions.append(
                (
                    _("The total of %(total)s would be more than the %(population)s staff of the unit.")
                    if self.unit.is_agency
                    else _("The total of %(total)s would be more than the %(population)s people of the unit.")
                )
                % {"total": number(total), "population": number(population)}
            )
        if mean is not None and installs > SMALL_NUMBER and installs > mean * 5:
            self.questions.append(
                _("%(installs)s is more than five times the usual %(mean)s a day of the last reported days.")
                % {"installs": number(installs), "mean": number(round(mean))}
            )
        if not self.questions:
            return
        if not cleaned.get("confirm"):
            self._stamp()
            raise ValidationError([ValidationError(question, code="confirm") for question in self.questions])
        if not cleaned.get("confirm_reason"):
            self._stamp()
            self.add_error("confirm_reason", ValidationError(_("Explain why the figures are right."), code="required"))


SMALL_TOTAL = 50  # a number up to this is not taken for a total
SMALL_NUMBER = 10  # nor is one up to this ever called unusual, however quiet the days before
