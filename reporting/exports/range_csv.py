"""Many days of a unit as the office's CSV, one part a day, as Vietnamese Excel opens it: semicolons, 28,99%.

For machines there is `tidy`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from ..figures import fields
from ..figures.rollup import DayRollup
from ..models import Seal
from ..text import formatting, parsing
from . import csv_file, tidy

NAMES = ["day", "unit", "is_agency", "superior_name", "unit_name", "installs", "adjustment", "cumulative"]
NAMES += ["population", "share", *(count.name for count in fields.BESIDE), "status", "as_of"]
COLUMNS = sorted((column for column in tidy.COLUMNS if column.name in NAMES), key=lambda one: NAMES.index(one.name))


def range_csv(days: Iterable[DayRollup], *, at: datetime, seals: Mapping[date, Seal] | None = None) -> Iterator[bytes]:
    """The head, then the lines of each day, in the language that is spoken now, whenever they are sent."""
    return _parts(days, at, seals, get_language())


def _parts(days, at, seals, language) -> Iterator[bytes]:
    with override(language):
        yield csv_file.written([str(column.label) for column in COLUMNS], [])
        for figures in days:
            found = tidy.lines(figures, at=at, seals=seals)
            yield csv_file.lines([[_cell(column, column.value(line)) for column in COLUMNS] for line in found])


def _cell(column: tidy.Column, value: object) -> object:
    if value is None and column.name == "as_of":
        return _("not sealed")
    value = tidy.for_people(column, value)
    if isinstance(value, datetime):
        return formatting.exact(value)
    if isinstance(value, date):
        return formatting.day(value)
    if isinstance(value, Decimal):
        return formatting.percent(value)
    return parsing.clean(value) if isinstance(value, str) else value
