"""Checks the lines of a reorganisation against the units, line by line.

Actions: `merge` closes a unit, and another takes it over; `rename`; `base` sets a unit's base figures from that day on;
`new` opens a unit, maybe split from another that hands over a part of its cumulative. A unit that takes over others and
has no base figures in the lines gets the sum of its parts.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from django.utils.translation import gettext as _

from ..acts.base_figures import COUNTS
from ..acts.new_units import Places, code_problem, name_and_code, text_problem
from ..acts.unit_register import CheckedLines, Problems, UnitLine, superiors_first
from ..figures import rollup
from ..figures.fields import full_sum
from ..models import BaseFigure, User
from ..models.levels import BELOW, Level
from ..models.units import end_of_chain
from ..people import access
from ..text.formatting import number

MERGE, RENAME, BASE, NEW = "merge", "rename", "base", "new"
# The columns that an action needs beside the code, and those that it allows.
REQUIRED = {MERGE: ("into",), RENAME: ("name",), BASE: ("population",), NEW: ("name", "parent_code")}
OPTIONAL = {
    MERGE: (),
    RENAME: ("kind",),
    BASE: COUNTS,
    NEW: ("kind", "level", *COUNTS, "phone", "split_from", "handed_over"),
}
OPTIONAL_COLUMNS = ("into", "name", "kind", "level", "parent_code", *COUNTS, "phone", "split_from", "handed_over")
COLUMNS = ("action", "code", *OPTIONAL_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class Change(UnitLine):
    """A line: what happens to one unit."""

    action: str
    population: int | None = None
    smartphone_users: int | None = None
    households: int | None = None
    into: str = ""
    split_from: str = ""
    handed_over: int | None = None


class Counts(NamedTuple):
    """A unit's base figures."""

    population: int
    smartphone_users: int | None
    households: int | None

    @classmethod
    def from_record(cls, source: Change | BaseFigure) -> Counts:
        return cls(*(getattr(source, column) for column in COUNTS))


