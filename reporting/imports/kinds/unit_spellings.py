"""How offices write units: their levels and kinds, and codes whose leading zeros Excel has dropped.

A "thành phố" is right below the country, or of district level in a province. The register, or the units above or below
it, say which; otherwise the clerk is asked.

Codes are text. Excel makes 271 of "00271": the zeros are put back, or asked about. The national catalogue counts each
level by itself: 01, 001 and 00001 are three units. Within a level no two codes differ by zeros alone.
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
EITHER = "thanh pho"  # city or district
WRITTEN = {
    Level.COMMUNE: "cấp xã",
    Level.DISTRICT: "cấp huyện",
    Level.CITY: "cấp tỉnh",
    Level.COUNTRY: "trung ương",
    Level.AGENCY: "sở, ban, ngành",
}
WIDTHS = {Level.CITY: 2, Level.DISTRICT: 3, Level.COMMUNE: 5}  # of codes in the catalogue of the statistics office
RANKS = (Level.COUNTRY, Level.CITY, Level.DISTRICT, Level.COMMUNE)
Codes = defaultdict[tuple[str, str], set[str]]  # by level and number


def kind(text: str) -> str:
    return KINDS.get(_folded(text), text)


def level(text: str) -> str:
    """The level that the words name, or `EITHER`. Other words come back unchanged."""
    folded = _folded(text)
    return EITHER if folded in (EITHER, "tp") else LEVELS.get(folded, text)


def settled(lines: list[UnitLine]) -> tuple[list[UnitLine], list[tuple[UnitLine, str, str]], dict[int, str]]:
    """The lines with their levels and full codes; the refused ones with column and reason; the doubts by line."""
    known = dict(Unit.objects.values_list("code", "level"))
    lines = _with_levels(lines, known)
    words = _(
        "“%(name)s”: a “thành phố” may stand right below the country or be of district level. Write “cấp tỉnh” or "
        "“cấp huyện” as its level."
    )
    refused = [(line, "level", words % {"name": line.name}) for line in lines if line.level == EITHER]
    stored = _by_number(known.items())
    # A level with a code of the catalogue's width follows the catalogue.
    numbers = [*stored.items(), *_by_number((line.code, line.level) for line in lines).items()]
    catalogued = {level for (level, _n), codes in numbers if WIDTHS.get(level) in map(len, codes)}
    renamed = {line.code: _full_code(line, stored, catalogued) for line in lines}
    lines = [replace(line, code=_full_code(line, stored, catalogued)) for line in lines]
    codes = _by_number([*known.items(), *((line.code, line.level) for line in lines)])
    lines = [replace(line, parent_code=_superior(line, codes, renamed)) for line in lines]
    words = _("the codes %(code)s and %(other)s differ only by zeros before them: write the full code.")
    doubt = _("Code %(code)s: the catalogue writes %(full)s at this level. Did Excel drop zeros?")
    doubts = {}
    for line in lines:
        others = sorted(codes[line.level, number(line.code)] - {line.code}) if number(line.code) else []
        if others:
            refused.append((line, "code", words % {"code": line.code, "other": others[0]}))
        if line.code not in known and _lacks_zeros(line):
            doubts[line.line] = doubt % {"code": line.code, "full": line.code.zfill(WIDTHS[line.level])}
    return lines, refused, doubts


def _with_levels(lines: list[UnitLine], known: Mapping[str, str]) -> list[UnitLine]:
    """With the level of each "thành phố" where the register, or what stands above or below it, tells it."""
    levels = {**known} | {line.code: line.level for line in lines if line.level != EITHER}
    above_districts = {line.parent_code for line in lines if line.level == Level.DISTRICT}

    def level_around(line: UnitLine) -> str:
        below = {Level.CITY: Level.DISTRICT, Level.COUNTRY: Level.CITY}.get(levels.get(line.parent_code))
        return known.get(line.code) or below or (Level.CITY if line.code in above_districts else EITHER)

    return [replace(line, level=level_around(line)) if line.level == EITHER else line for line in lines]


def _folded(text: str) -> str:
    return names.fold(text).replace(",", "").removesuffix(".")


# Codes.


def number(code: str) -> str:
    """The code as Excel keeps it, without leading zeros; empty if it is no number."""
    return (code.lstrip("0") or "0") if code.isascii() and code.isdecimal() else ""


def _by_number(codes: Iterable[tuple[str, str]]) -> Codes:
    by_number = defaultdict(set)
    for code, level in codes:
        if number(code):
            by_number[level, number(code)].add(code)
    return by_number


def _lacks_zeros(line: UnitLine) -> bool:
    return bool(number(line.code)) and not line.code.startswith("0") and len(line.code) < WIDTHS.get(line.level, 0)


def _full_code(line: UnitLine, stored: Codes, catalogued: Collection[str]) -> str:
    same = stored[line.level, number(line.code)]
    if not _lacks_zeros(line) or line.code in same:
        return line.code
    if len(same) == 1:
        return next(iter(same))
    return line.code.zfill(WIDTHS[line.level]) if line.level in catalogued else line.code


def _superior(line: UnitLine, codes: Codes, renamed: Mapping[str, str]) -> str:
    """The full code of the unit above: of the nearest level above that has one such number."""
    above = RANKS[: RANKS.index(line.level)] if line.level in RANKS else ()
    same = [codes[level, number(line.parent_code)] for level in reversed(above)]
    if any(line.parent_code in same_number for same_number in same):
        return line.parent_code
    known = (next(iter(same_number)) for same_number in same if len(same_number) == 1)
    return next(known, renamed.get(line.parent_code, line.parent_code))
