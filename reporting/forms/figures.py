"""Base forms for a unit's figures of a day: for the report, the late request and a row of the grid."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _, gettext_lazy

from .. import acts
from ..acts import unconfirmed
from ..days import state
from ..days.status import DayStatus
from ..deadline import Urgency, urgency_of
from ..figures import doubts, rules, standings
from ..figures.fields import EXTRAS, extras
from ..figures.rules import SentFigures
from ..figures.standings import Standing
from ..models import LateRequest, Revision, Unit, User
from ..text import formatting, parsing
from ..text.formatting import number, short_day
from .fields import BesideForm, CleanTextField, ExplainedForm, NumberField


class ActForm(forms.Form):
    """A form that performs an act and shows a refusal at the field that the exception names."""

    status = acts.REFUSED  # HTTP
    shown_at: Mapping[str, str] = {}  # the form's field by the exception's field

    def put(self, name: str, value) -> None:
        """Show `value` in the field, not what was sent."""
        self.data = self.data.copy()
        self.data[self.add_prefix(name)] = str(value)

    def field_of(self, error: acts.Refusal) -> str:
        return self.shown_at.get(error.field, error.field)

    def refuse(self, error: acts.Refusal) -> None:
        """Show the refusal. After a conflict the next POST applies to the report as stored."""
        self.status = error.status
        if isinstance(error, acts.Conflict):
            self.put("base_version", error.report.version if error.report else 0)
        name = self.field_of(error)
        self.add_error(name if name in self.fields else None, ValidationError(error.message, code=error.code))


class FiguresForm(ActForm, ExplainedForm, BesideForm):
    """Figures of one unit on one day. `standing` is what is known about the unit before the day.

    If `questions` were asked before the deadline and are answered after it, the figures count from their first arrival;
    see `acts.unconfirmed`.
    """

    installs = NumberField(required=False)
    opening = NumberField(required=False)
    base_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    is_total = False  # whether a total was typed
    offers_cumulative = False  # whether the number may be the total
    is_asked_again = False  # whether it only shows an open question
    waiting: LateRequest | None = None

    def __init__(
        self, data, *, unit: Unit, day: date, at: datetime, user: User, standing: Standing, day_state: state.DayState,
        **kwargs,
    ):  # fmt: skip
        self.unit, self.day, self.user = unit, day, user
        self.sent_at = self.arrived_at = at  # `confirms` sets an earlier arrival
        self.standing, self.day_state = standing, day_state
        self.covers_from: date | None = None  # the first day that the number includes; None: only the day itself
        super().__init__(data, **kwargs)
        if unit.is_agency:
            for count in EXTRAS:
                del self.fields[count.column]

    @property
    def has_report(self) -> bool:
        return self.standing.is_reported

    @property
    def covering(self) -> rules.LaterReport | None:
        """The later report that includes the day and must be corrected first."""
        return None if self.has_report else self.standing.covered_by

    @property
    def standing_status(self) -> DayStatus | None:
        """The day's status as stored."""
        is_over = self.day_state.hours.is_over(self.day_state.path, self.arrived_at)
        is_waiting = not self.has_report and is_over and self.waiting is not None
        report = self.standing.report if self.has_report else None
        return self.day_state.status(report, is_waiting=is_waiting, at=self.arrived_at)

    @property
    def urgency(self) -> Urgency:
        """How near the deadline is."""
        return urgency_of(self.day_state.closes_at, self.sent_at)

    @property
    def usual_at_most(self) -> int | None:
        """The largest number that raises no question; None if no usual number is known."""
        return doubts.usual_at_most(self.standing, mean=self.standing.mean)

    def is_repeat(self, cleaned: dict) -> bool:
        """Whether the report already has the same figures."""
        report = self.standing.report
        return (
            self.has_report
            and cleaned.get("installs") == report.installs
            and all(cleaned.get(column) == value for column, value in extras(report).items())
            and self.covers_from == report.covers_from
            and cleaned.get("note", report.note) == report.note
        )

    def figures(self, cleaned: dict) -> dict:
        """The figures, as arguments of the act."""
        name = "cumulative" if self.is_total else "installs"
        return {
            **{field: cleaned.get(field) for field in (name, "opening", *(count.column for count in EXTRAS))},
            "covers_from": self.covers_from,
            "note": cleaned.get("note", ""),
        }

    def demand_that_still_missed(self) -> None:
        """Refuse a number that includes missed days, if one of them was reported after the page was shown."""
        first, last = parsing.day(self.data.get(self.add_prefix("covers"), "")), self.standing.last
        if first and last and first <= last.day:
            self.put("covers", "")
            self.status = acts.CONFLICT
            raise ValidationError(acts.CoversReported(last).message, code="reported_alone")

    def other_opening(self, opening: int | None) -> str:
        """The error if the opening number differs from the stored one; otherwise empty."""
        stored = self.standing.opening
        if stored is None or opening in (None, stored):
            return ""
        words = _("The number before the campaign is recorded as %(opening)s. Ask your superior unit to correct it.")
        return words % {"opening": number(stored)}

    def add_refusals(self, figures: SentFigures) -> None:
        """Show all refusals of the rules."""
        for refusal in rules.refusals(self.standing, figures):
            self.refuse(refusal)

    def doubts(self, figures: SentFigures) -> dict[doubts.Doubt, str]:
        """The questions about the figures, by doubt."""
        return doubts.questions_of_a_form(self.standing, self.day, figures)

    def confirms(self, figures: SentFigures) -> bool:
        """Whether these figures were asked about before the deadline; if so, set `arrived_at` to that time."""
        unanswered = unconfirmed.find_sent(self.unit, self.day, self.user, figures, at=self.sent_at)
        if unanswered:
            self.arrived_at = unanswered.sent_at
            self.day_state = state.day_state(self.unit, self.day, at=self.arrived_at)
        return unanswered is not None

    def ask(self, figures: SentFigures, questions: Sequence[str]) -> None:
        """Ask, unless it is answered. Figures sent before the deadline are stored, to be confirmed after it."""
        self.questions = questions
        if questions:
            self.demand_explanation(self.cleaned_data)
        if self.errors and not (self.has_report or self.is_asked_again or self.day_state.is_late(self.sent_at)):
            answers = [
                figures,
                *([replace(figures, installs=None, cumulative=figures.installs)] * self.offers_cumulative),
            ]
            unconfirmed.store_unconfirmed(self.unit, self.day, self.user, answers, at=self.sent_at)


