"""One form for each act of a superior on a day."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy

from .. import acts, deadline
from ..acts import Refusal
from ..models import LateRequest, Report, Seal, Unit, User
from ..pages import review_day
from ..permissions import Act
from .fields import CleanTextField, DayField, HourField, ReasonField, RecordsField, SignedNumberField
from .figures import ActForm

VERSION = "version-"
WHOLE = re.compile(r"[0-9]{1,9}")
HOURS_OPEN = 2  # by default


class ReviewForm(ActForm):
    """A form for one act of a superior on a day."""

    name = ""
    act: Callable  # takes the unit, the day and the cleaned fields
    permission: Act
    done = ""  # the message when the act has been done
    undone_by = ""  # the route that undoes it
    code = ""  # of the unit below that the act is about

    def __init__(self, data=None, *, unit: Unit, day: date, **kwargs):
        self.unit, self.day = unit, day
        auto_id = "_".join(filter(None, ("id", self.name, self.code, "%s")))
        super().__init__(data, auto_id=auto_id, **kwargs)

    def arguments(self) -> dict:
        """The arguments of the act, except `by` and `at`."""
        return {"unit": self.unit, "day": self.day, **self.cleaned_data}

    def save(self, *, by: User, at: datetime):
        return type(self).act(**self.arguments(), by=by, at=at)


# Acts on one unit below.


class BelowForm(ReviewForm):
    """An act on the report of one unit right below; `base_version` is the report that the page showed."""

    done_of_unit = ""  # like `done`, with a placeholder for the unit
    title = button = explained = ""  # of the form on the page; the button has the title by default
    base_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data=None, *, below: Unit, **kwargs):
        self.below, self.code = below, below.code
        super().__init__(data, **kwargs)

    def arguments(self) -> dict:
        return super().arguments() | {"unit": self.below, "base_version": self.version}

    @property
    def route(self) -> str:
        return f"reporting:{self.name}"

    @property
    def version(self) -> int:
        return self.cleaned_data["base_version"] or 0

    @property
    def done(self) -> str:
        return self.done_of_unit % {"unit": self.below.full_name}


class ReopenForm(BelowForm):
    """Reopen the day for the unit until an hour. If there is a report, it is returned."""

    name = "reopen"
    act = acts.reopen
    permission = Act.REOPEN
    done_of_unit = gettext_lazy("The day is open again for %(unit)s.")
    title = gettext_lazy("Open again")
    explained = gettext_lazy("The unit may report this day until the hour chosen.")
    until_day = DayField(label=gettext_lazy("Open until, day"))
    hour = HourField(label=gettext_lazy("Open until, hour"))
    reason = ReasonField()

    def __init__(self, data=None, *, at: datetime, **kwargs):
        self.today = deadline.reporting_day(at)
        until = timezone.localtime(at, deadline.ZONE).replace(minute=0) + timedelta(hours=HOURS_OPEN)
        initial = {"until_day": until.date(), "hour": until.time()}
        super().__init__(data, initial=initial | kwargs.pop("initial", {}), **kwargs)

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            cleaned["until"] = datetime.combine(cleaned.pop("until_day"), cleaned.pop("hour"), tzinfo=deadline.ZONE)
        return cleaned


class VoidForm(BelowForm):
    """Void a report that was entered by mistake."""

    name = "void"
    act = acts.void
    permission = Act.VOID
    done_of_unit = gettext_lazy("The report of %(unit)s has been voided.")
    title, button = gettext_lazy("Void a report entered by mistake"), gettext_lazy("Void the report")
    explained = gettext_lazy("The unit is then counted as not reported; the history keeps what was there.")
    reason = ReasonField()


class AdjustForm(BelowForm):
    """Set the day's adjustment: a signed correction of the cumulative."""

    name = "adjust"
    act = acts.adjust
    permission = Act.ENTER
    done_of_unit = gettext_lazy("The adjustment of %(unit)s has been recorded.")
    title, button = gettext_lazy("Adjust the cumulative"), gettext_lazy("Adjust")
    adjustment = SignedNumberField(
        label=gettext_lazy("Adjustment of the cumulative"),
        help_text=gettext_lazy("With its sign, for example -12 for a double count. It replaces the day's adjustment."),
    )
    reason = ReasonField()
    shown_at = {"cumulative": "adjustment"}


# Requests that wait.


class DecideForm(BelowForm):
    """Accept or decline one request."""

    name = "decide"
    act = acts.decide
    permission = Act.DECIDE
    decision = forms.ChoiceField(choices=LateRequest.Decision.choices, label=pgettext_lazy("on a request", "Decision"))
    remark = CleanTextField(required=False, max_length=300, label=gettext_lazy("Remark (may be left empty)"))

    def __init__(self, data=None, *, late_request: LateRequest, **kwargs):
        self.late_request = late_request
        super().__init__(data, **kwargs)

    @property
    def is_accepted(self) -> bool:
        return self.cleaned_data["decision"] == LateRequest.Decision.ACCEPTED

    @property
    def done_of_unit(self) -> str:
        return _("Accepted: %(unit)s.") if self.is_accepted else _("Declined: %(unit)s.")

    def arguments(self) -> dict:
        return {
            "late_request": self.late_request,
            "is_accepted": self.is_accepted,
            "note": self.cleaned_data["remark"],
            "base_version": self.version,
        }


