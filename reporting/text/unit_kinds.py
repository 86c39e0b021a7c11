"""The kinds of units: their names, their short forms, and their order."""

from collections.abc import Iterable, Sequence

OF_COMMUNES = ("xã", "phường", "thị trấn", "đặc khu")  # an island is a "đặc khu" since July 2025
OF_DISTRICTS = ("quận", "huyện", "thị xã", "thành phố")  # a city within a province is one too
OF_TOPS = ("tỉnh", "thành phố")  # a province, or a city right below the country
KINDS = (*OF_COMMUNES, *OF_DISTRICTS, "tỉnh")  # in the order that they are named
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
    """The kind that a full name begins with: "phường" of "Phường Cát Bi"; empty if it begins with none."""
    lower = name.lower()
    return next((kind for kind in KINDS if lower.startswith(f"{kind} ")), "")


def bare(name: str) -> str:
    """The name without its kind: "Hải An" of "Quận Hải An"."""
    kind = kind_of(name)
    return name[len(kind) + 1 :] if kind else name


def shortened(name: str) -> str:
    """The name with its kind shortened: "P. Cát Bi" of "Phường Cát Bi"."""
    kind = kind_of(name)
    return f"{SHORT[kind]} {bare(name)}" if kind else name


def together(kinds: Iterable[str], *, among: Sequence[str] = KINDS) -> str:
    """The kinds of some units in one phrase: "xã, thị trấn". Empty if there are none, or if one is not in `among`."""
    kinds = set(kinds)
    return ", ".join(sorted(kinds, key=among.index)) if kinds <= set(among) else ""
