"""Checks statements before they are issued: computes their facts and their arithmetic again, from a fresh rollup."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import ceil, floor
from operator import attrgetter
from typing import Any

from ..days.look_back import newest_seal
from ..days.status import END_OF_TIME, DayStatus
from ..figures import rollup
from ..figures.query import share_of
from ..figures.statements import Fact, Statement
from ..models import Unit
from ..text import formatting
from . import trends
from .trends import Trend

log = logging.getLogger("reporting.checking")

Again = Callable[[str, date, datetime | None], Trend | None]  # the day of a fact, computed anew


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong with a statement, in English, for the operator."""

    statement: Statement
    words: str

    def __str__(self) -> str:
        return f"{self.statement.name} “{self.statement}”: {self.words}"


class NotIssued(Exception):
    """What would say these false statements is not issued."""

    def __init__(self, failures: list[Failure]) -> None:
        super().__init__("; ".join(map(str, failures)))
        self.failures = failures


def checked(said: Iterable[Statement]) -> int:
    """The number of the statements. If one is false, tells the operator and raises `NotIssued`."""
    statements = list(said)
    if failures := check(statements):
        log.error("not issued: %s", NotIssued(failures))
        raise NotIssued(failures)
    return len(statements)


def check(said: Iterable[Statement]) -> list[Failure]:
    """What is false in these statements; empty if nothing is."""
    again = cache(_day_of)
    return [Failure(one, words) for one in said for words in _wrong(one, again)]


def _day_of(code: str, day: date, instant: datetime | None) -> Trend | None:
    """The unit's day as known at the instant; None if the unit was not there."""
    unit = Unit.objects.named(day, instant).filter(code=code).first()
    figures = rollup.rows(unit, day, instant) if unit else None
    if unit is None or figures is None or code not in figures.by_code:
        return None
    seal = newest_seal(unit, day, instant)
    return trends.trend(unit, figures, at=instant or END_OF_TIME, seal=seal)


def _wrong(said: Statement, again: Again) -> Iterator[str]:
    for fact in said.facts.values():
        trend = again(fact.code, fact.day, fact.instant)
        if trend is None:
            yield f"{fact.code} was not there on {fact.day}"
            return
        if fact.field and (found := attrgetter(fact.field)(trend.subject)) != fact.value:
            yield f"{fact.field} of {fact.code} on {fact.day} is {found}, not {fact.value}"
        if fact.field == "row.share" and (fact.note is None) != (trend.subject.provisional is None):
            yield f"the share of {fact.code} on {fact.day} is {'not ' if fact.note else ''}provisional"
        if fact.note:
            yield from _wrong(fact.note, again)
    about = _About(said.facts, again)
    for name, rule in RULES.items():
        if name in said.facts:
            yield from rule(about)


# The arithmetic: a rule for each fact that must fit others.


@dataclass(frozen=True, slots=True)
class _About:
    facts: Mapping[str, Fact]
    again: Again

    def __getitem__(self, name: str) -> Any:
        """The value of a fact; None if the statement does not name it."""
        return self.facts[name].value if name in self.facts else None

    def trend(self, name: str, day: date | None = None) -> Trend | None:
        """The day of a fact, or another day as known at the same instant."""
        fact = self.facts[name]
        return self.again(fact.code, day or fact.day, fact.instant)


def _parts(said: _About) -> Iterator[str]:
    """On time, late and excused are all that have reported."""
    named = {"on_time": DayStatus.ON_TIME, "late": DayStatus.LATE, "reported_excused": DayStatus.EXCUSED}
    counted = Counter(one.status for one in said.trend("on_time").figures.senders if one.is_owed)
    for name, status in named.items():
        silent = said.trend("on_time").figures.own.excused if status is DayStatus.EXCUSED else 0
        if (said[name] or 0) != counted[status] - silent:
            yield f"{counted[status] - silent} are {name}, not {said[name] or 0}"
    parts = [said[name] or 0 for name in named]
    if sum(parts) != said["reported"]:
        yield f"on time, late and excused are {sum(parts)}, not {said['reported']}"


def _silent(said: _About) -> Iterator[str]:
    if said["expected"] - said["reported"] != said["silent"].not_reported:
        yield f"{said['silent'].not_reported} of {said['expected']} are not the rest of {said['reported']}"


def _needed(said: _About) -> Iterator[str]:
    """What is needed a day reaches the target on its date, and one less does not."""
    trend = said.trend("needed_per_day")
    lacking = trend.figures.own.target - (trend.figures.own.cumulative or 0) - trend.pace.to_come
    days, needed = trend.pace.days_left, said["needed_per_day"]
    if needed * days < lacking or (needed - 1) * days >= lacking > 0:
        yield f"{needed} a day on {days} days are not {lacking}"


