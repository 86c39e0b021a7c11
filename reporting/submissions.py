"""The one write of figures: report, revision and the running cumulative of later days, in one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import translation
from django.utils.translation import gettext as _

from . import clock, formatting, state
from .models import BaseFigure, Directive, ExemptDay, Reopening, Report, Revision, Seal, SignOff, Unit, User


@dataclass(frozen=True)
class Receipt:
    """What stands in the database now; `is_repeat` when the very same figures were there already."""

    report: Report
    revision: Revision
    is_repeat: bool = False


MAX_CUMULATIVE = 1_000_000_000  # what a unit without a known population may reach: the columns hold twice as much


class NotWritten(Exception):
    """The act decided against the write; nothing was changed."""


class DayClosed(NotWritten):
    """The day is not open for the unit: `day_state` says why."""

    def __init__(self, day_state: state.DayState):
        super().__init__(day_state.code)
        self.day_state = day_state


class Conflict(NotWritten):
    """Someone else saved in between: `report` holds the figures that stand, None if there is no report."""

    def __init__(self, report: Report | None):
        super().__init__("conflict")
        self.report = report


class LimitExceeded(NotWritten):
    """More installs on the day than the unit has people."""

    def __init__(self, population: int):
        super().__init__("more_than_population")
        self.population = population


class BelowCumulative(NotWritten):
    """The total typed is less than the cumulative of the day before."""

    def __init__(self, cumulative: int):
        super().__init__("below_cumulative")
        self.cumulative = cumulative


class OpeningMissing(NotWritten):
    """The unit's first report must say how many phones had the application before the campaign."""


def submit(*, unit: Unit, day: date, by: User | None, at: datetime, affirms: bool = False, **sent) -> Receipt:
    """Store the unit's own figures of the day as they arrived at `at`: see `store` for what may be sent.

    The very same figures again are answered with the receipt again, whatever the hour and version; with
    `affirms` they answer a return: a revision says why they are right. Raises `DayClosed` or what `store` raises, and
    then nothing was written.
    """
    with transaction.atomic():
        lock(unit)
        day_state = state.day_state(unit, day, at=at)
        refusal = None if day_state.is_open else DayClosed(day_state)
        affirms = affirms and day_state.is_returned
        receipt = store(unit=unit, day_state=day_state, refusal=refusal, affirms=affirms, by=by, at=at, **sent)
        if not receipt.is_repeat and day_state.reopening:
            Reopening.objects.filter(pk=day_state.reopening.pk).update(closed_at=receipt.revision.counted_at)
        return receipt


def store(
    *,
    unit: Unit,
    day_state: state.DayState,
    refusal: NotWritten | None = None,
    affirms: bool = False,
    installs: int | None = None,
    cumulative: int | None = None,
    adjustment: int | None = None,
    covers_from: date | None = None,
    households_visited: int | None = None,
    note: str = "",
    opening: int | None = None,
    base_version: int = 0,
    by: User | None,
    at: datetime,
    kind: str = Revision.Kind.OWN,
    reason: str = "",
    source: str = "",
    paper_ref: str = "",
    paper_at: datetime | None = None,
    now: Callable[[], datetime] = clock.now,
) -> Receipt:
    """Put figures into the day's report, inside the lock: the one write that every act ends in.

    Exactly one of `installs` (>= 0, of the day) and `cumulative` (the total up to the day, what closed units brought
    along included, from which the day's installs are computed here) is given. `adjustment` is the day's signed
    correction, None to leave it. `opening` is the installs before the campaign, owed with the unit's first report.
    `base_version` is the version of the report that the sender had before him, 0 for none. `refusal` is raised unless
    the very same figures stand already. These are only answered with the receipt again, unless `affirms`.

    Raises `Conflict`, `LimitExceeded`, `BelowCumulative` or `OpeningMissing`, and then nothing was written.
    """
    if (installs is None) == (cumulative is None):
        raise ValueError("give either installs or cumulative")
    day = day_state.day
    report = Report.objects.filter(unit=unit, day=day, kind=Report.Kind.DAILY).first()
    opened = Report.objects.filter(unit=unit, kind=Report.Kind.OPENING).first()
    before = cumulative_before(unit, day) + (opening if opened is None and opening is not None else 0)
    brought = brought_along(unit, day)
    if adjustment is None:
        adjustment = report.adjustment if report else 0
    if installs is None:
        installs = cumulative - brought - before - adjustment
    figures = {
        "installs": installs,
        "adjustment": adjustment,
        "covers_from": covers_from,
        "households_visited": households_visited,
        "note": note,
    }
    is_same_opening = opening is None or (opened is not None and opened.installs == opening)

    is_same = report and is_same_opening and all(getattr(report, name) == value for name, value in figures.items())
    if is_same and not affirms:
        return Receipt(report, report.revisions.last(), is_repeat=True)
    if refusal is not None:
        raise refusal
    if base_version != (report.version if report else 0) or (opened and not is_same_opening):
        raise Conflict(report)
    if opened is None and opening is None:
        raise OpeningMissing
    if installs < 0 or before + installs + adjustment < 0:
        raise BelowCumulative(before + brought)
    base = BaseFigure.objects.in_force(unit, day)
    limit = base.population if base else MAX_CUMULATIVE
    if max(installs, opening or 0) > limit or before + installs > MAX_CUMULATIVE:
        raise LimitExceeded(limit)

    stamp = {"by": by, "by_name": by.display_name if by else source, "source": source, "received_at": at}
    stamp["counted_at"] = counted_from(unit, day, now())
    if opened is None:
        write(
            Report(unit=unit, day=day_state.opening_day, kind=Report.Kind.OPENING, received_at=at, version=0),
            {"installs": opening},
            {**stamp, "kind": Revision.Kind.OPENING},
        )
    if report is None:
        report = Report(unit=unit, day=day, version=0)
    if report.installs is None:  # the day's first report: its arrival settles on time or late
        report.received_at, report.is_late = at, day_state.is_late(at)
    paper = {"paper_ref": paper_ref, "paper_at": paper_at}
    return Receipt(report, write(report, figures, {**stamp, **paper, "kind": kind, "reason": reason}))


