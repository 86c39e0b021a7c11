"""“Undo” in the message of an act that can be withdrawn.

Returns, reminders, decisions and passed up difficulties cannot: somebody may have acted on them already.
"""

UNDO = "undo"


def tags(address: str, shown: int | None = None) -> str:
    """The tags of a message with “Undo”.

    With `shown` (the record's key), a POST withdraws the record unless there is a newer one. Without it, a link leads
    to a page that first shows the effect.
    """
    return " ".join([UNDO, address, *([] if shown is None else [str(shown)])])


def undo_of_tags(tags: str) -> dict[str, str] | None:
    """The address and the key in the tags of a message; None without “Undo”."""
    match tags.split(" "):
        case (kind, address, *shown) if kind == UNDO:
            return {"address": address, "shown": "".join(shown)}
    return None
