"""Kinds of import and their columns. A column accepts many heads; accents, case and punctuation do not matter."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from ..text import names

DAILY, CUMULATIVE, OPENING, MODE = "daily", "cumulative", "opening", "mode"
DATED = "dated"  # the meaning of a column whose head is a day
LONGEST_TITLE = 200  # characters; the rest of a head is ignored
# What a head says about a day: "đến 17h ngày 20/8/2020", "năm 2019".
OF_A_DAY = re.compile(r"(?:\b(?:tinh|den|het|tu|ngay|nam|thang|luc):? )*(?<![a-z0-9])\d[\d/.h:-]*")


# The heads that offices write, by the key of the column, or by kind and key if a kind of import knows other heads.
LINES_OF_HEADS = (Path(__file__).parent.parent / "data" / "import-heads.txt").read_text("utf-8").splitlines()
HEADS = dict(line.split(": ") for line in LINES_OF_HEADS if not line.startswith("#"))


@lru_cache(maxsize=4096)  # the sheets of a file often have the same heads
def key_of(text: str) -> str:
    """The head without accents, case, punctuation, days and brackets, but with "%": "Dân số (người)" is "dan so"."""
    folded = re.sub(r"\([^()%]*(%?)[^()]*\)", r" \1 ", names.fold(text[:LONGEST_TITLE]))
    return " ".join(re.sub(r"[^a-z0-9_% ]", " ", OF_A_DAY.sub(" ", folded)).split())


def names_of(heads: str) -> frozenset[str]:
    return frozenset(map(str.strip, heads.split(";")))


@dataclass(frozen=True)
class Column:
    key: str
    title: str | Promise
    heads: str = ""  # folded, separated by semicolons; by default those of its key in `HEADS`
    is_number: bool = False
    note: str | Promise = ""
    in_template: bool = True

    @cached_property
    def names(self) -> frozenset[str]:
        return names_of(f"{self.key};{self.heads or HEADS.get(self.key, '')}")


Number = partial(Column, is_number=True)


@dataclass(frozen=True)
class Kind:
    """What is special to one kind of import; reading, preview and applying are common to all."""

    name: str
    title: str | Promise
    about: str | Promise
    columns: Sequence[Column]
    plan: Callable  # takes a table and the `Sent` options, returns a `Plan`
    write: Callable  # writes what was planned, in the lock
    scope: Callable | None = None  # the units that a template is filled for
    make_ready: Callable | None = None  # prepares the writes outside the lock
    known: Callable | None = None  # returns the lines of a template that would change nothing
    options: tuple[str, ...] = ()  # form fields sent with the file
    needs: tuple[tuple[str, ...], ...] = (("code", "name"),)  # a sheet needs at least one column of each group
    is_for_districts: bool = False
    hands_out: bool = False  # whether new people get printed slips

    @property
    def is_of_reports(self) -> bool:
        return OPENING in {column.key for column in self.columns}


CODE = Column("code", gettext_lazy("Unit code"))
NAME = Column("name", gettext_lazy("Unit"))
DISTRICT = Column("district", gettext_lazy("Superior unit"))
UNIT = (CODE, NAME, DISTRICT)
DAY = Column("day", gettext_lazy("Day"))
INSTALLS = Number(DAILY, gettext_lazy("New installs"))
CUMULATIVES = Number(CUMULATIVE, gettext_lazy("Cumulative"))
MODES = dict.fromkeys(INSTALLS.names, DAILY) | dict.fromkeys(CUMULATIVES.names, CUMULATIVE)


def mode_of(text: str) -> str:
    """Whether a line says new installs or cumulative figures; empty if neither."""
    return MODES.get(key_of(text), "")


STATUS = Column(
    "status",
    gettext_lazy("State"),
    note=gettext_lazy("A line that says “not reported” is not a report."),
    in_template=False,
)
POPULATION = Number("population", gettext_lazy("Population"))
SMARTPHONES = Number("smartphone_users", gettext_lazy("Smartphone users"))
HOUSEHOLDS = Number("households", gettext_lazy("Households"))
PHONE = Column("phone", gettext_lazy("Telephone"))

# Columns that imports skip: line numbers, and what the product computes and prints in its own files. A kind of import
# that records such a column lists it among its own columns.
PASSED_OVER = POPULATION.names | SMARTPHONES.names | HOUSEHOLDS.names | PHONE.names | names_of(HEADS["-"])


def columns_by_head(kind: Kind) -> dict[str, str]:
    """The keys of the columns by their heads, and by their titles in the language of the page."""
    titles = {key_of(str(column.title)): column.key for column in reversed(kind.columns)}
    known = titles | {name: column.key for column in kind.columns for name in column.names}
    return dict.fromkeys(PASSED_OVER, "-") | known
