"""Levels and kinds as offices write them: "TP.", "thành phố thuộc tỉnh", "cấp tỉnh".

A "thành phố" stands right below the country, or is a district-level unit of a province. What stands above it or below
it, or the register, says which; where nothing does, it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from ...acts.unit_register import UnitLine
from ...models import Unit
from ...models.levels import Level
from ...text import names
from .. import named_units

CITY_OF_A_PROVINCE = "thanh pho thuoc tinh"
CITY_OF_THE_COUNTRY = "thanh pho truc thuoc trung uong"
KINDS = named_units.KINDS | dict.fromkeys((CITY_OF_A_PROVINCE, CITY_OF_THE_COUNTRY), "thành phố")
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


def settle(lines: list[UnitLine], written: Mapping[int, str]) -> tuple[list[UnitLine], list[UnitLine]]:
    """The lines with the level of each "thành phố" where it can be told, and those of which it cannot.

    `written` is the kind by line as the file has it: "thành phố thuộc tỉnh" tells.
    """
    if all(line.level != EITHER for line in lines):
        return lines, []
    known = dict(Unit.objects.values_list("code", "level"))
    levels = known | {line.code: line.level for line in lines if line.level != EITHER}
    settled = []
    for line in lines:
        if line.level == EITHER:
            kind, above = _folded(written[line.line]), levels.get(line.parent_code)
            below = {other.level for other in lines if other.parent_code == line.code}
            if line.code in known:
                line = replace(line, level=known[line.code])
            elif kind == CITY_OF_A_PROVINCE or above == Level.CITY:
                line = replace(line, level=Level.DISTRICT)
            elif kind == CITY_OF_THE_COUNTRY or above == Level.COUNTRY or Level.DISTRICT in below:
                line = replace(line, level=Level.CITY)
        settled.append(line)
    return settled, [line for line in settled if line.level == EITHER]


def question(line: UnitLine) -> str:
    return _(
        "“%(name)s”: a “thành phố” may stand right below the country or be of district level. Write “cấp tỉnh” or "
        "“cấp huyện” as its level."
    ) % {"name": line.name}


def _folded(text: str) -> str:
    return names.fold(text).replace(",", "").removesuffix(".")
