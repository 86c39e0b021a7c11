"""Sentences about figures. Pages, bulletin, messages, mails and papers print them and word no comparison themselves.

A statement is a template with named facts. A fact is a value and where it is found again: the field of a unit's day, as
known at an instant. So each can be computed again, in any language and at any time (`pages.checking`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _, ngettext, ngettext_lazy, pgettext_lazy

from ..models import Seal
from ..text import formatting, status_marks
from .pace import Kind, Pace, PastDay
from .query import Row, share_of
from .rollup import DayRollup
from .since_seal import Cause, SealedRow, Summary, sealed_row

TEMPLATES: dict[str, Promise] = {
    # The target before its date.
    "on_pace": _("On course for %(target_share)s"),
    "to_miss": _("Forecast for %(target_date)s: %(expected_share)s, below the target of %(target_share)s"),
    "undated": _("%(target_share)s expected on %(reached_on)s"),
    "out_of_reach": _("%(target_share)s is out of reach at this pace"),
    "too_early": _("Too early for a forecast: no report of the days before"),
    "unknown": _("Too little for a forecast: %(reports)s/%(of_reports)s reports of the 7 days before"),
    "reached": _("%(target_share)s reached"),
    "surplus": ngettext_lazy(
        "%(surplus)s install more than the target", "%(surplus)s installs more than the target", "surplus"
    ),
    "rates": ngettext_lazy(
        "%(needed_per_day)s install a day needed, %(mean)s now",
        "%(needed_per_day)s installs a day needed, %(mean)s now",
        "needed_per_day",
    ),
    "needed": ngettext_lazy(
        "%(needed_per_day)s install a day needed", "%(needed_per_day)s installs a day needed", "needed_per_day"
    ),
    "reached_on": _("at this pace %(target_share)s is reached on %(reached_on)s"),
    "days_late": ngettext_lazy(
        "at this pace %(target_share)s is reached on %(reached_on)s, %(days_late)s day late",
        "at this pace %(target_share)s is reached on %(reached_on)s, %(days_late)s days late",
        "days_late",
    ),
    "factor": _("must rise %(factor)s times"),
    # How the pace is counted.
    "mean": _("on average %(mean)s a day over the 7 days before (%(reports)s/%(of_reports)s reports)"),
    "to_come": _("the forecast adds the usual numbers of the units that have not reported: about %(to_come)s"),
    # The target date, and what stands after it.
    "last_day": ngettext_lazy(
        "%(target_date)s is the last day: %(missing_to_target)s install is still missing",
        "%(target_date)s is the last day: %(missing_to_target)s installs are still missing",
        "missing_to_target",
    ),
    "was_reached": _("%(day)s: %(share)s, target reached"),
    "was_missed": _("%(day)s: %(share)s, target not reached"),
    "stands": pgettext_lazy("after the target date", "by %(day)s: %(share)s"),
    "stands_since_seal": _("since the seal: %(share)s"),
    "stands_corrected": _("by %(day)s, after corrections: %(share)s"),
    "reached_late": ngettext_lazy(
        "reached on %(reached_on)s, %(days_late)s day late",
        "reached on %(reached_on)s, %(days_late)s days late",
        "days_late",
    ),
    # The day.
    "result": _(
        "phones with Bluezone in %(whole)s as of %(moment)s (cumulative): %(cumulative)s, %(share)s of the population "
        "(%(people)s)"
    ),
    "result_without_share": _(
        "phones with Bluezone in %(whole)s as of %(moment)s (cumulative): %(cumulative)s; the population of some units "
        "is unknown, so no share can be given"
    ),
    "no_result": _("as of %(moment)s, no unit of %(whole)s has reported the number of installed phones"),
    "target_missed": _(
        "the target is %(target_share)s of the population (%(target)s phones); still missing: %(missing_to_target)s"
    ),
    "target_reached": _("the target of %(target_share)s of the population (%(target)s phones) is reached"),
    "new": _("new installs of the day: %(installs)s"),
    "new_after": _("new installs of the day: %(installs)s (on %(day_before)s: %(installs_before)s)"),
    "no_new": _("no unit has reported new installs of the day"),
    "adjustment": _("adjustments of the cumulative on the day: %(adjustment)s"),
    "growth": _("compared with %(day_before)s (total %(cumulative_before)s), the cumulative %(growth)s"),
    "growth_of_installs": _(
        "compared with %(day_before)s (total %(cumulative_before)s, %(share_before)s%(basis)s), the share "
        "%(growth_of_share)s"
    ),
    "growth_of_share": _(
        "compared with %(day_before)s (total %(cumulative_before)s, %(share_before)s%(basis)s), the cumulative "
        "%(growth)s, the share %(growth_of_share)s"
    ),
    "agencies": _(
        "departments, agencies and mass organisations (separate, not in the figures above): %(cumulative)s phones of "
        "%(population)s staff, %(share)s; new on the day: %(installs)s; %(reported)s/%(expected)s have reported"
    ),
    "no_agencies": _("departments, agencies and mass organisations (separate): none has reported yet"),
    "reports": _(
        "%(reported)s/%(expected)s units have reported (%(who)s): on time %(on_time)s, late %(late)s; not reported: "
        "%(silent)s"
    ),
    "reports_excused": _(
        "%(reported)s/%(expected)s units have reported (%(who)s): on time %(on_time)s, late %(late)s, excused "
        "%(reported_excused)s; not reported: %(silent)s"
    ),
    "reported": _("%(reported)s/%(expected)s units have reported"),
    "reported_late": _("%(reported)s/%(expected)s units have reported (late %(late)s)"),
    "message": _(
        "installs in %(whole)s as of %(moment)s: %(cumulative)s, %(share)s of the population (target %(target_share)s)"
    ),
    "message_without_share": _(
        "installs in %(whole)s as of %(moment)s: %(cumulative)s; without the population there is no share"
    ),
    "no_message": _("as of %(moment)s, no install has been reported in %(whole)s"),
    "new_in_message": _("%(installs)s new on the day"),
    "sealed": _("sealed at %(moment)s: %(sealed)s (%(sealed_share)s)"),
    "since_seal": _("now: %(now)s, difference %(change)s: %(causes)s"),
    "after_hour": _("this includes what counted after %(moment)s: %(causes)s"),
    "rebased": _(
        "%(sealed_share)s as sealed on %(sealed_day)s; %(share_then)s by the units, people and reports known now; now "
        "%(share)s"
    ),
    "sealed_otherwise": _(
        "%(sealed_day)s was sealed with %(sealed)s phones; by the units and reports of now it has %(cumulative_then)s"
    ),
    "as_sealed": _("the cumulative has not changed since"),
    "silent": ngettext_lazy(
        "at the deadline of %(day)s, %(silent_then)s unit below %(unit)s had not reported; now it is %(silent_now)s",
        "at the deadline of %(day)s, %(silent_then)s units below %(unit)s had not reported; now it is %(silent_now)s",
        "silent_then",
    ),
    "lagging": _("- %(name)s: %(share)s"),
    "standing": _("Bluezone: %(name)s has %(share)s of its population, target %(target_share)s"),
    "provisional": _("provisional, %(reported)s/%(expected)s"),
}


class Silent(NamedTuple):
    """How many units have not reported, and how many of these wait for a decision or are excused."""

    not_reported: int
    waiting: int
    excused: int


def checked_words(number: int) -> str:
    return ngettext("%(n)s statement checked", "%(n)s statements checked", number) % {"n": formatting.number(number)}


def _growth_words(phones: int) -> str:
    return _change(phones, formatting.phones(abs(phones)))


def _growth_of_share_words(points: Decimal) -> str:
    words = gettext("%(points)s percentage points")
    return _change(points, words % {"points": formatting.points(abs(points)).lstrip("+")})


def _change(difference: int | Decimal, number: str) -> str:
    if not difference:
        return gettext("has not changed")
    words = gettext("rose by %(number)s") if difference > 0 else gettext("fell by %(number)s")
    return words % {"number": number}


PRINTED: dict[str, Callable[[Any], str]] = {  # by the last part of a field; numbers and days need none
    "share": formatting.percent,
    "expected_share": formatting.percent,
    "target_share": formatting.whole_percent,
    "mean": formatting.per_day,
    "to_come": formatting.per_day,
    "factor": formatting.decimal,
    "adjustment": formatting.signed,
    "silent": status_marks.not_reported_words,
    "growth": _growth_words,
    "growth_of_share": _growth_of_share_words,
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
        """The value for people; `written` writes days, of another year than the subject's always with the year."""
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
                is_unclear = written is formatting.short_day and self.value.year != self.day.year
                return formatting.day(self.value) if is_unclear else written(self.value)
            case Decimal():
                return formatting.percent(self.value)
        return self.value


