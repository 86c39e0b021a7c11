"""What has changed since a day's seal: the figure then, the figure now, and every cause.

A cumulative is the sum of its revisions' changes. So the revisions that counted after the seal are all the causes, and
add up to the difference.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _, ngettext_lazy

from ..models import (
    BaseFigure,
    Directive,
    Downtime,
    Extension,
    Office,
    Reorganisation,
    Revision,
    Seal,
    Unit,
    UnitHour,
)
from ..text import formatting
from . import query, rollup, sealed_table
from .hours_in_words import before_words
from .query import Row
from .rollup import DayRollup

COUNTED = {  # by kind of revision, most common first
    "late": ngettext_lazy("%(n)s late report", "%(n)s late reports", "n"),
    "correction": ngettext_lazy("%(n)s correction", "%(n)s corrections", "n"),
    "adjustment": ngettext_lazy("%(n)s adjustment", "%(n)s adjustments", "n"),
    "void": ngettext_lazy("%(n)s report voided", "%(n)s reports voided", "n"),
    "own_void": ngettext_lazy("%(n)s report voided by its unit", "%(n)s reports voided by their units", "n"),
    "own": ngettext_lazy("%(n)s report", "%(n)s reports", "n"),
    "on_behalf": ngettext_lazy("%(n)s entry on behalf", "%(n)s entries on behalf", "n"),
    "opening": ngettext_lazy("%(n)s number before the campaign", "%(n)s numbers before the campaign", "n"),
    "import": ngettext_lazy("%(n)s imported report", "%(n)s imported reports", "n"),
}


@dataclass(frozen=True)
class Cause:
    """The sum of all changes of one kind."""

    kind: str
    count: int
    delta: int

    @property
    def counted_words(self) -> str:
        """ "3 late reports +812"."""
        return f"{COUNTED[self.kind] % {'n': self.count}} {formatting.signed(self.delta)}"


class SealedRow(NamedTuple):
    """What a seal, and so a paper of the sealed figures, has of a unit."""

    seal: Seal
    cumulative: int | None
    population: int | None
    not_reported: int

    @property
    def share(self) -> Decimal | None:
        return query.share_of(self.cumulative, self.population)


@dataclass(frozen=True)
class Summary:
    """What the sentence under a unit's first tile says."""

    sealed: SealedRow
    now: int | None
    causes: list[Cause]

    @property
    def difference(self) -> int:
        return (self.now or 0) - (self.sealed.cumulative or 0)


@dataclass(frozen=True)
class Step:
    """A revision that counted after the seal, with the unit's name on the day."""

    revision: Revision
    code: str  # of the unit that reported
    name: str
    counted_in: Row  # its own row, or that of the unit it was merged into

    @property
    def kind_words(self) -> str:
        """The kind of revision: "late report", "adjustment"."""
        return self.revision.get_kind_display()

    @property
    def sentence(self) -> str:
        """With the figures: "correction, 96 installs, adjusted -3"."""
        revision, parts = self.revision, [self.kind_words]
        if revision.installs is not None:
            parts.append(_("%(installs)s installs") % {"installs": formatting.number(revision.installs)})
        if revision.adjustment:
            parts.append(f"{_('adjusted')} {formatting.signed(revision.adjustment)}")
        return ", ".join(parts)


@dataclass(frozen=True)
class ChangedLine:
    """A row of the table as sealed and now; each is None if that table lacks it."""

    code: str
    name: str
    sealed: Row | None
    now: Row | None
    steps: Sequence[Step]

    @property
    def difference(self) -> int:
        return _cumulative(self.now) - _cumulative(self.sealed)

    @property
    def is_explained(self) -> bool:
        """Whether the causes add up to the difference."""
        return sum(step.revision.delta for step in self.steps) == self.difference

    @property
    def is_changed(self) -> bool:
        return _without_status(self.sealed) != _without_status(self.now) or bool(self.steps)

    @property
    def is_reported_changed(self) -> bool:
        """Whether the numbers of units that reported, or owed a report, differ from the seal."""
        before, after = [row and (row.reported, row.expected) for row in (self.sealed, self.now)]
        return after is not None and before != after


@dataclass(frozen=True)
class Changes:
    seal: Seal
    own: ChangedLine
    below: Sequence[ChangedLine]  # the rows right below the unit that changed
    agencies: Sequence[ChangedLine]
    causes: Sequence[Cause]  # of the own row

    def __bool__(self) -> bool:
        return bool(self.own.is_changed or self.below or self.agencies)


def sealed_row(seal: Seal, path: str) -> SealedRow | None:
    """The unit's own row in the seal; None if it is not in it."""
    line = sealed_table.read_table(seal.table).get(path)
    if line is None:
        return None
    numbers = (line[name] for name in ("cumulative", "population"))
    cumulative, population = (None if number == sealed_table.UNKNOWN else int(number) for number in numbers)
    return SealedRow(seal, cumulative, population, int(line["expected"]) - int(line["reported"]))


def since_seal(figures: DayRollup, seal: Seal) -> Summary | None:
    """The unit's own row in `figures` and in the seal; None if it is not in the seal."""
    sealed = sealed_row(seal, figures.own.path)
    if sealed is None:
        return None
    return Summary(sealed, now=figures.own.cumulative, causes=causes_since(figures, seal.at))


