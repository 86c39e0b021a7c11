"""The figures of a unit's day as a form takes them: the base of the report, the late request and a row of the grid."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts import questions, unconfirmed
from ..days import state
from ..figures import rules
from ..figures.fields import BESIDE, beside
from ..figures.rules import Figures
from ..figures.standings import Standing
from ..models import Unit, User
from ..text import parsing
from ..text.formatting import number, short_day
from .fields import BesideForm, NumberField


class ActForm(forms.Form):
    """A form that ends in an act, and shows where it was refused.

    It keeps the collision that it met: a day would be counted twice. `apart` answers it, with the version of the later
    report, as it was shown, that is to be of its own day alone.
    """

    status = acts.REFUSED  # of a form that was not taken: 409 where somebody else was faster, or a day is there twice
    collision: acts.Collision | None = None
    at_field: Mapping[type[acts.NotWritten], str] = {}  # where a refusal can be mended

    @property
    def covering(self) -> rules.Span | None:
        """The later report that holds the day's figures already, once that was met."""
        return self.collision.span if isinstance(self.collision, acts.Covered) else None

    @property
    def apart_label(self) -> str:
        """The answer that its number is of its own day alone."""
        if self.covering is None:
            return ""
        words = _("The %(installs)s reported for %(day)s are of %(day)s alone")
        return words % {"installs": number(self.covering.installs), "day": short_day(self.covering.day)}

    def keep(self, error: acts.NotWritten | None) -> None:
        self.collision, self.status = None, error.status if error else acts.REFUSED
        if isinstance(error, acts.Collision):
            self.collision = error

    def put(self, name: str, value) -> None:
        """Show this in the field instead of what was sent."""
        self.data = self.data.copy()
        self.data[self.add_prefix(name)] = str(value)

    def field_of(self, error: acts.NotWritten) -> str | None:
        """The field at which it can be mended, if it has one."""
        return error.of if isinstance(error, acts.LimitExceeded) else self.at_field.get(type(error))

    def refuse(self, error: acts.NotWritten) -> None:
        """Say it where it can be mended; after a conflict the next POST is about the report that stands now."""
        self.keep(error)
        if isinstance(error, acts.Conflict):
            self.put("base_version", error.report.version if error.report else 0)
        field = self.field_of(error)
        self.add_error(field if field in self.fields else None, ValidationError(error.words, code=error.code))


class FiguresForm(ActForm, BesideForm):
    """Figures of one unit's day, of which `standing` is known.

    A doubtful number is asked about: `questions`, with the code "confirm". Asked before the hour and answered after it,
    the last figures sent count from their own arrival; see `acts.unconfirmed`.
    """

    installs = NumberField(required=False)
    opening = NumberField(required=False)
    confirm = forms.BooleanField(required=False, label=gettext_lazy("The figures are right, send them all the same"))
    base_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    apart = forms.IntegerField(required=False)  # the version of the later report that is to hold its own day alone

    def __init__(
        self, data, *, unit: Unit, day: date, at: datetime, user: User, standing: Standing, day_state: state.DayState,
        **kwargs,
    ):  # fmt: skip
        self.unit, self.day, self.user = unit, day, user
        self.sent_at = self.arrived_at = at  # they differ where an answer counts from the sending that it confirms
        self.standing, self.day_state = standing, day_state
        self.questions: list[str] = []
        self.covers_from: date | None = None  # from which day on the number counts
        super().__init__(data, **kwargs)
        if unit.is_agency:
            for count in BESIDE:
                del self.fields[count.column]

    @property
    def has_report(self) -> bool:
        """Whether the day is reported: what is sent now changes figures that stand."""
        return self.standing.is_reported

    @property
    def usual_at_most(self) -> int | None:
        """The largest number of the day about which nothing is asked; None where nothing says what is usual."""
        return rules.usual_at_most(self.standing, mean=self.standing.mean)

    def is_repeat(self, cleaned: dict) -> bool:
        """The very same figures stand already."""
        report = self.standing.report
        return (
            self.has_report
            and cleaned.get("installs") == report.installs
            and all(cleaned.get(column) == value for column, value in beside(report).items())
            and self.covers_from == report.covers_from
            and cleaned.get("note", report.note) == report.note
        )

    def figures(self, cleaned: dict, *, is_total: bool = False) -> dict:
        """The figures as the act takes them, by the day's number or by the total."""
        name = "cumulative" if is_total else "installs"
        return {
            **{field: cleaned.get(field) for field in (name, "opening", *(count.column for count in BESIDE))},
            "covers_from": self.covers_from,
            "note": cleaned.get("note", ""),
        }

    def demand_that_still_missed(self) -> None:
        """The answer that a number includes days before names the first of these; none may have a report by now.

        It is answered with the question what the number is, and not dropped.
        """
        first, last = parsing.day(self.data.get(self.add_prefix("covers"), "")), self.standing.last
        if first and last and first <= last.day:
            self.put("covers", "")
            self.keep(acts.ReportedAlone(last))
            raise ValidationError(self.collision.words, code="reported_alone")

    def other_opening(self, opening: int | None) -> str:
        """The opening number is asked once: what is said of another one that is sent later; empty if it is not."""
        stored = self.standing.opening
        if stored is None or opening in (None, stored):
            return ""
        words = _("The number before the campaign is recorded as %(opening)s. Ask your superior unit to correct it.")
        return words % {"opening": number(stored)}

    def add_refusals(self, figures: Figures) -> None:
        """Say what the rules refuse, but for what `apart` has answered."""
        for refusal in rules.refusals(self.standing, figures):
            is_answered = isinstance(refusal, acts.Covered) and refusal.span.version == self.cleaned_data.get("apart")
            if not is_answered:
                self.refuse(refusal)

    def doubts(self, figures: Figures, *, is_total: bool = False) -> dict[rules.Doubt, str]:
        """What is asked before the figures are taken; `is_total` when a total was typed."""
        days = (self.day - (figures.covers_from or self.day)).days + 1
        usual = {"mean": self.standing.mean, "mean_days": self.standing.mean_days}
        return questions.questions(self.standing, figures, **usual, days=days, is_total=is_total)

    def confirms(self, figures: Figures) -> bool:
        """Whether figures that arrive after the hour are those that were last sent before it and asked about."""
        kept = unconfirmed.find(self.unit, self.day, self.user, figures, at=self.sent_at)
        if kept:
            self.arrived_at = kept.sent_at
            self.day_state = state.day_state(self.unit, self.day, at=self.arrived_at)
        return kept is not None

    def ask(self, figures: Figures, asked: list[str], *, needs: str = "confirm") -> None:
        """Questions that are answered by a tick, and by what the field `needs` holds.

        Until then what came before the hour may still be confirmed after it.
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
    """That the days have not been reported, and that a number includes them as well, in words."""
    first, last = missed[0], missed[-1]
    if first == last:
        days = {"day": short_day(first)}
        return _("%(day)s has not been reported.") % days, _("includes %(day)s as well") % days
    if (last - first).days + 1 == len(missed):
        days = {"first": short_day(first), "last": short_day(last)}
        said = _("%(first)s to %(last)s have not been reported.")
        return said % days, _("includes %(first)s to %(last)s as well") % days
    days = {"days": ", ".join(map(short_day, missed))}  # with days between them that were not due
    return _("%(days)s have not been reported.") % days, _("includes %(days)s as well") % days
