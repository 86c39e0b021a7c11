"""How offices write units: their levels and kinds, and codes that Excel has taken for numbers.

Levels and kinds come as "TP.", "thành phố thuộc tỉnh", "cấp tỉnh". A "thành phố" stands right below the country, or is
a district-level unit of a province. What stands above it or below it, or the register, says which; where nothing does,
it is asked.

Codes are text. Excel takes "00271" for the number 271: its zeros are put back, or asked about. The national catalogue
counts each level by itself, so 01, 001 and 00001 are three units; within a level two codes never differ by zeros alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from ...acts.unit_register import UnitLine
from ...models import Unit
from ...models.levels import Level
from ...text import names
from .. import unit_lines

CITY_OF_A_PROVINCE = "thanh pho thuoc tinh"
CITY_OF_THE_COUNTRY = "thanh pho truc thuoc trung uong"
KINDS = unit_lines.KINDS | dict.fromkeys((CITY_OF_A_PROVINCE, CITY_OF_THE_COUNTRY), "thành phố")
LEVELS = {
    **dict.fromkeys(("ca nuoc", "trung uong", "quoc gia"), Level.COUNTRY),
    **dict.fromkeys(("cap tinh", "tinh", "tinh thanh pho", "thanh pho trung uong", CITY_OF_THE_COUNTRY), Level.CITY),
    **dict.fromkeys(("cap huyen", "quan huyen", "quan", "huyen", "thi xa", CITY_OF_A_PROVINCE), Level.DISTRICT),
    **dict.fromkeys(("q", "h", "tx"), Level.DISTRICT),
    **dict.fromkeys(("cap xa", "xa phuong thi tran", "xa", "phuong", "thi tran", "dac khu"), Level.COMMUNE),
    **dict.fromkeys(("x", "p", "tt", "dk"), Level.COMMUNE),
    **dict.fromkeys(("so ban nganh", "so ban nganh doan the", "co quan"), Level.AGENCY),
}
EITHER = "thanh pho"  # the level of a unit that may be of two
WRITTEN = {
    Level.COMMUNE: "cấp xã",
    Level.DISTRICT: "cấp huyện",
    Level.CITY: "cấp tỉnh",
    Level.COUNTRY: "trung ương",
    Level.AGENCY: "sở, ban, ngành",
}
OFFERED = tuple(WRITTEN.values())


def kind(text: str) -> str:
    """The kind as it stands before a name; what is no kind stays as it was written."""
    return KINDS.get(_folded(text), text)


def level(text: str) -> str:
    """The level that the words name; "thanh pho" where they may name two, and what is no level as it was written."""
    folded = _folded(text)
    return EITHER if folded in (EITHER, "tp") else LEVELS.get(folded, text)


def settled(lines: list[UnitLine]) -> tuple[list[UnitLine], list[tuple[UnitLine, str, str]], dict[int, str]]:
    """The lines with their levels and full codes; those that are refused, by which column; and by line a doubt."""
    known = dict(Unit.objects.values_list("code", "level"))
    lines = _with_levels(lines, known)
    words = _(
        "“%(name)s”: a “thành phố” may stand right below the country or be of district level. Write “cấp tỉnh” or "
        "“cấp huyện” as its level."
    )
    refused = [(line, "level", words % {"name": line.name}) for line in lines if line.level == EITHER]
    codes = _Codes([*known.items(), *((line.code, line.level) for line in lines)])
    own = [replace(line, code=codes.full(line.code, line.level, known)) for line in lines]
    codes = _Codes([*known.items(), *((line.code, line.level) for line in own)])
    renamed = {old.code: new.code for old, new in zip(lines, own, strict=True)}
    found = [replace(line, parent_code=codes.superior(line, renamed)) for line in own]
    refused += [(line, "code", words) for line in found if (words := codes.clash(line))]
    short = [line for line in found if line.code not in known and _lacks_zeros(line.code, line.level)]
    return found, refused, {line.line: _doubt(line) for line in short}


def _with_levels(lines: list[UnitLine], known: Mapping[str, str]) -> list[UnitLine]:
    """With the level of each "thành phố" where it can be told: by the register, or by what stands above or below it."""
    levels = {**known} | {line.code: line.level for line in lines if line.level != EITHER}
    above_districts = {line.parent_code for line in lines if line.level == Level.DISTRICT}

    def level_around(line: UnitLine) -> str:
        below = {Level.CITY: Level.DISTRICT, Level.COUNTRY: Level.CITY}.get(levels.get(line.parent_code))
        return known.get(line.code) or below or (Level.CITY if line.code in above_districts else EITHER)

    return [replace(line, level=level_around(line)) if line.level == EITHER else line for line in lines]


def _folded(text: str) -> str:
    return names.fold(text).replace(",", "").removesuffix(".")


# Codes.

WIDTHS = {Level.CITY: 2, Level.DISTRICT: 3, Level.COMMUNE: 5}  # of the catalogue of the statistics office
RANKS = (Level.COUNTRY, Level.CITY, Level.DISTRICT, Level.COMMUNE)


def number(code: str) -> str:
    """The code as Excel keeps it: without zeros before it; empty if it is no number."""
    return (code.lstrip("0") or "0") if code.isascii() and code.isdecimal() else ""


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
