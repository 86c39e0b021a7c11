"""Imports of base figures: population, smartphone users and households, each valid from a day on."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _, gettext_lazy

from ... import deadline
from ...acts import base_figures, locking, new_units
from ...acts.base_figures import COUNTS
from ...models import BaseFigure, Unit
from ...people import access
from ...text import formatting
from ..columns import HOUSEHOLDS, POPULATION, SMARTPHONES, SOURCE, UNIT, Column, Kind
from ..layout import Table
from ..plan import LineReader, Made, Plan, RowOutcome, Sent, day, figure, rows_of, state_of, unchanged
from ..unit_lines import Directory, resolve

OF_THE_FILE = replace(SOURCE, note=gettext_lazy("If empty, the source given with the file."))
InForce = Callable[[Unit, date], BaseFigure | None]
DAY_BESIDE = gettext_lazy("If empty, the day given with the file.")


def units_of(sent: Sent, days: set[date]) -> list[Unit]:
    return list(Unit.objects.below(access.top_of(sent.by)).open_on(max(days)).named(max(days)))


def plan_base_figures(table: Table, sent: Sent) -> Plan:
    still_stands = unchanged(state_of)
    readers, rows = resolve(table, reporting_units(sent, {sent.options["effective_on"]}))
    in_force = base_figures.in_force_by_day([reader.unit for reader in readers])
    given, first = [], {}
    for reader in readers:
        base = read_base_figure(reader, sent, in_force)
        reader.refuse_twice(first, (reader.unit.pk, base.effective_on))
        if not reader.is_refused and base.population is not None:  # a line of the template may be left empty
            given.append((reader, base))
    writes = tell_base_figures(given, sent, in_force)
    for reader, base in given:
        if not reader.rows:
            reader.tell("population", RowOutcome.UNCHANGED, base.population, base.population)
    return Plan(rows + rows_of(readers), writes, still_stands)


def write_base_figures(writes: list, sent: Sent, *, now: datetime) -> Made:
    """Record the figures: they are known from now on. Tables sealed or confirmed earlier do not change.

    Its rows: unit and key of each record.
    """
    known_at = locking.known_from(now)
    for base in writes:
        base.recorded_at = known_at
    base_figures.store_base_figures(writes, top=access.top_of(sent.by), today=deadline.reporting_day(known_at))
    return Made([[base.unit.code, base.pk] for base in writes])


def reporting_units(sent: Sent, days: set[date]) -> Directory:
    return Directory.of_units(units_of(sent, days))


def read_base_figure(reader: LineReader, sent: Sent, in_force: InForce) -> BaseFigure:
    """The unsaved record of a line: its figures, day and source.

    Smartphone users or households that have no column in the file stay as they are. Day and source are those of the
    population, so a line without a population records nothing.
    """
    counts = {key: reader.take(figure, key) for key in COUNTS}
    on = reader.take(day, "effective_on") or sent.options["effective_on"]
    known = in_force(reader.unit, on)
    if known and counts["population"] is not None:
        counts |= {key: getattr(known, key) for key in COUNTS if key not in reader.line.letters}
    if not reader.is_refused:
        if counts["population"] == 0:
            reader.refuse("population", _("The population cannot be 0."))
        refuse_beyond_population(reader, counts)
    is_changed = counts["population"] is not None and any(getattr(known, key, None) != counts[key] for key in COUNTS)
    beside = known.source if known and not is_changed else sent.options.get("source", "")
    source = reader.source(beside, is_needed=is_changed)
    return BaseFigure(unit=reader.unit, by=sent.by, effective_on=on, source=source, **counts)


def refuse_beyond_population(reader: LineReader, given: dict[str, int | None]) -> None:
    """Refuse smartphone users or households if the population is missing or smaller."""
    population = given["population"]
    for key in COUNTS[1:]:
        if given[key] is not None and population is None:
            reader.refuse(key, _("The population is missing."))
        elif population and (given[key] or 0) > population:
            reader.refuse(key, _("More than the population."))


def tell_base_figures(
    given: Iterable[tuple[LineReader, BaseFigure]], sent: Sent, in_force: InForce
) -> list[BaseFigure]:
    """Add a row for each changed figure, with its doubts. Returns the records to store."""
    today = deadline.reporting_day(sent.at)
    has_begun = new_units.has_begun(today)
    changes = [(reader, base, _changes(in_force(base.unit, base.effective_on), base)) for reader, base in given]
    changes = [change for change in changes if change[2]]
    known = [base for _reader, base, _pairs in changes if base.unit.pk]  # a new unit has nothing to compare with
    doubts_of_known = iter(base_figures.base_doubts(known, top=access.top_of(sent.by), today=today) if known else ())
    for reader, base, pairs in changes:
        asked = [one.question for one in next(doubts_of_known)] if base.unit.pk else []
        base.explanation = sent.explanation if asked else ""
        words = _("from %(day)s, %(source)s") % {"day": formatting.day(base.effective_on), "source": base.source}
        if base.unit.pk and has_begun and base.effective_on <= today:
            words += "; " + _("the shares of the days since then change too")
        for key, pair in pairs.items():
            questions = asked if key == "population" else ()
            reader.tell(key, RowOutcome.between(*pair), *pair, words, asked=questions)
    return [base for _reader, base, _pairs in changes]


def _changes(before: BaseFigure | None, after: BaseFigure) -> dict[str, tuple]:
    """The changed figures, before and after; the source if no figure changes."""
    pairs = {key: (getattr(before, key, None), getattr(after, key)) for key in (*COUNTS, "source")}
    changed = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
    return {key: pair for key, pair in changed.items() if key in COUNTS} or changed


BASE_FIGURES = Kind(
    "base-figures",
    gettext_lazy("Base figures"),
    gettext_lazy("Population, smartphone users and households of the units, with day and source."),
    (
        *UNIT,
        replace(POPULATION, note=gettext_lazy("For an agency, its staff.")),
        SMARTPHONES,
        HOUSEHOLDS,
        Column("effective_on", gettext_lazy("Effective from"), note=DAY_BESIDE),
        OF_THE_FILE,
    ),
    plan_base_figures,
    write_base_figures,
    scope=reporting_units,
    options=("effective_on", "source"),
    needs=(("population",), ("code", "name")),
)