def lock(unit: Unit) -> None:
    """The one lock: every act on a day first takes the superior's row (on SQLite the transaction is the lock)."""
    _lock(_superiors(unit))


def lock_all(top: Unit) -> None:
    """Every superior at or below `top`, in the order of their keys: for an act that touches the days of many units."""
    below = Unit.objects.below(top)
    superiors = set(below.values_list("parent_id", flat=True)) | {top.pk}
    _lock((superiors - {None}).union(*map(_superiors, below.filter(successor__isnull=False))))


def _lock(units: set[int]) -> None:
    list(Unit.objects.select_for_update(no_key=True).filter(pk__in=units).order_by("pk"))


def _superiors(unit: Unit) -> set[int]:
    """Whose tables the unit's figures are in: its superior's; of a unit that has ended those of its successors too."""
    chain = [unit]
    while chain[-1].successor_id and chain[-1].successor not in chain:
        chain.append(chain[-1].successor)
    return {step.parent_id or step.pk for step in chain}


def known_from(now: datetime) -> datetime:
    """From when something is known that is recorded now, inside the lock: after all tables fixed without it.

    Of an act that shows its moment and counts nothing, `now` is its arrival: only a table fixed since puts it off.
    """
    fixed = [model.objects.aggregate(at=Max("at"))["at"] for model in (SignOff, Seal)]
    return max(now, *(at + timedelta(microseconds=1) for at in fixed if at)) if any(fixed) else now


def counted_from(unit: Unit, day: date, now: datetime) -> datetime:
    """From when a figure counts that is written now: always after the tables that were fixed without it."""
    sign_off = SignOff.objects.filter(unit__in=_superiors(unit), day__gte=day).aggregate(at=Max("at"))["at"]
    seal = Seal.objects.filter(unit__code=unit.codes[0], day__gte=day).aggregate(at=Max("at"))["at"]
    fixed = [at + timedelta(microseconds=1) for at in (sign_off, seal) if at]
    return max(now, *fixed) if fixed else now


def write(report: Report, figures: dict, stamp: dict) -> Revision:
    """Put `figures` into the report, add the revision, move the cumulative of the later days. Inside the lock.

    A sign-off that stands over the day is withdrawn, with what changed as the reason, unless the day is sealed. Raises
    `BelowCumulative` when a later day would fall below zero.
    """
    before, installs_before = report.contribution, report.installs
    for name, value in figures.items():
        setattr(report, name, value)
    delta = report.contribution - before
    later = Report.objects.filter(unit=report.unit, day__gt=report.day)
    if delta < 0 and later.filter(cumulative__lt=-delta).exists():
        raise BelowCumulative(0)
    previous = report.revisions.last() if report.pk else None
    if previous is None:
        report.cumulative = cumulative_before(report.unit, report.day) + report.contribution
    else:
        report.cumulative = F("cumulative") + delta
        stamp = {**stamp, "counted_at": max(stamp["counted_at"], previous.counted_at)}
    report.version += 1
    report.save()
    if previous:
        report.refresh_from_db(fields=["cumulative"])
    if delta:
        later.update(cumulative=F("cumulative") + delta)
    revision = Revision.objects.create(
        report=report,
        number=report.version,
        installs=report.installs,
        adjustment=report.adjustment,
        covers_from=report.covers_from,
        households_visited=report.households_visited,
        note=report.note,
        is_late=report.is_late,
        delta=delta,
        **stamp,
    )
    _withdraw_sign_off(report, installs_before, revision)
    return revision


