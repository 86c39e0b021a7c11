"""Characters that our files must not contain: they break a file or reverse its text."""

import re

# For use inside [...]: surrogates, and noncharacters such as the last two of every plane.
NO_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    + NO_CHARACTERS
    + "]"
)


def is_printable(text: str) -> bool:
    """Whether the text has no invisible characters."""
    return not UNPRINTABLE.search(text)


def printable(text: str) -> str:
    """The text without invisible characters; line breaks stay."""
    return UNPRINTABLE.sub("", text)