class WithdrawRequestForm(ReviewForm):
    """Withdraw the waiting request that the page showed."""

    act = acts.withdraw_request
    done = gettext_lazy("The request has been withdrawn.")
    shown = forms.IntegerField(required=False)


# The superior's own day.


class SignOffForm(ReviewForm):
    """Confirm the day as the page showed it: the form sends the version of each report."""

    name = "sign_off"
    act = acts.sign_off
    permission = Act.SIGN
    undone_by = "reporting:withdraw"
    done = gettext_lazy("The day has been confirmed.")
    reason = ReasonField(required=False)

    @property
    def versions(self) -> dict[str, int]:
        """The versions by unit code; -1 if one is invalid."""
        return {
            name.removeprefix(VERSION): int(value) if WHOLE.fullmatch(value) else -1
            for name, value in self.data.items()
            if name.startswith(VERSION)
        }

    def refuse(self, error: Refusal) -> None:
        if isinstance(error, acts.ReportsChanged):
            names = {child.code: child.full_name for child in self.unit.children.named(self.day)}
            error = acts.ReportsChanged({names[code]: both for code, both in error.differences.items()})
        super().refuse(error)

    def arguments(self) -> dict:
        return super().arguments() | {"versions": self.versions}


class WithdrawForm(ReviewForm):
    """Withdraw the sign-off that the page showed, with a reason or by “Undo” in the message."""

    name = "withdraw"
    act = acts.withdraw_sign_off
    permission = Act.WITHDRAW_SIGN
    done = gettext_lazy("The confirmation of the day has been withdrawn.")
    reason = ReasonField(required=False)  # the act may require it
    shown = forms.IntegerField(required=False)

    def arguments(self) -> dict:
        return super().arguments() | ({"reason": None} if "undo" in self.data else {})


class PassUpForm(ReviewForm):
    """Send the ticked difficulties up to the city."""

    name = "pass_up"
    act = acts.pass_up
    permission = Act.PASS_UP
    done = gettext_lazy("The ticked difficulties have been sent up.")
    reports = RecordsField(
        queryset=Report.objects.none(),
        label=gettext_lazy("Difficulties"),
        error_messages={"required": gettext_lazy("Tick at least one.")},
    )

    def __init__(self, data=None, **kwargs):
        super().__init__(data, **kwargs)
        of_the_day = Report.objects.filter(unit__parent=self.unit, day=self.day)
        self.fields["reports"].queryset = of_the_day.exclude(note="")


class SealForm(ReviewForm):
    """Seal the day's table."""

    name = "seal"
    act = acts.seal
    undone_by = "reporting:seal_undo"
    done = gettext_lazy("The day is sealed.")
    reason = ReasonField(required=False, widget=forms.Textarea({"rows": 2}))  # the act may require it
    shown = CleanTextField(required=False, max_length=64)  # the digest of the table that was shown


class SealUndoForm(ReviewForm):
    """Undo the seal that the page showed, within ten minutes."""

    name = "seal_undo"
    act = acts.undo_seal
    done = gettext_lazy("The seal has been undone; the record of it stays.")
    shown = forms.IntegerField(required=False)

    def save(self, *, by: User, at: datetime) -> None:
        """Undo the seal. It is no error if the same person has already undone it."""
        try:
            super().save(by=by, at=at)
        except acts.AlreadyWithdrawn:
            undone = Seal.with_withdrawn.filter(pk=self.cleaned_data["shown"], unit=self.unit, day=self.day)
            if not undone.filter(withdrawn_by=by).exists():
                raise


OF_THE_DAY = (SignOffForm, WithdrawForm, PassUpForm)
ACTS = {form.name: form for form in (*OF_THE_DAY, DecideForm, ReopenForm, VoidForm, AdjustForm)}


def forms_of(
    line: review_day.ReviewLine, *, at: datetime, bound: ReviewForm | None = None, **day
) -> dict[str, ReviewForm]:
    """The forms for acts on one unit, by name; `bound` replaces the form of its name."""
    below, initial = line.unit, {"base_version": line.version}
    forms: list[ReviewForm] = []
    if Act.DECIDE in line.may and line.waiting:
        forms.append(DecideForm(late_request=line.waiting, below=below, initial=initial, **day))
    if Act.REOPEN in line.may:
        forms.append(ReopenForm(at=at, below=below, initial=initial, **day))
    if Act.ENTER in line.may and line.row.cumulative is not None:
        adjustment = line.row.adjustment or None
        forms.append(AdjustForm(below=below, initial=initial | {"adjustment": adjustment}, **day))
    if Act.VOID in line.may and line.has_report:
        forms.append(VoidForm(below=below, initial=initial, **day))
    if bound is not None and bound.code == line.unit.code:
        forms.append(bound)
    by_name = {form.name: form for form in forms}
    if line.has_report and "reopen" in by_name:
        returned = by_name["reopen"]
        returned["reason"].label, returned.title = _("What to correct"), _("Return for correction")
        returned.explained = _("The report counts until the unit corrects it.")
    return by_name
