"""The tables for machines, their columns described once: the interface, CSV, the data package and Excel's data sheet.

One row a unit and day. Days and instants are ISO 8601, decimals have a point, what is missing is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..days.status import DayStatus
from ..figures import fields
from ..figures.rollup import DayRollup, Row
from ..hours import deadline
from ..models import Seal, Unit
from ..models.levels import Level
from . import csv_file


@dataclass(frozen=True)
class Column:
    """A column: its name for machines, the type of its values, its label and meaning for people."""

    name: str
    kind: type
    label: str | Promise
    words: str | Promise
    value: Callable[[Line | UnitLine], object]
    is_always_there: bool = False


@dataclass(frozen=True)
class Line:
    """A reporting unit on a day, as the figures were known at an instant."""

    row: Row
    day: date
    superior: Row | None
    as_of: datetime | None  # None of a day that has no seal, in a range as sealed
    seal: Seal | None  # whose figures these are


@dataclass(frozen=True)
class UnitLine:
    """A unit as it is named on a day, for somebody who sees the units with these ids."""

    unit: Unit
    day: date
    seen: Collection[int]

    def code_of(self, other: str) -> str | None:
        """The code of the unit's parent, successor or the one it was split from, if that can be seen."""
        return getattr(self.unit, other).code if getattr(self.unit, f"{other}_id") in self.seen else None


def _count(field: fields.Field) -> Column:
    return Column(field.name, int, field.label, _("of the day; empty: not reported"), _of_row(field.name))


def _of_row(name: str) -> Callable[[Line], object]:
    return lambda line: getattr(line.row, name)


COLUMNS = (
    Column("day", date, _("Day"), _("the reporting day, in Asia/Ho_Chi_Minh"), lambda line: line.day, True),
    Column(
        "unit",
        str,
        _("Code"),
        _("the code of the unit; it never changes and is never given to another"),
        _of_row("code"),
        True,
    ),
    Column("unit_name", str, _("Unit"), _("as of the day; no key: it changes"), _of_row("name"), True),
    Column("level", Level, _("Level"), _("of the unit"), _of_row("level"), True),
    Column(
        "superior",
        str,
        _("Code of the superior"),
        _("empty of the unit asked for itself"),
        lambda line: line.superior and line.superior.code,
    ),
    Column("superior_name", str, _("Superior"), _("as of the day"), lambda line: line.superior and line.superior.name),
    Column(
        "is_agency",
        bool,
        _("Agency"),
        _("agencies stand apart: never add them to residents"),
        _of_row("is_agency"),
        True,
    ),
    Column("status", DayStatus, _("State"), _("of the day; empty: no directive covers it"), _of_row("status")),
    _count(fields.INSTALLS),
    Column(
        "adjustment",
        int,
        fields.ADJUSTMENT.label,
        _("a signed correction of the cumulative on the day; empty: none"),
        lambda line: line.row.adjustment or None,
    ),
    Column(
        "cumulative",
        int,
        fields.CUMULATIVE.label,
        _("up to and including the day, installs before the campaign included; empty: never reported"),
        _of_row("cumulative"),
    ),
    *map(_count, fields.BESIDE),
    Column(
        "is_carried_forward",
        bool,
        _("Carried forward"),
        _("not reported: the cumulative is that of an earlier day"),
        lambda line: line.row.carried_forward > 0,
        True,
    ),
    Column("carried_from", date, _("Carried forward from"), _("that earlier day"), _of_row("carried_from")),
    Column("population", int, _("Population or staff"), _("what the share is of"), _of_row("population")),
    Column(
        "population_on", date, _("Population of the day"), _("which the figure speaks of"), _of_row("population_on")
    ),
    Column(
        "population_source",
        str,
        _("Source of the population"),
        _("where the figure is from"),
        lambda line: line.row.population_source or None,
    ),
    Column(
        "share",
        float,
        _("Share"),
        _("a ratio, cut to four places: 0.2899 is 28,99 %"),
        lambda line: None if line.row.share is None else float(line.row.share),
    ),
    Column("received_at", datetime, _("Received at"), _("arrival of the day’s report"), _of_row("received_at")),
    Column(
        "as_of",
        datetime,
        _("Figures as of"),
        _("the instant at which the figures were known so; empty: the day has no seal, so it has no figures"),
        lambda line: line.as_of,
    ),
    Column(
        "seal",
        str,
        _("Seal"),
        _("SHA-256 of the sealed table whose figures these are; empty: none"),
        lambda line: line.seal and line.seal.digest,
    ),
)

