"""One page a superior and day, whose order follows the hour: its states, and the line of figures above each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _, pgettext

from ..deadline import Phase, Urgency, urgency_of
from ..figures import statements
from ..figures.rollup import DayRollup
from ..figures.statements import Statement
from ..models import Seal, SignOff, Unit
from ..text import formatting
from ..text.formatting import number
from ..text.status_marks import not_reported_words


class State(StrEnum):
    """What the page puts first."""

    REPORT = "report"  # who is missing
    CONFIRM = "confirm"  # what is to be decided before the day is confirmed, or sealed
    RESULT = "result"


STATES = {Phase.BEFORE: State.REPORT, Phase.TO_CONFIRM: State.CONFIRM}  # of a day in each phase; otherwise the result


@dataclass(frozen=True, slots=True)
class Step:
    """A state of the day in the strip above the page."""

    state: State
    words: str
    note: str
    address: str
    is_live: bool  # the state that the day is in


@dataclass(frozen=True, slots=True)
class Clock:
    """How long until the next hour of the day, or what has been signed."""

    words: str
    about: str
    urgency: Urgency | None = None
    is_done: bool = False


@dataclass(frozen=True, kw_only=True)
class Day:
    """A superior's day at a moment: its phase, and who signed it."""

    unit: Unit
    figures: DayRollup
    at: datetime
    seal: Seal | None
    sign_off: SignOff | None
    may_confirm: bool  # the person may decide on it: the state between the hour and the signature is shown
    query: str = ""  # of a look back

    @property
    def phase(self) -> Phase:
        signed = {"is_confirmed": self.sign_off is not None, "is_sealed": self.seal is not None}
        return self.figures.hours.phase(self.figures.own.path, self.at, **signed)

    @property
    def state(self) -> State:
        """The state that the day is in."""
        state = STATES.get(self.phase, State.RESULT)
        return state if state is not State.CONFIRM or self.may_confirm else State.RESULT

    @property
    def steps(self) -> list[Step]:
        return list(self._steps())

    def _steps(self) -> Iterator[Step]:
        args, hours, path = [self.unit.code, self.figures.day], self.figures.hours, self.figures.own.path
        look = f"?{self.query.removeprefix('&')}" if self.query else ""
        by = _("until %(hour)s")

        def step(state: State, words: str, note: str, address: str) -> Step:
            return Step(state, words, note, address, self.state is state)

        closes_at, signs_off_at = hours.closes_at(path), hours.signs_off_at(path)
        if closes_at and not hours.is_exempt(path):
            note = by % {"hour": formatting.hour(closes_at)}
            board = reverse("reporting:board", args=args) + look
            yield step(State.REPORT, pgettext("step of the day", "Reports"), note, board)
        if self.may_confirm and signs_off_at and not self.query:  # nothing is decided in a look back
            note = by % {"hour": formatting.hour(signs_off_at)}
            words, page = pgettext("step of the day", "Confirmation"), "review"
            if self.unit.is_sealing:
                words, page = pgettext("step of the day", "Seal"), "seal"
                note = _("from %(hour)s") % {"hour": formatting.hour(hours.seals_from(path))}
            yield step(State.CONFIRM, words, note, reverse(f"reporting:{page}", args=args))
        address = reverse("reporting:unit", args=args[:1])
        note = _("sealed %(hour)s") % {"hour": formatting.hour(self.seal.at)} if self.seal else ""
        result = f"{address}?day={self.figures.day.isoformat()}&state=result{self.query}"
        yield step(State.RESULT, pgettext("step of the day", "Result"), note, result)

    @property
    def clock(self) -> Clock:
        """The time left until the next hour, or who has signed the day."""
        hours, path = self.figures.hours, self.figures.own.path
        closes_at, last = hours.closes_at(path), hours.last_closes_at(path)
        if self.seal:
            by = self.seal.by.display_name if self.seal.by else _("by the timer")
            hour = formatting.hour_on(self.seal.at, self.figures.day)
            return Clock(pgettext("state of the day", "Sealed %(hour)s") % {"hour": hour}, by, is_done=True)
        if self.sign_off:
            hour = formatting.hour_on(self.sign_off.at, self.figures.day)
            return Clock(_("Confirmed %(hour)s") % {"hour": hour}, self.sign_off.by.display_name, is_done=True)
        if closes_at is None or hours.is_exempt(path):
            return Clock("–", _("No report is due on this day."))
        if not hours.is_last_over(path, self.at):
            next_hour = last if hours.is_over(path, self.at) else closes_at
            about = _("report deadline %(hour)s") % {"hour": formatting.hour(closes_at)}
            if last != closes_at:
                about = f"{about}; " + _("for some units %(hour)s") % {"hour": formatting.hour(last)}
            return Clock(capfirst(formatting.until(next_hour, self.at)), about, hours.urgency(path, self.at))
        until = hours.signs_off_at(path)
        about = _("confirmation deadline %(hour)s") % {"hour": formatting.hour(until)}
        if hours.is_late_to_sign_off(path, self.at):
            return Clock(_("Not sealed") if self.unit.is_sealing else _("Not confirmed"), about, Urgency.OVERDUE)
        return Clock(capfirst(formatting.until(until, self.at)), about, urgency_of(until, self.at))

    @property
    def reports_words(self) -> str:
        """What is missing, late, and of the agencies."""
        own, agencies, words = self.figures.own, self.figures.agency_total, []
        if own.not_reported:
            words.append(_("not reported: %(n)s") % {"n": not_reported_words(own)})
        elif own.expected:
            words.append(_("all have reported"))
        if own.late:
            words.append(_("%(n)s late") % {"n": number(own.late)})
        if agencies and agencies.expected:
            about = {"reported": number(agencies.reported), "expected": number(agencies.expected)}
            words.append(_("agencies %(reported)s/%(expected)s") % about)
        return "; ".join(words)

    @property
    def provisional(self) -> Statement | None:
        """What stands beside the share until the day is complete or sealed."""
        return statements.subject(self.figures, seal=self.seal).provisional
