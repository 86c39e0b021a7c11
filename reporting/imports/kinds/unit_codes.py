"""Codes of units are text. Excel takes "00271" for the number 271: its zeros are put back, or asked about.

The national catalogue counts each level by itself, so 01, 001 and 00001 are three units; within a level two codes
never differ by zeros alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from ...acts.unit_register import UnitLine
from ...models import Unit
from ...models.levels import Level

WIDTHS = {Level.CITY: 2, Level.DISTRICT: 3, Level.COMMUNE: 5}  # of the catalogue of the statistics office
RANKS = (Level.COUNTRY, Level.CITY, Level.DISTRICT, Level.COMMUNE)

Problems = list[tuple[UnitLine, str]]


def number(code: str) -> str:
    """The code as Excel keeps it: without zeros before it; empty if it is no number."""
    return (code.lstrip("0") or "0") if code.isascii() and code.isdecimal() else ""


def with_zeros(lines: list[UnitLine]) -> tuple[list[UnitLine], Problems, Problems]:
    """The lines with their full codes; those that are refused; and those whose width is to be asked about."""
    known = dict(Unit.objects.values_list("code", "level"))
    codes = _Codes([*known.items(), *((line.code, line.level) for line in lines)])
    own = [replace(line, code=codes.full(line.code, line.level, known)) for line in lines]
    codes = _Codes([*known.items(), *((line.code, line.level) for line in own)])
    renamed = {old.code: new.code for old, new in zip(lines, own, strict=True)}
    found = [replace(line, parent_code=codes.superior(line, renamed)) for line in own]
    refused = [(line, words) for line in found if (words := codes.clash(line))]
    asked = [(line, _doubt(line)) for line in found if line.code not in known and _lacks_zeros(line.code, line.level)]
    return found, refused, asked


class _Codes:
    def __init__(self, codes: Iterable[tuple[str, str]]):
        self.by_number, self.all = defaultdict(set), set()
        for code, level in codes:
            self.all.add(code)
            if number(code):
                self.by_number[level, number(code)].add(code)
        # A level of which a code has the width of the catalogue follows the catalogue.
        numbers = self.by_number.items()
        self.catalogued = {level for (level, _n), found in numbers if WIDTHS.get(level) in map(len, found)}

    def full(self, code: str, level: str, known: Collection[str]) -> str:
        others = self.by_number[level, number(code)].intersection(known)
        if not _lacks_zeros(code, level) or code in known:
            return code
        if len(others) == 1:
            return next(iter(others))
        return code.zfill(WIDTHS[level]) if level in self.catalogued else code

    def superior(self, line: UnitLine, renamed: dict[str, str]) -> str:
        """The code of the unit above as it is known, of the nearest level above."""
        if line.parent_code in self.all or not number(line.parent_code) or line.level not in RANKS:
            return line.parent_code
        for level in reversed(RANKS[: RANKS.index(line.level)]):
            found = self.by_number[level, number(line.parent_code)]
            if len(found) == 1:
                return next(iter(found))
        return renamed.get(line.parent_code, line.parent_code)

    def clash(self, line: UnitLine) -> str:
        others = sorted(self.by_number[line.level, number(line.code)] - {line.code}) if number(line.code) else []
        if not others:
            return ""
        words = _("the codes %(code)s and %(other)s differ only by zeros before them: write the full code.")
        return words % {"code": line.code, "other": others[0]}


def _doubt(line: UnitLine) -> str:
    words = _("Code %(code)s: the catalogue writes %(full)s at this level. Did Excel drop zeros?")
    return words % {"code": line.code, "full": line.code.zfill(WIDTHS[line.level])}


def _lacks_zeros(code: str, level: str) -> bool:
    return bool(number(code)) and not code.startswith("0") and len(code) < WIDTHS.get(level, 0)
