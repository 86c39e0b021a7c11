"""CSV files in which no text acts as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from ..text.characters import printable

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # full-width too


def lines(rows: Iterable[Sequence[object]]) -> bytes:
    """CSV lines without a head."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def cell(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    clean = printable(value)
    return f"'{clean}" if clean.lstrip(" \u00a0").startswith(STARTS_A_FORMULA) else clean