def sign_off_to_withdraw(unit: Unit, day: date) -> QuerySet[SignOff]:
    """The superior's standing sign-off, which an act on the unit's day takes back; none once the day is sealed.

    A seal freezes the table, not the records: later changes are listed beside it, and withdrawing has ended.
    """
    seal = Seal.objects.filter(unit__code=unit.codes[0], day=day)
    return SignOff.objects.standing().filter(~Exists(seal), unit_id=unit.parent_id, day=day)


def _withdraw_sign_off(report: Report, installs_before: int | None, revision: Revision) -> None:
    if not report.unit.is_open_on(report.day):  # the opening report of a new unit: in no table of that day
        return
    standing = sign_off_to_withdraw(report.unit, report.day)
    if not standing.exists():
        return
    unit = Unit.objects.named(report.day).get(pk=report.unit_id)
    with translation.override(settings.LANGUAGE_CODE):  # kept as written, whatever the writer reads
        reason = _("%(unit)s was updated at %(hour)s (%(before)s → %(after)s): to be confirmed again") % {
            "unit": unit.full_name,
            "hour": formatting.hour(revision.counted_at),
            "before": formatting.number(installs_before),
            "after": formatting.number(report.installs),
        }
    standing.update(withdrawn_at=revision.counted_at, withdrawn_by=revision.by, withdrawal_reason=reason)


def cumulative_before(unit: Unit, day: date) -> int:
    """The unit's own sum up to and including the day before; 0 if it never reported."""
    newest = Report.objects.filter(unit=unit, day__lt=day).order_by("-day").values_list("cumulative", flat=True).first()
    return newest or 0


def brought_along(unit: Unit, day: date) -> int:
    """What the closed units had counted that have ended in the unit by the day; it counts on beside its own sum."""
    parts = Unit.objects.ending_at(unit, day).order_by()
    newest = Report.objects.filter(unit=OuterRef("pk"), day__lt=day).order_by("-day").values("cumulative")[:1]
    return sum(own or 0 for own in parts.annotate(own=Subquery(newest)).values_list("own", flat=True))


@dataclass(frozen=True)
class Standing:
    """Where a unit stands before it reports a day: what the form shows, and asks about."""

    report: Report | None  # the day's own
    opening: Report | None
    cumulative_before: int  # up to the day before, what was brought along included
    brought_along: int  # by the closed units that have ended in it
    base: BaseFigure | None
    mean: float | None  # installs a day over the last seven reported days, None without any
    missed_before: list[date]  # the due days right before that nobody reported or covered, oldest first

    @property
    def version(self) -> int:
        return self.report.version if self.report else 0


MEAN_OVER = 7  # reported days


def standing(unit: Unit, day: date) -> Standing:
    """The unit's standing on `day`, as it is now."""
    return standings([unit], day)[unit.pk]


def standings(units: Collection[Unit], day: date) -> dict[int, Standing]:
    """The same for several units, by primary key: as many queries for one as for forty."""
    members = {unit.pk: unit.pk for unit in units}
    ended = {closed: heir for closed, heir in Unit.objects.heirs(day).items() if heir in members}
    parts = members | ended  # whose reports count for which unit
    reports = Report.objects.filter(unit__in=units)
    daily = reports.filter(kind=Report.Kind.DAILY)
    before = Report.objects.filter(unit=OuterRef("pk"), day__lt=day).order_by("-day")
    newest = before.values("cumulative")[:1]
    last = before.filter(installs__isnull=False).values("day")[:1]
    base = BaseFigure.objects.filter(unit=OuterRef("pk"), effective_on__lte=day).order_by("-effective_on", "-id")
    read = Unit.objects.filter(pk__in=parts).order_by()
    read = read.annotate(before=Subquery(newest), base=Subquery(base.values("pk")[:1]), last=Subquery(last))
    found = {pk: record for pk, *record in read.values_list("pk", "before", "base", "last")}
    bases = BaseFigure.objects.in_bulk([base for _before, base, _last in found.values() if base])
    of_day = {report.unit_id: report for report in daily.filter(day=day)}
    openings = {report.unit_id: report for report in reports.filter(kind=Report.Kind.OPENING)}
    means = _means(parts, day)
    missed = _missed_before(units, day, {pk: last for pk, (_before, _base, last) in found.items()})
    brought = Counter()
    for closed, heir in ended.items():
        brought[heir] += found[closed][0] or 0
    return {
        pk: Standing(
            report=of_day.get(pk),
            opening=openings.get(pk),
            cumulative_before=(found[pk][0] or 0) + brought[pk],
            brought_along=brought[pk],
            base=bases.get(found[pk][1]),
            mean=means.get(pk),
            missed_before=missed[pk],
        )
        for pk in members
    }


