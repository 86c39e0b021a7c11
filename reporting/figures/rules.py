"""The limits of a unit's figures of a day, the same for forms, requests, imports and acts.

Pure: the functions take what is known of the unit and the figures sent, and return refusals.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _, gettext_lazy

from ..models import IncludedDays
from ..refusal import CONFLICT, Refusal
from ..text.formatting import day as written_day, number
from . import fields

MAX_CUMULATIVE = 10_000_000  # the limit if the population is unknown; a column holds the sum of 200 of these


@dataclass(eq=False)
class LimitExceeded(Refusal):
    """A figure is larger than the number of the unit's people; `figure` names it."""

    population: int
    figure: str = "installs"
    counts_staff: bool = field(default=False, kw_only=True)
    code = "more_than_population"

    def __post_init__(self) -> None:
        self.field = self.figure

    @property
    def message(self) -> str:
        words = (
            _("More than the %(population)s staff of the unit. Check the number.")
            if self.counts_staff
            else _("More than the %(population)s people of the unit. Check the number.")
        )
        return words % {"population": number(self.population)}


@dataclass(eq=False)
class BelowCumulative(Refusal):
    """The total sent is less than the cumulative so far, or a cumulative would fall below zero."""

    cumulative: int
    code, field = "below_cumulative", "cumulative"

    @property
    def message(self) -> str:
        if self.cumulative <= 0:
            return _("The cumulative number would fall below zero. Check the number.")
        words = _("Less than the cumulative number so far, %(cumulative)s. Check the number.")
        return words % {"cumulative": number(self.cumulative)}


class OpeningMissing(Refusal):
    """The unit's first report lacks the number of phones that had the application before the campaign."""

    text = gettext_lazy("The unit has not yet said how many phones had the application before the campaign.")


@dataclass(frozen=True, kw_only=True)
class EarlierReport:
    """An earlier day with figures of its own, in a report or in a waiting request."""

    day: date
    installs: int | None = 0
    is_waiting: bool = False
    name: str = ""  # of the unit, if it was merged into the unit asked about


@dataclass(frozen=True, kw_only=True)
class LaterReport:
    """A report that also counts earlier days."""

    day: date
    installs: int | None = 0
    code: str = ""  # of the successor that reported it, if one did; so is the name
    name: str = ""


class Collision(Refusal):
    """A day would be counted twice, by its own report and by a later one."""

    status = CONFLICT
    code = "collision"


@dataclass(eq=False)
class CoversReported(Collision):
    """A day that the figures cover now has figures of its own."""

    earlier: EarlierReport

    @property
    def message(self) -> str:
        if self.earlier.is_waiting:
            words = _(
                "The report of %(report)s waits for a decision. This number would count that day twice. "
                "Nothing was stored. Enter the number of the day alone."
            )
        else:
            words = _(
                "%(report)s has its own report. This number would count that day twice. "
                "Nothing was stored. Enter the number of the day alone."
            )
        return words % {"report": _named(self.earlier)}


@dataclass(eq=False)
class InLaterReport(Collision):
    """A later report already contains the day's figures."""

    later: LaterReport

    @property
    def message(self) -> str:
        words = _(
            "The figures of this day are already in the report of %(report)s. If they are not, correct or void that "
            "report first."
        )
        return words % {"report": _named(self.later)}


def _named(report: EarlierReport | LaterReport) -> str:
    """A report by its day, number and, if it is another's, unit: "18/08/2020 (Phường Cát Bi, 12 new installs)"."""
    installs = _("%(installs)s new installs") % {"installs": number(report.installs)}
    return f"{written_day(report.day)} ({', '.join(filter(None, (report.name, installs)))})"


class SameAdjustment(Refusal):
    """The day has this adjustment: zero without a report."""

    code, field = "same", "adjustment"
    text = gettext_lazy("This adjustment is already recorded.")


class StillNeeded(Refusal):
    """Without the report, an adjustment of its day or a later one would take the cumulative below zero."""

    text = gettext_lazy(
        "Without this report the cumulative number would fall below zero, because an adjustment of this day or a later "
        "day subtracts more. Correct that adjustment first, then void the report."
    )


@dataclass(frozen=True, kw_only=True)
class SentFigures(fields.Extras):
    """Figures sent for a day: either `installs` (of the day, >= 0) or `cumulative` (the total, merged units included).

    `covers_from` is the first of the days right before that the number also counts, as the sender says; None for the
    day alone. `opening` is the installs before the campaign, owed with the first report. Counts in `fields.EXTRAS` may
    be left out.
    """

    installs: int | None = None
    cumulative: int | None = None
    covers_from: date | None = None
    note: str = ""
    opening: int | None = None


@dataclass(frozen=True, kw_only=True)
class KnownDay:
    """What is known of a unit and a day before anything is written."""

    before: int = 0  # the unit's own sum up to the day before
    merged_sum: int = 0  # the sum of units merged into it, not in its own sum
    population: int | None = None
    counts_staff: bool = False  # its people are an agency's staff
    installs: int | None = None  # of the stored report; None if the day is not reported
    adjustment: int = 0  # of the stored report
    opening: int | None = None  # installs before the campaign; None while they are owed
    lowest_later: int | None = None  # the smallest total of a later day, merged units included
    highest_later: int | None = None  # the largest of its own cumulatives of later days
    covered_by: LaterReport | None = None  # the later report that contains this day
    included: IncludedDays = field(default_factory=IncludedDays)  # in the stored report
    last: EarlierReport | None = None  # the last earlier day with figures of its own, reported or waiting
    waiting: EarlierReport | None = None  # the last earlier day whose figures are waiting
    gap: date | None = None  # the first of the unreported days right before, also exempt ones
    missing_from: date | None = None  # the first of all earlier unreported days, also of units merged into it

    @property
    def contribution(self) -> int:
        """What the stored day adds to the unit's own sum."""
        return (self.installs or 0) + self.adjustment

    def owed_opening(self, figures: SentFigures) -> int:
        """What the opening number sent adds to the sum before the day; 0 if one is stored already."""
        return (figures.opening or 0) if self.opening is None else 0