@dataclass(frozen=True, slots=True)
class Statement:
    name: str  # of its template
    facts: Mapping[str, Fact]  # also those that it only implies, like `is_target_reached`
    texts: Mapping[str, str] = field(default_factory=dict)  # names and other words in it

    def words(self, written: Callable[[date], str] = formatting.short_day) -> str:
        """The sentence without its full stop, in the reader's language."""
        return TEMPLATES[self.name] % {**self.texts, **{name: one.printed(written) for name, one in self.facts.items()}}

    def __str__(self) -> str:
        return self.words()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What facts are about: a unit's day as known at an instant."""

    day: date
    instant: datetime | None
    row: Row
    pace: Pace | None = None
    before: PastDay | None = None  # the day before, in the tree and by the population of the day
    is_before_restated: bool = False  # as units or people came on the day
    agencies: Row | None = None  # their sum
    is_sealed: bool = False  # with at least the reports that were sealed

    def state(self, name: str, *fields: str, texts: Mapping[str, str] | None = None, **named: str) -> Statement:
        """A statement with these fields of the subject, each under its last name or the one given, and these texts."""
        named = {one.rpartition(".")[2]: one for one in fields} | named
        return Statement(name, {place: self.fact(one) for place, one in named.items()}, texts or {})

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
    def all_silent(self) -> int:
        """The units that have not reported, agencies too."""
        return self.row.not_reported + (self.agencies.not_reported if self.agencies else 0)

    @property
    def silent(self) -> Silent:
        return Silent(self.row.not_reported, self.row.waiting, self.row.excused)

    @property
    def growth(self) -> int:
        """The installs since the day before."""
        return (self.row.cumulative or 0) - (self.before.cumulative or 0 if self.before else 0)

    @property
    def growth_of_share(self) -> Decimal | None:
        """Both shares are of the population of the day."""
        before = self.before.share if self.before else None
        return None if self.row.share is None or before is None else self.row.share - before

    @property
    def expected_share(self) -> Decimal | None:
        """The share on the target date at the present pace."""
        return share_of(self.pace.expected, self.row.population) if self.pace else None


