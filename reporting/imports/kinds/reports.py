"""Past reports of units and days, and the installs before the campaign, by the rules of an entry on behalf."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from ... import acts, deadline, permissions
from ...acts import base_figures, bulk
from ...acts.refusals import refusal_to
from ...acts.store import Stamp
from ...days import hours_in_force, state
from ...figures import doubts, rules, standings, succession
from ...figures.pace import Span
from ...models import LateRequest, Report, Revision, Unit
from ...people import access
from ...permissions import Act, Role
from ...text import formatting
from ...text.formatting import number, short_day
from .. import columns
from ..columns import CUMULATIVE, DAILY, MODE, OPENING, UNIT, Column, Kind, Number, key_of, mode_of
from ..layout import DayColumn, SheetLine, Table
from ..plan import BadCell, LineReader, Made, Plan, RowOutcome, Sent, day, figure, rows_of, state_of, unchanged
from ..unit_lines import Directory, resolve

BY_DAY = attrgetter("day")
# How a state begins that says that a unit has no report that counts, without accents.
NOT_REPORTED = re.compile(
    r"chua\b|thieu|cho tiep nhan|khong (?:tinh|yeu cau|bao cao|gui|nop)|not[ _]|waiting|excused|exempt|missing"
)


def plan(table: Table, sent: Sent) -> Plan:
    directory = scope(sent, table.all_days)
    readers, rows = resolve(table, directory)
    still_stands = unchanged(partial(state_of, [*directory.by_code.values()]))
    draft = _Draft(_entries(table, readers), sent)
    ended = [f"{one.unit.full_name} ({short_day(one.day)})" for one in bulk.confirmations_ended(draft.changed)]
    words = _("Recording withdraws these confirmations. They have to be given again: %(confirmations)s.")
    outlook = [words % {"confirmations": ", ".join(ended)}] if ended else []
    return Plan(rows + rows_of(readers), draft.changed, still_stands, outlook=outlook, consents=draft.consents())


def write(ready: bulk.Batch, sent: Sent, *, now: datetime) -> Made:
    """Write the reports. Its rows: unit, day and version of each."""
    reason, kind = sent.options.get("reason", ""), Revision.Kind.IMPORT
    stamp = Stamp(by=sent.by, at=sent.at, kind=kind, reason=reason, source=sent.source, now=lambda: now)
    bulk.write_batch(ready, stamp, explanation=sent.explanation)
    return Made([[report.unit.code, report.day.isoformat(), report.version] for report in ready.reports])


def scope(sent: Sent, days: set[date]) -> Directory:
    """The units that the person may enter figures for, and the units above them."""
    top = access.top_of(sent.by)
    newest = max(days, default=None) or deadline.reporting_day(sent.at)

    def is_reporting(unit: Unit, is_superior: bool) -> bool:
        is_open = not days or any(map(unit.is_open_on, days))
        return not is_superior and is_open and access.role(sent.by, unit) in (Role.CITY, Role.SUPERIOR)

    return Directory(Unit.objects.below(top).named(newest), is_reporting)


KIND = Kind(
    "reports",
    gettext_lazy("Reports of past days"),
    gettext_lazy("New installs or cumulative figures of units and days, and the numbers before the campaign."),
    (
        *UNIT,
        Column(MODE, gettext_lazy("Kind of figures"), note=gettext_lazy("“mới”: of the day. “lũy kế”: up to the day.")),
        Number(OPENING, gettext_lazy("Installed before the campaign"), note=gettext_lazy("Once a unit; 0 if none.")),
        columns.DAY,
        columns.INSTALLS,
        columns.CUMULATIVES,
        columns.STATUS,
    ),
    plan,
    write,
    scope=scope,
    make_ready=lambda writes, _sent: bulk.batch(writes),
    options=("reason",),
    needs=(("code", "name"), (DAILY, CUMULATIVE, OPENING)),
    is_for_districts=True,
)


# Reading the lines.


@dataclass(frozen=True)
class Entry:
    """One figure of the file; `day` is None for the number before the campaign."""

    reader: LineReader
    key: str  # key of its column
    day: date | None
    mode: str
    value: int

    @property
    def what(self) -> str:
        return formatting.day(self.day) if self.day else self.reader.line.title(OPENING)

    def tell(self, outcome: RowOutcome, before: int | None, words: str = "", **more: Any) -> None:
        """Add a row for the figure; `more` is passed to `LineReader.tell`."""
        remarks = [_("cumulative %(total)s") % {"total": number(self.value)}] if self.mode == CUMULATIVE else []
        if first := more.get("covers_from"):
            remarks.append(_("with the days from %(day)s on, not reported") % {"day": short_day(first)})
        words = "; ".join(filter(None, [*remarks, words]))
        self.reader.tell(self.key, outcome, before, words=words, what=self.what, **{"after": self.value, **more})

    def refuse(self, why: acts.Refusal | str) -> None:
        self.reader.refuse(self.key, why if isinstance(why, str) else why.message, what=self.what, after=self.value)


def _entries(table: Table, readers: Sequence[LineReader]) -> list[Entry]:
    """The figures of all lines. A unit may have one daily and one cumulative figure per day."""
    first, entries = {}, []
    for entry in (entry for reader in readers for entry in _entries_of_line(reader, table.days)):
        line, other = entry.reader.line, first.setdefault((entry.reader.unit.pk, entry.day, entry.mode), entry)
        if other is entry:
            entries.append(entry)
        elif entry.value != other.value or line.sheet == other.reader.line.sheet:
            words = _("The figure of this unit and day is already in %(cell)s.")
            entry.refuse(words % {"cell": other.reader.line.where(other.key)})
    return entries


def _entries_of_line(reader: LineReader, days: Sequence[DayColumn]) -> Iterator[Entry]:
    line = reader.line
    if NOT_REPORTED.match(key_of(line.text("status"))):
        words = _("“%(status)s”: the line is not a report and is left out.") % {"status": line.text("status")}
        reader.tell("status", RowOutcome.LEFT_OUT, words=words, what=line.text("day"))
        return
    by_key = {column.key: column for column in days}
    for key in [key for key in (OPENING, *by_key, DAILY, CUMULATIVE) if key in line.cells]:
        try:
            value = figure(line.cells[key])
            if value is not None:
                yield Entry(reader, key, *_day_and_mode(line, key, by_key.get(key)), value)
        except BadCell as error:
            reader.refuse(key, str(error), what=line.text("day") if key in (DAILY, CUMULATIVE) else None)


def _day_and_mode(line: SheetLine, key: str, column: DayColumn | None) -> tuple[date | None, str]:
    if key == OPENING:
        return None, OPENING
    on, mode = (column.day, column.mode or mode_of(line.text(MODE))) if column else (day(line.cells.get("day")), key)
    if on is None:
        raise BadCell(_("The line names no day."))
    if not mode:
        raise BadCell(_("It is not clear if the figure is daily (“mới”) or cumulative (“lũy kế”)."))
    return on, mode


# Comparing with the stored reports.


class _Draft:
    """Compares the entries with the stored reports, unit by unit and day by day. `changed` has the reports to write."""

    def __init__(self, entries: list[Entry], sent: Sent):
        self.sent = sent
        self.changed: list[Report] = []
        self.unopened = 0  # units that have not said how many phones they had before the campaign
        self.replaced: list[Report] = []  # stored reports whose figures the file replaces
        by_unit = defaultdict(list)
        for entry in entries:
            by_unit[entry.reader.unit].append(entry)
        units = {unit.pk: unit for unit in by_unit}
        self.start = hours_in_force.campaign_start() or deadline.reporting_day(sent.at)  # without one, all is refused
        days = {entry.day for entry in entries if entry.day}
        days |= {succession.first_day(unit, self.start) for unit in by_unit}
        hours = hours_in_force.hours_of_days(days)
        self.states = {on: state.day_states([*by_unit], on, at=sent.at, hours=hours[on]) for on in days}
        in_force = base_figures.in_force_by_day(units)
        self.population = lambda unit, on: getattr(in_force(unit, on), "population", None)
        self.succession = succession.Succession()
        self.sums = self.succession.stored_sums(units)  # of the units in mergers
        families = set().union(*map(self.succession.family, units))
        self.units = Unit.objects.named(max(days, default=self.start)).in_bulk(families) | units
        self.reports, self.waiting = defaultdict(dict), defaultdict(list)
        for report in Report.objects.filter(unit__in=self.units):
            report.unit = self.units[report.unit_id]
            self.reports[report.unit_id][report.day] = report
        requests = LateRequest.objects.waiting().filter(installs__isnull=False, unit__in=self.units)
        for request in requests.order_by("-day"):
            waiting = rules.EarlierReport(day=request.day, installs=request.installs, is_waiting=True)
            self.waiting[request.unit_id].append(waiting)
        for unit in sorted(by_unit, key=lambda unit: unit.closed_on or date.max):  # closed units first
            self._unit(unit, by_unit[unit])
        for unit, own in by_unit.items():
            totals = [total for _day, total in self.sums[unit.pk]]
            if self.succession.family(unit.pk):
                totals = [self.succession.lowest(unit.pk, date.min, self.sums)]
            if any(map(rules.is_below_zero, totals)):
                own[0].refuse(acts.BelowCumulative(0))

    def _unit(self, unit: Unit, entries: list[Entry]) -> None:
        """Compare one unit's days in order, because each cumulative depends on earlier days."""
        reports, of_day = self.reports[unit.pk], defaultdict(dict)
        for entry in entries:
            of_day[entry.day][entry.mode] = entry
        opening = of_day.pop(None, {}).get(OPENING)
        opened = next((report for report in reports.values() if report.is_opening), None)
        if opening:
            self._opening(unit, opening, opened, min(of_day, default=None))
        elif opened is None or opened.installs is None:
            wrong = [entry for entry in entries if entry.day and self._is_no_day(unit, entry.day)]
            for entry in wrong:  # a wrong year says so
                entry.refuse(acts.DayClosed(self.states[entry.day][unit.pk]))
            if wrong:
                return
            self.unopened += 1
            self._opening(unit, replace(entries[0], day=None, mode=OPENING, value=0), opened, min(of_day, default=None))
        so_far: list[Report] = []
        for on in sorted({*reports, *of_day}):
            before = so_far[-1].cumulative if so_far else 0
            if on in of_day:
                self._day(unit, on, of_day[on], so_far, before)
            if report := reports.get(on):
                report.cumulative = before + report.contribution
                so_far.append(report)
        self.sums[unit.pk] = [(report.day, report.cumulative) for report in so_far]

    def _opening(self, unit: Unit, entry: Entry, opened: Report | None, first: date | None) -> None:
        """Check a new opening on the unit's first day in the file, a corrected one on its first day in the campaign."""
        before = opened.installs if opened else None
        if before == entry.value:
            entry.tell(RowOutcome.UNCHANGED, before)
            return
        judged_on = first if first and before is None else succession.first_day(unit, self.start)
        day_state, population = self.states[judged_on][unit.pk], self.population(unit, judged_on)
        beyond = rules.opening_refusal(population, entry.value, counts_staff=unit.is_agency)
        if refusal := self._refusal(unit, day_state) or beyond:
            entry.refuse(refusal)
            return
        entry.tell(RowOutcome.between(before, entry.value), before)
        if before is not None:
            self.replaced.append(opened)
        new = {"day": day_state.opening_day, "kind": Report.Kind.OPENING, "received_at": self.sent.at}
        self._change(opened or Report(unit=unit, version=0, **new), entry.value)

    def _day(self, unit: Unit, on: date, given: dict[str, Entry], so_far: list[Report], before: int) -> None:
        """Compare the figures of a day with its report. Earlier days of the file count as stored."""
        report = self.reports[unit.pk].get(on) or Report(unit=unit, day=on, version=0)
        day_state = self.states[on][unit.pk]
        parts = [self.units[part] for part in self.succession.parts(unit.pk, on)]
        reports = {unit: so_far, **{part: sorted(self.reports[part.pk].values(), key=BY_DAY) for part in parts}}
        reports = {part: [one for one in own if one.installs is not None] for part, own in reports.items()}
        entry, total = given.get(DAILY) or given[CUMULATIVE], given.get(CUMULATIVE)
        known = self._known(report, before, reports, says_a_total=total is not None)
        cumulative = total and total.value + self._opening_beside(total)
        said = {"cumulative": cumulative} if total else {"installs": entry.value}
        included = rules.included_days(known, rules.SentFigures(**said, covers_from=known.included.covers_from))
        figures = rules.SentFigures(**said, covers_from=included.covers_from)
        installs = rules.day_installs(known, figures)
        if entry is not total and installs != entry.value:
            words = _("The cumulative says %(total)s new installs, the line says %(daily)s.")
            total.refuse(words % {"total": number(installs), "daily": number(entry.value)})
        elif known.installs == installs:
            entry.tell(RowOutcome.UNCHANGED, known.installs, after=installs)
        elif known.installs is None and installs == 0 and entry is total:
            words = _("The cumulative has not changed. That alone is not a report of 0: it is left out.")
            entry.tell(RowOutcome.LEFT_OUT, None, words, after=installs)
        elif refusal := self._refusal(unit, day_state) or next(iter(rules.refusals(known, figures)), None):
            entry.refuse(refusal)
        else:
            if known.installs is None:
                report.received_at = acts.first_arrival(report, self.sent.at)
            is_late = known.installs is None and day_state.is_late(report.received_at)
            lately = [one for own in reports.values() for one in own[-standings.REPORTED_DAYS :]]
            asked = _questions(entry, known, figures, lately)
            report.is_doubtful = bool(asked)
            more = {"asked": asked, "covers_from": figures.covers_from or ""}
            outcome, words = RowOutcome.between(known.installs, installs), _("counts as late") if is_late else ""
            entry.tell(outcome, known.installs, words, after=installs, **more)
            report.covers_from, report.holds_from = included.covers_from, included.holds_from
            if known.installs is not None:
                self.replaced.append(report)
            self._change(report, installs)

    def consents(self) -> dict[str, str]:
        """What the person must tick: first figures of units, and figures that are replaced, some the units' own."""
        words = ngettext(
            "No phone before the campaign: record 0 for %(n)s unit",
            "No phone before the campaign: record 0 for %(n)s units",
            self.unopened,
        )
        consents = {"openings": words % {"n": number(self.unopened)}} if self.unopened else {}
        if not self.replaced:
            return consents
        newest = Revision.objects.filter(report__in=self.replaced, number=F("report__version"))
        own = newest.filter(by__unit=F("report__unit")).count()
        words = _("Replace %(n)s figures that are recorded; %(own)s of them the units sent themselves")
        return consents | {"overwrite": words % {"n": number(len(self.replaced)), "own": number(own)}}

    def _opening_beside(self, total: Entry) -> int:
        """The installs before the campaign, if the file's cumulative does not count them."""
        if not total.reader.line.excludes_opening:
            return 0
        return sum(one.installs or 0 for one in self.reports[total.reader.unit.pk].values() if one.is_opening)

    def _change(self, report: Report, installs: int) -> None:
        report.installs, report.version = installs, report.version + 1
        self.reports[report.unit_id][report.day] = report
        self.changed.append(report)

    def _known(
        self, report: Report, before: int, reports: Mapping[Unit, list[Report]], *, says_a_total: bool
    ) -> rules.KnownDay:
        """The data needed to check a figure of the report's day.

        `reports` are the earlier ones, first of the unit itself, then of the units merged into it.
        """
        unit, on, own = report.unit, report.day, reports[report.unit]
        waiting = (
            replace(request, name="" if part == unit else part.full_name)
            for part in reports
            for request in self.waiting[part.pk]
            if request.day < on
        )
        return rules.KnownDay(
            before=before,
            merged_sum=self.succession.merged_sum(unit.pk, on, self.sums),
            population=self.population(unit, on),
            counts_staff=unit.is_agency,
            installs=report.installs,
            adjustment=report.adjustment,
            opening=0,  # `before` already includes it
            covered_by=self._covered_by(unit, on),
            included=report.included,
            waiting=next(waiting, None),
            gap=standings.gap(own[-1].day if own else None, on),
            missing_from=succession.missing_from(on, self.start, reports) if says_a_total else None,
        )

    def _is_no_day(self, unit: Unit, on: date) -> bool:
        """Whether nothing is due on that day: before the campaign, or in the future."""
        return self.states[on][unit.pk].phase is permissions.Phase.NOT_DUE

    def _refusal(self, unit: Unit, day_state: state.DayState) -> acts.Refusal | None:
        """The refusal if the person may not enter figures for the unit on that day, or None."""
        if self._is_no_day(unit, day_state.day):
            return acts.DayClosed(day_state)
        return refusal_to(self.sent.by, unit, Act.ENTER, day_state)

    def _covered_by(self, unit: Unit, on: date) -> rules.LaterReport | None:
        """The later report that already includes the day, or None."""
        for report in self.reports[unit.pk].values():
            if report.installs is not None and on < report.day and (report.included.first or report.day) <= on:
                return rules.LaterReport(day=report.day, installs=report.installs)
        is_closed = unit.pk in self.succession.steps
        return succession.included_by_successors([unit.pk], on, self.succession).get(unit.pk) if is_closed else None


def _questions(entry: Entry, known: rules.KnownDay, figures: rules.SentFigures, reports: Iterable[Report]) -> list[str]:
    """What the preview asks about the figures of a day; `reports` are those that its mean may need."""
    counted = [Span(one.covers_from or one.day, one.day, one.installs) for one in reports if not one.is_opening]
    mean, mean_days = standings.mean_and_days(counted)
    days = (entry.day - (figures.covers_from or entry.day)).days + 1
    is_total = figures.cumulative is not None
    asked = doubts.questions(known, figures, mean=mean, mean_days=mean_days, days=days, is_total=is_total)
    return [*asked.values()]
