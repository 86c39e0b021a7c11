"""What units are called together: in Vietnamese by their own kinds ("quận, huyện"), in English by their level.

The one place for such words. A text that names a level takes them as a value, so that a province is never called a
city, and a place without townships names none.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import npgettext, pgettext

from . import unit_kinds

PROVINCE = "tỉnh"
OF_LEVELS = {
    "country": (),
    "city": unit_kinds.OF_TOPS,
    "district": unit_kinds.OF_DISTRICTS,
    "commune": unit_kinds.OF_COMMUNES,
}


def units(level: str, kinds: Iterable[str] = (), *, count: int = 2) -> str:
    """ "quận, huyện", "phường", "tỉnh"; "districts" or one "district". Kinds that are not of the level tell nothing.

    The catalogue translates the English word by `%(kinds)s`: Vietnamese calls a level by what its units are.
    """
    kinds = set(kinds) & set(OF_LEVELS.get(level, ()))
    named = unit_kinds.together(kinds, among=OF_LEVELS.get(level, ())) or _of_no_kind(level)
    return _word(level, kinds, count) % {"kinds": named}


def called(level: str, names: Iterable[str], *, count: int = 2) -> str:
    """The same of units whose full names are given: "Quận Hải An", "Huyện An Lão"."""
    return units(level, map(unit_kinds.kind_of, names), count=count)


def whole(level: str, kind: str) -> str:
    """ "toàn tỉnh", of one unit; the country is "cả nước"."""
    if level == "country":
        return _("the whole country")
    return _("the whole %(kind)s") % {"kind": units(level, [kind], count=1) if kind else units(level, count=1)}


def _word(level: str, kinds: set[str], count: int) -> str:
    if level == "country":
        return pgettext("level of units", "country")
    if level == "city" and kinds == {PROVINCE}:
        return npgettext("level of units", "province", "provinces", count)
    if level == "city" and PROVINCE in kinds:
        return npgettext("level of units", "province or city", "provinces and cities", count)
    if level == "city":
        return npgettext("level of units", "city", "cities", count)
    if level == "district":
        return npgettext("level of units", "district", "districts", count)
    if level == "commune":
        return npgettext("level of units", "commune", "communes", count)
    return npgettext("level of units", "agency", "agencies", count)


def _of_no_kind(level: str) -> str:
    """Of units whose kinds are not known; an agency's name has none."""
    words = {
        "city": pgettext("units of a level", "unit of the highest level"),
        "district": pgettext("units of a level", "unit of district level"),
        "commune": pgettext("units of a level", "unit of commune level"),
        "agency": pgettext("units of a level", "department, agency"),
    }
    return words.get(level, "")


def confirming(figures) -> str:
    """What the units are together that confirm the day of a rollup: "quận, huyện"."""
    return called("district", [row.name for row in figures.children if not row.is_reporting])