def subject(
    figures: DayRollup, row: Row | None = None, *, seal: Seal | None = None, pace: Pace | None = None, **more: Any
) -> Subject:
    """The subject of a row of the figures, by default of their own; `seal` is the day's newest."""
    shown, agencies = row or figures.own, None if row else figures.agency_total
    about: dict[str, Any] = {"day": figures.day, "instant": figures.instant, "agencies": agencies, "pace": pace}
    return Subject(row=shown, is_sealed=seal is not None and _is_sealed(figures, shown, seal), **about, **more)


def _is_sealed(figures: DayRollup, row: Row, seal: Seal) -> bool:
    """Whether no more reports of the row are missing than when it was sealed: after a void, it is incomplete again."""
    if figures.as_of == seal.at or not row.not_reported:
        return True
    if row is figures.agency_total:
        return all(_is_sealed(figures, one, seal) for one in figures.agencies)
    sealed = sealed_row(seal, row.path) if figures.as_of is None or seal.at <= figures.as_of else None
    return sealed is not None and row.not_reported <= sealed.not_reported


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
    found: dict[str, Any] = {"rates": rates(about), "advice": _advice(about, pace), "basis": _basis(about, pace)}
    match pace.kind:
        case Kind.ON_PACE:
            return Verdict(
                title=about.state("on_pace", "row.target_share", "pace.target_date", "pace.expected"), **found
            )
        case Kind.NOT_ENOUGH if pace.expected is not None:
            title = about.state("to_miss", "row.target_share", "pace.target_date", "expected_share")
            return Verdict(title=title, is_bad=True, **found)
        case Kind.NOT_ENOUGH:
            return Verdict(
                title=about.state("out_of_reach", "row.target_share"), basis=_basis(about, pace), is_bad=True
            )
        case Kind.UNDATED:
            return Verdict(
                title=about.state("undated", "row.target_share", "pace.reached_on"), basis=_basis(about, pace)
            )
        case Kind.UNKNOWN:
            # What units have that never reported is not known: it is not zero.
            is_known = pace.needed_per_day and about.row.not_reported <= about.row.carried_forward
            needed = about.state("needed", "pace.needed_per_day") if is_known else None
            name = "unknown" if pace.rate.reports else "too_early"
            return Verdict(title=about.state(name, "pace.rate.reports", "pace.rate.of_reports"), rates=needed)
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


def _advice(about: Subject, pace: Pace) -> tuple[Statement, ...]:
    reached_on = None
    if pace.days_late:
        reached_on = about.state("days_late", "row.target_share", "pace.reached_on", "pace.days_late")
    elif pace.reached_on:
        reached_on = about.state("reached_on", "row.target_share", "pace.reached_on")
    return tuple(filter(None, (reached_on, factor(about))))


