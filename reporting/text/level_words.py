"""Names of levels of units: in Vietnamese their kinds ("quận, huyện"), in English the level.

Texts take these words as a value, so that a province is never called a city.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import npgettext_lazy, pgettext_lazy

from . import unit_kinds

PROVINCE = "tỉnh"
OF_LEVELS = {
    "country": (),
    "city": unit_kinds.OF_TOPS,
    "district": unit_kinds.OF_DISTRICTS,
    "commune": unit_kinds.OF_COMMUNES,
}


WORDS = {  # the catalogue translates them by `%(kinds)s`: Vietnamese calls a level by what its units are
    "country": pgettext_lazy("level of units", "country"),
    "province": npgettext_lazy("level of units", "province", "provinces", "count"),
    "province or city": npgettext_lazy("level of units", "province or city", "provinces and cities", "count"),
    "city": npgettext_lazy("level of units", "city", "cities", "count"),
    "district": npgettext_lazy("level of units", "district", "districts", "count"),
    "commune": npgettext_lazy("level of units", "commune", "communes", "count"),
    "agency": npgettext_lazy("level of units", "agency", "agencies", "count"),
}
OF_NO_KIND = {  # of units whose kinds are not known; an agency's name has none
    "city": pgettext_lazy("units of a level", "unit of the highest level"),
    "district": pgettext_lazy("units of a level", "unit of district level"),
    "commune": pgettext_lazy("units of a level", "unit of commune level"),
    "agency": pgettext_lazy("units of a level", "department, agency"),
}


def units(level: str, kinds: Iterable[str] = (), *, count: int = 2) -> str:
    """ "quận, huyện", "phường", "tỉnh"; "districts" or one "district". Kinds that are not of the level tell nothing."""
    kinds = set(kinds) & set(OF_LEVELS.get(level, ()))
    named = unit_kinds.together(kinds, among=OF_LEVELS.get(level, ())) or OF_NO_KIND.get(level, "")
    word = level
    if level == "city" and PROVINCE in kinds:
        word = "province" if kinds == {PROVINCE} else "province or city"
    return WORDS[word] % {"count": count, "kinds": named}


def called(level: str, names: Iterable[str], *, count: int = 2) -> str:
    """The same from full names: "Quận Hải An", "Huyện An Lão"."""
    return units(level, map(unit_kinds.kind_of, names), count=count)


def whole(level: str, kind: str) -> str:
    """ "toàn tỉnh", of one unit; the country is "cả nước"."""
    if level == "country":
        return _("the whole country")
    return _("the whole %(kind)s") % {"kind": units(level, [kind], count=1) if kind else units(level, count=1)}


def confirming(figures) -> str:
    """The kinds of the units that confirm the day of a rollup: "quận, huyện"."""
    return called("district", [row.name for row in figures.children if not row.is_reporting])
