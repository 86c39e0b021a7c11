"""“Undo” in the message of an act: offered where the records know its withdrawal, and done by that withdrawal alone.

A return, a reminder, a request decided and difficulties sent up have none: who is told of them may have acted on it.
"""

from __future__ import annotations

from dataclasses import dataclass

AT_ONCE, AFTER_A_LOOK = "undo", "undo-shown"


@dataclass(frozen=True)
class Undo:
    address: str
    is_at_once: bool  # by a POST there; otherwise its page shows first what taking it back will do

    @property
    def tags(self) -> str:
        """As a message carries it."""
        return f"{AT_ONCE if self.is_at_once else AFTER_A_LOOK} {self.address}"


def of_tags(tags: str) -> Undo | None:
    kind, _space, address = tags.partition(" ")
    return Undo(address, kind == AT_ONCE) if address else None
