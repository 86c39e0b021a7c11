"""What people may send: the form explains, the act decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts import first_arrivals
from ..days import state
from ..figures import rules, standings
from ..figures.fields import BESIDE, beside
from ..figures.rules import Doubt, Figures
from ..hours import deadline
from ..models import FirstArrival, Unit, User
from ..text.formatting import number, short_day
from . import count_span, doubts
from .collisions import Colliding, demand_that_still_missed, words_of_missed, words_to_choose
from .fields import BesideForm, CleanTextField, NumberField
from .report_as_shown import ReportAsShown


class ReportForm(ReportAsShown, Colliding, BesideForm):
    """A unit's report of one day, as its officer types it.

    Refusals carry the codes of `state.Code`, and "more_than_population", "below_cumulative", "figures_disagree".
    A doubtful number is asked about (code "confirm"), and what it covers when days before are missing ("covers"): the
    answer counts from the first arrival, see `first_arrivals`. `typed` fills the fields of a form that nothing was
    sent to, with what the officer had typed into an earlier one.
    """

    DAY_ONLY = "day_only"  # what the number covers when days before it are missing; or the first of these, as a day

    installs = NumberField(required=False)
    cumulative = NumberField(required=False)
    covers = CleanTextField(required=False, max_length=10, widget=forms.RadioSelect)
    opening = NumberField()
    note = CleanTextField(
        required=False,
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=gettext_lazy("Difficulties"),
    )
    base_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    as_cumulative = forms.BooleanField(required=False)  # the button that answers a question
    confirm = forms.BooleanField(required=False, label=gettext_lazy("The figures are right, send them all the same"))
    confirm_reason = CleanTextField(required=False, max_length=300, label=gettext_lazy("Explanation (required)"))
    apart = forms.IntegerField(required=False)  # the version of the later report that is to hold its own day alone

    field_order = ("opening", "installs", "cumulative", "covers", *(count.column for count in BESIDE), "note")

    def __init__(
        self, data=None, *, unit: Unit, day: date, at: datetime, user: User, typed: dict[str, str] | None = None
    ):
        self.unit, self.day, self.user, self.typed = unit, day, user, typed or {}
        self.sent_at = self.arrived_at = at
        self.first: FirstArrival | None = None
        self.standing = standings.standing(unit, day)
        self.questions: list[str] = []
        self.offers_cumulative = False
        super().__init__(data, initial={**self._initial(), **self.typed})
        self.day_state = state.day_state(unit, day, at=at)
        self._label()
        self.fields["opening"].required = self.owes_opening
        if unit.is_agency:
            for count in BESIDE:
                del self.fields[count.column]
            self.order_fields(["opening", "cumulative", "installs", "covers", "note"])

    def _initial(self) -> dict:
        if not self.has_report:
            return {"base_version": self.standing.version}
        report = self.standing.report
        if self.unit.is_agency:
            number = {"cumulative": report.cumulative + self.standing.brought_along}
        else:
            number = {"installs": report.installs}
        return {
            **number,
            "covers": report.covers_from.isoformat() if report.covers_from else self.DAY_ONLY,
            "note": report.note,
            **beside(report),
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
        fields["installs"].help_text = count_span.words(self.day_state.hours, self.unit.path)
        fields["cumulative"].help_text = _("The total to date; the number of the day is computed from it.")
        fields["note"].help_text = _("May be left empty.")
        if self.standing.missed_before:
            self._label_covers()
        else:
            del fields["covers"]

    def _label_covers(self) -> None:
        covers, day = self.fields["covers"], {"day": short_day(self.day)}
        is_today = self.day == deadline.reporting_day(self.arrived_at)
        said, included = words_of_missed(self.standing.missed_before)
        asked = _("The number of today") if is_today else _("The number of %(day)s") % day
        only = (
            _("only of today, the rest will follow") if is_today else _("only of %(day)s, the rest will follow") % day
        )
        covers.label = f"{said} {asked}"
        covers.widget.choices = [(self.standing.missed_before[0].isoformat(), included), (self.DAY_ONLY, only)]

    def clean(self) -> dict:
        cleaned = super().clean()
        is_read_as_total = bool(cleaned.get("as_cumulative")) and cleaned.get("cumulative") is None
        self._settle_covers(cleaned)
        self._recall_first_arrival(self._as_sent(cleaned, is_read_as_total=is_read_as_total))
        if is_read_as_total:
            self._read_as_cumulative(cleaned)
            self._settle_covers(cleaned)
        self._came = self._as_sent(cleaned)  # before one number is worked out of the other
        self._demand_that_still_missed()
        self._explain_the_day(cleaned)
        self._keep_opening(cleaned)
        self._require_a_number(cleaned)
        if self.errors:
            return cleaned
        self._settle_installs(cleaned)
        if self.errors:
            return cleaned
        if self._affirms(cleaned):
            self.questions = [doubts.same_as_returned()]
            self._require_an_answer(cleaned)
        elif not self.is_repeat(cleaned):
            self._ask_covers()
            self._ask(cleaned)
        return cleaned

    def is_repeat(self, cleaned: dict) -> bool:
        """The very same figures stand already: they get their receipt again, whatever the hour."""
        report = self.standing.report
        return (
            self.has_report
            and cleaned.get("installs") == report.installs
            and all(cleaned.get(column) == value for column, value in beside(report).items())
            and cleaned.get("note", "") == report.note
            and self.covers_from == report.covers_from
        )

    def _affirms(self, cleaned: dict) -> bool:
        """Whether a return is answered with the figures that were returned; an older form sent again is not that."""
        is_of_now = cleaned.get("base_version") == self.standing.version
        return self.day_state.is_returned and is_of_now and self.is_repeat(cleaned)

    def save(self) -> acts.Receipt:
        cleaned = self.cleaned_data
        return acts.submit(
            unit=self.unit,
            day=self.day,
            **self._sent(is_total=self.reads_cumulative),
            reason=cleaned["confirm_reason"] if self.questions else "",
            affirms=self._affirms(cleaned),
            apart=cleaned.get("apart"),
            base_version=cleaned.get("base_version") or 0,
            by=self.user,
            at=self.sent_at,
            first=self.first,
        )

    def show_conflict(self) -> None:
        """Keep the figures typed and let the next POST replace the report that now stands."""
        before = self.cleaned_data.get("base_version") or 0
        self.standing = standings.standing(self.unit, self.day)
        self.data = self.data.copy()
        self.data["base_version"] = self.standing.version
        if before < self.standing.version:  # a version that never was is nobody's newer report
            opening = self._came.figures["opening"] if self.owes_opening else None
            figures = {**self._came.figures, "opening": opening}
            self._came = replace(self._came, figures=figures, version=self.standing.version)
            self._keep_arrival()

    def refuse(self, error: acts.NotWritten) -> None:
        """The act decided otherwise than this form had: say so where the officer looks, instead of a question."""
        self.questions = []
        match error:
            case acts.DayClosed(day_state=day_state):
                self.day_state = day_state
                words = day_state.explained(is_reported=self.has_report)
                self.add_error(None, ValidationError(words, code=day_state.code))
            case acts.LimitExceeded(of=field):
                field = "cumulative" if field == "installs" and self.reads_cumulative else field
                self.add_error(field, ValidationError(error.words, code="more_than_population"))
            case acts.BelowCumulative(cumulative=cumulative):
                self.add_error("cumulative", self._below(cumulative))
            case acts.OpeningMissing():
                self.add_error(
                    None, ValidationError(_("The report was changed meanwhile. Check it and send it again."))
                )
            case acts.Collision():
                self.keep(error)
                self._keep_arrival(asks_covers=True)
                self.add_error(None, ValidationError(self.collision_words, code="collision"))
            case _:
                self.add_error(None, ValidationError(error.words, code="refused"))

    @property
    def cumulative_base(self) -> int:
        """What the unit had up to the day before, the opening number just typed included."""
        return self.standing.cumulative_before + (self._typed_opening or 0)

    @property
    def _typed_opening(self) -> int | None:
        return getattr(self, "cleaned_data", {}).get("opening") if self.owes_opening else None

    def _recall_first_arrival(self, sent: first_arrivals.Sent) -> None:
        """A question answered within ten minutes counts from the first time these figures arrived."""
        self.first = first_arrivals.recall(sent, at=self.arrived_at)
        if self.first:
            self.arrived_at = self.first.arrived_at
            self.day_state = state.day_state(self.unit, self.day, at=self.arrived_at)

    def _as_sent(self, cleaned: dict, **how) -> first_arrivals.Sent:
        """All that was typed."""
        figures = {
            **{name: cleaned.get(name) for name in ("installs", "cumulative", *(count.column for count in BESIDE))},
            "opening": cleaned.get("opening") if self.owes_opening else None,
            "note": cleaned.get("note", ""),
            "covers": self.covers_from.isoformat() if self.covers_from else "",
        }
        return first_arrivals.Sent(self.unit, self.day, self.user, self.standing.version, figures, **how)

    def _keep_arrival(self, *, asks_covers: bool = False) -> None:
        asked = {"asks_covers": asks_covers or self._owes_covers, "offers_total": self.offers_cumulative}
        first_arrivals.keep(self._came, at=self.arrived_at, **asked)

    def _demand_that_still_missed(self) -> None:
        try:
            demand_that_still_missed(self, self.standing)
        except ValidationError:
            self._keep_arrival(asks_covers=True)  # asked anew
            raise

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

    def _settle_covers(self, cleaned: dict) -> None:
        """From which day on the number counts: as chosen, else as it stands; a total includes what was missed."""
        missed, has_report = self.standing.missed_before, self.has_report
        is_total = cleaned.get("installs") is None and cleaned.get("cumulative") is not None
        choice, includes = cleaned.get("covers"), missed and missed[0].isoformat()
        choice = choice if choice in (includes, self.DAY_ONLY) else ""
        self.covers_from = self.standing.report.covers_from if has_report else None
        if missed and choice == includes:
            self.covers_from = missed[0]
        elif missed and choice == self.DAY_ONLY:
            self.covers_from = None
        if cleaned.get("cumulative") is not None:
            self.covers_from = rules.covers_from(self.standing.known, self._figures(cleaned))
        self._owes_covers = bool(missed) and not choice and not has_report and not is_total

    def _ask_covers(self) -> None:
        is_total = bool(self.covers_from) and self.cleaned_data.get("covers") == self.DAY_ONLY
        if self._owes_covers or is_total:
            self._keep_arrival(asks_covers=True)
            self.add_error("covers", ValidationError(words_to_choose(is_total=is_total), code="covers"))

    def _explain_the_day(self, cleaned: dict) -> None:
        if not self.day_state.is_open and not self.is_repeat(self._as_stored(cleaned)):
            raise ValidationError(self.closed_words, code=self.day_state.code)

    def _as_stored(self, cleaned: dict) -> dict:
        """The figures with a number typed as the total turned into the day's."""
        if cleaned.get("installs") is None and cleaned.get("cumulative") is not None:
            return {**cleaned, "installs": rules.day_installs(self.standing.known, self._figures(cleaned))}
        return cleaned

    def _figures(self, cleaned: dict) -> Figures:
        """What was typed, as the rules take it: the total, where one was typed."""
        return Figures(**self._sent(cleaned, is_total=cleaned.get("cumulative") is not None))

    def _sent(self, cleaned: dict | None = None, *, is_total: bool) -> dict:
        """The figures as the act takes them, by the total or by the day's number."""
        cleaned = self.cleaned_data if cleaned is None else cleaned
        name = "cumulative" if is_total else "installs"
        return {
            name: cleaned[name],
            "covers_from": self.covers_from,
            **{count.column: cleaned.get(count.column) for count in BESIDE},
            "note": cleaned.get("note", ""),
            "opening": cleaned.get("opening"),
        }

    def _require_a_number(self, cleaned: dict) -> None:
        if any(cleaned.get(name) is not None or name in self.errors for name in ("installs", "cumulative")):
            return
        first = "cumulative" if self.unit.is_agency else "installs"
        self.add_error(first, ValidationError(self.fields[first].error_messages["required"], code="required"))

    def _settle_installs(self, cleaned: dict) -> None:
        """One number for the day, from what was typed as the day's, as the total, or both; within the rules."""
        self.reads_cumulative = cleaned.get("installs") is None
        figures, known = self._figures(cleaned), self.standing.known
        installs = rules.day_installs(known, figures)
        if installs >= 0 and cleaned.get("installs") not in (None, installs):
            message = _("The two numbers disagree: a total of %(total)s means %(installs)s on this day.")
            total = number(cleaned["cumulative"])
            self.add_error(
                "cumulative",
                ValidationError(message % {"total": total, "installs": number(installs)}, code="figures_disagree"),
            )
            return
        cleaned["installs"] = installs
        if not self.is_repeat(cleaned) or self._affirms(cleaned):
            for refusal in rules.refusals(known, figures):
                if not self.is_settled(refusal):
                    self.refuse(refusal)

    def _below(self, cumulative: int) -> ValidationError:
        message = _("Less than the cumulative number so far, %(cumulative)s. Check the number.")
        return ValidationError(message % {"cumulative": number(cumulative)}, code="below_cumulative")

    def _ask(self, cleaned: dict) -> None:
        """Numbers that are usually a mistake: the officer may send them all the same, with an explanation."""
        figures, installs = self._figures(cleaned), cleaned["installs"]
        is_total = cleaned.get("cumulative") is not None
        asked = doubts.questions(self.standing, figures, day=self.day, is_total=is_total)
        self.questions = list(asked.values())
        if Doubt.LIKE_A_TOTAL in asked:
            self.offers_cumulative = installs >= self.cumulative_base and self.cumulative_base + self.adjustment > 0
        if self.questions:
            self._require_an_answer(cleaned)

    def _require_an_answer(self, cleaned: dict) -> None:
        if not cleaned.get("confirm"):
            self._keep_arrival()
            raise ValidationError([ValidationError(question, code="confirm") for question in self.questions])
        if not cleaned.get("confirm_reason"):
            self._keep_arrival()
            self.add_error("confirm_reason", ValidationError(_("Explain why the figures are right."), code="required"))
