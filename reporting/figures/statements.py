"""Sentences about figures. Pages, bulletin, messages, mails and papers print them and word no comparison themselves.

A statement is a template with named facts. A fact is a value and where it is found again: the field of a unit's day, as
known at an instant. So each can be computed again, in any language and at any time (`pages.checking`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _, ngettext_lazy, pgettext_lazy

from ..models import Seal
from ..text import formatting
from .pace import Kind, Pace
from .query import Row, share_of
from .rollup import DayRollup

TEMPLATES: dict[str, Promise] = {
    # The target before its date.
    "on_pace": _("On course for %(target_share)s"),
    "to_miss": _("Forecast to miss %(target_share)s"),
    "undated": _("%(target_share)s expected on %(reached_on)s"),
    "out_of_reach": _("%(target_share)s is out of reach at this pace"),
    "unknown": _("Too little for a forecast: %(reports)s/%(of_reports)s reports in the last 7 days"),
    "reached": _("%(target_share)s reached"),
    "surplus": _("%(surplus)s installs more than the target"),
    "outlook": _("%(expected_share)s by the end of %(target_date)s"),
    "rates": _("%(needed_per_day)s installs a day needed, %(mean)s now"),
    "needed": _("%(needed_per_day)s installs a day needed"),
    "reached_on": _("at this pace %(target_share)s is reached on %(reached_on)s"),
    "days_late": ngettext_lazy(
        "at this pace %(target_share)s is reached on %(reached_on)s, %(days_late)s day late",
        "at this pace %(target_share)s is reached on %(reached_on)s, %(days_late)s days late",
        "days_late",
    ),
    "factor": _("must rise %(factor)s times"),
    # How the pace is counted.
    "mean": _("on average %(mean)s a day over the last 7 days"),
    "mean_of_reports": _("on average %(mean)s a day over the last 7 days (%(reports)s/%(of_reports)s reports)"),
    "to_come": _("the forecast adds about %(to_come)s installs that units still owe today"),
    # The target date, and what stands after it.
    "last_day": _("%(target_date)s is the last day: %(missing_to_target)s installs are still missing"),
    "was_reached": _("%(day)s: %(share)s, target reached"),
    "was_missed": _("%(day)s: %(share)s, target not reached"),
    "stands": pgettext_lazy("after the target date", "by %(day)s: %(share)s"),
    "stands_corrected": _("by %(day)s, after corrections: %(share)s"),
    "reached_late": ngettext_lazy(
        "reached on %(reached_on)s, %(days_late)s day late",
        "reached on %(reached_on)s, %(days_late)s days late",
        "days_late",
    ),
    # The day.
    "standing": _("Bluezone: %(name)s has %(share)s of its population, target %(target_share)s"),
    "provisional": _("provisional, %(reported)s/%(expected)s"),
}
PRINTED: dict[str, Callable[[Any], str]] = {  # by the last part of a field; numbers and days need none
    "share": formatting.percent,
    "expected_share": formatting.percent,
    "target_share": formatting.whole_percent,
    "mean": formatting.per_day,
    "to_come": formatting.per_day,
    "factor": formatting.decimal,
}


class _Counted(int):
    """A number that chooses the plural and prints like all others."""

    def __str__(self) -> str:
        return formatting.number(int(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    field: str  # of a `Subject`: "row.share", "pace.mean"
    value: Any
    code: str  # of the unit
    day: date
    instant: datetime | None  # as of which it was known; None for figures of no moment
    note: "Statement | None" = None  # what stands beside it in brackets

    def printed(self, written: Callable[[date], str]) -> object:
        """The value for people; `written` writes days."""
        name = self.field.rpartition(".")[2]
        if name in PRINTED:
            words = PRINTED[name](self.value)
            return f"{words} ({self.note.words(written)})" if self.note else words
        match self.value:
            case int():
                return _Counted(self.value)
            case None:
                return formatting.NOT_KNOWN
            case date():
                return written(self.value)
        return self.value


@dataclass(frozen=True, slots=True)
class Statement:
    name: str  # of its template
    facts: Mapping[str, Fact]  # also those that it only implies, like `is_target_reached`

    def words(self, written: Callable[[date], str] = formatting.short_day) -> str:
        """The sentence without its full stop, in the reader's language."""
        return TEMPLATES[self.name] % {name: fact.printed(written) for name, fact in self.facts.items()}

    def __str__(self) -> str:
        return self.words()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What facts are about: a unit's day as known at an instant."""

    day: date
    instant: datetime | None
    row: Row
    pace: Pace | None = None
    is_sealed: bool = False

    def state(self, name: str, *fields: str, **others: Fact) -> Statement:
        """A statement with these fields of the subject, each under its last name."""
        return Statement(name, {field.rpartition(".")[2]: self.fact(field) for field in fields} | others)

    def fact(self, field: str) -> Fact:
        value = attrgetter(field)(self)
        note = self.provisional if field == "row.share" else None
        return Fact(field=field, value=value, code=self.row.code, day=self.day, instant=self.instant, note=note)

    @property
    def provisional(self) -> Statement | None:
        """Until the day is complete or sealed, what stands beside each share of it: "tạm tính, 132/218"."""
        if self.is_sealed or not self.row.not_reported:
            return None
        return self.state("provisional", "row.reported", "row.expected")

    @property
    def expected_share(self) -> Decimal | None:
        """The share on the target date at the present pace."""
        return share_of(self.pace.expected, self.row.population) if self.pace else None