def _basis(about: Subject, pace: Pace) -> tuple[Statement, ...]:
    """How the pace is counted."""
    said = []
    if pace.mean is not None:
        said.append(about.state("mean", "pace.mean", "pace.rate.reports", "pace.rate.of_reports"))
    if pace.to_come >= 1:
        said.append(about.state("to_come", "pace.to_come"))
    return tuple(said)


def _after(about: Subject, pace: Pace) -> Verdict:
    """The target date has come: what stood on it, as sealed if it is sealed, and what stands now."""
    then, is_bad = pace.then, pace.kind is Kind.MISSED
    if then is None:
        return Verdict(title=_state_of_day(about), is_bad=is_bad)
    is_sealed = then.sealed_at is not None
    on_the_day = Subject(day=then.day, instant=then.sealed_at or about.instant, row=then.row, is_sealed=is_sealed)
    if pace.kind is Kind.REACHED_LATE and then.reached_on:
        now = about.state("reached_late", "pace.then.reached_on", "pace.then.days_late")
    elif then.day == about.day:
        now = about.state("stands_since_seal", "row.share")
    else:
        name = "stands_corrected" if then.is_corrected else "stands"
        now = about.state(name, "day", "row.share", "pace.then.is_corrected")
    return Verdict(title=_state_of_day(on_the_day), outlook=(now,), is_bad=is_bad)


def _state_of_day(about: Subject) -> Statement:
    name = "was_reached" if about.row.is_target_reached else "was_missed"
    return about.state(name, "day", "row.share", "row.target_share", "row.is_target_reached")


# The day.


def standing(about: Subject) -> Statement:
    """The share and the target, at the head of a message."""
    return about.state("standing", "row.name", "row.share", "row.target_share")


def lagging(about: Subject) -> Statement:
    """The share of a unit that stands in a list."""
    return about.state("lagging", "row.name", "row.share")


def result(about: Subject, **texts: str) -> Statement:
    """The cumulative and the share; `texts` are moment, whole and people."""
    if about.row.cumulative is None:
        return about.state("no_result", "row.cumulative", texts=texts)
    if about.row.share is None:
        return about.state("result_without_share", "row.cumulative", "row.share", texts=texts)
    return about.state("result", "row.cumulative", "row.share", texts=texts)


def target(about: Subject) -> Statement | None:
    if about.row.target is None:
        return None
    fields = ("row.target_share", "row.target", "row.missing_to_target", "row.is_target_reached")
    return about.state("target_reached" if about.row.is_target_reached else "target_missed", *fields)


def new_installs(about: Subject) -> list[Statement]:
    """The new installs of the day, and the adjustments if there are any."""
    if about.row.installs is None:
        said = about.state("no_new", "row.installs")
    elif about.before and about.before.installs is not None:
        before: dict[str, Any] = {"day_before": "before.day", "installs_before": "before.installs"}
        said = about.state("new_after", "row.installs", **before)
    else:
        said = about.state("new", "row.installs")
    return [said, *([about.state("adjustment", "row.adjustment")] if about.row.adjustment else [])]


def growth(about: Subject) -> Statement | None:
    """How cumulative and share have changed since the day before, which it names.

    A cumulative that grew by the new installs of the day, which stand beside it, is not said again; nor one that only
    is as before because nobody has reported.
    """
    before = about.before
    if before is None or before.cumulative is None or about.row.cumulative is None:
        return None
    if about.row.installs is None and not about.growth:
        return None
    named: dict[str, Any] = {"day_before": "before.day", "cumulative_before": "before.cumulative"}
    fields = ("growth", "row.cumulative", "row.population")
    if about.growth_of_share is None:
        return about.state("growth", *fields, **named)
    named |= {"share_before": "before.share", "share": "row.share"}
    name = "growth_of_installs" if about.growth == about.row.installs else "growth_of_share"
    return about.state(name, *fields, "growth_of_share", texts={"basis": _basis_before(about, before)}, **named)


def _basis_before(about: Subject, before: PastDay) -> str:
    """What stands beside the share of the day before if not all had reported, or if it has been restated."""
    words = []
    if before.not_reported:
        reports = {"reported": formatting.number(before.reported), "due": formatting.number(before.due)}
        words.append(gettext("%(reported)s/%(due)s units reported") % reports)
    if about.is_before_restated:
        words.append(gettext("by the units and people of now"))
    return "".join(f", {part}" for part in words)


