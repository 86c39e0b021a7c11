"""Imports of base figures: population, smartphone users and households, from the day that is given with the file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext as _, gettext_lazy

from ... import deadline
from ...acts import base_figures, locking, new_units
from ...acts.base_figures import COUNTS
from ...models import BaseFigure, Unit
from ...people import access
from ...text import formatting
from ..columns import HOUSEHOLDS, POPULATION, SMARTPHONES, SOURCE, UNIT, Kind
from ..layout import Table
from ..plan import LineReader, Made, Plan, RowOutcome, Sent, figure, rows_of, state_of, unchanged
from ..unit_lines import Directory, resolve

MAX_SOURCE = 200  # characters
OF_THE_FILE = replace(SOURCE, note=gettext_lazy("If empty, the source given with the file."))


def units_of(sent: Sent, days: set[date]) -> list[Unit]:
    return list(Unit.objects.below(access.top_of(sent.by)).open_on(max(days)).named(max(days)))


def plan_base_figures(table: Table, sent: Sent) -> Plan:
    still_stands = unchanged(state_of)
    readers, rows = resolve(table, reporting_units(sent, {sent.options["effective_on"]}))
    first = {}
    for reader in readers:
        other = first.setdefault(reader.unit.pk, reader.line)
        if other is not reader.line:
            words = _("The unit is already in line %(line)s.") % {"line": other.row}
            reader.refuse("code" if reader.line.text("code") else "name", words, what="")
    writes = changed_base_figures(readers, sent)
    for reader in readers:
        if not reader.rows and (population := reader.take(figure, "population")):
            reader.tell("population", RowOutcome.UNCHANGED, population, population)
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


def changed_base_figures(readers: Sequence[LineReader], sent: Sent) -> list[BaseFigure]:
    """The records to store; a line without a population makes none. Each changed figure gets a row with its doubts.

    Smartphone users or households that have no column in the file stay as they are.
    """
    on, today = sent.options["effective_on"], deadline.reporting_day(sent.at)
    in_force = BaseFigure.objects.in_force_of([reader.unit for reader in readers if reader.unit.pk], on)
    changes = []
    for reader in readers:
        known = in_force.get(reader.unit.pk)
        base = _base_figure(reader, sent, known)
        pairs = {key: (getattr(known, key, None), getattr(base, key)) for key in (*COUNTS, "source")}
        pairs = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
        if pairs and base.population is not None and not reader.is_refused:
            figures = {key: pair for key, pair in pairs.items() if key in COUNTS}
            changes.append((reader, base, figures or pairs))  # the source alone if no figure changes
    known = [base for _reader, base, _pairs in changes if base.unit.pk]  # a new unit has nothing to compare with
    doubts_of_known = iter(base_figures.base_doubts(known, top=access.top_of(sent.by), today=today) if known else ())
    is_past = new_units.has_begun(today) and on <= today
    for reader, base, pairs in changes:
        asked = [one.question for one in next(doubts_of_known)] if base.unit.pk else []
        base.explanation = sent.explanation if asked else ""
        words = _("from %(day)s, %(source)s") % {"day": formatting.day(on), "source": base.source}
        if base.unit.pk and is_past:
            words += "; " + _("the shares of the days since then change too")
        for key, pair in pairs.items():
            questions = asked if key == "population" else ()
            reader.tell(key, RowOutcome.between(*pair), *pair, words, asked=questions)
    return [base for _reader, base, _pairs in changes]


def _base_figure(reader: LineReader, sent: Sent, known: BaseFigure | None) -> BaseFigure:
    """The unsaved record of a line."""
    counts = {key: reader.take(figure, key) for key in COUNTS}
    population = counts["population"]
    if known and population is not None:
        counts |= {key: getattr(known, key) for key in COUNTS if key not in reader.line.letters}
    if population == 0:
        reader.refuse("population", _("The population cannot be 0."))
    for key in COUNTS[1:] if not reader.is_refused else ():
        if counts[key] is not None and population is None:
            reader.refuse(key, _("The population is missing."))
        elif population and (counts[key] or 0) > population:
            reader.refuse(key, _("More than the population."))
    is_changed = population is not None and any(getattr(known, key, None) != counts[key] for key in COUNTS)
    beside = known.source if known and not is_changed else sent.options.get("source", "")
    source = reader.line.text("source") or beside
    if is_changed and not source:
        reader.refuse("source", _("The figure has no source."))
    if len(source) > MAX_SOURCE:
        reader.refuse("source", _("The text is too long."))
    return BaseFigure(unit=reader.unit, by=sent.by, effective_on=sent.options["effective_on"], source=source, **counts)


BASE_FIGURES = Kind(
    "base-figures",
    gettext_lazy("Base figures"),
    gettext_lazy("Population, smartphone users and households of the units, with their source."),
    (
        *UNIT,
        replace(POPULATION, note=gettext_lazy("For an agency, its staff.")),
        SMARTPHONES,
        HOUSEHOLDS,
        OF_THE_FILE,
    ),
    plan_base_figures,
    write_base_figures,
    scope=reporting_units,
    options=("effective_on", "source"),
    needs=(("population",), ("code", "name")),
)