def day_installs(known: KnownDay, figures: SentFigures) -> int:
    """The installs of the day: as sent, or computed from the total sent."""
    match figures.installs, figures.cumulative:
        case int(installs), None:
            return installs
        case None, int(cumulative):
            return cumulative - total_before(known, figures) - known.adjustment
    raise ValueError("give either installs or cumulative")


def included_days(known: KnownDay, figures: SentFigures) -> IncludedDays:
    """The earlier days that the figures count: in a total all that nobody has reported, else those that are named.

    A corrected number still counts the older days that were in the total before.
    """
    if not _says_a_total(known, figures):
        return IncludedDays(figures.covers_from, known.included.holds_from)
    return IncludedDays(min(filter(None, (figures.covers_from, known.gap)), default=None), known.missing_from)


def _says_a_total(known: KnownDay, figures: SentFigures) -> bool:
    """Whether a total is sent that differs from the stored report."""
    stands = day_installs(known, figures) == known.installs and figures.covers_from == known.included.covers_from
    return figures.cumulative is not None and not stands


def total_before(known: KnownDay, figures: SentFigures) -> int:
    """The total up to the day before, with the opening number sent and the sum of merged units."""
    return known.before + known.owed_opening(figures) + known.merged_sum


def refusals(known: KnownDay, figures: SentFigures) -> list[Refusal]:
    """Why the figures may not be written, in the order to raise; empty if they may."""
    missing = [OpeningMissing()] if known.opening is None and figures.opening is None else []
    return [*missing, *collisions(known, figures), *_beyond_limits(known, figures)]


def refusals_of_adjustment(known: KnownDay, adjustment: int) -> list[Refusal]:
    """Why the day's adjustment may not be set to `adjustment` while its installs stay; empty if it may.

    It may not raise the total of the day above the population.
    """
    total, delta = known.before + (known.installs or 0) + adjustment, adjustment - known.adjustment
    if delta == 0:
        return [SameAdjustment()]
    if known.merged_sum + total < 0:
        return [BelowCumulative(known.before + known.merged_sum)]
    if is_below_zero(known.lowest_later, delta):
        return [BelowCumulative(0)]
    limit = limit_of(known.population)
    is_above = delta > 0 and known.merged_sum + total > limit
    return [LimitExceeded(limit, "adjustment", counts_staff=known.counts_staff)] if is_above else []


def refusals_of_void(known: KnownDay) -> list[Refusal]:
    """Why the day's report may not be voided while its adjustment stays; empty if it may."""
    kept = known.before + known.merged_sum + known.adjustment
    is_held = kept < 0 or is_below_zero(known.lowest_later, -(known.installs or 0))
    return [StillNeeded()] if is_held else []


def collisions(known: KnownDay, figures: SentFigures) -> list[Collision]:
    """A `Collision` where the figures would count a day twice, unless the stored report does so already."""
    found: list[Collision] = []
    if known.covered_by is not None and known.installs is None:
        found.append(InLaterReport(known.covered_by))
    first = included_days(known, figures).covers_from
    if first is not None and first != known.included.covers_from and known.last is not None and first <= known.last.day:
        found.append(CoversReported(known.last))
    elif known.waiting is not None and _says_a_total(known, figures):
        found.append(CoversReported(known.waiting))
    return found


def is_below_zero(cumulative: int | None, delta: int = 0) -> bool:
    """Whether a cumulative, if there is one, would be below zero with `delta` added."""
    return cumulative is not None and cumulative + delta < 0


def _beyond_limits(known: KnownDay, figures: SentFigures) -> Iterator[Refusal]:
    """Where a cumulative would fall below zero or a number exceed the unit's population."""
    installs, adjustment = day_installs(known, figures), known.adjustment
    opening, before = known.owed_opening(figures), total_before(known, figures)
    delta = opening + installs + adjustment - known.contribution
    if installs < 0:
        yield BelowCumulative(before + adjustment)
    elif before + installs + adjustment < 0:
        yield BelowCumulative(before)
    elif is_below_zero(known.lowest_later, delta):
        yield BelowCumulative(0)
    limit, counts_staff = limit_of(known.population), known.counts_staff
    total = known.before + opening + installs + adjustment
    if installs > limit or _highest(known, total, delta) > MAX_CUMULATIVE:
        yield LimitExceeded(limit, counts_staff=counts_staff)
    for count in fields.EXTRAS:  # nor are there more households than people
        if (getattr(figures, count.column) or 0) > limit:
            yield LimitExceeded(limit, count.column, counts_staff=counts_staff)
    refused = opening_refusal(known.population, figures.opening or 0, counts_staff=counts_staff)
    if refused:
        yield refused


def opening_refusal(population: int | None, opening: int, *, counts_staff: bool = False) -> Refusal | None:
    """Why the opening number may not be `opening`; None if it may."""
    limit = limit_of(population)
    return LimitExceeded(limit, "opening", counts_staff=counts_staff) if opening > limit else None


def limit_of(population: int | None) -> int:
    """The limit of a unit's figures."""
    return MAX_CUMULATIVE if population is None else population


def _highest(known: KnownDay, total: int, delta: int) -> int:
    """The unit's largest own cumulative from the day on, if the day's is `total` and later ones move by `delta`."""
    return total if known.highest_later is None else max(total, known.highest_later + delta)
