"""Back-filled reports: units and days, the report from before the campaign among them, daily or cumulative figures.

By the rules of an entry on behalf: who may, on which day, and no more than the unit has people.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from operator import attrgetter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ... import acts
from ...acts import base_figures, bulk
from ...acts.questions import questions
from ...acts.write import KEPT, Stamp
from ...days import hours_in_force, state
from ...figures import rules, standings, succession
from ...figures.pace import Span
from ...figures.rules import Figures
from ...figures.succession import Succession
from ...hours import deadline, permissions
from ...hours.permissions import Act, Role
from ...models import LateRequest, Report, Revision, Unit
from ...people import access
from ...text.formatting import number, short_day
from .. import share
from ..columns import CUMULATIVE, DAILY, OPENING, Kind
from ..layout import Table
from ..plan import Plan, RowOutcome, Sent, rows_of, state_of, unchanged
from ..unit_lines import Directory, resolve
from .report_lines import COLUMNS, Entry, entries_of

ZEROS = "zeros"  # beside the file: a cumulative that has not moved is a report of 0


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    directory = scope(sent, table.all_days)
    readers, rows = resolve(table, directory)
    still_stands = unchanged(partial(state_of, [*directory.by_code.values()]))
    draft = _Draft(entries_of(table, readers), sent)
    ended = bulk.confirmations_ended(draft.changed)
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


class _Draft:
    """The entries beside the reports as they stand, unit by unit and day by day."""

    def __init__(self, entries: list[Entry], sent: Sent):
        self.sent = sent
        self.changed: list[Report] = []
        by_unit = defaultdict(list)
        for entry in entries:
            by_unit[entry.unit].append(entry)
        units = {unit.pk: unit for unit in by_unit}
        self.start = hours_in_force.campaign_start()
        asked = {entry.day for entry in entries if entry.day}
        if self.start:
            asked |= {succession.first_day(unit, self.start) for unit in by_unit}
        hours = hours_in_force.of_days(asked)
        self.states = {on: state.day_states([*by_unit], on, at=sent.at, hours=hours[on]) for on in asked}
        self.base_in_force = base_figures.in_force_by_day(units)
        heirs = {closed: heir for closed, heir in Unit.objects.heirs().items() if heir in units}
        self.merged = defaultdict(list)  # by heir the closed units that end in it
        for part in Unit.objects.in_bulk(list(heirs)).values():
            self.merged[heirs[part.pk]].append(part)
        self.reports, self.waiting = defaultdict(dict), defaultdict(list)
        for report in Report.objects.filter(unit__in=units.keys() | heirs.keys()):
            self.reports[report.unit_id][report.day] = report
        waiting = LateRequest.objects.waiting().filter(installs__isnull=False)
        for request in waiting.filter(unit__in=units.keys() | heirs.keys()):
            self.waiting[request.unit_id].append(request)
        self.succession = Succession()
        self.sums = self.succession.stored_sums(units)  # of units that a merger touches
        for unit in sorted(by_unit, key=lambda unit: unit.closed_on or date.max):  # what is brought along comes first
            self._unit(unit, by_unit[unit])
        for unit, own in by_unit.items():
            if rules.is_below_zero(self.succession.lowest(unit.pk, date.min, self.sums)):
                own[0].refuse(acts.BelowCumulative(0))

    def _unit(self, unit: Unit, entries: list[Entry]) -> None:
        """One unit's figures in the order of the days: each cumulative builds on those before."""
        reports, of_day = dict(self.reports[unit.pk]), defaultdict(dict)
        for entry in entries:
            of_day[entry.day][entry.mode] = entry
        opening = of_day.pop(None, {}).get(OPENING)
        opened = next((report for report in reports.values() if report.is_opening), None)
        if opening is None and opened is None:
            next(iter(of_day[min(of_day)].values())).refuse(acts.OpeningMissing())
            return
        changed = []
        if opening and (report := self._opening(unit, opening, opened, min(of_day, default=None))):
            changed.append(report)
            reports[report.day] = report
        so_far, sums = [], []
        for on in sorted({*reports, *of_day}):
            report = reports.get(on)
            if on in of_day and (moved := self._day(unit, on, of_day[on], report, so_far)):
                changed.append(moved)
                report = moved
            so_far += [report] if report else []
            total = sum(one.contribution for one in so_far)
            is_below = rules.is_below_zero(total, self.succession.brought_along(unit.pk, on, self.sums))
            if is_below and changed:
                entries[0].refuse(acts.BelowCumulative(0))
                return
            if report:
                report.cumulative = total  # of those that are written; the others follow by themselves
                sums.append((on, total))
        self.changed += changed
        self.sums[unit.pk] = sums
        self.reports[unit.pk] = {report.day: report for report in so_far}  # for its heir, whose turn comes

    def _opening(self, unit: Unit, entry: Entry, opened: Report | None, first: date | None) -> Report | None:
        """A first one is judged on the day of the unit's first report in the file, a correction on its first day."""
        if opened is not None and opened.installs == entry.value:
            entry.tell(RowOutcome.UNCHANGED, opened.installs, entry.value)
            return None
        if self.start is None:
            entry.refuse(acts.NotAllowed(Act.ENTER, permissions.Situation.NOT_DUE))
            return None
        judged_on = first if first and opened is None else succession.first_day(unit, self.start)
        day_state, population = self.states[judged_on][unit.pk], self._population(unit, judged_on)
        refusal = self._refusal(unit, day_state)
        refusal = refusal or rules.opening_refusal(population, entry.value, counts_staff=unit.is_agency)
        if refusal:
            entry.refuse(refusal)
            return None
        entry.tell(RowOutcome.CHANGED if opened else RowOutcome.NEW, opened and opened.installs, entry.value)
        new = {"day": day_state.opening_day, "kind": Report.Kind.OPENING, "received_at": self.sent.at}
        return _moved_on(opened, unit, entry.value, new)

    def _day(
        self, unit: Unit, on: date, given: dict[str, Entry], report: Report | None, so_far: list[Report]
    ) -> Report | None:
        ended = [part for part in self.merged[unit.pk] if part.closed_on <= on]
        reported = {unit: so_far, **{part: self.reports[part.pk].values() for part in ended}}
        reported = {part: [one for one in reports if one.installs is not None] for part, reports in reported.items()}
        known = self._known(unit, on, report, so_far, reported)
        entry, total = given.get(DAILY) or given[CUMULATIVE], given.get(CUMULATIVE)
        figures = Figures(cumulative=total.value) if total else Figures(installs=entry.value)
        installs = rules.day_installs(known, figures)
        if entry is not total and installs != entry.value:
            words = _("The cumulative says %(total)s new installs, the line says %(daily)s.")
            total.refuse(words % {"total": number(installs), "daily": number(entry.value)})
            return None
        if known.installs == installs:
            entry.tell(RowOutcome.UNCHANGED, known.installs, installs)
            return None
        if known.installs is None and installs == 0 and entry is total and not self.sent.options.get(ZEROS):
            words = _("The cumulative has not moved: that alone is no report of 0, and is left out.")
            entry.tell(RowOutcome.LEFT_OUT, None, installs, words)
            return None
        figures = replace(figures, covers_from=known.covers_from)
        figures = replace(figures, covers_from=rules.covers_from(known, figures))
        day_state = self.states[on][unit.pk]
        refusal = self._refusal(unit, day_state) or next(iter(rules.refusals(known, figures)), None)
        if refusal:
            entry.refuse(refusal)
            return None
        changed = _moved_on(report, unit, installs, {"day": on})
        changed.covers_from, changed.holds_from = figures.covers_from, rules.holds_from(known, figures)
        if known.installs is None:
            changed.received_at = acts.first_arrival(report or changed, self.sent.at)
        counted = [one for reports in reported.values() for one in reports if one.day < on and not one.is_opening]
        mean = standings.mean_and_days([Span(r.covers_from or r.day, r.day, r.installs) for r in counted])
        asked = self._asked(known, figures, given, mean, on)
        changed.is_doubtful = bool(asked)
        words = _("counts as late") if known.installs is None and day_state.is_late(changed.received_at) else ""
        outcome = RowOutcome.NEW if known.installs is None else RowOutcome.CHANGED
        entry.tell(outcome, known.installs, installs, words, asked=asked, covers_from=changed.covers_from)
        return changed

    def _asked(
        self, known: rules.Known, figures: Figures, given: dict[str, Entry], lately: tuple[float | None, int], on: date
    ) -> list[str]:
        """What is usually a mistake, as a form asks about it; and a share that is not that of the figures."""
        days, (mean, mean_days) = (on - (figures.covers_from or on)).days + 1, lately
        asked = questions(
            known, figures, mean=mean, mean_days=mean_days, days=days, is_total=figures.cumulative is not None
        )
        total = rules.total_before(known, figures) + rules.day_installs(known, figures) + known.adjustment
        shares = [share.difference(entry.share, total, known.population) for entry in given.values()]
        return [*asked.values(), *dict.fromkeys(filter(None, shares))]

    def _known(
        self, unit: Unit, on: date, report: Report | None, so_far: list[Report], reported: Mapping[Unit, list[Report]]
    ) -> rules.Known:
        """What the day's figure builds on: the sum of the days before it, those of the file included."""
        return rules.Known(
            before=sum(one.contribution for one in so_far),
            brought_along=self.succession.brought_along(unit.pk, on, self.sums),
            population=self._population(unit, on),
            counts_staff=unit.is_agency,
            installs=report.installs if report else None,
            adjustment=report.adjustment if report else 0,
            opening=0,  # it is there, or in the file, and in the sum
            covered_by=self._covered_by(unit, on),
            covers_from=report.covers_from if report else None,
            holds_from=report.holds_from if report else None,
            waiting=self._waiting_before(unit, on),
            gap=standings.gap(reported[unit][-1].day if reported[unit] else None, on),
            missing_from=succession.missing_from(on, self.start, reported) if self.start else None,
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
        holding = [report for report in reported if succession.span(report)[0] <= on < report.day]
        if holding:
            report = min(holding, key=attrgetter("day"))
            first = succession.first_of(report.covers_from, report.holds_from, on)
            return rules.Span(day=report.day, first=first, installs=report.installs, version=report.version)
        is_closed = unit.pk in self.succession.steps
        return succession.by_successors([unit.pk], on, self.succession).get(unit.pk) if is_closed else None

    def _waiting_before(self, unit: Unit, on: date) -> rules.Alone | None:
        """The last day before that waits to be taken in, the unit's own first: no total may hold it undecided."""
        for part in [unit, *(part for part in self.merged[unit.pk] if part.closed_on <= on)]:
            asked = [request for request in self.waiting[part.pk] if request.day < on]
            if asked:
                last = max(asked, key=attrgetter("day"))
                name = "" if part == unit else Unit.objects.named(last.day).get(pk=part.pk).full_name
                return rules.Alone(day=last.day, installs=last.installs, is_waiting=True, name=name)
        return None

    def _population(self, unit: Unit, on: date) -> int | None:
        base = self.base_in_force(unit, on)
        return base and base.population


COPIED = ("day", "kind", "received_at", "version", *KEPT)


def _moved_on(report: Report | None, unit: Unit, installs: int, new: dict) -> Report:
    """The next version of the report, or its first."""
    known = {name: getattr(report, name) for name in COPIED} if report else {"version": 0, **new}
    return Report(unit=unit, **{**known, "installs": installs, "version": known["version"] + 1})
