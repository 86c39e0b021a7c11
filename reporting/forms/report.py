"""The form of a unit's officer: a report or, after the deadline, a request to the superior."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _, gettext_lazy

from .. import acts, deadline, permissions
from ..acts import unconfirmed
from ..days import state
from ..figures import rules, standings
from ..figures.doubts import Doubt
from ..figures.fields import EXTRAS, extras
from ..figures.rules import SentFigures
from ..models import LateRequest, Report, Unit, User
from ..models.review import LateRequestQuerySet
from ..people import access
from ..permissions import Act
from ..text import formatting
from .fields import CleanTextField, NumberField, ReasonField
from .figures import FiguresForm, days_missed, missed_apart_words

NUMBERS = ("installs", "cumulative")
BESIDE_THE_FIGURE = {*NUMBERS, "note", *(count.column for count in EXTRAS)}
# What the field of the reason offers.
WHY_LATE = (
    gettext_lazy("Power or network cut"),
    gettext_lazy("Waiting for the figures of a hamlet or residential group"),
    gettext_lazy("Officers out in the field"),
)
WHY_CORRECTED = (
    gettext_lazy("Number typed wrongly"),
    gettext_lazy("Counted twice"),
    gettext_lazy("Figures of a hamlet or residential group came later"),
)


class ReportForm(FiguresForm):
    """A unit's report of one day. If the day is closed to the officer, the form asks a reason and sends a late request.

    `main` is the main field: an agency's total, otherwise the day's number. A request's doubtful numbers raise no
    question: the superior decides. Error codes: those of `state.DayCode` and of the exceptions, "figures_disagree", and
    "covers" if it is unclear which days the number includes.
    """

    is_conflict = False  # whether somebody else has saved meanwhile
    is_older = False  # whether the form has seen a report that is gone: the database went back to an earlier moment
    is_request = False  # whether it was sent as a late request
    press: UUID | None = None  # the phone's id of what was sent
    DAY_ONLY = "day_only"  # a value of `covers`: no missed day is included; the other value is the first missed day
    typed: dict[str, str] = {}  # what was typed before the officer signed in again

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
    reason = ReasonField(required=False, widget=forms.TextInput({"list": "usual-reasons"}))
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)  # a waiting request to withdraw first

    def __init__(self, data=None, *, unit: Unit, day: date, at: datetime, user: User, prefix: str | None = None):
        if data and "as_cumulative" in data and not data.get("cumulative"):  # the button “It is the total”
            data = data.copy()
            data["cumulative"], data["installs"] = data.get("installs"), ""
        self.main = "cumulative" if unit.is_agency else "installs"
        near = min(day, deadline.reporting_day(at) + timedelta(days=1))  # the standing loops over all days up to it
        known = {"standing": standings.standing_of(unit, near), "day_state": state.day_state(unit, day, at=at)}
        super().__init__(data, unit=unit, day=day, at=at, user=user, prefix=prefix, **known)
        self.initial = self._initial()
        self._label()
        self.fields["opening"].required = self.owes_opening
        self.fields[self.main].widget.attrs["aria-required"] = "true"
        for field in self.fields.values():  # without script, Back finds what was typed; form.js keeps it otherwise
            field.widget.attrs.pop("autocomplete", None)
        if not self.standing.missed_before:
            del self.fields["covers"]
        self.order_fields(["opening", self.main, *NUMBERS, "covers", *(count.column for count in EXTRAS), "note"])

    def _initial(self) -> dict:
        """The values of the report; without one, of the last request if it was withdrawn or declined."""
        initial = {"base_version": self.standing.version}
        if self.has_report:
            return initial | {**self._other_values(self.standing.report), self.main: self.standing_number}
        request = None if self.day_state.is_open or self.waiting else self._requests.order_by("-id").first()
        if request is None or request.installs is None:
            return initial
        typed = "installs" if request.cumulative is None else "cumulative"
        return initial | self._other_values(request) | {name: getattr(request, name) for name in (typed, "opening")}

    @property
    def _requests(self) -> LateRequestQuerySet:
        return LateRequest.objects.filter(unit=self.unit, day=self.day)

    @cached_property
    def waiting(self) -> LateRequest | None:
        return self._requests.waiting().first()

    def _other_values(self, record: Report | LateRequest) -> dict:
        covers = record.covers_from.isoformat() if record.covers_from else self.DAY_ONLY
        return {"covers": covers, "note": record.note, **extras(record)}

    def _label(self) -> None:
        fields, start = self.fields, self.day_state.opening_day
        if self.unit.is_agency:
            fields["installs"].label = _("Staff who installed today")
            fields["cumulative"].label = _("Staff who have installed so far")
            opening = _("Staff who had installed before %(day)s")
        else:
            fields["installs"].label = _("New installs")
            fields["cumulative"].label = _("Cumulative installs so far")
            opening = _("Phones with Bluezone before %(day)s")
        since = {"day": formatting.day(start + timedelta(days=1))}
        fields["opening"].label = opening % since
        once = _("Asked once, with the first report; 0 if there were none. Installs from %(day)s on are new installs.")
        fields["opening"].help_text = once % since
        fields["installs"].help_text = self._span_of_the_count()
        fields["cumulative"].help_text = _("The total to date. The day’s number is calculated from it.")
        if self.standing.missed_before:
            self._label_covers(fields["covers"])

    def _span_of_the_count(self) -> str:
        """A sentence: the count runs from deadline to deadline, so every hour counts once."""
        hours, path = self.day_state.hours, self.unit.path
        start, end = hours.counts_from(path), hours.ordered_for(path)
        words = _("From %(start)s on %(day_before)s to %(hour)s on %(day)s. If there are none, enter 0.") % {
            "start": formatting.hour(start),
            "day_before": formatting.short_day(start),
            "hour": formatting.hour(end),
            "day": formatting.short_day(end),
        }
        return f"{words} {missed_apart_words(self.standing)}".rstrip()

    def _label_covers(self, covers: forms.Field) -> None:
        unreported, included = days_missed(self.standing.missed_before)
        if self.day == deadline.reporting_day(self.sent_at):
            label, only = _("The number of today"), _("for today only; the rest will follow")
        else:
            day = {"day": formatting.short_day(self.day)}
            label, only = _("The number of %(day)s") % day, _("for %(day)s only; the rest will follow") % day
        covers.label = f"{unreported} {label}"
        covers.widget.choices = [(self.standing.missed_before[0].isoformat(), included), (self.DAY_ONLY, only)]

    @classmethod
    def with_open_question(cls, *, unit: Unit, day: date, at: datetime, user: User) -> Self:
        """The form; if the person's last figures were asked about and may still be confirmed, with that question."""
        asked = unconfirmed.open_question(unit, day, user, at=at)
        figures = asked and {name: value for name, value in asked.figures[0].items() if value is not None}
        if not figures:
            return cls(unit=unit, day=day, at=at, user=user)
        standing = standings.standing_of(unit, day)
        if standing.missed_before:
            figures["covers"] = figures.pop("covers_from", cls.DAY_ONLY)
        form = cls(figures | {"base_version": str(standing.version)}, unit=unit, day=day, at=at, user=user)
        form.is_asked_again = True
        form.full_clean()
        return form if form.questions else cls(unit=unit, day=day, at=at, user=user)

    # What was sent.

    def clean(self) -> dict:
        if self.day_state.is_open and not self.is_asked_again:
            unconfirmed.delete_unconfirmed(self.unit, self.day, at=self.sent_at)
        cleaned = super().clean()
        self.is_total = cleaned.get("cumulative") is not None
        self._set_covers_from(cleaned)
        self.demand_that_still_missed()
        self.is_request = not self.day_state.is_open and not self._was_sent_in_time(cleaned)
        if self.is_request and (self.why_not or "reason" not in self.data):
            raise ValidationError(self.closed_words, code=self.day_state.code)
        self.check_figures(cleaned)
        if self.is_request:
            if not (cleaned.get("reason") or "reason" in self.errors):
                self.add_error("reason", ValidationError(acts.ReasonMissing.text, code="required"))
        elif not self.errors:
            self._ask_about(cleaned)
        return cleaned

    def _was_sent_in_time(self, cleaned: dict) -> bool:
        """Whether the figures are recorded already, or confirm what was asked about before the deadline."""
        if all(cleaned.get(name) is None for name in NUMBERS):
            return False
        figures = SentFigures(**self.figures(cleaned))
        installs = rules.day_installs(self.standing, figures)
        return self.is_repeat({**cleaned, "installs": installs}) or self.confirms(figures)

    def _ask_about(self, cleaned: dict) -> None:
        """Ask about a doubtful number, and why a returned one is sent again."""
        figures = SentFigures(**self.figures(cleaned))
        if self.affirms(cleaned):
            words = _(
                "These are the figures that were returned. If they are right, send them again with an explanation."
            )
            self.ask(figures, [words])
        elif not self.is_repeat(cleaned):
            questions = self.doubts(figures)
            if Doubt.LIKE_A_TOTAL in questions:
                before = self.standing.cumulative_before + ((cleaned.get("opening") or 0) if self.owes_opening else 0)
                self.offers_cumulative = cleaned["installs"] >= before and before + self.standing.adjustment > 0
            self.ask(figures, list(questions.values()))

    def _set_covers_from(self, cleaned: dict) -> None:
        """Set `covers_from` as chosen, otherwise as stored. A total always includes the missed days."""
        missed, choice = self.standing.missed_before, cleaned.get("covers")
        includes = missed[0].isoformat() if missed else None
        self.covers_from = self.standing.report.covers_from if self.has_report else None
        if missed and choice == includes:
            self.covers_from = missed[0]
        elif missed and choice == self.DAY_ONLY:
            self.covers_from = None
        if self.is_total:
            self.covers_from = rules.included_days(self.standing, SentFigures(**self.figures(cleaned))).covers_from
        is_chosen = choice in (includes, self.DAY_ONLY)
        self.owes_covers = bool(missed) and not is_chosen and not self.has_report and not self.is_total

    def check_figures(self, cleaned: dict) -> None:
        """Set the day's number from the typed number or total, and check it against the rules."""
        if words := self.other_opening(cleaned.get("opening")):
            self.add_error(None, ValidationError(words, code="opening_differs"))
        if all(cleaned.get(name) is None and name not in self.errors for name in NUMBERS):
            required = self.fields[self.main].error_messages["required"]
            self.add_error(self.main, ValidationError(required, code="required"))
        if self.errors:
            return
        figures = SentFigures(**self.figures(cleaned))
        installs = rules.day_installs(self.standing, figures)
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
        if bool(self.covers_from) and cleaned.get("covers") == self.DAY_ONLY:
            words = _("A total includes earlier days without a report. Choose that, or give only the day’s number.")
            self.add_error("covers", ValidationError(words, code="covers"))
        elif self.owes_covers:
            self.add_error("covers", ValidationError(_("Choose one."), code="covers"))

    def affirms(self, cleaned: dict) -> bool:
        """Whether returned figures are sent again unchanged, from a form that showed their newest version."""
        is_of_now = cleaned.get("base_version") == self.standing.version
        return self.day_state.is_returned and is_of_now and self.is_repeat(cleaned)

    def refuse(self, error: acts.Refusal) -> None:
        """Show the refusal. A conflict keeps the typed figures; the next POST replaces the report."""
        if isinstance(error, acts.Conflict):
            self.is_conflict, self.standing = True, standings.standing_of(self.unit, self.day)
            self.is_older = (self.cleaned_data.get("base_version") or 0) > self.standing.version
            self.put("base_version", self.standing.version)
            return
        self.questions = []
        if isinstance(error, acts.DayClosed):
            self.day_state = error.day_state
            self.add_error(None, ValidationError(self.closed_words, code=error.code))
        else:
            super().refuse(error)

    def field_of(self, error: acts.Refusal) -> str:
        return "cumulative" if self.is_total and error.field == "installs" else error.field

    def save(self, *, by: User, at: datetime) -> acts.Receipt | LateRequest:
        cleaned, about = self.cleaned_data, {"unit": self.unit, "day": self.day, "by": by, "at": at}
        about |= {"base_version": cleaned.get("base_version") or 0, "press": self.press}
        if self.is_request:
            return self._send_request(about)
        return acts.submit(
            **about,
            **self.figures(cleaned),
            reason=cleaned["explanation"] if self.questions else "",
            affirms=self.affirms(cleaned),
        )

    def _send_request(self, about: dict) -> LateRequest:
        """Send the request. If the same request is waiting, return that one."""
        sent = self.figures(self.cleaned_data) | {"reason": self.cleaned_data["reason"]}
        try:
            return acts.send_late_request(**about, **sent, replaces=self.cleaned_data.get("replaces"))
        except acts.AlreadyWaiting:
            self.waiting = self._requests.waiting().first()
            values = {"cumulative": None} | sent
            if self.waiting and all(getattr(self.waiting, name) == value for name, value in values.items()):
                return self.waiting
            raise

    @property
    def done(self) -> str:
        if self.is_request:
            return _("The request has been sent. It counts when your superior unit accepts it.")
        if not self.saved.is_repeat:
            return _("The report has been received.")
        received = {"moment": formatting.exact(self.saved.revision.received_at)}
        return _("These figures were already received at %(moment)s.") % received

    @property
    def outcome(self) -> tuple[str, str]:
        """What became of a press that was not received: its state on the phone, and why."""
        errors = [str(error) for messages in self.errors.values() for error in messages]
        if self.is_conflict or self.status == acts.CONFLICT:
            return "conflict", self.conflict_words
        if self.is_refused_by_the_day and self.asks_reason:
            return "late", errors[0]
        if self.has_error("confirm"):
            return "asked", " ".join(map(str, self.questions))
        return "refused", " ".join(errors)

    @property
    def conflict_words(self) -> str:
        if self.is_older:
            return _("The report that you saw is gone: the data went back to an earlier moment")
        return _("The report has changed since this form was opened")

    @property
    def undone_by(self) -> str:
        return "reporting:late_withdraw" if self.is_request else ""

    # What the page shows.

    @property
    def counts_beside(self) -> list[tuple[forms.BoundField, int | None, int | None]]:
        """For each count beside the installs: its field, the stored number and the typed one."""
        cleaned, stored = getattr(self, "cleaned_data", {}), extras(self.standing.report)
        return [(self[name], stored[name], cleaned.get(name)) for name in stored if name in self.fields]

    @property
    def standing_number(self) -> int:
        """The stored value of `main`."""
        report = self.standing.report
        return report.cumulative + self.standing.merged_sum if self.unit.is_agency else report.installs

    @property
    def closed_words(self) -> str:
        """Why the day is closed to the officer."""
        if self.covering and not self.day_state.is_open:
            return acts.InLaterReport(self.covering).message
        return self.day_state.explained(is_reported=self.has_report)

    @property
    def has_more(self) -> bool:
        """Whether to open the folded fields: one of them is filled in or has an error."""
        folded = [self[name] for name in self.fields if name in BESIDE_THE_FIGURE and name != self.main]
        if self.unit.is_agency and "covers" in self.errors:
            return True
        return any(field.errors or field.value() not in (None, "") for field in folded)

    @property
    def takes_one_number(self) -> bool:
        """Whether one number is a whole first report: the day is open, and nothing else has to be said."""
        return self.day_state.is_open and not (self.has_report or self.owes_opening or self.covering)

    @property
    def one_number(self) -> forms.BoundField:
        return self[self.main]

    @property
    def includes_words(self) -> str:
        """Which missed days the number includes, as `covers` says unseen; empty without any."""
        return days_missed(self.standing.missed_before)[1] if self.standing.missed_before else ""

    @property
    def owes_opening(self) -> bool:
        return self.standing.opening is None

    @property
    def may_request(self) -> bool:
        """Whether the officer may send a late request for the day."""
        return permissions.may(access.role(self.user, self.unit), Act.REQUEST, self.day_state.phase)

    @property
    def asks_reason(self) -> bool:
        """Whether the form sends a late request."""
        return self.may_request and not self.day_state.is_open

    @property
    def why_not(self) -> str:
        """Why nothing may be sent for the closed day; empty if a request may."""
        return "" if self.may_request and not self.covering else self.closed_words

    @property
    def is_shown(self) -> bool:
        return self.is_bound or self.day_state.is_open or not (self.waiting or self.why_not)

    @property
    def is_refused_by_the_day(self) -> bool:
        return not self.day_state.is_open and self.has_error(NON_FIELD_ERRORS, self.day_state.code)

    @property
    def usual_reasons(self) -> Sequence[str]:
        return WHY_CORRECTED if self.has_report else WHY_LATE

    @property
    def request_words(self) -> str:
        return _("Ask for a correction") if self.has_report else _("Send a late report")
