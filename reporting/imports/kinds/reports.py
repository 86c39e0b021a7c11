"""Back-filled reports: units and days, the report from before the campaign among them, daily or cumulative figures.

By the rules of an entry on behalf: who may, on which day, and no more than the unit has people.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from operator import attrgetter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ... import acts
from ...acts import bulk
from ...acts.questions import questions
from ...acts.write import KEPT, Stamp
from ...days import hours_in_force, state
from ...figures import held, rules, standings
from ...figures.pace import Span
from ...figures.rules import Figures
from ...figures.succession import Succession
from ...hours import deadline, permissions
from ...hours.permissions import Act, Role
from ...models import Directive, LateRequest, Report, Revision, Unit
from ...people import access
from ...text.formatting import number, short_day
from .. import share
from ..columns import CUMULATIVE, DAILY, OPENING, Kind
from ..layout import Table
from ..plan import Plan, RowOutcome, Sent, rows_of, state_of, unchanged
from ..unit_lines import Directory, resolve
from .figures import bases_in_force
from .report_lines import COLUMNS, Entry, entries_of

ZEROS = "zeros"  # beside the file: a cumulative that has not moved is a report of 0


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    directory = scope(sent, table.all_days)
    readers, rows = resolve(table, directory)
    still_stands = unchanged(partial(state_of, [*directory.by_code.values()]))
    draft = _Draft(entries_of(table, readers), sent)
    ended = bulk.confirmations_ended({report.unit for report in draft.changed}, bulk.days_signed(draft.changed))
    unconfirmed = [f"{one.unit.full_name} ({short_day(one.day)})" for one in ended]
    return Plan(rows + rows_of(readers), draft.changed, still_stands, unconfirmed=unconfirmed)


def apply(ready: bulk.Batch, sent: Sent, *, now: datetime) -> None:
    """Write what was planned, inside the lock."""
    reason = sent.options.get("reason", "")
    kind = Revision.Kind.IMPORT
    stamp = Stamp(by=sent.by, at=sent.at, kind=kind, reason=reason, source=sent.source, now=lambda: now)
    bulk.write(ready, stamp, explanation=sent.explanation)


def scope(sent: Sent, days: set[date]) -> Directory:
    """The units that the person may enter figures for, and those above them that group them."""
    top = access.top_of(sent.by)
    newest = max(days, default=None) or deadline.reporting_day(sent.at)
    everyone = list(Unit.objects.below(top).named(newest))
    parents = {unit.parent_id for unit in everyone}
    counting = [unit for unit in everyone if unit.pk not in parents and unit.pk != top.pk]
    open_units = [unit for unit in counting if not days or any(unit.is_open_on(on) for on in days)]
    open_units = [unit for unit in open_units if access.role(sent.by, unit) in (Role.CITY, Role.SUPERIOR)]
    return Directory(open_units, [unit for unit in everyone if unit.pk in parents])


KIND = Kind(
    "reports",
    gettext_lazy("Reports of days gone by"),
    gettext_lazy("New installs or cumulative figures of units and days, and the numbers before the campaign."),
    COLUMNS,
    plan,
    apply,
    scope=scope,
    make_ready=lambda writes, _sent: bulk.batch(writes),
    options=("reason", ZEROS),
    needs=(("code", "name"), (DAILY, CUMULATIVE, OPENING)),
    has_days=True,
    is_for_districts=True,
)


class _Running:
    """One unit's reports in the order of the days, those of the file among them: what its next figure builds on.

    `merged` are the closed units that end in it, with their reports.
    """

    def __init__(self, unit: Unit, merged: Mapping[Unit, Sequence[Report]]):
        self.unit, self.merged = unit, merged
        self.total = 0  # its own sum so far
        self.reports: list[Report] = []  # as they will stand, that of before the campaign included

    def take(self, report: Report) -> None:
        """Go on to the next day. A report that was taken back has an adjustment at most."""
        self.total += report.contribution
        if report.installs is not None:
            self.reports.append(report)

    def mean(self, on: date) -> tuple[float | None, int]:
        """`mean_of` the last reported days before, those of the units that have ended in it included."""
        ended = [r for own in self._ended(on).values() for r in own if r.day < on and r.installs is not None]
        counted = [report for report in [*self.reports, *ended] if not report.is_opening]
        return standings.mean_of([Span(r.covers_from or r.day, r.day, r.installs) for r in counted])

    def missing_from(self, on: date, start: date | None) -> date | None:
        """The first of the days before, and of those of what has ended in it, that no report is of."""
        return held.missing_from(on, start, {self.unit: self.reports, **self._ended(on)}) if start else None

    def _ended(self, on: date) -> dict[Unit, Sequence[Report]]:
        return {part: reports for part, reports in self.merged.items() if part.closed_on <= on}


class _Draft:
    """The entries beside the reports as they stand, unit by unit and day by day."""

    def __init__(self, entries: list[Entry], sent: Sent):
        self.sent = sent
        self.changed: list[Report] = []
        units = {entry.unit.pk: entry.unit for entry in entries}
        self.start = Directive.objects.campaign_start()
        asked = {entry.day for entry in entries if entry.day}
        if self.start:
            asked |= {held.first_day(unit, self.start) for unit in units.values()}
        hours, of_all = hours_in_force.of_days(asked), list(units.values())
        self.states = {on: state.day_states(of_all, on, at=sent.at, hours=hours[on]) for on in asked}
        self.reports = defaultdict(dict)
        for report in Report.objects.filter(unit__in=units):
            self.reports[report.unit_id][report.day] = report
        self.base_in_force = bases_in_force(of_all)
        self.waiting = defaultdict(list)
        self.merged = self._merged(units)
        parts = {part.pk for closed in self.merged.values() for part in closed}
        waiting = LateRequest.objects.waiting().filter(unit__in=units.keys() | parts, installs__isnull=False)
        for request in waiting:
            self.waiting[request.unit_id].append(request)
        self.succession = Succession()
        self.sums = self.succession.stored_sums(units)  # of units that a merger touches
        by_unit = defaultdict(list)
        for entry in entries:
            by_unit[entry.unit.pk].append(entry)
        for pk in sorted(by_unit, key=lambda pk: units[pk].closed_on or date.max):  # what is brought along comes first
            self._unit(units[pk], by_unit[pk])
        for pk, own in by_unit.items():
            if rules.is_below_zero(self.succession.lowest(pk, date.min, self.sums)):
                self._refuse(own[0], acts.BelowCumulative(0).words)

    def _merged(self, units: dict[int, Unit]) -> dict[int, dict[Unit, list[Report]]]:
        """By heir the closed units that end in it, with their reports; also one that never reported owes its days."""
        heirs = {closed: heir for closed, heir in Unit.objects.heirs().items() if heir in units}
        closed = Unit.objects.in_bulk(list(heirs))
        found = defaultdict(dict)
        for pk, unit in closed.items():
            found[heirs[pk]][unit] = []
        for report in Report.objects.filter(unit__in=closed) if closed else []:
            found[heirs[report.unit_id]][closed[report.unit_id]].append(report)
        return found

    def _unit(self, unit: Unit, entries: list[Entry]) -> None:
        """One unit's figures in the order of the days: each cumulative builds on those before."""
        reports = self.reports[unit.pk]
        opened = next((report for report in reports.values() if report.is_opening), None)
        opening = next((entry for entry in entries if entry.mode == OPENING), None)
        of_day = defaultdict(dict)
        for entry in entries:
            if entry is not opening:
                of_day[entry.day][entry.mode] = entry
        if opening is None and opened is None:
            first = min(of_day)
            self._refuse(next(iter(of_day[first].values())), acts.OpeningMissing().words)
            return
        changed = []
        if opening is not None:
            changed += self._opening(unit, opening, opened, min(of_day, default=None))
            reports = {**reports, **{report.day: report for report in changed}}
        running, sums = _Running(unit, self.merged.get(unit.pk, {})), []
        for on in sorted({*reports, *of_day}):
            report = reports.get(on)
            if on in of_day:
                moved = self._day(unit, on, of_day[on], report, running)
                changed += [moved] if moved else []
                report = moved or report
            if report:
                running.take(report)
            is_below = rules.is_below_zero(running.total, self.succession.brought_along(unit.pk, on, self.sums))
            if is_below and changed:
                self._refuse(entries[0], acts.BelowCumulative(0).words)
                return
            if report:
                report.cumulative = running.total  # of those that are written; the others follow by themselves
                sums.append((on, running.total))
        self.changed += changed
        self.sums[unit.pk] = sums
        for parts in self.merged.values():  # what the file says of a closed unit stands when its heir's turn comes
            if unit in parts:
                parts[unit] = running.reports

    def _opening(self, unit: Unit, entry: Entry, opened: Report | None, first: date | None) -> list[Report]:
        """A first one goes with the unit's first report, on whose day it is judged; a correction by the first day."""
        if opened is not None and opened.installs == entry.value:
            self._say(entry, RowOutcome.UNCHANGED, opened.installs, entry.value)
            return []
        if self.start is None:
            self._refuse(entry, acts.NotAllowed(Act.ENTER, permissions.Situation.NOT_DUE).words)
            return []
        judged_on = first if first and opened is None else held.first_day(unit, self.start)
        day_state = self.states[judged_on][unit.pk]
        refusal = self._refusal(unit, day_state)
        refusal = refusal or rules.opening_refusal(
            self._population(unit, judged_on), entry.value, counts_staff=unit.is_agency
        )
        if refusal:
            self._refuse(entry, refusal.words)
            return []
        new = {"day": day_state.opening_day, "kind": Report.Kind.OPENING, "received_at": self.sent.at}
        report = _moved_on(opened, unit, entry.value, new)
        self._say(entry, RowOutcome.CHANGED if opened else RowOutcome.NEW, opened and opened.installs, entry.value)
        return [report]

    def _day(
        self, unit: Unit, on: date, given: dict[str, Entry], report: Report | None, running: _Running
    ) -> Report | None:
        known = self._known(unit, on, report, running)
        entry, total = given.get(DAILY) or given[CUMULATIVE], given.get(CUMULATIVE)
        figures = Figures(cumulative=total.value) if total else Figures(installs=entry.value)
        installs = rules.day_installs(known, figures)
        if entry is not total and installs != entry.value:
            words = _("The cumulative says %(total)s new installs, the line says %(daily)s.")
            self._refuse(total, words % {"total": number(installs), "daily": number(entry.value)})
            return None
        if known.installs == installs:
            self._say(entry, RowOutcome.UNCHANGED, known.installs, installs)
            return None
        if known.installs is None and installs == 0 and entry is total and not self.sent.options.get(ZEROS):
            words = _("The cumulative has not moved: that alone is no report of 0, and is left out.")
            self._say(entry, RowOutcome.LEFT_OUT, None, installs, words)
            return None
        figures = replace(figures, covers_from=known.covers_from)
        figures = replace(figures, covers_from=rules.covers_from(known, figures))
        day_state = self.states[on][unit.pk]
        refusal = self._refusal(unit, day_state) or next(iter(rules.refusals(known, figures)), None)
        if refusal:
            self._refuse(entry, refusal.words)
            return None
        changed = _moved_on(report, unit, installs, {"day": on})
        changed.covers_from, changed.holds_from = figures.covers_from, rules.holds_from(known, figures)
        if known.installs is None:
            changed.received_at = acts.first_arrival(report or changed, self.sent.at)
        asked = self._asked(known, figures, given, running.mean(on), on)
        changed.is_doubtful = bool(asked)
        words = _("counts as late") if known.installs is None and day_state.is_late(changed.received_at) else ""
        outcome = RowOutcome.NEW if known.installs is None else RowOutcome.CHANGED
        self._say(entry, outcome, known.installs, installs, words, asked=asked, covers_from=changed.covers_from)
        return changed

    def _asked(
        self, known: rules.Known, figures: Figures, given: dict[str, Entry], mean_of: tuple[float | None, int], on: date
    ) -> list[str]:
        """What is usually a mistake, as a form asks about it; and a share that is not that of the figures."""
        days, (mean, mean_days) = (on - (figures.covers_from or on)).days + 1, mean_of
        asked = questions(
            known, figures, mean=mean, mean_days=mean_days, days=days, is_total=figures.cumulative is not None
        )
        total = rules.total_before(known, figures) + rules.day_installs(known, figures) + known.adjustment
        shares = [share.difference(entry.share, total, known.population) for entry in given.values()]
        return [*asked.values(), *dict.fromkeys(filter(None, shares))]

    def _known(self, unit: Unit, on: date, report: Report | None, running: _Running) -> rules.Known:
        """What the day's figure builds on: the sum of the days before it, those of the file included."""
        waiting = self._waiting_before(unit, on)
        return rules.Known(
            before=running.total,
            brought_along=self.succession.brought_along(unit.pk, on, self.sums),
            population=self._population(unit, on),
            counts_staff=unit.is_agency,
            installs=report.installs if report else None,
            adjustment=report.adjustment if report else 0,
            opening=0,  # it is there, or in the file, and in the sum
            covered_by=self._covered_by(unit, on),
            covers_from=report.covers_from if report else None,
            holds_from=report.holds_from if report else None,
            last=waiting,
            waiting=waiting or self._waiting_of_merged(unit, on),
            gap=standings.gap(running.reports[-1].day if running.reports else None, on),
            missing_from=running.missing_from(on, self.start),
        )

    def _refusal(self, unit: Unit, day_state: state.DayState) -> acts.NotWritten | None:
        """By the table of acts, as an entry on behalf; what no act could do on the day is said as to an officer."""
        if day_state.situation is permissions.Situation.NOT_DUE:
            return acts.DayClosed(day_state)
        if permissions.may(access.role(self.sent.by, unit), Act.ENTER, day_state.situation):
            return None
        return acts.NotAllowed(Act.ENTER, day_state.situation, day_state)

    def _covered_by(self, unit: Unit, on: date) -> rules.Span | None:
        """The later report that holds the day's figures: they would be counted twice."""
        reported = [report for report in self.reports[unit.pk].values() if report.installs is not None]
        holding = [report for report in reported if held.span(report)[0] <= on < report.day]
        if holding:
            report = min(holding, key=attrgetter("day"))
            first = held.first_of(report.covers_from, report.holds_from, on)
            return rules.Span(day=report.day, first=first, installs=report.installs, version=report.version)
        is_closed = unit.pk in self.succession.steps
        return held.by_successors([unit.pk], on, self.succession).get(unit.pk) if is_closed else None

    def _waiting_before(self, unit: Unit, on: date) -> rules.Alone | None:
        """The last day before that waits to be taken in: no total may hold it before that is decided."""
        asked = [request for request in self.waiting[unit.pk] if request.day < on]
        last = max(asked, key=attrgetter("day"), default=None)
        return last and rules.Alone(day=last.day, installs=last.installs, is_waiting=True)

    def _waiting_of_merged(self, unit: Unit, on: date) -> rules.Alone | None:
        for part in self.merged.get(unit.pk, {}):
            if part.closed_on <= on and (waiting := self._waiting_before(part, on)):
                return replace(waiting, name=Unit.objects.named(waiting.day).get(pk=part.pk).full_name)
        return None

    def _population(self, unit: Unit, on: date) -> int | None:
        base = self.base_in_force(unit, on)
        return base and base.population

    def _say(
        self,
        entry: Entry,
        outcome: RowOutcome,
        before: int | None,
        after: int,
        words: str = "",
        *,
        asked: Sequence[str] = (),
        covers_from: date | None = None,
    ) -> None:
        said = [_("cumulative %(total)s") % {"total": number(entry.value)}] if entry.mode == CUMULATIVE else []
        if covers_from:
            said.append(_("with the days from %(day)s on, not reported") % {"day": short_day(covers_from)})
        told = "; ".join(filter(None, [*said, words]))
        beside = {"what": entry.what, "asked": asked, "covers_from": covers_from or ""}
        entry.reader.tell(entry.key, outcome, before, after, told, **beside)

    def _refuse(self, entry: Entry, words: str) -> None:
        entry.reader.refuse(entry.key, words, what=entry.what, after=entry.value)


COPIED = ("day", "kind", "received_at", "version", *KEPT)


def _moved_on(report: Report | None, unit: Unit, installs: int, new: dict) -> Report:
    """The next version of the report, or its first."""
    known = {name: getattr(report, name) for name in COPIED} if report else {"version": 0, **new}
    return Report(unit=unit, **{**known, "installs": installs, "version": known["version"] + 1})
