"""Names of units where room is short."""

from __future__ import annotations

from collections.abc import Sequence

from ..text import unit_kinds
from .svg import LETTER, TEXT


def brief(names: Sequence[str], width: float) -> list[str]:
    """The names as they have room: whole, else all as "P. Đằng Hải", and what is still too long cut."""
    room = int(width / (TEXT * LETTER))
    if any(len(name) > room for name in names):
        names = [unit_kinds.shortened(name) for name in names]
    return [name if len(name) <= room else f"{name[: room - 1].rstrip()}…" for name in names]
