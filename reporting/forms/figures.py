"""The figures of a unit's day in a form: the base of the report, the late request and a row of the grid."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts import unconfirmed
from ..days import state
from ..figures import doubts, rules
from ..figures.fields import BESIDE, beside
from ..figures.rules import Figures
from ..figures.standings import Standing
from ..models import Unit, User
from ..text import parsing
from ..text.formatting import number, short_day
from .fields import BesideForm, NumberField


class ActForm(forms.Form):
    """A form that ends in an act and shows its refusal at the field that the exception names.

    `collision` is the refusal because a day would be counted twice. The answer to it is the field `apart`: the version
    of the later report, as shown, which then counts for its own day alone.
    """

    status = acts.REFUSED  # HTTP
    collision: acts.Collision | None = None
    shown_at: Mapping[str, str] = {}  # by the field that an exception names, the form's own field

    @property
    def covering(self) -> rules.Span | None:
        """The later report that already includes the day, if the act was refused because of it."""
        return self.collision.span if isinstance(self.collision, acts.Covered) else None

    @property
    def apart_label(self) -> str:
        if self.covering is None:
            return ""
        words = _("The %(installs)s reported for %(day)s are of %(day)s alone")
        return words % {"installs": number(self.covering.installs), "day": short_day(self.covering.day)}

    def keep(self, error: acts.NotWritten | None) -> None:
        """Store the status and the collision of the last refusal."""
        self.status = error.status if error else acts.REFUSED
        self.collision = error if isinstance(error, acts.Collision) else None

    def put(self, name: str, value) -> None:
        """Show this in the field instead of what was sent."""
        self.data = self.data.copy()
        self.data[self.add_prefix(name)] = str(value)

    def field_of(self, error: acts.NotWritten) -> str:
        return self.shown_at.get(error.field, error.field)

    def refuse(self, error: acts.NotWritten) -> None:
        """Show the refusal. After a conflict the next POST is about the report that stands now."""
        self.keep(error)
        if isinstance(error, acts.Conflict):
            self.put("base_version", error.report.version if error.report else 0)
        name = self.field_of(error)
        self.add_error(name if name in self.fields else None, ValidationError(error.words, code=error.code))


class FiguresForm(ActForm, BesideForm):
    """Figures of one unit's day. `standing` is what is known of the unit before the day.

    `questions` ask about doubtful numbers, with the code "confirm". If they were asked before the deadline and are
    answered after it, the figures count from their first arrival; see `acts.unconfirmed`.
    """

    installs = NumberField(required=False)
    opening = NumberField(required=False)
    confirm = forms.BooleanField(required=False, label=gettext_lazy("The figures are right, send them all the same"))
    base_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    apart = forms.IntegerField(required=False)
    is_total = False  # whether a total was typed

    def __init__(
        self, data, *, unit: Unit, day: date, at: datetime, user: User, standing: Standing, day_state: state.DayState,
        **kwargs,
    ):  # fmt: skip
        self.unit, self.day, self.user = unit, day, user
        self.sent_at = self.arrived_at = at  # confirmed figures arrived before they were sent again
        self.standing, self.day_state = standing, day_state
        self.questions: list[str] = []
        self.covers_from: date | None = None  # the first day that the number includes, if not the day itself
        super().__init__(data, **kwargs)
        if unit.is_agency:
            for count in BESIDE:
                del self.fields[count.column]

    @property
    def has_report(self) -> bool:
        return self.standing.is_reported

    @property
    def usual_at_most(self) -> int | None:
        """The largest number that is not asked about; None if nothing says what is usual."""
        return doubts.usual_at_most(self.standing, mean=self.standing.mean)

    def is_repeat(self, cleaned: dict) -> bool:
        """Whether the report already holds these figures."""
        report = self.standing.report
        return (
            self.has_report
            and cleaned.get("installs") == report.installs
            and all(cleaned.get(column) == value for column, value in beside(report).items())
            and self.covers_from == report.covers_from
            and cleaned.get("note", report.note) == report.note
        )

    def figures(self, cleaned: dict) -> dict:
        """The figures as the act takes them."""
        name = "cumulative" if self.is_total else "installs"
        return {
            **{field: cleaned.get(field) for field in (name, "opening", *(count.column for count in BESIDE))},
            "covers_from": self.covers_from,
            "note": cleaned.get("note", ""),
        }

    def demand_that_still_missed(self) -> None:
        """Refuse a number that includes missed days if one of them has been reported since the page was shown."""
        first, last = parsing.day(self.data.get(self.add_prefix("covers"), "")), self.standing.last
        if first and last and first <= last.day:
            self.put("covers", "")
            self.keep(acts.ReportedAlone(last))
            raise ValidationError(self.collision.words, code="reported_alone")

    def other_opening(self, opening: int | None) -> str:
        """The refusal of an opening number that differs from the stored one; empty if it does not."""
        stored = self.standing.opening
        if stored is None or opening in (None, stored):
            return ""
        words = _("The number before the campaign is recorded as %(opening)s. Ask your superior unit to correct it.")
        return words % {"opening": number(stored)}

    def add_refusals(self, figures: Figures) -> None:
        """Show what the rules refuse, except a collision that `apart` answers."""
        for refusal in rules.refusals(self.standing, figures):
            is_answered = isinstance(refusal, acts.Covered) and refusal.span.version == self.cleaned_data.get("apart")
            if not is_answered:
                self.refuse(refusal)

    def doubts(self, figures: Figures) -> dict[doubts.Doubt, str]:
        """The questions before the figures are taken."""
        days = (self.day - (figures.covers_from or self.day)).days + 1
        usual = {"mean": self.standing.mean, "mean_days": self.standing.mean_days}
        return doubts.questions(self.standing, figures, **usual, days=days, is_total=self.is_total)

    def confirms(self, figures: Figures) -> bool:
        """Whether figures after the deadline are those that were last sent before it and asked about."""
        unanswered = unconfirmed.find(self.unit, self.day, self.user, figures, at=self.sent_at)
        if unanswered:
            self.arrived_at = unanswered.sent_at
            self.day_state = state.day_state(self.unit, self.day, at=self.arrived_at)
        return unanswered is not None

    def ask(self, figures: Figures, asked: list[str], *, needs: str = "confirm") -> None:
        """Ask questions, which a tick and the field `needs` answer.

        Figures sent before the deadline are stored, so that they can be confirmed after it.
        """
        self.questions, is_ticked = asked, self.cleaned_data.get("confirm")
        if not asked or (is_ticked and self.cleaned_data.get(needs)):
            return
        if not self.has_report and not self.day_state.is_late(self.sent_at):
            unconfirmed.keep(self.unit, self.day, self.user, figures, at=self.sent_at)
        if is_ticked:
            self.add_error(needs, ValidationError(_("Explain why the figures are right."), code="required"))
        else:
            self.add_error(None, [ValidationError(question, code="confirm") for question in asked])


def days_missed(missed: Sequence[date]) -> tuple[str, str]:
    """Two phrases: that the days have not been reported, and that a number includes them as well."""
    first, last = missed[0], missed[-1]
    if first == last:
        days = {"day": short_day(first)}
        return _("%(day)s has not been reported.") % days, _("includes %(day)s as well") % days
    if (last - first).days + 1 == len(missed):
        days = {"first": short_day(first), "last": short_day(last)}
        said = _("%(first)s to %(last)s have not been reported.")
        return said % days, _("includes %(first)s to %(last)s as well") % days
    days = {"days": ", ".join(map(short_day, missed))}  # between them are days that were not due
    return _("%(days)s have not been reported.") % days, _("includes %(days)s as well") % days
