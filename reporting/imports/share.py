"""A column of shares in a file: compared with the share that its figures make, and never stored.

Printed papers of August 2020 said 14 % where their own figures made 11,61 %.
"""

import re
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from ..figures.rollup import share_of
from ..files.cells import Cell
from ..text import formatting
from .plan import NOTHING

WRITTEN = re.compile(r"(\d{1,3})(?:[.,](\d{1,6}))? ?%?")
MOST_PLACES = 2  # of a percentage: what Excel keeps behind them is nobody's statement


def difference(cell: Cell | None, cumulative: int, population: int | None) -> str:
    """What is to be asked about the share of a line, in words; empty where it agrees or says nothing.

    It agrees when it is the computed one rounded or cut to as many places as it has.
    """
    if cell is None or (isinstance(cell.value, str) and cell.value.strip() in NOTHING):
        return ""
    readings = _percentages(cell)
    if not readings:
        shown = cell.value if isinstance(cell.value, str) else f"{cell.value}".replace(".", ",")
        return _("The share “%(share)s” cannot be read.") % {"share": shown[:40]}
    if not population:
        return ""
    percentage = Fraction(cumulative * 100, population)
    if any(abs(percentage - Fraction(said)) < Fraction(10) ** said.as_tuple().exponent for said in readings):
        return ""
    words = _("The file says a share of %(said)s; %(cumulative)s of %(population)s make %(share)s.")
    return words % {
        "said": formatting.whole_percent(readings[0] / 100),
        "cumulative": formatting.number(cumulative),
        "population": formatting.number(population),
        "share": formatting.percent(share_of(cumulative, population)),
    }


def _percentages(cell: Cell) -> list[Decimal]:
    """The ways to read the cell, per cent, with as many places as it has. 0,14 in Excel is shown as 14 %."""
    if isinstance(cell.value, str):
        found = WRITTEN.fullmatch(" ".join(cell.value.split()))
        return [Decimal(f"{found[1]}.{(found[2] or '')[:MOST_PLACES]}")] if found else []
    if not isinstance(cell.value, int | float) or cell.value < 0:
        return []
    value = Decimal(str(cell.value))
    readings = [value * 100, value] if value <= 2 else [value]  # a ratio, as Excel stores what it shows in per cent
    return [_cut(reading) for reading in readings]


def _cut(value: Decimal) -> Decimal:
    places = min(max(-value.normalize().as_tuple().exponent, 0), MOST_PLACES)
    return value.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
