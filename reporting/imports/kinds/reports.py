"""Back-filled reports: units and days, the report from before the campaign among them, daily or cumulative figures.

By the rules of an entry on behalf: who may, on which day, and no more than the unit has people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ... import acts
from ...acts import bulk, refusals
from ...acts.write import KEPT, Stamp
from ...days import hours_in_force, state
from ...figures import rules, standings
from ...figures.rules import Figures
from ...hours import deadline, permissions
from ...hours.permissions import Act, Role
from ...models import BaseFigure, Directive, Report, Revision, Unit
from ...people import access
from ...text.formatting import day as written_day
from ...text.formatting import number
from ..layout import CUMULATIVE, DAILY, MODES, Column, SheetLine, Table, key_of
from ..named_units import Directory
from ..plan import BadCell, Plan, Row, RowOutcome, Sent, day, figure, standing
from ..spreadsheets import Unreadable
from ..unit_lines import resolve

MAX_DAYS = 62  # in one file: two months of the whole city are written within a second
OPENING = "opening"
COLUMNS = (
    Column(
        "code",
        gettext_lazy("Unit code"),
        ("ma don vi", "ma", "ma so", "ma xa", "ma xa phuong", "unit code", "code"),
        width=10,
    ),
    Column(
        "name",
        gettext_lazy("Unit"),
        (
            *("ten don vi", "don vi", "don vi bao cao", "xa phuong", "xa phuong thi tran", "phuong xa", "ten"),
            *("phuong xa thi tran", "ten xa phuong", "so ban nganh", "co quan", "unit", "unit name", "name"),
        ),
        width=30,
    ),
    Column(
        "district",
        gettext_lazy("District"),
        ("quan huyen", "huyen", "quan", "dia ban", "don vi cap tren", "district", "superior"),
        width=22,
    ),
    Column(
        "mode",
        gettext_lazy("Kind of figures"),
        ("loai so lieu", "loai", "kieu so lieu", "kind of figures", "kind"),
        note=gettext_lazy("“mới”: new installs of the day. “lũy kế”: all installs up to the day."),
        choices=("mới", "lũy kế"),
        width=11,
    ),
    Column(
        OPENING,
        gettext_lazy("Installed before the campaign"),
        (
            *("so may da cai truoc dot", "da cai truoc dot", "truoc dot", "so may truoc dot"),
            *("before the campaign", "installed before the campaign", "opening"),
        ),
        is_number=True,
        note=gettext_lazy("Once for each unit; 0 if there were none."),
        width=12,
    ),
    Column("day", gettext_lazy("Day"), ("ngay", "ngay bao cao", "day", "date", "reporting day"), width=12),
    Column(
        DAILY,
        gettext_lazy("New installs"),
        ("so may cai moi", "cai moi", "moi", "so moi", "so may moi", "new installs", "installs", "daily"),
        is_number=True,
    ),
    Column(
        CUMULATIVE,
        gettext_lazy("Cumulative"),
        ("luy ke", "so luy ke", "tong luy ke", "luy ke cai dat", "cumulative"),
        is_number=True,
    ),
)
TITLES = {column.key: column.title for column in COLUMNS}


@dataclass(frozen=True)
class Entry:
    """One figure of the file, its unit found; `day` is None of the number before the campaign."""

    address: str
    unit: Unit
    day: date | None
    mode: str
    value: int


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    days = _days_of(table)
    units, directory = scope(sent, days)
    sums = [str(column.column) for column in table.days] + ([OPENING] if OPENING in table.columns else [])
    if not table.days:
        sums += [key for key in (DAILY, CUMULATIVE) if key in table.columns]
    titles = _titles(table)
    resolved = resolve(table, directory, sums=sums, titles=titles)
    found = standing(units)
    entries, rows = _entries(table, resolved.lines)
    rows = resolved.rows + rows
    entries, doubled = _once(entries)
    draft = _Draft(entries, sent)
    rows += doubled + draft.rows
    return Plan(sorted(rows, key=lambda row: row.place), draft.changed, units, found)


def check(table: Table) -> None:
    """Raises `Unreadable`."""
    if len(_days_of(table)) > MAX_DAYS:
        raise Unreadable(_("The file is about more than %(n)s days. Split it.") % {"n": MAX_DAYS})


def apply(ready: bulk.Batch, sent: Sent, *, now: datetime) -> None:
    """Write what was planned, inside the lock."""
    reason = sent.options.get("reason", "")
    kind = Revision.Kind.IMPORT
    stamp = Stamp(by=sent.by, at=sent.at, kind=kind, reason=reason, source=sent.source, now=lambda: now)
    bulk.write(ready, stamp)


def scope(sent: Sent, days: set[date]) -> tuple[list[Unit], Directory]:
    """The units that the person may enter figures for, and those above them that group them."""
    top = sent.by.unit if sent.by else Unit.objects.tops().get()
    newest = max(days, default=None) or deadline.reporting_day(sent.at)
    everyone = list(Unit.objects.below(top).named(newest))
    parents = {unit.parent_id for unit in everyone}
    counting = [unit for unit in everyone if unit.pk not in parents and unit.pk != top.pk]
    open_units = [unit for unit in counting if not days or any(unit.is_open_on(on) for on in days)]
    if sent.by:
        open_units = [unit for unit in open_units if _role(sent, unit) in (Role.CITY, Role.SUPERIOR)]
    return open_units, Directory(open_units, [unit for unit in everyone if unit.pk in parents])


def _role(sent: Sent, unit: Unit) -> Role | None:
    return access.role(sent.by, unit) if sent.by else Role.CITY


def _days_of(table: Table) -> set[date]:
    days = {column.day for column in table.days}
    for line in table.lines:
        try:
            days.add(day(line.cells.get("day")))
        except BadCell:
            continue
    return days - {None}


def _titles(table: Table) -> Callable[[str], str]:
    of_days = {str(column.column): written_day(column.day) for column in table.days}
    return lambda key: of_days.get(key) or str(TITLES[key])


def _entries(table: Table, lines: list[tuple[SheetLine, Unit]]) -> tuple[list[Entry], list[Row]]:
    """The figures of each line, with what they are."""
    entries, rows = [], []
    for line, unit in lines:
        read = _wide if table.days else _long
        for address, what, make in [*_opening(line, unit), *read(table, line, unit)]:
            try:
                entry = make()
            except BadCell as error:
                rows.append(Row(address, unit.full_name, what, RowOutcome.ERROR, words=str(error)))
            else:
                if entry is not None:
                    entries.append(entry)
    return entries, rows


Making = tuple[str, str, Callable[[], Entry | None]]  # the cell, what it is about, and its figure


def _opening(line: SheetLine, unit: Unit) -> list[Making]:
    def make() -> Entry | None:
        value = figure(line.cells.get(OPENING))
        return None if value is None else Entry(line.where(OPENING), unit, None, OPENING, value)

    return [(line.where(OPENING), str(TITLES[OPENING]), make)] if OPENING in line.cells else []


def _wide(table: Table, line: SheetLine, unit: Unit) -> list[Making]:
    """A column for each day."""

    def making(column) -> Making:
        cell = line.cells.get(str(column.column))

        def make() -> Entry | None:
            value = figure(cell)
            if value is None:
                return None
            return Entry(cell.address, unit, column.day, column.mode or _mode(line), value)

        return cell.address, written_day(column.day), make

    return [making(column) for column in table.days if str(column.column) in line.cells]


def _long(table: Table, line: SheetLine, unit: Unit) -> list[Making]:
    """A line for each unit and day; of a day the new installs, the cumulative, or both."""

    def making(mode: str) -> Making:
        def make() -> Entry | None:
            value = figure(line.cells.get(mode))
            if value is None:
                return None
            of_day = day(line.cells.get("day"))
            if of_day is None:
                raise BadCell(_("The line names no day."))
            return Entry(line.where(mode), unit, of_day, mode, value)

        return line.where(mode), line.text("day"), make

    return [making(mode) for mode in (DAILY, CUMULATIVE) if mode in line.cells]


def _mode(line: SheetLine) -> str:
    text = line.text("mode")
    if not text:
        raise BadCell(_("Nothing says whether the figure is of the day (“mới”) or cumulative (“lũy kế”)."))
    mode = MODES.get(key_of(text))
    if mode is None:
        raise BadCell(_("“%(text)s” is neither “mới” nor “lũy kế”.") % {"text": text[:40]})
    return mode


def _once(entries: list[Entry]) -> tuple[list[Entry], list[Row]]:
    """A unit and day stands once in a file; its daily and its cumulative figure may stand beside each other."""
    first, kept, rows = {}, [], []
    for entry in entries:
        other = first.setdefault((entry.unit.pk, entry.day, entry.mode), entry)
        if other is entry:
            kept.append(entry)
        else:
            words = _("The figure of this unit and day stands in %(cell)s already.") % {"cell": other.address}
            rows.append(Row(entry.address, entry.unit.full_name, _what(entry), RowOutcome.ERROR, words=words))
    return kept, rows


def _what(entry: Entry) -> str:
    return written_day(entry.day) if entry.day else str(TITLES[OPENING])


class _Draft:
    """The entries beside the reports as they stand, unit by unit and day by day."""

    def __init__(self, entries: list[Entry], sent: Sent):
        self.sent = sent
        self.rows: list[Row] = []
        self.changed: list[Report] = []
        units = {entry.unit.pk: entry.unit for entry in entries}
        self.start = Directive.objects.campaign_start()
        asked = {entry.day for entry in entries if entry.day}
        if self.start:
            asked |= {self._first_day(unit) for unit in units.values()}
        hours, of_all = hours_in_force.of_days(asked), list(units.values())
        self.states = {on: state.day_states(of_all, on, at=sent.at, hours=hours[on]) for on in asked}
        self.reports = defaultdict(dict)
        for report in Report.objects.filter(unit__in=units):
            self.reports[report.unit_id][report.day] = report
        self.bases = defaultdict(list)
        for base in BaseFigure.objects.filter(unit__in=units).order_by("-effective_on", "-id"):
            self.bases[base.unit_id].append(base)
        self.with_heritage = set(Unit.objects.heirs().values())
        by_unit = defaultdict(list)
        for entry in entries:
            by_unit[entry.unit.pk].append(entry)
        for pk, own in by_unit.items():
            self._unit(units[pk], own)

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
            self._refuse(next(iter(of_day[first].values())), acts.OpeningMissing())
            return
        changed = []
        if opening is not None:
            changed += self._opening(unit, opening, opened, min(of_day, default=None))
            reports = {**reports, **{report.day: report for report in changed}}
        running = 0
        for on in sorted({*reports, *of_day}):
            report = reports.get(on)
            if on in of_day:
                moved = self._day(unit, on, of_day[on], report, running)
                changed += [moved] if moved else []
                report = moved or report
            running += report.contribution if report else 0
            if rules.is_below_zero(running) and changed:
                self._refuse(entries[0], acts.BelowCumulative(0))
                return
            if report:
                report.cumulative = running  # of those that are written; the others follow by themselves
        self.changed += changed

    def _first_day(self, unit: Unit) -> date:
        return max(filter(None, [self.start, unit.opened_on]))

    def _opening(self, unit: Unit, entry: Entry, opened: Report | None, first: date | None) -> list[Report]:
        """A first one goes with the unit's first report, on whose day it is judged; a correction by the first day."""
        if opened is not None and opened.installs == entry.value:
            self._say(entry, RowOutcome.UNCHANGED, opened.installs, entry.value)
            return []
        if self.start is None:
            self._refuse(entry, acts.NotAllowed(Act.ENTER, permissions.Situation.NOT_DUE))
            return []
        judged_on = first if first and opened is None else self._first_day(unit)
        day_state = self.states[judged_on][unit.pk]
        refusal = self._refusal(unit, day_state)
        refusal = refusal or rules.opening_refusal(self._population(unit, judged_on), entry.value)
        if refusal:
            self._refuse(entry, refusal)
            return []
        new = {"day": day_state.opening_day, "kind": Report.Kind.OPENING, "received_at": self.sent.at}
        report = _moved_on(opened, unit, entry.value, new)
        self._say(entry, RowOutcome.CHANGED if opened else RowOutcome.NEW, opened and opened.installs, entry.value)
        return [report]

    def _day(self, unit: Unit, on: date, given: dict[str, Entry], report: Report | None, before: int) -> Report | None:
        known = self._known(unit, on, report, before)
        entry, total = given.get(DAILY) or given[CUMULATIVE], given.get(CUMULATIVE)
        figures = Figures(cumulative=total.value) if total else Figures(installs=entry.value)
        installs = rules.day_installs(known, figures)
        if entry is not total and installs != entry.value:
            words = _("The cumulative says %(total)s new installs, the line says %(daily)s.")
            self._error(total, words % {"total": number(installs), "daily": number(entry.value)})
            return None
        if known.installs == installs:
            self._say(entry, RowOutcome.UNCHANGED, known.installs, installs)
            return None
        day_state = self.states[on][unit.pk]
        refusal = self._refusal(unit, day_state) or next(iter(rules.refusals(known, figures)), None)
        if refusal:
            self._refuse(entry, refusal)
            return None
        changed = _moved_on(report, unit, installs, {"day": on})
        if known.installs is None:  # the day's first report: its arrival settles on time or late
            changed.received_at, changed.is_late = self.sent.at, day_state.is_late(self.sent.at)
        words = _("counts as late") if known.installs is None and changed.is_late else ""
        outcome = RowOutcome.NEW if known.installs is None else RowOutcome.CHANGED
        self._say(entry, outcome, known.installs, installs, words)
        return changed

    def _known(self, unit: Unit, on: date, report: Report | None, before: int) -> rules.Known:
        """What the day's figure builds on: the sum of the days before it, those of the file included."""
        return rules.Known(
            before=before,
            brought_along=standings.brought_along(unit, on) if unit.pk in self.with_heritage else 0,
            population=self._population(unit, on),
            installs=report.installs if report else None,
            adjustment=report.adjustment if report else 0,
            opening=0,  # it is there, or in the file, and in the sum
            covered_by=self._covered_by(unit, on),
        )

    def _refusal(self, unit: Unit, day_state: state.DayState) -> acts.NotWritten | None:
        """By the table of acts, as an entry on behalf; what no act could do on the day is said as to an officer."""
        if day_state.situation is permissions.Situation.NOT_DUE:
            return acts.DayClosed(day_state)
        if permissions.may(_role(self.sent, unit), Act.ENTER, day_state.situation):
            return None
        return acts.NotAllowed(Act.ENTER, day_state.situation, day_state)

    def _covered_by(self, unit: Unit, on: date) -> date | None:
        """The later day whose report holds the day's figures: they would be counted twice."""
        later = [report for report in self.reports[unit.pk].values() if report.day > on and report.installs is not None]
        return min((report.day for report in later if report.covers_from and report.covers_from <= on), default=None)

    def _population(self, unit: Unit, on: date) -> int | None:
        return next((base.population for base in self.bases[unit.pk] if base.effective_on <= on), None)

    def _say(self, entry: Entry, outcome: RowOutcome, before: int | None, after: int, words: str = "") -> None:
        shown = [number(value) if value is not None else "" for value in (before, after)]
        if entry.mode == CUMULATIVE:
            words = "; ".join(filter(None, [_("cumulative %(total)s") % {"total": number(entry.value)}, words]))
        self.rows.append(Row(entry.address, entry.unit.full_name, _what(entry), outcome, *shown, words))

    def _refuse(self, entry: Entry, refusal: acts.NotWritten) -> None:
        self._error(entry, refusals.words(refusal))

    def _error(self, entry: Entry, words: str) -> None:
        after = number(entry.value)
        self.rows.append(Row(entry.address, entry.unit.full_name, _what(entry), RowOutcome.ERROR, "", after, words))


COPIED = ("day", "kind", "received_at", "version", *KEPT)


def _moved_on(report: Report | None, unit: Unit, installs: int, new: dict) -> Report:
    """The next version of the report, or its first."""
    known = {name: getattr(report, name) for name in COPIED} if report else {"version": 0, **new}
    return Report(unit=unit, **{**known, "installs": installs, "version": known["version"] + 1})
