"""The figures: what is counted, and what it is compared with.

Queries, sums, rows, history, verification, ranges, forms, pages and files take their figures from these tuples. See
docs/adding-a-figure.md.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def known_sum(parts: Sequence[int | None]) -> int | None:
    """The sum of the known parts; None if no part is known. A missing part is not zero."""
    numbers = [number for number in parts if number is not None]
    return sum(numbers) if numbers else None


def full_sum(parts: Sequence[int | None]) -> int | None:
    """The sum; None if a part is None."""
    numbers = [number for number in parts if number is not None]
    return sum(numbers) if len(numbers) == len(parts) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A number of a unit's row."""

    name: str  # in Row, and in the lines of files
    column: str  # in the database
    label: Promise  # at the head of its column
    nothing: int | None = None  # its value if nothing was reported
    sum: Callable[[Sequence[int | None]], int | None] = known_sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(Field):
    """An extra count that a report may have beside the installs. Agencies are not asked for it."""

    asked: Promise  # its label in a form
    help_text: Promise
    words: Promise  # a line with the number, whose placeholder is the field's `name`
    sentence: Promise  # the same for the paper
    base: str = ""  # the name of the base figure that says how many there are
    so_far: str = ""  # with a base: the report's column of the running sum up to the day
    words_of_base: Promise | str = ""  # placeholders `visited`, `base` and `share`

    def value(self, record: Any) -> int | None:
        """The number in a record: `column` of a report, revision or request, else `name` of a row."""
        return getattr(record, self.column if hasattr(record, self.column) else self.name)


INSTALLS = Field(name="installs", column="installs", label=_("New installs"))
ADJUSTMENT = Field(name="adjustment", column="adjustment", label=_("Adjusted"), nothing=0)
CUMULATIVE = Field(name="cumulative", column="cumulative", label=_("Cumulative"))
POPULATION = Field(name="population", column="population", label=_("Population"), sum=full_sum)

# Extra counts of the day: add a new one here.
EXTRAS = (
    Count(
        name="households",
        column="households_visited",
        label=_("Households visited"),
        asked=_("New households visited"),
        help_text=_("Count each household once. You can leave this empty."),
        words=_("households visited: %(households)s"),
        sentence=_("Households newly visited: %(households)s."),
        base="households_base",
        so_far="households_so_far",
        words_of_base=_("households visited %(visited)s/%(base)s (%(share)s)"),
    ),
)
OF_DAY = (INSTALLS, ADJUSTMENT, *EXTRAS)
# Running sums up to the day. If a unit has not reported the day, its last report's sums still hold.
SO_FAR = tuple(
    Field(name=count.so_far, column=count.so_far, label=count.label, nothing=0) for count in EXTRAS if count.so_far
)
RUNNING = (CUMULATIVE, *SO_FAR)
# Base figures, to compare the others with.
BASES = (
    POPULATION,
    Field(name="smartphone_users", column="smartphone_users", label=_("Smartphone users"), sum=full_sum),
    Field(name="households_base", column="households", label=_("Households"), sum=full_sum),
)
SUMMED = (*OF_DAY, *RUNNING, *BASES)
NAMES = tuple(field.name for field in SUMMED)

# The fields of a report that each revision repeats: those of `models.reports.Figures`.
REPORTED = ("installs", "adjustment", "covers_from", "holds_from", *(count.column for count in EXTRAS), "note")
# Their values if nothing is reported; the adjustment stays.
EMPTIED = {name: None for name in REPORTED if name != "adjustment"} | {"note": ""}


@dataclass(slots=True, kw_only=True)
class Summed:
    """A unit's figures by the names of `SUMMED`, each known or missing (None)."""

    installs: int | None = None
    adjustment: int | None = 0
    households: int | None = None
    cumulative: int | None = None
    households_so_far: int | None = 0
    population: int | None = None
    smartphone_users: int | None = None
    households_base: int | None = None


@dataclass(frozen=True, kw_only=True)
class Extras:
    """The extra counts sent, by the columns of `EXTRAS`."""

    households_visited: int | None = None


def extras(record: Any) -> dict[str, int | None]:
    """The extra counts of a record, by column; each None without a record."""
    return {count.column: getattr(record, count.column, None) for count in EXTRAS}


def columns(fields: Iterable[Field], table: str) -> str:
    """The fields in SQL, in their order."""
    return ", ".join(
        f"{table}.{field.column}" if field.nothing is None else f"COALESCE({table}.{field.column}, {field.nothing})"
        for field in fields
    )
