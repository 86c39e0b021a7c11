"""Texts put into markup, as Django's `format_html` puts them. A page does it thousands of times.

A plain text is escaped at once, without the look at whether it is lazy or markup that Django has for each.
"""

from collections.abc import Iterable
from html import escape

from django.utils.html import conditional_escape
from django.utils.safestring import SafeString


def escaped(value: object) -> str:
    """The value as markup: a text escaped, what is markup already as it is."""
    kind = type(value)
    return escape(value) if kind is str else value if kind is SafeString else conditional_escape(value)


def format_html(pattern: str, *parts: object, **named: object) -> SafeString:
    """The pattern, a text of the source, with the values in it escaped."""
    written = pattern.format(*map(escaped, parts), **{name: escaped(value) for name, value in named.items()})
    return SafeString(written)  # nosec B703 - each is escaped


def join(parts: Iterable[object]) -> SafeString:
    return SafeString("".join(map(escaped, parts)))  # nosec B703 - each is escaped
