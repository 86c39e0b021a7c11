"""Base figures from a form or file, and questions about them. A doubtful figure needs an explanation.

A reorganisation writes its own base figures and asks the same questions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from ..figures import doubts, rollup
from ..figures.doubts import Doubtful
from ..models import BaseFigure, Unit
from .refusals import Doubted

COUNTS = ("population", "smartphone_users", "households")


def base_doubts(bases: Sequence[BaseFigure], *, top: Unit, today: date) -> list[list[Doubtful]]:
    """The doubts about each figure, compared with the one in force on its day and with the unit's cumulative now.

    A population that is in force already raises none.
    """
    if not bases:
        return []
    counted, before = rollup.rows(top, today).by_code, in_force_by_day({base.unit for base in bases})
    doubts_of_each = []
    for base in bases:
        known, row = before(base.unit, base.effective_on), counted.get(base.unit.code)
        population = known.population if known else None
        doubts_of_each.append(population_doubts(base.population, population, row.cumulative if row else None))
    return doubts_of_each


def in_force_by_day(units: Iterable[Unit]) -> Callable[[Unit, date], BaseFigure | None]:
    """A function that returns a unit's base figure in force on a day, or None."""
    known = defaultdict(list)
    for base in BaseFigure.objects.filter(unit__in=units).order_by("-effective_on", "-id"):
        known[base.unit_id].append(base)
    return lambda unit, on: next((base for base in known[unit.pk] if base.effective_on <= on), None)


def population_doubts(population: int, before: int | None, cumulative: int | None) -> list[Doubtful]:
    """The doubts about a population; none if it is in force already."""
    return [] if population == before else doubts.population_doubts(population, before=before, cumulative=cumulative)


def check_base_figures(bases: Sequence[BaseFigure], *, top: Unit, today: date) -> None:
    """Raises `Doubted` for the first doubtful figure without an explanation."""
    for base, asked in zip(bases, base_doubts(bases, top=top, today=today), strict=True):
        if asked and not base.explanation.strip():
            raise Doubted(asked)


def store_base_figures(bases: Sequence[BaseFigure], *, top: Unit, today: date) -> None:
    """Store the figures, whose time is already set. Call it inside the lock. Raises `Doubted`."""
    check_base_figures(bases, top=top, today=today)
    BaseFigure.objects.bulk_create(bases)
