"""Lines for machines: commas, a point for decimals, true and false, empty where something is missing.

The codes and words in it are ours; names, which a spreadsheet might take for formulas, are not among them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence


def lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value
