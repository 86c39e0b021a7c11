"""Base figures: population, smartphone users, households of reporting units, from a day on, with their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ...acts import base_figures, locking, questions
from ...acts.unit_register import COUNTS
from ...hours import deadline
from ...models import BaseFigure, Unit
from ...people import access
from ...text.formatting import day as written_day
from ...text.formatting import number
from ..columns import HOUSEHOLDS, POPULATION, SMARTPHONES, SOURCE, UNIT, Column
from ..layout import SheetLine, Table
from ..named_units import Directory
from ..plan import LineReader, Plan, Row, RowOutcome, Sent, day, figure, state_of
from ..unit_lines import resolve

COLUMNS = (
    *UNIT,
    replace(POPULATION, is_required=True, note=gettext_lazy("Of an agency: its staff.")),
    SMARTPHONES,
    HOUSEHOLDS,
    Column(
        "effective_on",
        gettext_lazy("Effective from"),
        "hieu luc tu; ngay hieu luc; tu ngay; ngay; tinh den ngay; ngay so lieu; thoi diem; effective from;"
        "effective on; day",
        note=gettext_lazy("Left empty: the day given beside the file."),
        width=12,
    ),
    replace(SOURCE, note=gettext_lazy("Left empty: the source given beside the file.")),
)
TITLES = {column.key: column.title for column in COLUMNS}


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    units, directory = scope(sent, {sent.options["effective_on"]})
    lines, rows = resolve(table, directory, sums=[key for key in COUNTS if key in table.columns], titles=TITLES)
    found = state_of([])
    known = defaultdict(list)
    for base in BaseFigure.objects.filter(unit__in=units).order_by("-effective_on", "-id"):
        known[base.unit_id].append(base)
    writes, said, first = [], [], {}
    for line, unit in lines:
        errors, figures = _read(line, unit, sent)
        other = first.setdefault((unit.pk, figures.get("effective_on")), line)
        if other is not line:
            words = _("The unit stands in line %(line)s already.") % {"line": other.row}
            key = "code" if line.text("code") else "name"
            errors.append(Row(line.where(key), unit.full_name, "", RowOutcome.ERROR, words=words))
        if errors:
            rows += errors
            continue
        if figures["population"] is None:
            continue  # a line of the template that was left empty
        in_force = next((base for base in known[unit.pk] if base.effective_on <= figures["effective_on"]), None)
        told, is_changed = _told(line, unit, figures, in_force)
        if not is_changed:
            rows += told
            continue
        writes.append(BaseFigure(unit=unit, by=sent.by, **figures))
        said.append(told)
    rows += _asked(said, writes, sent)
    return Plan(sorted(rows, key=lambda row: row.place), writes, [], found)


def apply(writes: list, sent: Sent, *, now: datetime) -> None:
    """Write what was planned, inside the lock: known from now on, and to no table that was fixed before."""
    known_at = locking.known_from(now)
    for base in writes:
        base.recorded_at = known_at
    base_figures.record(writes, top=access.top_of(sent.by), today=deadline.reporting_day(known_at))


def _asked(told: list[list[Row]], writes: list[BaseFigure], sent: Sent) -> list[Row]:
    """What will happen, with what is to be asked at the population of each; the explanation is kept with it."""
    top, today = access.top_of(sent.by), deadline.reporting_day(sent.at)
    doubtful = base_figures.doubtful(writes, top=top, today=today)
    rows = []
    for base, own, found in zip(writes, told, doubtful, strict=True):
        base.explanation = sent.explanation if found else ""
        words = tuple(questions.of_a_base_figure(base.population, one) for one in found)
        rows += [replace(own[0], asked=words), *own[1:]] if words else own
    return rows


def scope(sent: Sent, days: set[date]) -> tuple[list[Unit], Directory]:
    """All units that report for themselves, and those above them, as of the newest of the days."""
    on = max(days)
    everyone = list(Unit.objects.below(access.top_of(sent.by)).open_on(on).named(on))
    parents = {unit.parent_id for unit in everyone}
    units = [unit for unit in everyone if unit.pk not in parents]
    return units, Directory(units, [unit for unit in everyone if unit.pk in parents])


def _read(line: SheetLine, unit: Unit, sent: Sent) -> tuple[list[Row], dict]:
    """The figures of a line; or what is wrong with its cells."""
    reader = LineReader(line, unit.full_name, TITLES)
    figures = {key: reader.take(figure, key) for key in COUNTS}
    figures["effective_on"] = reader.take(day, "effective_on") or sent.options["effective_on"]
    if reader.rows:
        return reader.rows, figures
    population = figures["population"]
    if population == 0:
        reader.refuse("population", _("The population cannot be 0."))
    for key in COUNTS[1:]:
        if figures[key] is not None and population is None:
            reader.refuse(key, _("The population is missing."))
        elif population and (figures[key] or 0) > population:
            reader.refuse(key, _("More than the population."))
    figures["source"] = reader.source(sent.options["source"], is_needed=population is not None)
    return reader.rows, figures


def _told(line: SheetLine, unit: Unit, figures: dict, in_force: BaseFigure | None) -> tuple[list[Row], bool]:
    """What will be said of each figure; whether there is anything to record."""
    since = _("from %(day)s, %(source)s") % {"day": written_day(figures["effective_on"]), "source": figures["source"]}
    rows = told_figures(line, unit.full_name, in_force, figures, since)
    is_changed = any(row.outcome is not RowOutcome.UNCHANGED for row in rows)
    is_resourced = in_force is not None and in_force.source != figures["source"]
    if is_resourced and not is_changed:
        words = [in_force.source, figures["source"]]
        what = str(TITLES["source"])
        rows.append(Row(line.where("source"), unit.full_name, what, RowOutcome.CHANGED, *words, since))
    return rows, is_changed or is_resourced


def told_figures(line: SheetLine, called: str, base: BaseFigure | None, given: Mapping, words: str) -> list[Row]:
    """A row for each of the figures that is in force or given."""
    rows = []
    for key in COUNTS:
        before, after = getattr(base, key, None), given[key]
        if before is None and after is None:
            continue
        outcome = RowOutcome.NEW if before is None else RowOutcome.CHANGED if before != after else RowOutcome.UNCHANGED
        shown = [number(value) if value is not None else "" for value in (before, after)]
        rows.append(Row(line.where(key), called, str(TITLES[key]), outcome, *shown, words))
    return rows
