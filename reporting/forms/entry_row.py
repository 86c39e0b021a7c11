"""One unit's row of the entry on behalf: what is known of the unit, and the figures typed for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import acts
from ..acts import unconfirmed
from ..days import state
from ..days.status import DayStatus
from ..figures import standings
from ..figures.fields import BESIDE
from ..figures.rules import Figures
from ..hours import deadline
from ..hours.hours import Urgency
from ..models import LateRequest, Revision, Unit, User
from ..text import formatting
from .fields import CleanTextField, HourField
from .figures import FiguresForm, days_missed

FIGURES = ("installs", *(count.column for count in BESIDE))
COLUMNS = (*FIGURES, "opening", "paper_ref", "paper_at")


@dataclass(frozen=True)
class GridLine:
    """What is known of one unit on the day, before anything is typed."""

    unit: Unit
    day: date
    state: state.DayState
    standing: standings.Standing
    revisions: dict[int, Revision]  # of the day's report, by version
    yesterday: int | None
    waiting: LateRequest | None
    is_allowed: bool
    at: datetime
    urgency: Urgency  # how near the unit's deadline is

    @property
    def figures(self) -> dict:
        report = self.standing.report
        return {
            **{name: getattr(report, name, None) for name in FIGURES},
            "covers": bool(report and report.covers_from),
            "base_version": self.standing.version,
        }

    @property
    def covered_by(self) -> date | None:
        """The day whose report includes this one."""
        span = self.standing.covered_by
        return span.day if span and not self.standing.is_reported and not self.state.owes_nothing else None

    @property
    def status(self) -> DayStatus | None:
        report = self.standing.report if self.standing.is_reported else None
        return self.state.status(report, is_waiting=self.waiting is not None, at=self.at)


class EntryRow(FiguresForm):
    """One unit's figures of the day.

    `base_version` is the report that the page showed. An unchanged row is left alone, even if the report has changed
    meanwhile. A changed row whose report has changed is a conflict.
    """

    field_order = COLUMNS

    paper_ref = CleanTextField(
        required=False,
        max_length=100,
        label=gettext_lazy("Paper or telephone"),
        widget=forms.TextInput(attrs={"list": "paper-kinds", "autocomplete": "off"}),
    )
    paper_at = HourField(required=False, label=gettext_lazy("Told at"))
    covers = forms.BooleanField(required=False)  # the number includes the missed days right before

    def __init__(self, data=None, *, line: GridLine, user: User, at: datetime, initial: Mapping | None = None):
        self.line = line
        self.is_opened = self.is_saved = self.waits_for_reason = False
        known = {"standing": line.standing, "day_state": line.state}
        about = {"unit": line.unit, "day": line.day, "at": at, "user": user, **known}
        super().__init__(data, **about, prefix=line.unit.code, initial=line.figures if initial is None else initial)
        self.fields["installs"].label, self.fields["opening"].label = _("New installs"), _("Before the campaign")
        if missed := self.standing.missed_before:
            _said, self.fields["covers"].label = days_missed(missed)
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
        if self.errors or not (self._is_changed or self._tells_more):
            return cleaned
        self._demand_figures(cleaned)
        if self.errors or self.is_repeat(cleaned):
            return cleaned
        figures = Figures(**self.figures(cleaned))
        self.add_refusals(figures)
        if self.errors:
            return cleaned
        if self.is_late:
            self.confirms(figures)
        else:
            unconfirmed.forget(self.unit, self.day, at=self.sent_at)
        self.ask(figures, list(self.doubts(figures).values()))
        return cleaned

    def _demand_figures(self, cleaned: dict) -> None:
        told_at = self._told_at(cleaned)
        if cleaned.get("installs") is None:
            words = self.fields["installs"].error_messages["required"]
            if self.shown is not None and self.shown.installs is not None:
                words = _("You cannot clear a report here. Void it on the page “Review and confirm”.")
            self.add_error("installs", words)
        elif not self._is_changed:
            self.add_error("paper_ref", _("This goes with a new or changed figure; the figure is as it was."))
        elif self.standing.opening is None and cleaned.get("opening") is None:
            self.add_error("opening", _("Asked once, with the first report. If there were none, enter 0."))
        elif words := self.other_opening(cleaned.get("opening")):
            self.add_error("opening", words)
        if told_at and told_at > self.arrived_at:
            self.add_error("paper_at", _("This hour is still to come."))

    def _told_at(self, cleaned: dict) -> datetime | None:
        hour = cleaned.get("paper_at")
        return datetime.combine(self.day, hour, tzinfo=deadline.ZONE) if hour else None

    def save(self, reason: str) -> acts.Receipt:
        cleaned = self.cleaned_data
        with translation.override(settings.LANGUAGE_CODE):  # it is stored as written
            confirmed = _("figures confirmed as right") if self.questions else ""
        return acts.enter(
            unit=self.unit,
            day=self.day,
            **self.figures(cleaned),
            base_version=cleaned["base_version"] or 0,
            reason="; ".join(filter(None, [reason, confirmed])),
            paper_ref=cleaned["paper_ref"],
            apart=cleaned.get("apart"),
            paper_at=self._told_at(cleaned),
            by=self.user,
            at=self.sent_at,
        )

    def refuse(self, error: acts.NotWritten) -> None:
        """Show the refusal. A conflict names who saved what: saving again replaces it."""
        super().refuse(error)
        last = error.report.revisions.last() if isinstance(error, acts.Conflict) and error.report else None
        if last:
            words = _("%(name)s saved %(installs)s at %(hour)s. Saving again replaces that number.")
            about = {"installs": formatting.number(last.installs), "hour": formatting.hour(last.received_at)}
            self.errors["installs"] = self.error_class([words % {"name": last.by_name, **about}])

    def field_of(self, error: acts.NotWritten) -> str:
        return error.field if error.field in self.fields else "installs"

    def figures(self, cleaned: dict) -> dict:
        return super().figures(cleaned) | {"note": self.shown.note if self.shown else ""}

    @property
    def _is_changed(self) -> bool:
        """Whether a figure, or what it covers, differs from what was shown."""
        shown = [getattr(self.shown, name, None) for name in (*FIGURES, "covers_from")]
        return [*(self.cleaned_data.get(name) for name in FIGURES), self.covers_from] != shown

    @property
    def _tells_more(self) -> bool:
        return any(self.cleaned_data.get(name) not in (None, "") for name in ("opening", "paper_ref", "paper_at"))

    @property
    def is_touched(self) -> bool:
        return self.is_bound and (bool(self.errors) or self._is_changed or self._tells_more)

    @property
    def is_late(self) -> bool:
        """Whether it comes after the deadline, so that a reason is owed."""
        return self.line.state.is_late(self.arrived_at)

    # What the page shows.

    @property
    def is_quiet(self) -> bool:
        """Whether the grid may hide the row: the unit has sent, nothing waits, and nothing was typed."""
        is_looked_at = self.is_opened or self.errors or self.is_saved or self.is_marked or self.line.waiting
        return self.line.standing.is_reported and not is_looked_at

    @property
    def counts_beside(self) -> list[forms.BoundField | None]:
        """For each count beside the installs its field, None if the unit is not asked."""
        return [self[count.column] if count.column in self.fields else None for count in BESIDE]

    @property
    def asks_opening(self) -> bool:
        return self.line.standing.opening is None or "opening" in self.errors

    def stored(self, name: str) -> str | None:
        """A stored number as its field would show it."""
        return self.fields[name].prepare_value(self.line.figures.get(name))

    @property
    def is_marked(self) -> bool:
        """Whether it shows figures that differ from the stored ones and have not been sent."""
        asked = [name for name in (*FIGURES, "opening") if name in self.fields]
        return not self.is_bound and any((self[name].value() or "") != (self.stored(name) or "") for name in asked)

    @property
    def mark(self) -> str:
        """The class of the style sheet."""
        if self.errors or self.waits_for_reason:
            return "is-asked" if self.questions and list(self.errors) == [NON_FIELD_ERRORS] else "is-wrong"
        return "is-saved" if self.is_saved else "is-marked" if self.is_marked else ""

    @property
    def saved_words(self) -> str:
        return _("saved %(hour)s") % {"hour": formatting.to_the_second(self.sent_at)}

    @property
    def messages(self) -> list[tuple[str, str]]:
        """Each error with the id of its field; of the row itself if it has no fields."""
        row, messages = "" if self.line.is_allowed else f"row-{self.unit.code}", []
        for name, errors in self.errors.items():
            at = self[name if name in COLUMNS else "installs"]
            label = f"{at.label}: " if at.name == name else ""
            messages += [(row or at.id_for_label, f"{label}{error}") for error in errors]
        return messages
