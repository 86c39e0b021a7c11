"""Base figures: population, smartphone users, households of reporting units, from a day on, with their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
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
from ..columns import HOUSEHOLDS, POPULATION, SMARTPHONES, SOURCE, UNIT, Column, Kind
from ..layout import Table
from ..named_units import Directory
from ..plan import LineReader, Plan, RowOutcome, Sent, day, state_of, unchanged
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


def plan(table: Table, sent: Sent) -> Plan:
    """What the file will do, as things stand now."""
    still_stands = unchanged(state_of)
    directory = scope(sent, {sent.options["effective_on"]})
    lines, rows = resolve(table, directory)
    in_force = bases_in_force(directory.by_code.values())
    writes, told, first = [], [], {}
    for line, unit in lines:
        reader = LineReader(line, unit.full_name)
        given = _read(reader, sent)
        reader.refuse_twice(first, (unit.pk, given["effective_on"]))
        is_left_out = reader.rows or given["population"] is None  # a line of the template that was left empty
        if not is_left_out and _tell(reader, given, in_force(unit, given["effective_on"])):
            writes.append(BaseFigure(unit=unit, by=sent.by, **given))
            told.append(reader.rows)
        else:
            rows += reader.rows
    doubtful = base_figures.doubtful(writes, top=access.top_of(sent.by), today=deadline.reporting_day(sent.at))
    for base, own, found in zip(writes, told, doubtful, strict=True):
        base.explanation = sent.explanation if found else ""
        words = tuple(questions.of_a_base_figure(base.population, one) for one in found)
        rows += [replace(own[0], asked=words), *own[1:]]  # at the population
    return Plan(rows, writes, still_stands)


def bases_in_force(units: Iterable[Unit]) -> Callable[[Unit, date], BaseFigure | None]:
    """Tells of each of the units the base figure in force on a day."""
    known = defaultdict(list)
    for base in BaseFigure.objects.filter(unit__in=units).order_by("-effective_on", "-id"):
        known[base.unit_id].append(base)
    return lambda unit, on: next((base for base in known[unit.pk] if base.effective_on <= on), None)


def apply(writes: list, sent: Sent, *, now: datetime) -> None:
    """Write what was planned, inside the lock: known from now on, and to no table that was fixed before."""
    known_at = locking.known_from(now)
    for base in writes:
        base.recorded_at = known_at
    base_figures.record(writes, top=access.top_of(sent.by), today=deadline.reporting_day(known_at))


def scope(sent: Sent, days: set[date]) -> Directory:
    """All units that report for themselves, and those above them, as of the newest of the days."""
    on = max(days)
    everyone = list(Unit.objects.below(access.top_of(sent.by)).open_on(on).named(on))
    parents = {unit.parent_id for unit in everyone}
    return Directory(
        [unit for unit in everyone if unit.pk not in parents], [unit for unit in everyone if unit.pk in parents]
    )


KIND = Kind(
    "base-figures",
    gettext_lazy("Base figures"),
    gettext_lazy("Population, smartphone users and households of the units, with day and source."),
    COLUMNS,
    plan,
    apply,
    scope=scope,
    options=("effective_on", "source"),
)


def _read(reader: LineReader, sent: Sent) -> dict:
    """The figures of a line, their day and their source."""
    given = reader.figures()
    given["effective_on"] = reader.take(day, "effective_on") or sent.options["effective_on"]
    if reader.rows:
        return given
    population = given["population"]
    if population == 0:
        reader.refuse("population", _("The population cannot be 0."))
    for key in COUNTS[1:]:
        if given[key] is not None and population is None:
            reader.refuse(key, _("The population is missing."))
        elif population and (given[key] or 0) > population:
            reader.refuse(key, _("More than the population."))
    given["source"] = reader.source(sent.options["source"], is_needed=population is not None)
    return given


def _tell(reader: LineReader, given: Mapping, in_force: BaseFigure | None) -> bool:
    """Say what becomes of each figure; whether there is anything to record."""
    since = _("from %(day)s, %(source)s") % {"day": written_day(given["effective_on"]), "source": given["source"]}
    is_changed = tell_figures(reader, in_force, given, since)
    is_resourced = in_force is not None and in_force.source != given["source"]
    if is_resourced and not is_changed:
        reader.tell("source", RowOutcome.CHANGED, in_force.source, given["source"], since)
    return is_changed or is_resourced


def tell_figures(reader: LineReader, base: BaseFigure | None, given: Mapping, words: str) -> bool:
    """Say what becomes of each of the figures that is in force or given; whether one changes."""
    pairs = [(key, getattr(base, key, None), given[key]) for key in COUNTS]
    for key, before, after in pairs:
        if (before, after) != (None, None):
            reader.tell(key, RowOutcome.between(before, after), before, after, words)
    return any(before != after for _key, before, after in pairs)