UNIT_COLUMNS = (
    Column("code", str, _("Code"), COLUMNS[1].words, lambda line: line.unit.code, True),
    Column("level", Level, _("Level"), _("of the unit"), lambda line: line.unit.level, True),
    Column(
        "kind",
        str,
        _("Kind"),
        _("what it is called before its name, as of the day: xã, huyện"),
        lambda line: line.unit.kind or "",
        True,
    ),
    Column("name", str, _("Name"), _("as of the day; no key: it changes"), lambda line: line.unit.name or "", True),
    Column(
        "parent",
        str,
        _("Code of the superior"),
        _("empty at the top and of the unit asked for itself"),
        lambda line: line.code_of("parent"),
    ),
    Column("opened_on", date, _("First day"), _("on which it exists"), lambda line: line.unit.opened_on),
    Column(
        "closed_on", date, _("Closed on"), _("the first day on which it is no more"), lambda line: line.unit.closed_on
    ),
    Column(
        "successor",
        str,
        _("Successor"),
        _("the code of the unit in which it has ended, if that can be seen"),
        lambda line: line.code_of("successor"),
    ),
    Column(
        "split_from",
        str,
        _("Split from"),
        _("the code of the unit that it was split from, if that can be seen"),
        lambda line: line.code_of("split_from"),
    ),
    Column(
        "handed_over",
        int,
        _("Handed over"),
        _("installs of that one’s cumulative, counted here since it opened"),
        lambda line: 0 if line.unit.was_never_open else line.unit.handed_over,
        True,
    ),
    Column("is_open", bool, _("Open"), _("on the day"), lambda line: line.unit.is_open_on(line.day), True),
)


def lines(figures: DayRollup, *, at: datetime, seals: Mapping[date, Seal] | None = None) -> list[Line]:
    """The reporting units of a day, seen at `at`; of a range as sealed with the seals by day."""
    seal = (seals or {}).get(figures.day)
    as_of = (seal and seal.at) if seals is not None else figures.as_of or at
    return [Line(row, figures.day, figures.parent_of(row), as_of, seal) for row in figures.reporting]


def unit_lines(units: Iterable[Unit], day: date) -> list[UnitLine]:
    """The units, which were read through `named()` with those beside them."""
    found = list(units)
    seen = {unit.pk for unit in found}
    return [UnitLine(unit, day, seen) for unit in found]


def values(line: Line | UnitLine, columns: Sequence[Column] = COLUMNS) -> dict[str, object]:
    return {column.name: column.value(line) for column in columns}


def days_csv(days: Iterable[DayRollup], *, at: datetime, seals: Mapping[date, Seal] | None = None) -> Iterator[bytes]:
    """The head, then the lines of each day."""
    yield csv(COLUMNS)
    for figures in days:
        yield csv(COLUMNS, lines(figures, at=at, seals=seals))


def csv(columns: Sequence[Column], found: Sequence[Line | UnitLine] | None = None) -> bytes:
    """The lines as CSV; without any given, the head."""
    rows = (
        [[column.name for column in columns]]
        if found is None
        else [[_text(c.value(line)) for c in columns] for line in found]
    )
    return csv_file.lines(rows, delimiter=",")


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(deadline.ZONE).isoformat()
    return value.isoformat() if isinstance(value, date) else value