def _missed_before(units: Collection[Unit], day: date, last: dict[int, date | None]) -> dict[int, list[date]]:
    """Of each unit the run of due days that ends with the day before; `last` is its last reported day before `day`.

    An exempt day is not missed, nor is one that a later report covers. A unit that never reported has none: its opening
    number and its first report say all.
    """
    orders = list(Directive.objects.filter(withdrawn_at=None).values_list("effective_from", "effective_until"))
    codes = {code for unit in units for code in unit.codes}
    exempt = set(ExemptDay.objects.filter(day__lt=day, unit__code__in=codes).values_list("unit__code", "day"))
    covering = Report.objects.filter(unit__in=units, day__gt=day, covers_from__lt=day)
    covered = dict(covering.values_list("unit").annotate(Min("covers_from")).order_by())

    def is_missed(unit: Unit, earlier: date) -> bool:
        is_due = any(start <= earlier and (end is None or earlier <= end) for start, end in orders)
        is_exempt = any((code, earlier) in exempt for code in unit.codes)
        is_covered = unit.pk in covered and covered[unit.pk] <= earlier
        return is_due and unit.is_open_on(earlier) and not is_exempt and not is_covered

    missed = {}
    for unit in units:
        run, earlier = [], day - timedelta(days=1)
        while last[unit.pk] and last[unit.pk] < earlier and is_missed(unit, earlier):
            run.append(earlier)
            earlier -= timedelta(days=1)
        missed[unit.pk] = run[::-1]
    return missed


def covered_days(unit: Unit, days: Collection[date], as_of: datetime | None = None) -> dict[date, date]:
    """The day of the report that covers each of the days; a day that no report covers is left out."""
    if not days:
        return {}
    is_covering = Q(covers_from__lte=max(days), installs__isnull=False)
    if as_of is None:
        covering = Report.objects.filter(is_covering, unit=unit, day__gt=min(days))
        spans = covering.order_by("-day").values_list("covers_from", "day")
    else:
        of_unit = Revision.objects.filter(report__unit=unit, report__day__gt=min(days))
        covering = last_by(of_unit, as_of).filter(is_covering)
        spans = covering.order_by("-report__day").values_list("covers_from", "report__day")
    return {day: until for start, until in spans for day in days if start <= day < until}


def last_by(revisions: QuerySet[Revision], as_of: datetime) -> QuerySet[Revision]:
    """Of each report the last of the revisions that counted by the instant."""
    later = Revision.objects.filter(report=OuterRef("report"), number__gt=OuterRef("number"), counted_at__lte=as_of)
    return revisions.filter(~Exists(later), counted_at__lte=as_of)


def _means(parts: dict[int, int], day: date) -> dict[int, float]:
    """Installs a day over each unit's last reported days; a report that covers more days is divided by them.

    `parts` says whose reports count for which unit: on a day before a merger those of all the parts together.
    """
    place = Window(RowNumber(), partition_by="unit", order_by=F("day").desc())
    reported = Report.objects.filter(unit__in=parts, kind=Report.Kind.DAILY, day__lt=day, installs__isnull=False)
    recent = reported.annotate(place=place).filter(place__lte=MEAN_OVER).order_by("-day")
    installs, spans = Counter(), defaultdict(dict)
    for part, reported_day, covers_from, count in recent.values_list("unit_id", "day", "covers_from", "installs"):
        span = spans[parts[part]]
        if reported_day in span or len(span) < MEAN_OVER:
            installs[parts[part]] += count
            span[reported_day] = max(span.get(reported_day, 1), (reported_day - (covers_from or reported_day)).days + 1)
    return {unit: installs[unit] / sum(span.values()) for unit, span in spans.items()}
