"""Imports units: codes, names, kinds and superiors. Everything is checked before anything is written."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from .. import clock, deadline
from ..clock import Now
from ..models import Unit, User
from ..models.levels import Level, OfALevel
from ..models.units import end_of_chain
from . import locking
from .new_units import Places, code_problem, name_and_code, text_problem

Problems = Iterator[tuple[Any, str]]  # lines with their problems or an empty text
Line = TypeVar("Line", bound=Any)


class BadFile(Exception):
    """The lines have errors: `problems` holds line numbers and words. Nothing was written."""

    def __init__(self, problems: list[tuple[int, str]]):
        self.problems = problems
        super().__init__("\n".join(self.errors))

    @property
    def errors(self) -> list[str]:
        return [_("Line %(line)s: %(problem)s") % {"line": number, "problem": words} for number, words in self.problems]


@dataclass(frozen=True, kw_only=True)
class UnitLine(OfALevel):
    line: int
    code: str
    name: str = ""
    kind: str = ""
    level: str = ""
    parent_code: str = ""
    phone: str = ""  # a known unit keeps its own if this is empty


def import_lines(lines: list[UnitLine], *, by: User | None, effective_on: date, now: Now = clock.now) -> None:
    """Update the tree from the lines. The same lines again change nothing. New units open on `effective_on`.

    Raises `BadFile` with every error found.
    """
    with transaction.atomic():
        for top in Unit.objects.tops():  # none before the first import
            locking.lock_all(top)
        known_at = locking.known_from(now())
        checked = Checked(lines, by=by, effective_on=effective_on, today=deadline.reporting_day(known_at))
        if checked.errors:
            raise BadFile(checked.errors)
        for line in superiors_first(lines):
            _apply(line, checked, at=known_at)


class CheckedLines:
    """Lines, with the errors of the first step that finds any."""

    errors: list[tuple[int, str]]  # by the line's number

    def check(self, *steps: Callable[[], Problems]) -> None:
        """Run the steps until one finds errors, because each builds on those before."""
        self.errors = []
        for step in steps:
            self.errors = self.errors or [(line.line, words) for line, words in step() if words]


class Checked(CheckedLines):
    """The lines, checked against the units on the day when they take effect."""

    def __init__(self, lines: list[UnitLine], *, by: User | None, effective_on: date, today: date):
        self.lines, self.by, self.effective_on, self.today = lines, by, effective_on, today
        self.places = Places(effective_on)
        self.known = {code: unit for code, unit in self.places.units.items() if not unit.was_never_open}
        self.by_code: dict[str, UnitLine] = {}  # the first line of each
        for line in lines:
            self.by_code.setdefault(line.code, line)
        self.check(self._each_line, self._together, self._reach, self._new_units)

    def _each_line(self) -> Problems:
        for line in self.lines:
            yield line, self._problem(line)

    def _problem(self, line: UnitLine) -> str:
        if problem := code_problem(line.code):
            return problem
        first = self.by_code[line.code]
        if first is not line:
            return _("code %(code)s is already on line %(other)s.") % {"code": line.code, "other": first.line}
        if not line.name:
            return _("the name is empty.")
        if line.level not in Level.values:
            words = _("“%(level)s” is not a level: write “cấp tỉnh”, “cấp huyện”, “cấp xã” or “sở, ban, ngành”.")
            return words % {"level": line.level}
        if line.parent_code and line.parent_code not in self.by_code and line.parent_code not in self.known:
            return _("the superior %(code)s is neither in the file nor known.") % {"code": line.parent_code}
        if problem := text_problem(line):
            return problem
        unit = self.known.get(line.code)
        if unit and (unit.level != line.level or (unit.parent.code if unit.parent else "") != line.parent_code):
            return _("unit %(code)s exists with another level or superior.") % {"code": line.code}
        return ""

    def _together(self) -> Problems:
        yield from self._loops()
        yield from self._top()

    def _loops(self) -> Problems:
        superiors = {line.code: line.parent_code for line in self.lines}
        looped = (line for line in self.lines if end_of_chain(line.code, superiors.get) is None)
        for line in islice(looped, 1):
            yield line, _("%(code)s is its own superior.") % {"code": line.code}

    def _top(self) -> Problems:
        """Only the top of the tree has no superior."""
        tops = {unit.code for unit in self.known.values() if unit.parent is None}
        for line in self.lines:
            if not line.parent_code and line.code not in tops:
                if tops:
                    yield line, _("the superior is missing.")
                tops.add(line.code)

    def _reach(self) -> Problems:
        """A person may import only their own unit and those below it."""
        if self.by is None or self.by.unit is None:
            return
        for line in self.lines:
            code = line.code
            while code not in self.known:
                code = self.by_code[code].parent_code
            if not self.known[code].path.startswith(self.by.unit.path):
                yield line, _("unit %(code)s is not below yours.") % {"code": line.code}

    def _new_units(self) -> Problems:
        """New units need a possible superior and a later day."""
        too_early = self.places.day_problem(self.today)
        for line in self.lines:
            if line.code in self.known:
                continue
            superior = self.known.get(line.parent_code)
            above = superior or self.by_code.get(line.parent_code)
            problem = ""
            if above:
                called = name_and_code(above)
                problem = self.places.problem(line.level, superior, above=above.level, called=called)
            yield line, problem or too_early


def superiors_first(lines: Iterable[Line]) -> list[Line]:
    """The lines, each after that of its superior, without those in a loop."""
    ordered, waiting = [], {line.code: line for line in lines}
    while ready := [line for line in waiting.values() if line.parent_code not in waiting]:
        ordered += ready
        for line in ready:
            del waiting[line.code]
    return ordered


def _apply(line: UnitLine, checked: Checked, *, at: datetime) -> None:
    known, day = checked.known, checked.effective_on
    unit = known.get(line.code)
    if unit is None:
        unit = known[line.code] = Unit.objects.establish(
            code=line.code,
            level=line.level,
            parent=known[line.parent_code] if line.parent_code else None,
            name=line.name,
            kind=line.kind,
            phone=line.phone,
            effective_on=day,
            opened_on=day,
            at=at,
        )
    elif (unit.name, unit.kind) != (line.name, line.kind):
        unit.rename(name=line.name, kind=line.kind, effective_on=day, at=at)
    if line.phone not in ("", unit.phone):
        unit.phone = line.phone
        unit.save(update_fields=["phone"])
