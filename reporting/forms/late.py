"""Figures that come after the hour, and corrections asked for: the same form, a reason, and the superior decides."""

from datetime import date, datetime

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..figures import rules
from ..hours.permissions import Act
from ..models import LateRequest, Unit, User
from ..text.formatting import day as written_day
from .fields import CleanTextField, NumberField
from .report import NUMBERS, OfficerForm
from .review import ReviewForm

OTHER = "other"
WHY_LATE = [
    ("power", gettext_lazy("Power or network cut")),
    ("figures", gettext_lazy("Waiting for the figures of a hamlet or residential group")),
    ("field", gettext_lazy("Officers out in the field")),
    (OTHER, gettext_lazy("Another reason")),
]
WHY_CORRECTED = [
    ("typing", gettext_lazy("Number typed wrongly")),
    ("double", gettext_lazy("Counted twice")),
    ("figures", gettext_lazy("Figures of a hamlet or residential group came later")),
    (OTHER, gettext_lazy("Another reason")),
]


class ReasonForm(forms.Form):
    """Why the figures come late, or why those that stand are wrong: by tap, or in words of one's own."""

    reason = forms.ChoiceField(
        required=False, label=gettext_lazy("Reason (required)"), choices=WHY_LATE, widget=forms.RadioSelect
    )
    other_reason = CleanTextField(required=False, max_length=250, label=gettext_lazy("In your own words"))

    def __init__(self, *args, is_correction: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if is_correction:
            self.fields["reason"].choices = WHY_CORRECTED

    def settle_reason(self) -> None:
        """One sentence of both, in the office's language whatever the officer reads; it is kept as written."""
        chosen, said = self.cleaned_data.get("reason"), self.cleaned_data.get("other_reason", "")
        if chosen == OTHER and not said:
            self.add_error("other_reason", ValidationError(_("Write the reason."), code="required"))
        elif not chosen and not said and "reason" not in self.errors:
            self.add_error("reason", ValidationError(_("Choose a reason."), code="required"))
        with translation.override(settings.LANGUAGE_CODE):
            words = "" if chosen in (None, "", OTHER) else str(dict(self.fields["reason"].choices)[chosen])
        self.reason_words = ": ".join(filter(None, (words, said)))


class LateRequestForm(OfficerForm, ReasonForm):
    """A late report, a missed day sent later, or a correction of a report that is there.

    For a correction also a signed adjustment of the cumulative, when a double count reaches over many days. A doubtful
    number is not asked about: the superior looks at it.
    """

    MINUS, PLUS = "minus", "plus"

    adjust_sign = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Subtract or add"),
        choices=[(MINUS, gettext_lazy("subtract")), (PLUS, gettext_lazy("add"))],
        widget=forms.RadioSelect,
    )
    adjust_by = NumberField(required=False, label=gettext_lazy("Amount to add to or subtract from the cumulative"))
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)  # a request that waits, taken back for this
    done = gettext_lazy("The request has been sent. It counts when your superior unit accepts it.")
    undone_by = "reporting:late_withdraw"
    asked_adjustment = 0  # the signed change of the cumulative asked for

    def __init__(self, data=None, *, unit: Unit, day: date, **about):
        self.waiting = LateRequest.objects.waiting().filter(unit=unit, day=day).first()
        super().__init__(data, unit=unit, day=day, **about)
        del self.fields["apart"], self.fields["confirm"]  # the superior settles it
        if self.has_report:
            self.fields["reason"].choices = WHY_CORRECTED
        else:
            del self.fields["adjust_sign"], self.fields["adjust_by"]

    @property
    def why_not(self) -> str:
        """Why nothing may be asked for on this day; empty if it may."""
        if not self.may_request:
            refusal = acts.NotAllowed(Act.REQUEST, self.day_state.situation, self.day_state)
            return self.closed_words or refusal.words
        return acts.Covered(self.covering).words if self.covering else ""

    @property
    def is_shown(self) -> bool:
        """Whether the page holds the form, or says why it does not."""
        return self.is_bound or not (self.waiting or self.why_not)

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.may_request and self.covering:
            self.keep(acts.Covered(self.covering))
        if self.why_not:
            raise ValidationError(self.why_not, code=self.day_state.code)
        if cleaned.get("adjust_by") and all(cleaned.get(name) is None for name in NUMBERS):
            cleaned["installs"] = self.standing.report.installs  # an adjustment leaves the day's number as it stands
        self.check_figures(cleaned)
        self.settle_reason()
        self._settle_adjustment(cleaned)
        if not self.errors and self.is_repeat(cleaned) and not self.asked_adjustment:
            words = _("These are the figures that stand already. Change what is wrong.")
            self.add_error(None, ValidationError(words, code="nothing_changed"))
        return cleaned

    def _settle_adjustment(self, cleaned: dict) -> None:
        change = cleaned.get("adjust_by")
        if not change or self.errors:
            return
        if not cleaned.get("adjust_sign"):
            self.add_error("adjust_sign", ValidationError(_("Choose one."), code="required"))
        elif not self.is_repeat(cleaned):
            words = _("Ask for one thing at a time: new figures of %(day)s, or an adjustment of the cumulative.")
            self.add_error("adjust_by", ValidationError(words % {"day": written_day(self.day)}, code="both"))
        else:
            self.asked_adjustment = -change if cleaned["adjust_sign"] == self.MINUS else change
            known = self.standing
            for refused in rules.refusals_of_adjustment(known, known.adjustment + self.asked_adjustment):
                self.add_error("adjust_by", refused.words)

    def _asked(self, *, is_total: bool) -> dict:
        """What the act is asked for."""
        if self.asked_adjustment:
            return {"adjustment": self.asked_adjustment}
        return self.figures(self.cleaned_data, is_total=is_total)

    def save(self, *, by: User, at: datetime) -> LateRequest:
        """Ask; the very same request sent again is answered as the first time."""
        try:
            return acts.request(
                unit=self.unit,
                day=self.day,
                reason=self.reason_words,
                base_version=self.cleaned_data.get("base_version") or 0,
                replaces=self.cleaned_data.get("replaces"),
                by=by,
                at=at,
                **self._asked(is_total=self.is_total),
            )
        except acts.AlreadyWaiting:
            self.waiting = LateRequest.objects.waiting().filter(unit=self.unit, day=self.day).first()
            asked = self._asked(is_total=False) | {"reason": self.reason_words}
            if self.waiting and all(getattr(self.waiting, name) == value for name, value in asked.items()):
                return self.waiting
            raise

    def _initial(self) -> dict:
        """Figures of a request that was taken back or not taken in are there again."""
        initial = super()._initial()
        asked = LateRequest.objects.filter(unit=self.unit, day=self.day).order_by("-id").first()
        if asked is None or asked.is_waiting or asked.installs is None or self.has_report:
            return initial
        return initial | self._said_by(asked) | {"installs": asked.installs, "opening": asked.opening}


class WithdrawRequestForm(ReviewForm):
    """The request that waits taken back: the one that the page showed, and none that was sent after it."""

    act = acts.withdraw_request
    done = gettext_lazy("The request has been withdrawn.")
    shown = forms.IntegerField(required=False)