def subject(
    figures: DayRollup, row: Row | None = None, *, pace: Pace | None = None, seal: Seal | None = None
) -> Subject:
    """The subject of a row of the figures, by default of their own; `seal` is the day's newest."""
    is_sealed = seal is not None and (figures.as_of is None or seal.at <= figures.as_of)
    about = {"day": figures.day, "instant": figures.instant, "is_sealed": is_sealed}
    return Subject(row=row or figures.own, pace=pace, **about)


# The target.


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the target is reached by its date: a title, and what supports it."""

    title: Statement
    outlook: tuple[Statement, ...] = ()  # what will stand on the date, or stands after it
    rates: Statement | None = None  # needed and present installs a day
    advice: tuple[Statement, ...] = ()  # when the target is reached at this pace, by how much it must rise
    basis: tuple[Statement, ...] = ()  # how the pace is counted
    is_bad: bool = False

    @property
    def is_known(self) -> bool:
        return self.title.name != "unknown"

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(filter(None, (self.title, *self.outlook, self.rates, *self.advice, *self.basis)))

    def sentence(self, written: Callable[[date], str] = formatting.short_day) -> str:
        """Title, outlook and rates, for a message: "Kịp 60%: mỗi ngày cần 500 máy, hiện 600."."""
        title, rest = self.title.words(written), [one.words(written) for one in (*self.outlook, self.rates) if one]
        if self.title.name == "on_pace" and rest:
            return f"{title}: {'; '.join(rest)}."
        return sentences(title, "; ".join(rest))

    def advice_words(self, written: Callable[[date], str] = formatting.short_day) -> str:
        return sentences(*(one.words(written) for one in self.advice))

    def whole(self, written: Callable[[date], str] = formatting.short_day) -> str:
        """The sentence and the advice."""
        return f"{self.sentence(written)} {self.advice_words(written)}".strip()


def sentences(*parts: str) -> str:
    """Each part as a sentence of its own; empty parts are left out."""
    return " ".join(f"{capfirst(part)}." for part in parts if part)


def verdict(about: Subject) -> Verdict | None:
    """Whether the target is reached by its date; None where no target is known."""
    pace = about.pace
    if pace is None:
        return None
    found = {"rates": rates(about), "advice": _advice(about), "basis": _basis(about)}
    match pace.kind:
        case Kind.ON_PACE:
            return Verdict(
                title=about.state("on_pace", "row.target_share", "pace.target_date", "pace.expected"), **found
            )
        case Kind.MULTIPLY | Kind.NOT_ENOUGH if pace.expected is not None:
            title = about.state("to_miss", "row.target_share", "pace.target_date", "expected_share")
            outlook = about.state("outlook", "expected_share", "pace.target_date", "row.target_share")
            return Verdict(title=title, outlook=(outlook,), is_bad=True, **found)
        case Kind.NOT_ENOUGH:
            return Verdict(title=about.state("out_of_reach", "row.target_share"), basis=_basis(about), is_bad=True)
        case Kind.UNDATED:
            return Verdict(title=about.state("undated", "row.target_share", "pace.reached_on"), basis=_basis(about))
        case Kind.UNKNOWN:
            needed = about.state("needed", "pace.needed_per_day") if pace.needed_per_day else None
            return Verdict(title=about.state("unknown", "pace.rate.reports", "pace.rate.of_reports"), rates=needed)
        case Kind.LAST_DAY:
            return Verdict(title=about.state("last_day", "pace.target_date", "row.missing_to_target"))
    if pace.kind is Kind.REACHED and not pace.then:
        surplus = (about.state("surplus", "pace.surplus"),) if pace.surplus else ()
        return Verdict(title=about.state("reached", "row.target_share", "row.is_target_reached"), outlook=surplus)
    return _after(about, pace)


def rates(about: Subject) -> Statement | None:
    """Needed and present installs a day; None if not known, none needed, or the printed numbers say nothing."""
    pace = about.pace
    if pace is None or not pace.needed_per_day or pace.mean is None:
        return None
    if pace.kind is Kind.ON_PACE and pace.needed_per_day > formatting.cut_mean(pace.mean):
        return None  # by less than one install
    return about.state("rates", "pace.needed_per_day", "pace.mean")


def factor(about: Subject) -> Statement | None:
    """By how much the installs a day must rise; None if they need not, or nothing is known."""
    if about.pace is None or about.pace.factor is None:
        return None
    return about.state("factor", "pace.factor", "pace.needed_per_day", "pace.mean")


def _advice(about: Subject) -> tuple[Statement, ...]:
    pace, reached_on = about.pace, None
    if pace.days_late:
        reached_on = about.state("days_late", "row.target_share", "pace.reached_on", "pace.days_late")
    elif pace.reached_on:
        reached_on = about.state("reached_on", "row.target_share", "pace.reached_on")
    return tuple(filter(None, (reached_on, factor(about))))


def _basis(about: Subject) -> tuple[Statement, ...]:
    """How the pace is counted."""
    pace, said = about.pace, []
    if pace.mean is not None:
        is_whole = pace.rate.reports >= pace.rate.of_reports
        fields = ("pace.mean", "pace.rate.reports", "pace.rate.of_reports")
        said.append(about.state("mean" if is_whole else "mean_of_reports", *fields))
    if pace.to_come >= 1:
        said.append(about.state("to_come", "pace.to_come"))
    return tuple(said)


def _after(about: Subject, pace: Pace) -> Verdict:
    """The target date has come: what stood on it, and what stands now."""
    then, is_bad = pace.then, pace.kind is Kind.MISSED
    if then is None:
        return Verdict(title=_state_of_day(about), is_bad=is_bad)
    is_sealed = then.sealed_at is not None
    on_the_day = Subject(day=then.day, instant=then.sealed_at or about.instant, row=then.row, is_sealed=is_sealed)
    if pace.kind is Kind.REACHED_LATE and then.reached_on:
        now = about.state("reached_late", "pace.then.reached_on", "pace.then.days_late")
    else:
        fell = (about.row.cumulative or 0) < (then.row.cumulative or 0)
        now = about.state("stands_corrected" if fell else "stands", "day", "row.share")
    return Verdict(title=_state_of_day(on_the_day), outlook=(now,), is_bad=is_bad)


def _state_of_day(about: Subject) -> Statement:
    name = "was_reached" if about.row.is_target_reached else "was_missed"
    return about.state(name, "day", "row.share", "row.target_share", "row.is_target_reached")


# The day.


def standing(about: Subject) -> Statement:
    """The share and the target, at the head of a message."""
    return about.state("standing", "row.name", "row.share", "row.target_share")