def causes_since(figures: DayRollup, moment: datetime) -> list[Cause]:
    """What has changed the unit's own row since the moment."""
    steps = [step for step in _steps(figures, moment) if step.counted_in.is_agency == figures.own.is_agency]
    return causes(step.revision for step in steps)


def changes(unit: Unit, figures: DayRollup, seal: Seal) -> Changes:
    """The differences between the seal and `figures`, the present rows, in the unit's row and those right below."""
    sealed = rollup.rows(unit, figures.day, seal.at)
    steps = _steps(figures, seal.at)
    own_steps = [step for step in steps if step.counted_in.is_agency == figures.own.is_agency]
    known = sealed.below(unit.code) if unit.code in sealed.by_code else []  # it may be newer than the seal
    rows = {row.code: row for row in [*known, *figures.below(unit.code)]}
    lines = [
        _line(row, sealed, figures, [step for step in steps if step.counted_in.path.startswith(row.path)])
        for row in sorted(rows.values(), key=lambda row: (row.sort_key, row.code))
    ]
    changed = [line for line in lines if line.is_changed]
    return Changes(
        seal=seal,
        own=_line(figures.own, sealed, figures, own_steps),
        below=[line for line in changed if not rows[line.code].is_agency],
        agencies=[line for line in changed if rows[line.code].is_agency],
        causes=causes(step.revision for step in own_steps),
    )


def causes(revisions: Iterable[Revision]) -> list[Cause]:
    """The changes of the cumulative by kind, the commonest kinds first."""
    counts: Counter[str] = Counter()
    deltas: Counter[str] = Counter()
    for revision in revisions:
        if revision.delta:
            counts[revision.kind] += 1
            deltas[revision.kind] += revision.delta
    return [Cause(kind, counts[kind], deltas[kind]) for kind in COUNTED if counts[kind]]


def _line(row: Row, sealed: DayRollup, figures: DayRollup, steps: list[Step]) -> ChangedLine:
    return ChangedLine(row.code, row.name, sealed.by_code.get(row.code), figures.by_code.get(row.code), steps)


def _without_status(row: Row | None) -> Row | None:
    """The row without its status: waiting requests change no day until accepted."""
    return row and replace(row, status=None, waiting=0, excused=0)


def _cumulative(row: Row | None) -> int:
    return (row.cumulative or 0) if row else 0


def _steps(figures: DayRollup, moment: datetime) -> list[Step]:
    """The revisions that counted after the moment and change the day's figures, in the order of counting.

    Those of earlier days are included only if they moved the cumulative.
    """
    rows = {row.unit_id: row for row in figures.by_code.values() if row.is_reporting}
    ended = {closed: rows[heir] for closed, heir in Unit.objects.heirs(figures.day).items() if heir in rows}
    until = {"counted_at__lte": figures.as_of} if figures.as_of else {}
    found = Revision.objects.filter(counted_at__gt=moment, report__day__lte=figures.day, **until)
    found = found.filter(Q(report__day=figures.day) | ~Q(delta=0), report__unit__in=rows.keys() | ended.keys())
    later = list(found.select_related("report", "by").order_by("counted_at", "id"))
    closed = {revision.report.unit_id for revision in later} - rows.keys()
    units = Unit.objects.named(figures.day).in_bulk(closed) if closed else {}
    steps = []
    for revision in later:
        pk = revision.report.unit_id
        if pk in rows:
            steps.append(Step(revision, rows[pk].code, rows[pk].name, rows[pk]))
        elif units[pk].is_agency == ended[pk].is_agency:  # no agency's count moves to a commune
            steps.append(Step(revision, units[pk].code, units[pk].full_name, ended[pk]))
    return steps


def set_up_words(record: Any) -> str:
    """The set-up without unit and reason: "21/08/2020: until 18h00"."""
    match record:
        case Directive():
            about = {
                "day": formatting.day(record.effective_from),
                "share": formatting.whole_percent(record.target_share),
            }
            hours = map(formatting.clock_hour, (record.report_deadline, record.signoff_deadline))
            return f"{record.number}: {_('from %(day)s, target %(share)s') % about} · {' / '.join(hours)}"
        case Extension():
            until = _("until %(hour)s") % {"hour": formatting.hour(record.until)}
            return f"{formatting.day(record.day)}: {until}"
        case UnitHour():
            before = before_words(formatting.clock_hour(record.report_deadline))
            words = _("%(before)s from %(day)s") % {"before": before, "day": formatting.day(record.effective_from)}
            last = record.effective_until
            return " ".join([words, _("to %(day)s") % {"day": formatting.day(last)}]) if last else words
        case Downtime():
            return f"{formatting.moment(record.starts_at)} – {formatting.hour(record.ends_at)}"
        case BaseFigure():
            day, population = formatting.day(record.effective_on), formatting.number(record.population)
            return _("from %(day)s: population %(population)s") % {"day": day, "population": population}
        case Office():
            return record.name
        case Reorganisation():
            return formatting.day(record.effective_on)
    return formatting.day(record.day)


def set_up_reason(record: Any) -> str:
    """The title, reason, source and explanation of a record, those that it has."""
    said = [getattr(record, name, "") for name in ("title", "reason", "source", "explanation")]
    return "; ".join(filter(None, said))