def _factor(said: _About) -> Iterator[str]:
    """The factor is needed over present installs, as these are printed."""
    if said["needed_per_day"] is None or said["mean"] is None:
        yield "the factor names no rates"
        return
    mean = formatting.cut_mean(said["mean"])
    if said["needed_per_day"] <= mean or Decimal(ceil(said["needed_per_day"] / mean * 10)) / 10 != said["factor"]:
        yield f"{said['needed_per_day']} is not {said['factor']} times {mean}"


def _expected(said: _About) -> Iterator[str]:
    """The share on the target date follows from the present pace, and is below the target that it misses."""
    trend = said.trend("expected_share")
    by_tonight = (trend.figures.own.cumulative or 0) + trend.pace.to_come
    expected = floor(by_tonight + trend.pace.mean * trend.pace.days_left)
    if share_of(expected, trend.figures.own.population) != said["expected_share"]:
        yield f"{expected} installs are expected, not {said['expected_share']}"
    if said["expected_share"] >= said["target_share"]:
        yield f"{said['expected_share']} does not miss {said['target_share']}"


def _reached_on(said: _About) -> Iterator[str]:
    """The day is the first with the target: by its own row if it is past, by the mean if it is to come."""
    day, trend = said["reached_on"], said.trend("reached_on")
    if said.facts["reached_on"].field == "pace.then.reached_on":
        on_the_day, before = (said.trend("reached_on", day - timedelta(days=back)) for back in (0, 1))
        if not on_the_day.figures.own.is_target_reached or before.figures.own.is_target_reached:
            yield f"the target was not first reached on {day}"
        return
    days, mean = (day - trend.figures.day).days, trend.pace.mean
    lacking = trend.figures.own.target - (trend.figures.own.cumulative or 0) - trend.pace.to_come
    if days * mean < lacking or (days and (days - 1) * mean >= lacking):
        yield f"{lacking} installs at {mean} a day do not take {days} days"


def _reached(said: _About) -> Iterator[str]:
    """What is said of the target is of the day that is named, and agrees with the printed share."""
    named = said["day"] or said["target_date"]
    if named and named != said.facts["is_target_reached"].day:
        yield f"the target of {named} is judged by {said.facts['is_target_reached'].day}"
    share, target = said["share"], said["target_share"]
    if share is not None and (share >= target) != said["is_target_reached"]:
        yield f"{share} of {target} is {'not ' if said['is_target_reached'] else ''}reached"


def _growth(said: _About) -> Iterator[str]:
    """Growth names two states, of the same units and people."""
    before, day_before = said["cumulative_before"], said["day_before"]
    if before is None or day_before is None:
        yield "the growth does not name the day and the number that it begins with"
        return
    if said["growth"] != said["cumulative"] - before:
        yield f"from {before} to {said['cumulative']} is not {said['growth']}"
    trend = said.trend("growth")
    [then] = rollup.earlier(trend.unit, trend.figures, [day_before])
    if then.own.cumulative != before:
        yield f"{day_before} had {then.own.cumulative}, not {before}, by the units of {trend.figures.day}"


def _growth_of_share(said: _About) -> Iterator[str]:
    if said["share_before"] is None:
        yield "the growth of the share does not name the share that it begins with"
    elif share_of(said["cumulative_before"], said["population"]) != said["share_before"]:
        yield f"{said['share_before']} is not of {said['population']} people"
    elif said["share"] - said["share_before"] != said["growth_of_share"]:
        yield f"from {said['share_before']} to {said['share']} is not {said['growth_of_share']}"


def _then(said: _About) -> Iterator[str]:
    """The earlier day is that of the units and people of now."""
    trend = said.trend("cumulative_then")
    [then] = rollup.earlier(trend.unit, trend.figures, [said["sealed_day"]])
    found = then.own.cumulative, share_of(then.own.cumulative, trend.figures.own.population)
    if found != (said["cumulative_then"], said["share_then"]):
        yield f"{said['sealed_day']} had {found} by the units of {trend.figures.day}, not {said['cumulative_then']}"


def _difference(said: _About) -> Iterator[str]:
    """The causes since the seal, or since the hour, add up to what has changed."""
    causes, then = sum(fact.value for name, fact in said.facts.items() if name.startswith("delta_")), said["sealed"]
    if since := said.facts.get("since"):
        trend = said.again(since.code, since.day, since.value)
        then = trend.figures.own.cumulative if trend else None
    if not causes == said["difference"] == (said["now"] or 0) - (then or 0):
        yield f"{causes} by causes are not the {said['difference']} from {then} to {said['now']}"


RULES: dict[str, Callable[[_About], Iterator[str]]] = {
    "on_time": _parts,
    "silent": _silent,
    "needed_per_day": _needed,
    "factor": _factor,
    "expected_share": _expected,
    "reached_on": _reached_on,
    "is_target_reached": _reached,
    "growth": _growth,
    "growth_of_share": _growth_of_share,
    "difference": _difference,
    "cumulative_then": _then,
}
