"""The kinds of units: their names, short forms and order; the words for a level of units.

Vietnamese names a level by the kinds of its units ("quận, huyện"), English has a word for the level. Texts use these
words, so that a province is never called a city.
"""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _, npgettext_lazy, pgettext_lazy

OF_COMMUNES = ("xã", "phường", "thị trấn", "đặc khu")  # an island is a "đặc khu" since July 2025
OF_DISTRICTS = ("quận", "huyện", "thị xã", "thành phố")  # a city in a province is a district
OF_TOPS = ("tỉnh", "thành phố")  # a province, or a city right below the country
KINDS = (*OF_COMMUNES, *OF_DISTRICTS, "tỉnh")  # in the order of a phrase
SHORT = {
    "xã": "X.",
    "phường": "P.",
    "thị trấn": "TT.",
    "quận": "Q.",
    "huyện": "H.",
    "thị xã": "TX.",
    "thành phố": "TP.",
    "đặc khu": "ĐK.",
    "tỉnh": "tỉnh",
}


def kind_of(name: str) -> str:
    """The kind at the start of a full name: "phường" of "Phường Cát Bi"; empty if there is none."""
    lower = name.lower()
    return next((kind for kind in KINDS if lower.startswith(f"{kind} ")), "")


def bare_name(name: str) -> str:
    """The name without its kind: "Hải An" of "Quận Hải An"."""
    kind = kind_of(name)
    return name[len(kind) + 1 :] if kind else name


def short_name(name: str) -> str:
    """The name with its kind shortened: "P. Cát Bi" of "Phường Cát Bi"."""
    kind = kind_of(name)
    return f"{SHORT[kind]} {bare_name(name)}" if kind else name


def joined_kinds(kinds: Iterable[str], *, among: Sequence[str] = KINDS) -> str:
    """The kinds of some units in one phrase: "xã, thị trấn". Empty without kinds, or if one is not in `among`."""
    kinds = set(kinds)
    return ", ".join(sorted(kinds, key=among.index)) if kinds <= set(among) else ""


PROVINCE = "tỉnh"
OF_LEVELS = {"country": (), "city": OF_TOPS, "district": OF_DISTRICTS, "commune": OF_COMMUNES}
WORDS = {  # the Vietnamese of each is `%(kinds)s`, the kinds of the units
    "country": pgettext_lazy("level of units", "country"),
    "province": npgettext_lazy("level of units", "province", "provinces", "count"),
    "province or city": npgettext_lazy("level of units", "province or city", "provinces and cities", "count"),
    "city": npgettext_lazy("level of units", "city", "cities", "count"),
    "district": npgettext_lazy("level of units", "district", "districts", "count"),
    "commune": npgettext_lazy("level of units", "commune", "communes", "count"),
    "agency": npgettext_lazy("level of units", "agency", "agencies", "count"),
}
OF_NO_KIND = {  # for units of unknown kinds; agencies have none
    "city": pgettext_lazy("units of a level", "unit of the highest level"),
    "district": pgettext_lazy("units of a level", "unit of district level"),
    "commune": pgettext_lazy("units of a level", "unit of commune level"),
    "agency": pgettext_lazy("units of a level", "department, agency"),
}


def level_words(level: str, kinds: Iterable[str] = (), *, count: int = 2) -> str:
    """ "quận, huyện", "phường", "tỉnh"; "districts" or one "district". Kinds of other levels are ignored."""
    kinds = set(kinds) & set(OF_LEVELS.get(level, ()))
    named = joined_kinds(kinds, among=OF_LEVELS.get(level, ())) or OF_NO_KIND.get(level, "")
    word = level
    if level == "city" and PROVINCE in kinds:
        word = "province" if kinds == {PROVINCE} else "province or city"
    return WORDS[word] % {"count": count, "kinds": named}


def level_of_names(level: str, names: Iterable[str], *, count: int = 2) -> str:
    """`level_words` for full names: "Quận Hải An", "Huyện An Lão"."""
    return level_words(level, map(kind_of, names), count=count)


def whole_unit(level: str, kind: str) -> str:
    """Names one whole unit: "toàn tỉnh", or "cả nước"."""
    if level == "country":
        return _("the whole country")
    return _("the whole %(kind)s") % {"kind": level_words(level, [kind], count=1)}


def confirming_level(figures) -> str:
    """The kinds of the units that sign off a rollup's day: "quận, huyện"."""
    return level_of_names("district", [row.name for row in figures.children if not row.is_reporting])
