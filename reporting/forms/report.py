"""The figures that a unit's officer types: the form explains, the act decides."""

from datetime import date, datetime, timedelta

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts import questions, unconfirmed
from ..days import state
from ..days.status import DayStatus
from ..figures import rules, standings
from ..figures.fields import BESIDE, beside
from ..figures.rules import Doubt, Figures
from ..hours import deadline, permissions
from ..hours.permissions import Act
from ..models import LateRequest, Report, Unit, User
from ..people import access
from ..text import formatting
from .fields import CleanTextField, NumberField
from .figures import FiguresForm, days_missed

NUMBERS = ("installs", "cumulative")
BESIDE_THE_FIGURE = {*NUMBERS, "note", *(count.column for count in BESIDE)}


class OfficerForm(FiguresForm):
    """The figures of a unit's own officer: of a report, or of a late request.

    `typed` fills the fields of a form that nothing was sent to, with what the officer had typed into an earlier one.
    Of an agency the number asked for first is the total, of another unit that of the day.
    """

    is_conflict = False  # somebody else has saved in between
    at_field = {acts.BelowCumulative: "cumulative"}
    DAY_ONLY = "day_only"  # what the number covers when days before it are missing; or the first of these, as a day

    cumulative = NumberField(required=False)
    covers = CleanTextField(required=False, max_length=10, widget=forms.RadioSelect)
    note = CleanTextField(
        required=False,
        max_length=2000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        label=gettext_lazy("Difficulties"),
        help_text=gettext_lazy("May be left empty."),
    )

    def __init__(
        self, data=None, *, unit: Unit, day: date, at: datetime, user: User, typed: dict[str, str] | None = None
    ):
        self.typed = typed or {}
        self.main = "cumulative" if unit.is_agency else "installs"
        known = {"standing": standings.standing_of(unit, day), "day_state": state.day_state(unit, day, at=at)}
        super().__init__(data, unit=unit, day=day, at=at, user=user, **known)
        self.initial = self._initial() | self.typed
        self._label()
        self.fields["opening"].required = self.owes_opening
        if not self.standing.missed_before:
            del self.fields["covers"]
        self.order_fields(["opening", self.main, *NUMBERS, "covers", *(count.column for count in BESIDE), "note"])

    def _initial(self) -> dict:
        if not self.has_report:
            return {"base_version": self.standing.version}
        return {
            **self._said_by(self.standing.report),
            self.main: self.standing_number,
            "base_version": self.standing.version,
        }

    def _said_by(self, record: Report | LateRequest) -> dict:
        """What it says beside the number that is asked for first."""
        covers = record.covers_from.isoformat() if record.covers_from else self.DAY_ONLY
        return {"covers": covers, "note": record.note, **beside(record)}

    def _label(self) -> None:
        fields, start = self.fields, self.day_state.opening_day
        if self.unit.is_agency:
            fields["installs"].label = _("Staff who installed today")
            fields["cumulative"].label = _("Staff who have installed so far")
            opening = _("Staff who had installed before %(day)s")
        else:
            fields["installs"].label = _("New installs")
            fields["cumulative"].label = _("Cumulative installs so far")
            opening = _("Phones that had it before %(day)s")
        fields["opening"].label = opening % {"day": formatting.day(start + timedelta(days=1))}
        fields["opening"].help_text = _("Asked once, with the first report. If there were none, enter 0.")
        fields["installs"].help_text = self._span_of_the_count()
        fields["cumulative"].help_text = _("The total to date. The day’s number is calculated from it.")
        if self.standing.missed_before:
            self._label_covers(fields["covers"])

    def _span_of_the_count(self) -> str:
        """From the unit's hour of the day before to that of the day: no hour is counted twice, and none by nobody."""
        hours, path = self.day_state.hours, self.unit.path
        start, end = hours.counts_from(path), hours.ordered_for(path)
        return _("From %(start)s on %(day_before)s to %(hour)s on %(day)s. If there are none, enter 0.") % {
            "start": formatting.hour(start),
            "day_before": formatting.short_day(start),
            "hour": formatting.hour(end),
            "day": formatting.short_day(end),
        }

    def _label_covers(self, covers: forms.Field) -> None:
        said, included = days_missed(self.standing.missed_before)
        if self.day == deadline.reporting_day(self.sent_at):
            asked, only = _("The number of today"), _("only of today, the rest will follow")
        else:
            day = {"day": formatting.short_day(self.day)}
            asked, only = _("The number of %(day)s") % day, _("only of %(day)s, the rest will follow") % day
        covers.label = f"{said} {asked}"
        covers.widget.choices = [(self.standing.missed_before[0].isoformat(), included), (self.DAY_ONLY, only)]

    # What was sent.

    def clean(self) -> dict:
        cleaned = super().clean()
        self.is_total = cleaned.get("cumulative") is not None
        self._settle_covers(cleaned)
        self.demand_that_still_missed()
        return cleaned

    def _settle_covers(self, cleaned: dict) -> None:
        """From which day on the number counts: as chosen, else as it stands; a total includes what was missed."""
        missed, choice = self.standing.missed_before, cleaned.get("covers")
        includes = missed[0].isoformat() if missed else None
        self.covers_from = self.standing.report.covers_from if self.has_report else None
        if missed and choice == includes:
            self.covers_from = missed[0]
        elif missed and choice == self.DAY_ONLY:
            self.covers_from = None
        if self.is_total:
            self.covers_from = rules.covers_from(self.standing, self._sent(cleaned))
        is_chosen = choice in (includes, self.DAY_ONLY)
        self.owes_covers = bool(missed) and not is_chosen and not self.has_report and not self.is_total

    def _sent(self, cleaned: dict) -> Figures:
        """What was typed, as the rules take it: the total, where one was typed."""
        return Figures(**self.figures(cleaned, is_total=self.is_total))

    def check_figures(self, cleaned: dict) -> None:
        """One number for the day, from what was typed as the day's, as the total, or both; within the rules."""
        if words := self.other_opening(cleaned.get("opening")):
            self.add_error(None, ValidationError(words, code="opening_differs"))
        if all(cleaned.get(name) is None and name not in self.errors for name in NUMBERS):
            required = self.fields[self.main].error_messages["required"]
            self.add_error(self.main, ValidationError(required, code="required"))
        if self.errors:
            return
        figures, known = self._sent(cleaned), self.standing
        installs = rules.day_installs(known, figures)
        if installs >= 0 and cleaned.get("installs") not in (None, installs):
            words = _("The two numbers disagree: a total of %(total)s means %(installs)s on this day.")
            words %= {"total": formatting.number(cleaned["cumulative"]), "installs": formatting.number(installs)}
            self.add_error("cumulative", ValidationError(words, code="figures_disagree"))
            return
        cleaned["installs"] = installs
        if not self.is_repeat(cleaned) or self.affirms(cleaned):
            self.add_refusals(figures)
        if not self.errors and not self.is_repeat(cleaned):
            self._demand_covers(cleaned)

    def _demand_covers(self, cleaned: dict) -> None:
        """A total holds the days before that were not reported as well: what it covers is no choice."""
        if bool(self.covers_from) and cleaned.get("covers") == self.DAY_ONLY:
            words = _("A total includes earlier days without a report. Choose that, or give only the day’s number.")
            self.add_error("covers", ValidationError(words, code="covers"))
        elif self.owes_covers:
            self.add_error("covers", ValidationError(_("Choose one."), code="covers"))

    def affirms(self, cleaned: dict) -> bool:
        """Whether a return is answered with the figures that were returned; an older form sent again is not that."""
        is_of_now = cleaned.get("base_version") == self.standing.version
        return self.day_state.is_returned and is_of_now and self.is_repeat(cleaned)

    def refuse(self, error: acts.NotWritten) -> None:
        """The act decided otherwise than this form had: say so where the officer looks, instead of a question.

        After a conflict the figures typed are kept, and the next POST replaces the report that now stands.
        """
        if isinstance(error, acts.Conflict):
            self.is_conflict, self.standing = True, standings.standing_of(self.unit, self.day)
            self.put("base_version", self.standing.version)
            return
        self.questions = []
        if isinstance(error, acts.DayClosed):
            self.day_state = error.day_state
            self.add_error(None, ValidationError(self.closed_words, code=error.code))
        else:
            super().refuse(error)

    def field_of(self, error: acts.NotWritten) -> str | None:
        field = super().field_of(error)
        return "cumulative" if field == "installs" and self.is_total else field

    # What the page shows.

    @property
    def counts_beside(self) -> list[tuple[forms.BoundField, int | None, int | None]]:
        """What is asked for beside the installs: each field, what stands and what was typed."""
        cleaned, standing = getattr(self, "cleaned_data", {}), beside(self.standing.report)
        return [(self[name], standing[name], cleaned.get(name)) for name in standing if name in self.fields]

    @property
    def standing_number(self) -> int:
        """What stands of the number that is asked for first."""
        report = self.standing.report
        return report.cumulative + self.standing.brought_along if self.unit.is_agency else report.installs

    @property
    def closed_words(self) -> str:
        """Why the day is closed to the officer; of a day whose figures a later report holds, where they are."""
        if self.covering and not self.day_state.is_open:
            return acts.Covered(self.covering).words
        return self.day_state.explained(is_reported=self.has_report)

    @property
    def covering(self) -> rules.Span | None:
        """The later report that holds the day's figures already: that is the one to be corrected first."""
        return None if self.has_report else self.standing.covered_by

    @property
    def has_more(self) -> bool:
        """Whether anything beside the main figure is filled in or refused: then it is not folded away."""
        folded = [self[name] for name in self.fields if name in BESIDE_THE_FIGURE and name != self.main]
        if self.unit.is_agency and "covers" in self.errors:
            return True
        return any(field.errors or field.value() not in (None, "") for field in folded)

    @property
    def owes_opening(self) -> bool:
        """Until it is there, the form also asks for the installs before the campaign."""
        return self.standing.opening is None

    @property
    def may_request(self) -> bool:
        """Whether figures that come too late may still be sent to be taken in by the superior."""
        return permissions.may(access.role(self.user, self.unit), Act.REQUEST, self.day_state.situation)

    @property
    def request_words(self) -> str:
        """What such a sending is called."""
        return _("Ask for a correction") if self.has_report else _("Send a late report")


