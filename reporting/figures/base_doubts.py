"""What is usually a mistake in a new population: far from the one in force, or fewer people than phones.

And what is easily overlooked: a merger of a later day was recorded with the populations of before, and keeps them.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FAR = 5  # a fifth of the population in force


class Doubt(StrEnum):
    FAR = "far"
    BELOW_INSTALLS = "below_installs"
    FIXED_LATER = "fixed_later"


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A doubt, with the other figure that the one in doubt was compared with."""

    doubt: StrEnum
    other: int
    day: date | None = None  # of the other; of a population that from which a merger has fixed it
    unit: str = ""  # which goes on then


def doubts(population: int, *, before: int | None, cumulative: int | None) -> list[Doubtful]:
    """What is to be asked; `before` is in force on the day, `cumulative` what the unit counts now. Pure."""
    found = []
    if before is not None and abs(population - before) * FAR > before:
        found.append(Doubtful(Doubt.FAR, before))
    if cumulative is not None and population < cumulative:
        found.append(Doubtful(Doubt.BELOW_INSTALLS, cumulative))
    return found
