"""The tables for programs. The API, CSV and Excel's data sheet take their columns from here.

One row per unit and day. Days and instants are ISO 8601, decimals have a point, a missing value is empty.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from .. import deadline
from ..days.status import DayStatus
from ..figures import fields
from ..figures.rollup import DayRollup, Row
from ..models import Seal, Unit
from ..models.levels import Level
from ..models.units import UnitQuerySet
from ..text import status_marks
from . import csv_file
from .stamp import Range


@dataclass(frozen=True)
class Line:
    """A unit on a day or in a week, as the figures were known at an instant."""

    record: Row
    day: date
    superior: Row | None
    as_of: datetime | None  # None for a day without a seal in a sealed range
    seal: Seal | None  # of these figures
    reported_days: int | None = None  # of a week


@dataclass(frozen=True)
class UnitLine:
    """A unit with its name on a day, for a reader who may see the units with the ids `visible`."""

    record: Unit
    day: date
    visible: Collection[int]

    def code_of(self, other: str) -> str | None:
        """The code of the unit's parent, successor or source of a split; None if the reader may not see it."""
        unit = self.record
        return getattr(unit, other).code if getattr(unit, f"{other}_id") in self.visible else None


@dataclass(frozen=True)
class Column:
    """A column: its name and type; for people also its label and meaning."""

    name: str
    kind: type
    label: str | Promise
    words: str | Promise
    get: Callable[[Any], object] | None = None  # of a `Line` or `UnitLine`; None: the record's attribute of this name
    is_needed: bool = False  # never empty

    def value(self, line: Line | UnitLine) -> object:
        return self.get(line) if self.get else getattr(line.record, self.name)


CODE_WORDS = _("the code of the unit; it never changes and is never given to another")
NAME_WORDS = _("as of the day; not a key, because it can change")
COUNT_WORDS = _("of the day, or of several days that were reported together; empty: not reported")
STATUS_WORDS = _(
    "of the day, as of `as_of`; not_due_yet: the deadline has not passed; missing: not reported; late: after the "
    "deadline; waiting: sent late, not yet accepted; excused: late or missing through no fault of the unit; exempt: "
    "nothing was due; empty: no directive covers the day"
)
COLUMNS = (
    Column("day", date, _("Day"), _("the reporting day, in Asia/Ho_Chi_Minh"), lambda line: line.day, True),
    Column("unit", str, _("Code"), CODE_WORDS, lambda line: line.record.code, True),
    Column("unit_name", str, _("Unit"), NAME_WORDS, lambda line: line.record.name, True),
    Column("level", Level, _("Level"), _("of the unit"), None, True),
    Column(
        *("superior", str, _("Code of the superior"), _("empty for the requested unit itself")),
        lambda line: line.superior and line.superior.code,
    ),
    Column("superior_name", str, _("Superior"), NAME_WORDS, lambda line: line.superior and line.superior.name),
    Column("is_agency", bool, _("Counted among"), _("residents or agencies; never add the two together"), None, True),
    Column("status", DayStatus, _("State"), STATUS_WORDS),
    Column("installs", int, fields.INSTALLS.label, COUNT_WORDS),
    Column(
        *("adjustment", int, fields.ADJUSTMENT.label),
        _("a signed correction of the cumulative on the day; empty: none"),
        lambda line: line.record.adjustment or None,
    ),
    Column(
        *("cumulative", int, fields.CUMULATIVE.label),
        _("up to and including the day, installs before the campaign included; empty: never reported"),
    ),
    *(Column(count.name, int, count.label, COUNT_WORDS) for count in fields.EXTRAS),
    Column(
        *("is_carried_forward", bool, _("Carried forward")),
        _("not reported: the cumulative is that of an earlier day"),
        lambda line: line.record.carried_forward > 0,
        True,
    ),
    Column("carried_from", date, _("Carried forward from"), _("that earlier day")),
    Column("population", int, _("Population or staff"), _("the denominator of the share")),
    Column("population_on", date, _("Population of the day"), _("the day of the population figure")),
    Column("population_source", str, _("Source of the population"), _("the source of the population figure")),
    Column("share", float, _("Share"), _("a ratio, cut to four places: 0.2899 is 28,99 %")),
    Column("received_at", datetime, _("Received at"), _("arrival of the day’s report")),
    Column(
        *("as_of", datetime, _("Figures as of")),
        _("the figures are as known at this instant; empty if the range is as sealed and nobody sealed the day"),
        lambda line: line.as_of,
    ),
    Column(
        *("seal", str, pgettext_lazy("record", "Seal")),
        _("SHA-256 of the sealed table of the figures; empty: they are not from a seal"),
        lambda line: line.seal and line.seal.digest,
    ),
)
WEEK_COLUMNS = (  # without `day`, so that no import reads a week as a day
    Column(
        "last_day", date, _("Last day"), _("of the week, as far as it lies in the range"), lambda line: line.day, True
    ),
    *COLUMNS[1:],
    Column(
        *("reported_days", int, _("Reported days"), _("how many days of the week have a report; empty: not a week")),
        lambda line: line.reported_days,
    ),
)
UNIT_COLUMNS = (
    Column("code", str, _("Code"), CODE_WORDS, None, True),
    Column("level", Level, _("Level"), _("of the unit"), None, True),
    Column("kind", str, _("Kind"), _("the word before its name, as of the day: xã, huyện")),
    Column("name", str, _("Unit"), NAME_WORDS),
    Column(
        *("parent", str, _("Code of the superior"), _("empty at the top and for the requested unit itself")),
        lambda line: line.code_of("parent"),
    ),
    Column("opened_on", date, _("First day"), _("on which it exists")),
    Column("closed_on", date, _("Closed on"), _("the first day on which it no longer exists")),
    Column(
        *("successor", str, _("Successor"), _("the code of the unit it was merged into, if that can be seen")),
        lambda line: line.code_of("successor"),
    ),
    Column(
        *("split_from", str, _("Split from"), _("the code of the unit that it was split from, if that can be seen")),
        lambda line: line.code_of("split_from"),
    ),
    Column(
        *("handed_over", int, _("Handed over"), _("from that unit’s cumulative, counted here since the split")),
        lambda line: 0 if line.record.was_never_open else line.record.handed_over,
        True,
    ),
    Column("is_open", bool, _("Open"), _("on the day"), lambda line: line.record.is_open_on(line.day), True),
)


