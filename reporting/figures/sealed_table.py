"""The table of a day as text, which a sign-off or a seal stores with its digest. Stored text never changes.

There is one line per unit, in the order of the paths; one space separates fields, "-" is unknown. The first line names
the format. See docs/canonical-table.md.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC

from django.utils.translation import gettext_lazy as _

from ..models import Seal, SignOff, Unit
from . import fields, rollup
from .rollup import DayRollup

FORMAT = "bluezone-table 2"
COLUMNS = (  # these never change: a new figure needs a new format
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
WORDS = {  # the fields in words; "" is the whole line
    "head": _("head of the table"),
    "": _("the whole line"),
    "status": _("State"),
    "expected": _("Expected"),
    "reported": _("Reported"),
    "late": _("Late"),
    "carried_forward": _("Carried forward"),
    **{field.name: field.label for field in fields.SUMMED},
}
HEAD_LINES = 4  # format, unit, day, columns
CODE_DIGITS = 32  # digits of a chain code
UNKNOWN = "-"


def canonical_table(figures: DayRollup) -> str:
    """The canonical text of a rollup: format, unit, day, columns, then every row by path, agencies too."""
    lines = [FORMAT, f"unit {figures.unit_code}", f"day {figures.day.isoformat()}", " ".join(COLUMNS)]
    for row in sorted(figures.by_code.values(), key=lambda row: row.path):
        values = (getattr(row, column) for column in COLUMNS)
        lines.append(" ".join(UNKNOWN if value is None or value == "" else str(value) for value in values))
    return "\n".join(lines) + "\n"


def digest(text: str) -> str:
    """SHA-256 of the table, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def chain_codes(links: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each link with its code, a digest of this link and the last digest: a code proves its link and all before."""
    before = ""
    for link in links:
        before = digest(f"{before} {link}\n")
        yield link, before[:CODE_DIGITS]


def seal_chain(unit_id: int) -> dict[Seal, str]:
    """All seals of a unit, undone ones too, oldest first, each with its chain code."""
    seals = Seal.with_withdrawn.filter(unit=unit_id).order_by("at", "id").only("day", "at", "digest")
    links = (f"{seal.day} {seal.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ} {seal.digest}" for seal in seals)
    return {seal: code for seal, (_link, code) in zip(seals, chain_codes(links), strict=True)}


def read_table(text: str) -> dict[str, dict[str, str]]:
    """The lines of a table: for each path, its fields by column. Surplus fields stay in the last column."""
    records = (line.split(" ", len(COLUMNS) - 1) for line in text.splitlines()[HEAD_LINES:])
    return {record[0]: dict(zip(COLUMNS, record, strict=False)) for record in records}


@dataclass(frozen=True)
class Difference:
    """A field whose stored and computed values differ; None for a line that is missing."""

    path: str
    column: str
    fixed: str | None
    computed: str | None

    @property
    def code(self) -> str:
        return self.path.split("/")[-2] if "/" in self.path else self.path

    @property
    def field_name(self) -> str:
        """The name of the field, for people."""
        return str(WORDS[self.column])


@dataclass(frozen=True)
class TableCheck:
    """What differs if the table of a sign-off or seal is computed again as of the moment when it was stored."""

    fixed: SignOff | Seal
    is_digest_right: bool  # of the stored text
    differences: list[Difference]

    @property
    def is_right(self) -> bool:
        return self.is_digest_right and not self.differences


def check_table(fixed: SignOff | Seal, unit: Unit) -> TableCheck:
    """Compare the table with one computed again as of its instant."""
    return compare_table(fixed, rollup.rows(unit, fixed.day, fixed.at))


def compare_table(fixed: SignOff | Seal, computed: DayRollup) -> TableCheck:
    """Compare the stored table with the one computed again, line by line."""
    return TableCheck(fixed, digest(fixed.table) == fixed.digest, differences(fixed.table, canonical_table(computed)))


def differences(stored: str, computed: str) -> list[Difference]:
    """The fields in which two tables differ, by path."""
    if stored == computed:
        return []
    heads = zip(stored.splitlines()[:HEAD_LINES], computed.splitlines()[:HEAD_LINES], strict=False)
    found = [Difference("", "head", *both) for both in heads if both[0] != both[1]]
    if found:  # another format, unit or day: lines do not matter
        return found
    old, new = read_table(stored), read_table(computed)
    for path in sorted(old.keys() | new.keys()):
        if path in old and path in new:
            both = ((column, old[path].get(column), new[path].get(column)) for column in COLUMNS)
            found += [Difference(path, *fields) for fields in both if fields[1] != fields[2]]
        else:
            lines = (" ".join(table[path].values()) if path in table else None for table in (old, new))
            found.append(Difference(path, "", *lines))
    return found or [Difference("", "", stored, computed)]