class ReportForm(OfficerForm):
    """A unit's report of one day. Refusals carry the codes of `state.Code`, of the exceptions, and "figures_disagree".

    What a number covers when days before are missing is asked for with the code "covers".
    """

    confirm_reason = CleanTextField(required=False, max_length=300, label=gettext_lazy("Explanation (required)"))
    offers_cumulative = False

    def __init__(self, data=None, **about):
        if data and "as_cumulative" in data and not data.get("cumulative"):  # the button that answers a question
            data = data.copy()
            data["cumulative"], data["installs"] = data.get("installs"), ""
        super().__init__(data, **about)

    def clean(self) -> dict:
        if self.day_state.is_open:
            unconfirmed.forget(self.unit, self.day, at=self.sent_at)
        cleaned = super().clean()
        self._demand_open_day(cleaned)
        self.check_figures(cleaned)
        if self.errors:
            return cleaned
        if self.affirms(cleaned):
            self.ask(self._sent(cleaned), [questions.of_figures_returned()], needs="confirm_reason")
        elif not self.is_repeat(cleaned):
            self._ask_about_doubts(cleaned)
        return cleaned

    def _demand_open_day(self, cleaned: dict) -> None:
        if self.day_state.is_open:
            return
        if any(cleaned.get(name) is not None for name in NUMBERS):
            installs = rules.day_installs(self.standing, self._sent(cleaned))
            if self.is_repeat({**cleaned, "installs": installs}) or self.confirms(self._sent(cleaned)):
                return
        raise ValidationError(self.closed_words, code=self.day_state.code)

    def _ask_about_doubts(self, cleaned: dict) -> None:
        """Numbers that are usually a mistake: the officer may send them all the same, with an explanation."""
        asked = self.doubts(self._sent(cleaned), is_total=self.is_total)
        if Doubt.LIKE_A_TOTAL in asked:
            before = self.standing.cumulative_before + ((cleaned.get("opening") or 0) if self.owes_opening else 0)
            self.offers_cumulative = cleaned["installs"] >= before and before + self.standing.adjustment > 0
        self.ask(self._sent(cleaned), list(asked.values()), needs="confirm_reason")

    def save(self, *, by: User, at: datetime) -> acts.Receipt:
        cleaned = self.cleaned_data
        return acts.submit(
            unit=self.unit,
            day=self.day,
            **self.figures(cleaned, is_total=self.is_total),
            reason=cleaned["confirm_reason"] if self.questions else "",
            affirms=self.affirms(cleaned),
            apart=cleaned.get("apart"),
            base_version=cleaned.get("base_version") or 0,
            by=by,
            at=at,
        )

    @property
    def done(self) -> str:
        """What is told once it is there."""
        if not self.saved.is_repeat:
            return _("The report has been received.")
        received = {"moment": formatting.exact(self.saved.revision.received_at)}
        return _("These figures were already received at %(moment)s.") % received

    @property
    def standing_status(self) -> DayStatus | None:
        """What the day is for the unit as things stand."""
        waiting = LateRequest.objects.waiting().filter(unit=self.unit, day=self.day)
        return self.day_state.status(
            self.standing.report if self.has_report else None,
            is_waiting=not self.has_report and self.day_state.is_over and waiting.exists(),
            at=self.arrived_at,
        )

    @property
    def is_too_late(self) -> bool:
        """Whether the figures were refused by the hour, and by nothing else."""
        return not self.covering and self.has_error(NON_FIELD_ERRORS, state.Code.AFTER_DEADLINE)

    @property
    def may_set_apart(self) -> bool:
        """Whether a unit's own officer settles it himself: while the later day is open to him."""
        later = self.covering and state.day_state(self.unit, self.covering.day, at=self.arrived_at)
        return bool(later) and later.is_open
