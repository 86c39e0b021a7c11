"""The table of a day as text that never changes: what a sign-off or a seal fixes, and its digest.

One line a unit, codes not names, in the order of their paths; fields separated by one space, "-" for what is not
known. The first line names the format, so that a later one can be told apart. Docs: docs/canonical-table.md.
"""

from __future__ import annotations

import hashlib

from .rollup import DayRollup, Row

FORMAT = "bluezone-table 1"
COLUMNS = (
    "path",
    "status",
    "expected",
    "reported",
    "late",
    "carried_forward",
    "installs",
    "adjustment",
    "households",
    "cumulative",
    "population",
)


def table(figures: DayRollup) -> str:
    """The canonical text of a rollup: format, unit and day, columns, then every row by path; agencies included."""
    lines = [FORMAT, f"unit {figures.unit_code}", f"day {figures.day.isoformat()}", " ".join(COLUMNS)]
    lines += [_line(row) for row in sorted(figures.by_code.values(), key=lambda row: row.path)]
    return "\n".join(lines) + "\n"


def digest(text: str) -> str:
    """SHA-256 of the table, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _line(row: Row) -> str:
    values = (getattr(row, column) for column in COLUMNS)
    return " ".join("-" if value is None or value == "" else str(value) for value in values)
