"""“Undo” in the message of an act: offered where the records know its withdrawal, and done by that withdrawal alone.

A return, a reminder, a request decided and difficulties sent up have none: who is told of them may have acted on it.
"""

from __future__ import annotations

from dataclasses import dataclass

AT_ONCE, AFTER_A_LOOK = "undo", "undo-shown"


@dataclass(frozen=True)
class Undo:
    address: str
    shown: int | None = None  # the key of what it takes back, and of nothing newer, where its address names a day alone

    @property
    def is_at_once(self) -> bool:
        """By a POST there; otherwise its page, which names the record, shows first what taking it back will do."""
        return self.shown is not None

    @property
    def tags(self) -> str:
        """As a message carries it."""
        return f"{AT_ONCE} {self.address} {self.shown}" if self.is_at_once else f"{AFTER_A_LOOK} {self.address}"


def of_tags(tags: str) -> Undo | None:
    match tags.split(" "):
        case (kind, address, shown) if kind == AT_ONCE:
            return Undo(address, int(shown))
        case (kind, address) if kind == AFTER_A_LOOK:
            return Undo(address)
    return None