def lines(figures: DayRollup, *, seals: Mapping[date, Seal] | None = None, level: Level | None = None) -> list[Line]:
    """The lines of a day's reporting units, or of a level. A sealed range has its `seals` by day."""
    seal, reported = (seals or {}).get(figures.day), figures.reported_days or {}
    return [
        Line(row, figures.day, figures.parent_of(row), figures.instant, seal, reported.get(row.code))
        for row in (figures.of_level(level) if level else figures.reporting)
    ]


def days(shown: Range) -> Iterator[tuple[DayRollup, list[Line]]]:
    for figures in shown.days():
        yield figures, lines(figures, seals=shown.look.seals, level=shown.level)


def unit_lines(units: UnitQuerySet, day: date) -> list[UnitLine]:
    """The units as they are named on the day, parents first."""
    named = list(units.select_related("parent", "successor", "split_from").named(day).order_by("path"))
    visible = {unit.pk for unit in named}
    return [UnitLine(unit, day, visible) for unit in named]


def values(line: Line | UnitLine, columns: Sequence[Column] = COLUMNS) -> dict[str, object]:
    return {column.name: column.value(line) for column in columns}


def for_people(column: Column, value: Any) -> object:
    """The value in words, if it is a code for programs."""
    if column.name == "is_agency":
        return gettext("agencies") if value else gettext("residents")
    if column.kind is DayStatus:
        return status_marks.status_words(value)
    return str(Level(value).label) if column.kind is Level else value


def days_csv(shown: Range, columns: Sequence[Column] = COLUMNS) -> Iterator[bytes]:
    """Yields the head, then the lines of each day."""
    yield csv(columns, ())
    for _figures, of_a_day in days(shown):
        yield csv(columns, of_a_day, has_head=False)


def csv(columns: Sequence[Column], lines: Iterable[Line | UnitLine], *, has_head: bool = True) -> bytes:
    head: list[list[object]] = [[column.name for column in columns]] if has_head else []
    rows = [[_text(column.value(line)) for column in columns] for line in lines]
    return csv_file.lines(head + rows)


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(deadline.ZONE).isoformat()
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value