def agencies(about: Subject) -> Statement:
    """The agencies' own figures: they are never added to the residents, because staff also live in a commune."""
    fields = ("cumulative", "population", "share", "installs", "reported", "expected")
    name = "no_agencies" if about.agencies is None or about.agencies.cumulative is None else "agencies"
    return about.state(name, *(f"agencies.{name}" for name in fields))


def reports(about: Subject, **texts: str) -> Statement:
    """How many units have reported and when; `texts` say `who` they are."""
    fields = ("reported", "expected", "on_time", "late", "reported_excused", "not_reported")
    name = "reports_excused" if about.row.reported_excused else "reports"
    return about.state(name, *(f"row.{name}" for name in fields), "silent", texts=texts)


def reported(about: Subject) -> Statement:
    """How many units have reported, and how many late: "215/218 units have reported (late 3)"."""
    return about.state("reported_late" if about.row.late else "reported", "row.reported", "row.expected", "row.late")


def silent(then: Subject, now: Subject, **texts: str) -> Statement:
    """How many units had not reported at the deadline, and how many have not now; `texts` name the `unit`."""
    facts = {"day": then.fact("day"), "silent_then": then.fact("all_silent"), "silent_now": now.fact("all_silent")}
    return Statement("silent", facts, texts)


def message(about: Subject, **texts: str) -> list[Statement]:
    """The first line of a message; `texts` are moment and whole."""
    row = about.row
    name = "message" if row.share is not None else "message_without_share"
    fields = ("row.cumulative", "row.share", "row.target_share")
    return [
        about.state("no_message" if row.cumulative is None else name, *fields, texts=texts),
        *([] if row.installs is None else [about.state("new_in_message", "row.installs")]),
        *([reported(about)] if row.expected else []),
    ]


def since_seal(about: Subject, then: Summary) -> tuple[Statement, Statement]:
    """What was sealed, and what has changed it since; the causes add up to the difference."""
    sealed = _sealed(about, then.sealed)
    words = {"change": formatting.signed(then.difference), "causes": _counted(then.causes)}
    moment = {"moment": formatting.moment(then.sealed.seal.at)}
    facts = {"sealed": sealed["sealed"], **_changed(about, then.causes, difference=then.difference)}
    return (
        Statement("sealed", sealed, moment),
        Statement("since_seal" if then.causes else "as_sealed", facts, words),
    )


def after_hour(about: Subject, until: datetime, causes: Sequence[Cause], moment: str) -> list[Statement]:
    """What counted after the hour up to which the figures are; `moment` is that hour in words."""
    facts = _changed(about, causes, difference=sum(one.delta for one in causes), since=until)
    return [Statement("after_hour", facts, {"moment": moment, "causes": _counted(causes)})] if causes else []


def _counted(causes: Iterable[Cause]) -> str:
    return ", ".join(one.counted_words for one in causes)


def _changed(about: Subject, causes: Iterable[Cause], **implied: Any) -> dict[str, Fact]:
    """The facts of a change: its causes add up to it."""
    now = about.fact("row.cumulative")
    implied |= {f"delta_{one.kind}": one.delta for one in causes}
    return {"now": now, **{name: replace(now, field="", value=value) for name, value in implied.items()}}


def earlier_seal(about: Subject, sealed: SealedRow, then: PastDay) -> list[Statement]:
    """What an earlier sealed day said otherwise; `then` is that day in the tree and by the population of the day."""
    by_now = about.fact("row.population")
    facts = _sealed(about, sealed) | {
        "share": about.fact("row.share"),
        "share_then": replace(by_now, field="", value=then.share),
        "cumulative_then": replace(by_now, field="", value=then.cumulative),
    }
    said = []
    if sealed.population != about.row.population and None not in (sealed.share, then.share, about.row.share):
        said.append(Statement("rebased", facts))
    if (then.cumulative or 0) != (sealed.cumulative or 0):
        said.append(Statement("sealed_otherwise", facts))
    return said


def _sealed(about: Subject, sealed: SealedRow) -> dict[str, Fact]:
    at_seal: dict[str, Any] = {"code": about.row.code, "day": sealed.seal.day, "instant": sealed.seal.at}
    fields: dict[str, tuple[str, Any]] = {"sealed_day": ("day", sealed.seal.day)}
    fields["sealed"] = ("row.cumulative", sealed.cumulative)
    fields["sealed_share"] = ("row.share", sealed.share)
    return {name: Fact(field=field, value=value, **at_seal) for name, (field, value) in fields.items()}