def days_missed(missed: Sequence[date]) -> tuple[str, str]:
    """Two phrases: that the days have not been reported, and that a number includes them too."""
    first, last = missed[0], missed[-1]
    if first == last:
        days = {"day": short_day(first)}
        return _("%(day)s has not been reported.") % days, _("includes %(day)s as well") % days
    if (last - first).days + 1 == len(missed):
        days = {"first": short_day(first), "last": short_day(last)}
        unreported = _("%(first)s to %(last)s have not been reported.")
        return unreported % days, _("includes %(first)s to %(last)s as well") % days
    days = {"days": ", ".join(map(short_day, missed))}  # not a range: days without a report due lie between
    return _("%(days)s have not been reported.") % days, _("includes %(days)s as well") % days


def missed_apart_words(standing: standings.Standing) -> str:
    """Which missed days the number does not include, and why; empty without any."""
    if not standing.missed_apart:
        return ""
    words = _("Missed too, and not in this number: %(days)s.")
    if standing.last and standing.last.is_waiting:
        words = _("Missed too, and not in this number, because the report of %(day)s waits: %(days)s.")
    days = ", ".join(map(short_day, standing.missed_apart))
    return words % {"days": days, "day": standing.last and short_day(standing.last.day)}


FIGURES = ("installs", *(count.column for count in EXTRAS))
COLUMNS = (*FIGURES, "opening", "paper_ref")


