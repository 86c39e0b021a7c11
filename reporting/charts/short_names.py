"""Names of units where room is short."""

from __future__ import annotations

from collections.abc import Sequence

from .svg import LETTER, TEXT

KINDS = {
    "Thành phố ": "TP. ",
    "Thị trấn ": "TT. ",
    "Thị xã ": "TX. ",
    "Phường ": "P. ",
    "Huyện ": "H. ",
    "Quận ": "Q. ",
    "Xã ": "X. ",
}


def bare(name: str) -> str:
    """ "Quận Hải An" is Hải An."""
    return name.removeprefix(_kind(name))


def brief(names: Sequence[str], width: float) -> list[str]:
    """The names as they have room: whole, else all as "P. Đằng Hải", and what is still too long cut."""
    room = int(width / (TEXT * LETTER))
    if any(len(name) > room for name in names):
        names = [KINDS.get(_kind(name), "") + bare(name) for name in names]
    return [name if len(name) <= room else f"{name[: room - 1].rstrip()}…" for name in names]


def _kind(name: str) -> str:
    return next((kind for kind in KINDS if name.startswith(kind)), "")
