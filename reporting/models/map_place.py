"""A unit's place on the tile map: column and line, counted from 1 at the north-west."""

from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

COLUMNS, LINES = 8, 20  # the most: a name still fits an eighth of a phone
MOST = 40  # units on a map


class MapPlace(NamedTuple):
    column: int
    line: int

    def __str__(self) -> str:
        return _("column %(column)s, line %(line)s") % self._asdict()


def place(column: int | None, line: int | None) -> MapPlace | None:
    """The place; None if it is not known."""
    return None if column is None or line is None else MapPlace(column, line)


def problem(column: int | None, line: int | None) -> str:
    """The error in the two numbers; empty if they are a place or both missing."""
    if (column is None) != (line is None):
        return _("a place on the map has both a column and a line.")
    if column is not None and not (1 <= column <= COLUMNS and 1 <= line <= LINES):
        return _("the map has the columns 1 to %(columns)s and the lines 1 to %(lines)s.") % {
            "columns": COLUMNS,
            "lines": LINES,
        }
    return ""


IS_WHOLE = Q(map_column=None, map_line=None) | Q(
    map_column__isnull=False,  # an SQL constraint lets NULL comparisons pass
    map_line__isnull=False,
    map_column__gte=1,
    map_column__lte=COLUMNS,
    map_line__gte=1,
    map_line__lte=LINES,
)
