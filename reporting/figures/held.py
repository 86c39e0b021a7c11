"""What a total holds beside its own day: the days that nobody had reported, of its unit and of those merged into it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q

from ..models import Report, Revision, Unit
from . import rules
from .query import said_by
from .succession import Succession

Span = tuple[date, date]  # the first of the days that a report is of, and its own


def missing_from(day: date, start: date, reports: Mapping[Unit, Iterable[Report]]) -> date | None:
    """The first of the days from the campaign's `start` until `day` that no report is of, of the units together.

    `reports` are those of the unit itself, which comes first, and of the closed ones that have ended in it. Pure.
    """
    own, *ended = reports
    told = {
        unit: [span(report) for report in of_unit if report.installs is not None] for unit, of_unit in reports.items()
    }
    for part in ended:  # what the heir's totals hold of them already
        told[part] += [(first, on) for first, on in told[own] if first < on and part.closed_on and part.closed_on <= on]
    first = [
        _first_missing(max(start, unit.opened_on or start), min(day, unit.closed_on or day), spans)
        for unit, spans in told.items()
    ]
    return min(filter(None, first), default=None)


def _first_missing(first: date, end: date, spans: Iterable[Span]) -> date | None:
    missing = first
    for start, day in sorted(spans):
        if start > missing:
            break
        missing = max(missing, day + timedelta(days=1))
    return missing if missing < end else None


def span(report: Report) -> Span:
    return min(filter(None, (report.covers_from, report.holds_from, report.day))), report.day


def first_of(covers_from: date | None, holds_from: date | None, day: date) -> date:
    """From when on a report that holds the day is said to be: the days right before its own, else all missing ones."""
    return covers_from if covers_from and covers_from <= day else holds_from or day


def first_day(unit: Unit, start: date | None) -> date | None:
    """The first day that a report was asked of the unit; None without a campaign."""
    return max(start, unit.opened_on or start) if start else None


def missing_before(unit: Unit, day: date, parts: Collection[int], start: date | None) -> date | None:
    """The same as it is stored. `parts` are the unit and the closed ones, by primary key; without a campaign None."""
    if start is None:
        return None
    closed = Unit.objects.filter(pk__in=set(parts) - {unit.pk}) if len(parts) > 1 else ()
    found: dict[int, tuple[Unit, list[Report]]] = {part.pk: (part, []) for part in (unit, *closed)}
    reported = Report.objects.filter(unit__in=found, day__lt=day, installs__isnull=False).order_by()
    for report in reported.only("unit_id", "day", "installs", "covers_from", "holds_from"):
        found[report.unit_id][1].append(report)
    return missing_from(day, start, dict(found.values()))


def by_successors(units: Iterable[int], day: date, succession: Succession) -> dict[int, rules.Span]:
    """By closed unit the first total, of the one that it has ended in, that holds its figures of the day."""
    ends = {closed_on for closed_on, _heir in succession.steps.values()}
    chains = {unit: {succession.holder(unit, on) for on in ends} - {unit} for unit in units}  # one after the other
    totals = Report.objects.filter(day__gt=day, holds_from__lte=day, installs__isnull=False).order_by("day")
    found: dict[int, Report] = {}
    for report in totals.filter(unit__in=set().union(*chains.values())):
        for unit, heirs in chains.items():
            if report.unit_id in heirs and succession.holder(unit, report.day) == report.unit_id:
                found.setdefault(unit, report)
    if not found:
        return {}
    last = max(report.day for report in found.values())
    named = Unit.objects.named(last).in_bulk([report.unit_id for report in found.values()])
    return {
        unit: rules.Span(
            day=report.day,
            first=report.holds_from or day,
            installs=report.installs,
            version=report.version,
            unit_id=report.unit_id,
            code=named[report.unit_id].code,
            name=named[report.unit_id].full_name,
        )
        for unit, report in found.items()
    }


def covered_on(top: Unit, day: date, as_of: datetime | None = None) -> dict[str, date]:
    """By code, of the units at or below `top`, the day of the later report that is said to be of the day as well."""
    said = said_by(Q(unit__path__startswith=top.path, day__gt=day), as_of)
    later = said.rows.filter(covers_from__lte=day, installs__isnull=False).order_by(f"-{said.of}day")
    return dict(later.values_list(f"{said.of}unit__code", f"{said.of}day"))  # the first of several


def reported_since(unit: Unit, day: date, first: date, moment: datetime) -> rules.Alone | None:
    """Of the days from `first` until `day`, which a total asked for at the moment holds, one reported after it."""
    parts = Succession().members([unit], day)
    steps = Revision.objects.filter(report=OuterRef("pk"), installs__isnull=False, counted_at__lte=moment)
    reports = Report.objects.filter(~Exists(steps), unit__in=parts, day__gte=first, day__lt=day, installs__isnull=False)
    report = reports.exclude(kind=Report.Kind.OPENING).order_by("day").first()
    return rules.Alone(day=report.day, installs=report.installs) if report else None
