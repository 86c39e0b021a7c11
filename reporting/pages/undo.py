"""“Undo” in the message of an act: offered where the records know its withdrawal, and done by that withdrawal alone.

A return, a reminder, a request decided and difficulties sent up have none: who is told of them may have acted on it.
"""

UNDO = "undo"


def tags(address: str, shown: int | None = None) -> str:
    """As a message carries it: by a POST of `shown`, the key of what it takes back, and of nothing newer.

    Without one its page, which names the record, shows first what taking it back will do.
    """
    return " ".join([UNDO, address, *([] if shown is None else [str(shown)])])


def of_tags(tags: str) -> dict[str, str] | None:
    """The same for the template; None of a message without it."""
    match tags.split(" "):
        case (kind, address, *shown) if kind == UNDO:
            return {"address": address, "shown": "".join(shown)}
    return None
