"""Imports of figures that have a source and a day: base figures of reporting units, and the ministry's figures."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, time

from django.utils.translation import gettext as _, gettext_lazy

from ... import deadline
from ...acts import base_figures, locking, ministry, new_units
from ...acts.base_figures import COUNTS
from ...models import BaseFigure, Metric, OfficialFigure, Unit
from ...people import access
from ...text import formatting
from ..columns import DAY, HEADS, HOUSEHOLDS, POPULATION, SMARTPHONES, SOURCE, UNIT, Column, Kind, Number
from ..layout import NO_TITLE, SheetTable, Table, texts_above
from ..plan import LineReader, Plan, RowOutcome, Sent, day, figure, rows_of, state_of, unchanged
from ..unit_lines import Directory, resolve

OF_THE_FILE = replace(SOURCE, note=gettext_lazy("If empty, the source given with the file."))
HOUR = re.compile(r"\b([01]?\d|2[0-3]) ?(?:h|gio|:) ?([0-5]\d)\b")  # folded
InForce = Callable[[Unit, date], BaseFigure | None]
DAY_BESIDE = gettext_lazy("If empty, the day given with the file.")


def _units(sent: Sent, days: set[date]) -> list[Unit]:
    return list(Unit.objects.below(access.top_of(sent.by)).open_on(max(days)).named(max(days)))


# Base figures: population, smartphone users and households, each valid from a day on.


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


def write_base_figures(writes: list, sent: Sent, *, now: datetime) -> None:
    """Record the figures: they are known from now on. Tables sealed or confirmed earlier do not change."""
    known_at = locking.known_from(now)
    for base in writes:
        base.recorded_at = known_at
    base_figures.store_base_figures(writes, top=access.top_of(sent.by), today=deadline.reporting_day(known_at))


def reporting_units(sent: Sent, days: set[date]) -> Directory:
    return Directory.of_units(_units(sent, days))


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


# The ministry's own figures: a line for each unit, a column for each metric.


def plan_official_figures(table: Table, sent: Sent) -> Plan:
    still_stands = unchanged(state_of)
    readers, rows = resolve(table, places(sent, {sent.options["day"]}), has_groups=False)
    hours, first, writes = [_hour_in_a_title(part) for part in table.used_sheets], {}, []
    counts = [(one, count) for one in readers for count in _read_counts(one, sent, hours[one.line.sheet])]
    for reader, count in counts:
        about = {"what": _what(reader, count), "after": count.value}
        reader.refuse_twice(first, (count.unit.pk, count.day, count.metric), count.metric, **about)
    counts = [(reader, count) for reader, count in counts if not reader.is_refused]
    figures = [count for _reader, count in counts]
    known, doubtful = ministry.newest_figures(figures), ministry.figure_doubts(figures, top=access.top_of(sent.by))
    for (reader, count), asked in zip(counts, doubtful, strict=True):
        before = known.get((count.unit.pk, count.day, count.metric))
        outcome = RowOutcome.between(before, (count.counted_at, count.value, count.source))
        words = _("as of %(moment)s, %(source)s")
        words %= {"moment": formatting.moment(count.counted_at), "source": count.source}
        shown, questions = (before and before[1], count.value, words), [one.question for one in asked]
        reader.tell(count.metric, outcome, *shown, what=_what(reader, count), asked=questions)
        if outcome != RowOutcome.UNCHANGED:
            count.explanation = sent.explanation if asked else ""
            writes.append(count)
    return Plan(rows + rows_of(readers), writes, still_stands)


def write_official_figures(writes: list, sent: Sent, *, now: datetime) -> None:
    ministry.record_official(top=access.top_of(sent.by), rows=writes, by=sent.by, at=sent.at, now=lambda: now)


def places(sent: Sent, days: set[date]) -> Directory:
    """All units except agencies, superiors included: the ministry counts the phones in a place."""
    return Directory.of_units(_units(sent, days), lambda unit, _is_superior: not unit.is_agency)


def _hour_in_a_title(part: SheetTable) -> time:
    """The only hour named above the head, such as “23h59”; otherwise the usual deadline. Printing does not count."""
    titles = [text for text in texts_above(part.sheet, part.head_row) if not NO_TITLE.match(text)]
    named = {found for text in titles for found in HOUR.findall(text)}
    return time(*map(int, named.pop())) if len(named) == 1 else deadline.REPORT_DEADLINE


def _read_counts(reader: LineReader, sent: Sent, hour: time) -> list[OfficialFigure]:
    """The figures of a line, counted at that hour; an empty list if the line is refused."""
    values = reader.figures()
    of_day = reader.take(day, "day") or sent.options["day"]
    if of_day > deadline.reporting_day(sent.at):
        reader.refuse("day", _("%(day)s is in the future.") % {"day": formatting.day(of_day)})
    source = reader.source(sent.options["source"], is_needed=True)
    if reader.is_refused:
        return []
    counted_at = min(deadline.closes_at(of_day, hour), sent.at)
    return [
        OfficialFigure(unit=reader.unit, day=of_day, metric=key, counted_at=counted_at, value=value, source=source)
        for key, value in values.items()
        if value is not None
    ]


def _what(reader: LineReader, count: OfficialFigure) -> str:
    return f"{reader.line.title(count.metric)}, {formatting.day(count.day)}"


OFFICIAL_FIGURES = Kind(
    "official-figures",
    gettext_lazy("Figures of the ministry"),
    gettext_lazy("Downloads, accounts and active devices as the ministry counts them, beside our own figures."),
    (
        *UNIT,
        replace(DAY, heads=HEADS["official-figures.day"], note=DAY_BESIDE),
        Number(str(Metric.DOWNLOADS), gettext_lazy("Downloads")),
        Number(str(Metric.ACCOUNTS), gettext_lazy("Accounts with a phone number")),
        Number(str(Metric.DEVICES), gettext_lazy("Active devices")),
        OF_THE_FILE,
    ),
    plan_official_figures,
    write_official_figures,
    scope=places,
    options=("day", "source"),
)