@dataclass(frozen=True)
class GridLine:
    """What is known about one unit on the day, before anything is typed."""

    unit: Unit
    day: date
    state: state.DayState
    standing: standings.Standing
    revisions: dict[int, Revision]  # of the day's report, by version
    yesterday: int | None
    waiting: LateRequest | None
    is_allowed: bool

    @property
    def figures(self) -> dict:
        report = self.standing.report
        return {
            **{name: getattr(report, name, None) for name in FIGURES},
            "covers": bool(report and report.covers_from),
            "base_version": self.standing.version,
        }


class EntryRow(FiguresForm):
    """A row of the grid: one unit's figures of the day.

    `base_version` is the version of the report that the page showed. An unchanged row is not saved, even if the report
    has changed meanwhile. A changed row is a conflict if its report has changed too.
    """

    field_order = COLUMNS
    explanation = None  # the grid has one reason for all rows

    paper_ref = CleanTextField(
        required=False,
        max_length=100,
        label=gettext_lazy("Paper or telephone"),
        widget=forms.TextInput(attrs={"list": "paper-kinds", "autocomplete": "off"}),
    )
    covers = forms.BooleanField(required=False)  # whether the number includes the missed days right before

    def __init__(self, data=None, *, line: GridLine, user: User, at: datetime, initial: Mapping | None = None):
        self.line, self.waiting = line, line.waiting
        self.is_saved = self.waits_for_reason = False
        known = {"standing": line.standing, "day_state": line.state}
        about = {"unit": line.unit, "day": line.day, "at": at, "user": user, **known}
        super().__init__(data, **about, prefix=line.unit.code, initial=line.figures if initial is None else initial)
        self.fields["installs"].label, self.fields["opening"].label = _("New installs"), _("Before the campaign")
        if missed := self.standing.missed_before:
            _unreported, self.fields["covers"].label = days_missed(missed)
            self.fields["covers"].widget.attrs["value"] = missed[0].isoformat()
        else:
            del self.fields["covers"]
        for name in COLUMNS:
            if name in self.fields:
                self.fields[name].help_text = ""  # the head of the grid explains it
                label = f"{self.fields[name].label}, {line.unit.full_name}"
                self.fields[name].widget.attrs |= {"aria-label": label, "data-column": name}

    # What was sent.

    def clean(self) -> dict:
        cleaned = super().clean()
        self.shown = self.line.revisions.get(cleaned.get("base_version") or 0)
        if missed := self.standing.missed_before:
            self.covers_from = missed[0] if cleaned.get("covers") else None
        else:
            self.covers_from = getattr(self.shown, "covers_from", None)
        self.demand_that_still_missed()
        if self.errors or not (self._is_changed or self._has_other_input):
            return cleaned
        self._demand_figures(cleaned)
        if self.errors or self.is_repeat(cleaned):
            return cleaned
        figures = SentFigures(**self.figures(cleaned))
        self.add_refusals(figures)
        if self.errors:
            return cleaned
        if self.is_late:
            self.confirms(figures)
        self.ask(figures, list(self.doubts(figures).values()))
        return cleaned

    def _demand_figures(self, cleaned: dict) -> None:
        if cleaned.get("installs") is None:
            words = self.fields["installs"].error_messages["required"]
            if self.shown is not None and self.shown.installs is not None:
                words = _("You cannot clear a report here. Void it on the page “Review and confirm”.")
            self.add_error("installs", words)
        elif not self._is_changed:
            self.add_error("paper_ref", _("Give this only with a new or changed figure."))
        elif self.standing.opening is None and cleaned.get("opening") is None:
            self.add_error("opening", _("Asked once, with the first report. If there were none, enter 0."))
        elif words := self.other_opening(cleaned.get("opening")):
            self.add_error("opening", words)

    def save(self, reason: str) -> acts.Receipt:
        cleaned = self.cleaned_data
        with translation.override(settings.LANGUAGE_CODE):  # stored in one language
            confirmed = _("figures confirmed as right") if self.questions else ""
        return acts.enter(
            unit=self.unit,
            day=self.day,
            **self.figures(cleaned),
            base_version=cleaned["base_version"] or 0,
            reason="; ".join(filter(None, [reason, confirmed])),
            paper_ref=cleaned["paper_ref"],
            by=self.user,
            at=self.sent_at,
        )

    def refuse(self, error: acts.Refusal) -> None:
        """Show the refusal. A conflict says who saved what; saving again replaces it."""
        super().refuse(error)
        last = error.report.revisions.last() if isinstance(error, acts.Conflict) and error.report else None
        if last:
            words = _("%(name)s saved %(installs)s at %(hour)s. Saving again replaces that number.")
            about = {"installs": formatting.number(last.installs), "hour": formatting.hour(last.received_at)}
            self.errors["installs"] = self.error_class([words % {"name": last.by_name, **about}])

    def field_of(self, error: acts.Refusal) -> str:
        return error.field if error.field in self.fields else "installs"

    def figures(self, cleaned: dict) -> dict:
        return super().figures(cleaned) | {"note": self.shown.note if self.shown else ""}

    @property
    def _is_changed(self) -> bool:
        """Whether a figure or its first day differs from what was shown."""
        shown = [getattr(self.shown, name, None) for name in (*FIGURES, "covers_from")]
        return [*(self.cleaned_data.get(name) for name in FIGURES), self.covers_from] != shown

    @property
    def _has_other_input(self) -> bool:
        return any(self.cleaned_data.get(name) not in (None, "") for name in ("opening", "paper_ref"))

    @property
    def is_touched(self) -> bool:
        return self.is_bound and (bool(self.errors) or self._is_changed or self._has_other_input)

    @property
    def is_late(self) -> bool:
        """Whether the figures come after the deadline and need a reason."""
        return self.line.state.is_late(self.arrived_at)

    # What the page shows.

    @property
    def counts_beside(self) -> list[forms.BoundField | None]:
        """The field of each count beside the installs; None if the unit has none."""
        return [self[count.column] if count.column in self.fields else None for count in EXTRAS]

    @property
    def asks_opening(self) -> bool:
        return self.line.standing.opening is None or "opening" in self.errors

    def stored(self, name: str) -> str | None:
        """The stored number in the format of its field."""
        return self.fields[name].prepare_value(self.line.figures.get(name))

    @property
    def is_marked(self) -> bool:
        """Whether the row shows unsent figures that differ from the stored ones."""
        names = [name for name in (*FIGURES, "opening") if name in self.fields]
        return not self.is_bound and any((self[name].value() or "") != (self.stored(name) or "") for name in names)

    @property
    def mark(self) -> str:
        """The row's CSS class."""
        if self.errors or self.waits_for_reason:
            return "is-asked" if list(self.errors) == ["confirm"] else "is-wrong"
        return "is-saved" if self.is_saved else "is-marked" if self.is_marked else ""

    @property
    def basis(self) -> str:
        """The paper or telephone call that was typed with the stored figures."""
        stored = self.line.revisions.get(self.standing.version)
        return stored.paper_ref if stored else ""

    @property
    def saved_words(self) -> str:
        return _("saved %(hour)s") % {"hour": formatting.to_the_second(self.sent_at)}

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Pairs of field id and error; without fields, the id is that of the row."""
        row, messages = "" if self.line.is_allowed else f"row-{self.unit.code}", []
        for name, errors in self.errors.items():
            errors = self.questions if name == "confirm" else errors
            field = self[name if name in COLUMNS else "installs"]
            label = f"{field.label}: " if field.name == name else ""
            messages += [(row or field.id_for_label, f"{label}{error}") for error in errors]
        return messages