class Draft(CheckedLines):
    """The lines, checked against the units of the day that they take effect. Nothing is written here.

    A person's lines may name only his own unit and those below it. Without errors `ends`, `parts` and `counts` are
    complete.
    """

    def __init__(self, lines: Sequence[Change], day: date, *, by: User | None, today: date):
        self.lines, self.day, self.by, self.today = lines, day, by, today
        self.root = by.unit.path if by and by.unit else ""
        self._read()
        self.check(self._each_line, self._tree, self._base_figures)

    def _read(self) -> None:
        self.places = Places(self.day)
        self.units = self.places.units
        self.bases = BaseFigure.objects.in_force_of(self.units.values(), self.day)  # by the unit's key
        self.new = {line.code: line for line in self.lines if line.action == NEW}
        self.merged = {line.code: line.into for line in self.lines if line.action == MERGE}
        # The code of each unit's superior on the day, by the unit's code: without these lines, then with them.
        self.before = {
            unit.code: unit.parent.code if unit.parent else ""
            for unit in self.units.values()
            if unit.is_open_on(self.day) and unit.path.startswith(self.root)
        }
        self.after = {code: parent for code, parent in self.before.items() if code not in self.merged}
        self.after |= {code: line.parent_code for code, line in self.new.items()}
        self.superiors_before, self.superiors = set(self.before.values()), set(self.after.values())

    @cached_property
    def counted(self) -> dict[str, int | None]:
        """The present cumulatives by code."""
        return {code: row.cumulative for code, row in rollup.rows(access.top_of(self.by), self.today).by_code.items()}

    # Each line by itself.

    def _each_line(self) -> Problems:
        first: dict[str, Change] = {}
        for line in self.lines:
            yield line, self._form_problem(line) or self._unit_problem(line) or self._clash(line, first)
            first.setdefault(line.code, line)

    def _form_problem(self, line: Change) -> str:
        if line.action not in REQUIRED:
            return _("“%(action)s” is not an action: merge, rename, base, new.") % {"action": line.action}
        filled = [column for column in OPTIONAL_COLUMNS if getattr(line, column) not in ("", None)]
        beside = [column for column in COUNTS[1:] if column in filled]  # mean nothing without a population
        needed = ("code", *REQUIRED[line.action], *(["population"] if beside else []))
        missing = [column for column in needed if not getattr(line, column)]
        extra = [column for column in filled if column not in REQUIRED[line.action] + OPTIONAL[line.action]]
        if line.population == 0:
            return _("the population is 0.")
        if extra:
            return _("a line “%(action)s” cannot have %(column)s.") % {"column": extra[0], "action": line.action}
        if missing:
            return _("%(column)s is empty.") % {"column": missing[0]}
        if beyond := [column for column in beside if getattr(line, column) > line.population]:
            return _("%(column)s is more than the population.") % {"column": beyond[0]}
        return text_problem(line)

    def _unit_problem(self, line: Change) -> str:
        if line.action == NEW:
            if problem := code_problem(line.code):
                return problem
            if line.code in self.units and not self.units[line.code].was_never_open:
                return _("code %(code)s is or was another unit's: codes are never used again.") % {"code": line.code}
            return self._standing_problem(line.parent_code) or self._split_problem(line)
        problem = self._standing_problem(line.code, is_new_allowed=False)
        if problem or line.action != MERGE:
            return problem
        if self.units[line.code].opened_on == self.day:
            return self.places.opened_only(self.units[line.code])
        if line.into == line.code:
            return _("%(unit)s cannot be merged into itself.") % {"unit": self.name_of(line.code)}
        return self._standing_problem(line.into)

    def _split_problem(self, line: Change) -> str:
        """Why the new unit cannot be split from the named one; empty if it can, or none is named."""
        if not line.split_from:
            return _("%(column)s is empty.") % {"column": "split_from"} if line.handed_over else ""
        if problem := self._standing_problem(line.split_from, is_new_allowed=False):
            return problem
        names = {"unit": self.name_of(line.split_from)}
        if line.split_from in self.merged or line.split_from in self.superiors or self.is_agency(line.split_from):
            return _("%(unit)s cannot hand over installs: it closes, has units below it, or is an agency.") % names
        handed = sum(new.handed_over or 0 for new in self.new.values() if new.split_from == line.split_from)
        counted = self.counted.get(line.split_from) or 0
        if handed > counted:
            words = _("%(unit)s cannot hand over %(handed)s installs: it has %(counted)s.")
            return words % {**names, "handed": number(handed), "counted": number(counted)}
        return ""

    def _standing_problem(self, code: str, *, is_new_allowed: bool = True) -> str:
        """Why a unit of the lines cannot take part; empty if it can."""
        if code in self.new and is_new_allowed:
            return ""
        unit = self.units.get(code)
        if unit is None or not unit.path.startswith(self.root):
            return _("there is no unit %(code)s.") % {"code": code}
        return self.places.standing_problem(unit)

    def _clash(self, line: Change, first: dict[str, Change]) -> str:
        """Why the unit cannot have a second line; empty if it can. Only a `rename` and a `base` go together."""
        same = [other for other in self.lines if other.code == line.code and other.line < line.line]
        if all({line.action, other.action} == {RENAME, BASE} for other in same):
            return ""
        return _("%(code)s is already in line %(other)s.") % {"code": line.code, "other": first[line.code].line}

    # The resulting tree.

    def _tree(self) -> Problems:
        self.levels = self._new_levels()
        ends = {code: end_of_chain(code, self.merged.get) for code in self.merged}
        self.ends = {code: end for code, end in ends.items() if end is not None}  # without those in a circle
        for line in self.lines:
            if line.action == MERGE:
                yield line, self._merge_problem(line)
            elif line.action == NEW:
                yield line, self._place_problem(line)

    def _new_levels(self) -> dict[str, str]:
        """The levels of the new units, superiors first. Units without an open superior are left out."""
        levels: dict[str, str] = {}
        for line in superiors_first(self.new.values()):
            if line.parent_code in levels or line.parent_code in self.before:
                above = levels.get(line.parent_code) or self.units[line.parent_code].level
                levels[line.code] = line.level or BELOW.get(above, "")
        return levels

    def _merge_problem(self, line: Change) -> str:
        names = {"unit": self.name_of(line.code), "heir": self.name_of(line.into)}
        end = self.ends.get(line.code)
        if end is None:
            return _("%(unit)s is merged into %(heir)s, which leads back to itself.") % names
        if line.code in self.superiors:
            return _("%(unit)s still has units below it.") % names
        if self._merges_into_superior(line):
            return ""
        if self.units[line.code].level != self.level_of(line.into) and not self._both_report(line):
            return _("%(unit)s and %(heir)s are not on the same level.") % names
        if line.code not in self.superiors_before and end in self.superiors:
            return _("%(unit)s reports for itself, %(heir)s has units below it.") % names
        above = self.before[line.code]
        if above in self.after and above not in self.superiors:
            return _("%(superior)s would be left without any unit below it.") % {"superior": self.name_of(above)}
        return ""

    def _merges_into_superior(self, line: Change) -> bool:
        """Whether a superior whose units all went elsewhere merges into its own superior.

        All districts ended this way on 1 July 2025: their communes are now right below the city.
        """
        return line.code in self.superiors_before and line.into == self.before[line.code]

    def _both_report(self, line: Change) -> bool:
        """Whether both report for residents: a district without communes may merge into a commune."""
        is_reporting = line.code not in self.superiors_before and line.into not in self.superiors
        return is_reporting and not self.is_agency(line.code) and not self.is_agency(line.into)

    def _place_problem(self, line: Change) -> str:
        names = {"superior": self.name_of(line.parent_code)}
        if line.code not in self.levels or line.parent_code not in self.after:
            return _("the superior %(superior)s is not open on the day.") % names
        superior = self.units.get(line.parent_code)
        above = self.level_of(line.parent_code)
        return self.places.problem(self.levels[line.code], superior, above=above, called=names["superior"])

    # The base figures.

    def _base_figures(self) -> Problems:
        self.parts = self._parts()
        self.counts = {line.code: Counts.from_record(line) for line in self.lines if line.population}
        for line in self.lines:
            yield line, self._count_problem(line, self.ends.get(line.code, line.code))
        for code, parts in self.parts.items():
            known = [Counts.from_record(base) for part in parts if (base := self.bases.get(self.units[part].pk))]
            if code not in self.counts and len(known) == len(parts):
                population, *others = zip(*known, strict=True)
                self.counts[code] = Counts(sum(population), *map(full_sum, others))

    def _parts(self) -> dict[str, list[str]]:
        """The existing units that make up each merged reporting unit, itself first; by its code."""
        parts = defaultdict(list)
        for code, end in self.ends.items():
            if code not in self.superiors_before:
                parts[end].append(code)
        return {end: [end] * (end in self.units) + codes for end, codes in parts.items()}

    def _count_problem(self, line: Change, code: str) -> str:
        names = {"unit": self.name_of(code)}
        is_given, is_superior = code in self.counts, code in self.superiors
        if line.action in (BASE, NEW) and is_given and is_superior:
            return _("%(unit)s has units below it: its population is the sum of theirs.") % names
        if line.action == NEW and not is_given and not is_superior and code not in self.parts:
            return _("%(column)s is empty.") % {"column": "population"}
        missing = [part for part in self.parts.get(code, ()) if self.units[part].pk not in self.bases]
        if missing and not is_given:
            words = _("%(part)s has no population to add up: give the figures of %(code)s in a line “base”.")
            return words % {"part": self.name_of(missing[0]), "code": code}
        return ""

    # The result.

    @property
    def written(self) -> str:
        """The lines as CSV, with the columns that are filled."""
        filled = {key for line in self.lines for key in OPTIONAL_COLUMNS if getattr(line, key) not in ("", None)}
        used = [key for key in COLUMNS if key in ("action", "code", *filled)]
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([used, *map(attrgetter(*used), self.lines)])
        return file.getvalue().rstrip("\n")

    @property
    def digest(self) -> str:
        """Equal for two drafts without errors that have the same lines and results."""
        names = [self.name_of(c) for one in self.lines for c in (one.code, one.into, one.parent_code, one.split_from)]
        results = [self.day, self.written, names, sorted(self.counts.items()), self.people]
        return hashlib.sha256(repr(results).encode()).hexdigest()

    @property
    def people(self) -> tuple[dict[str, int | None], dict[str, int | None]]:
        """The population of each reporting unit by code, before and after; not of agencies."""
        return self._people(self.before, {}), self._people(self.after, self.counts)

    def _people(self, tree: dict[str, str], counts: dict[str, Counts]) -> dict[str, int | None]:
        superiors = set(tree.values())
        reporting = [code for code in tree if code not in superiors and not self.is_agency(code)]
        figures = {code: counts.get(code) or self.bases.get(self.units[code].pk) for code in reporting}
        return {code: figure.population if figure else None for code, figure in figures.items()}

    # Names and levels, for messages.

    def level_of(self, code: str) -> str:
        """The level of a known or a new unit; empty for others."""
        return self.units[code].level if code in self.units else self.levels.get(code, "")

    def is_agency(self, code: str) -> bool:
        return self.level_of(code) == Level.AGENCY

    def name_of(self, code: str) -> str:
        """Name and code; only the code for a unit without a name that day."""
        named = self.units.get(code) or self.new.get(code)
        return name_and_code(named) if named else code
