"""Forms for days and moments in addresses and pickers: one day, one past moment, a range of days."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _, gettext_lazy

from .. import deadline
from ..days import hours_in_force
from ..days.look_back import NOW, SEALED, LookBack, day_start, newest_seal
from ..days.other_records import other_records
from ..figures import discipline
from ..models import AccessRecord, Unit
from ..models.audit import AccessRecordQuerySet
from ..text import formatting, parsing
from .fields import CleanTextField, DayField

DAYS_SHOWN = 30  # by default
XLSX, CSV = "xlsx", "csv"
ROUTES = {XLSX: "workbook_range", CSV: "csv_range"}


class DayForm(forms.Form):
    """The day picker: a campaign day up to today; empty means today."""

    day = DayField(required=False, label=gettext_lazy("Reporting day"))

    def __init__(self, data, *, at: datetime):
        self.today = deadline.reporting_day(at)
        self.first = hours_in_force.campaign_start() or self.today
        super().__init__({"day": data.get("day") or self.today.isoformat()})

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        self.data = {"day": formatting.day(day)}  # as the field shows it, also if the address wrote 2020-08-21
        if day > self.today:
            words = _("%(day)s is in the future.") % {"day": formatting.day(day)}
            raise ValidationError(words, code="still_to_come")
        if day < min(self.first, self.today):
            shown = {"day": formatting.day(day), "start": formatting.day(self.first)}
            raise ValidationError(_("%(day)s is before the campaign, which began on %(start)s.") % shown, "no_such_day")
        return day

    @property
    def day_before(self) -> date | None:
        day = self.cleaned_data["day"]
        return day - timedelta(days=1) if day > self.first else None

    @property
    def day_after(self) -> date | None:
        day = self.cleaned_data["day"]
        return day + timedelta(days=1) if day < self.today else None


class LookBackForm(forms.Form):
    """A past moment, as in addresses (2020-08-21T17:00) or as people write it (21/08/2020 17h00).

    Error codes: "not_sealed", "no_such_moment", "future", "before_the_day"."""

    as_of = forms.CharField(required=False, strip=True, max_length=40)

    def __init__(self, data, *, unit: Unit, day: date, at: datetime):
        has_seal = day < deadline.reporting_day(at) or other_records(unit, day, at=at).is_sealed
        self.day, self.at, self.seal = day, at, newest_seal(unit, day) if has_seal else None
        super().__init__({"as_of": data.get("as_of", "")})

    def clean_as_of(self) -> datetime | None:
        text = self.cleaned_data["as_of"]
        if text in ("", NOW):
            return None
        if text == SEALED:
            if self.seal is None:
                words = _("%(day)s has not been sealed.") % {"day": formatting.day(self.day)}
                raise ValidationError(words, code="not_sealed")
            return self.seal.at
        as_of = self._moment(text)
        if as_of > self.at:
            raise ValidationError(_("This moment is in the future."), code="future")
        if as_of < day_start(self.day):
            raise ValidationError(_("The day had not begun at this moment."), code="before_the_day")
        return as_of

    @property
    def look(self) -> LookBack:
        """The look back; as of now if the form is not valid."""
        if not self.is_valid():
            return LookBack(self.day, self.seal)
        as_of, text = self.cleaned_data["as_of"], self.data["as_of"].strip()
        if as_of and parsing.moment(text, near=self.day):  # addresses use a single format
            text = as_of.replace(tzinfo=None).isoformat(timespec="minutes" if not as_of.second else "seconds")
        return LookBack(self.day, self.seal, as_of, text)

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


class RangeForm(forms.Form):
    """`?from=&to=`: at most 92 campaign days up to today; by default the last 30."""

    longest: int | None = discipline.LONGEST  # days; None: any number

    def __init__(self, data, *, at: datetime):
        self.today = deadline.reporting_day(at)
        self.first = min(hours_in_force.campaign_start() or self.today, self.today)
        last = data.get("to") or self.today.isoformat()
        super().__init__({**data, "from": data.get("from") or None, "to": last})
        self.fields["from"] = DayField(label=gettext_lazy("From day"), required=False)
        self.fields["to"] = DayField(label=gettext_lazy("To day"))

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        if not cleaned["from"]:
            cleaned["from"] = max(self.first, cleaned["to"] - timedelta(days=DAYS_SHOWN - 1))
        self.data |= {name: f"{cleaned[name]:%d/%m/%Y}" for name in ("from", "to")}  # as people write days
        for name in ("from", "to"):
            if not self.first <= cleaned[name] <= self.today:
                self.add_error(name, ValidationError(_("Choose a day of the campaign, up to today."), "no_such_day"))
        if self.errors:
            return cleaned
        if cleaned["from"] > cleaned["to"]:
            self.add_error("to", ValidationError(_("The last day cannot be before the first."), "ends_before"))
        elif self.longest and (cleaned["to"] - cleaned["from"]).days >= self.longest:
            self.add_error("from", ValidationError(self.too_long, "too_long"))
        return cleaned

    @property
    def too_long(self) -> str:
        return _("At most %(days)s days at a time.") % {"days": self.longest}

    @property
    def days(self) -> list[date]:
        """The days of the range, oldest first."""
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]


class DownloadForm(RangeForm):
    """`?from=&to=&format=`: a workbook of at most 92 days; CSV of any length.

    Error codes: "no_such_day", "ends_before", "too_long".
    """

    def __init__(self, data, *, at: datetime):
        super().__init__({name: data[name] for name in ("from", "to", "format") if name in data}, at=at)
        words = gettext_lazy("Excel holds at most 92 days.")  # not in the choices: a phone would cut it off
        choices = [(XLSX, "Excel"), (CSV, gettext_lazy("CSV for programs"))]
        self.fields["format"] = forms.ChoiceField(label=gettext_lazy("File"), choices=choices, help_text=words)
        self.data.setdefault("format", XLSX)

    @property
    def route(self) -> str:
        return ROUTES[self.cleaned_data["format"]]

    @property
    def longest(self) -> int | None:
        return discipline.LONGEST if self.cleaned_data.get("format") == XLSX else None

    @property
    def too_long(self) -> str:
        words = _("A workbook holds at most %(days)s days.") % {"days": discipline.LONGEST}
        return f"{words} {_('Choose CSV, which takes any number of days.')}"


class AccessFilterForm(RangeForm):
    """`?kind=&who=&from=&to=`: filters the access record."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What"), required=False, choices=[("", gettext_lazy("all")), *AccessRecord.Kind.choices]
    )
    who = CleanTextField(label=gettext_lazy("Name, user name or unit code"), required=False, max_length=150)

    def __init__(self, data, *, at: datetime):
        super().__init__({name: data.get(name, "") for name in ("kind", "who", "from", "to")}, at=at)
        self.first, self.longest = date(2000, 1, 1), None

    def records(self, top: Unit) -> AccessRecordQuerySet:
        """The matching records that `top` may see, newest first."""
        cleaned = self.cleaned_data
        start = datetime.combine(cleaned["from"], time.min, tzinfo=deadline.ZONE)
        end = datetime.combine(cleaned["to"] + timedelta(days=1), time.min, tzinfo=deadline.ZONE)
        records = AccessRecord.objects.visible_below(top).filter(at__gte=start, at__lt=end)
        if cleaned["kind"]:
            records = records.filter(kind=cleaned["kind"])
        if cleaned["who"]:
            records = records.search(cleaned["who"])
        return records.select_related("by", "about", "unit")
