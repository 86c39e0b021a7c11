"""A faster `format_html`: a page calls it thousands of times.

It escapes a plain `str` directly; Django first checks whether a value is lazy or already markup.
"""

from collections.abc import Iterable
from html import escape

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


def escaped(value: object) -> str:
    """The value as markup: text is escaped, markup stays."""
    kind = type(value)
    return escape(value) if kind is str else value if kind is SafeString else conditional_escape(value)


def format_html(pattern: str, *parts: object, **named: object) -> SafeString:
    """The pattern (a constant) with values escaped."""
    written = pattern.format(*map(escaped, parts), **{name: escaped(value) for name, value in named.items()})
    return SafeString(written)  # nosec B703 - each is escaped


def join(parts: Iterable[object]) -> SafeString:
    return SafeString("".join(map(escaped, parts)))  # nosec B703 - each is escaped
