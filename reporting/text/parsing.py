"""Parses figures and days as people type them, in forms and files."""

import re
import unicodedata
from datetime import date, datetime, time

from .characters import NO_CHARACTERS

WHOLE_NUMBER = re.compile(r"[0-9]+|[0-9]{1,3}([. ])[0-9]{3}(?:\1[0-9]{3})*")
# Accept full-width digits and dot, and other kinds of space; ² and ① are refused.
TYPED = str.maketrans("０１２３４５６７８９．\u00a0\u202f\u3000", "0123456789.   ")
MAX_DIGITS = 9
BETWEEN_DIGITS = re.compile(r"[ .()-]")  # what a telephone number may have between its digits
PHONE = re.compile(r"(?:0|\+?84)[2-9][0-9]{8,9}|1[89]00[0-9]{4,6}")  # mobile, landline, hotline
DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})|([0-9]{4})-([0-9]{2})-([0-9]{2})")
IN_ENGLISH = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4})")  # as English pages and files write a day
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
OF_SOME_YEAR = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})")
HOUR = re.compile(r"([0-9]{1,2})[h:]([0-9]{2})?(?::([0-9]{2}))?")
# Control characters except tab and line feed, and noncharacters: some make a workbook unreadable.
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f" + NO_CHARACTERS + "]")


MARKS = "".join(map(re.escape, filter(unicodedata.combining, map(chr, range(0x300, 0x20000)))))
TOO_MANY_MARKS = re.compile("([" + MARKS + "]{30})[" + MARKS + "]+")  # after one letter; no script needs so many
FIRST_YEAR = 1900  # a day before it is a slip of the keys
LONGEST = 1000  # characters of a number or day, with spaces


def composed(text: str, form: str = "NFC") -> str:
    """The text in a normal form of Unicode.

    It keeps at most thirty marks after a letter, because the time to sort them grows with the square of their number.
    """
    return unicodedata.normalize(form, TOO_MANY_MARKS.sub(r"\1", text))


class NotANumber(ValueError):
    """Not a whole number in digits."""


class TooLarge(ValueError):
    """More than nine digits."""


def whole_number(text: str) -> int | None:
    """Returns the number: 1234 for "1.234", "1 234" and "1234"; None for a blank text.

    Raises `NotANumber` or `TooLarge`.
    """
    if len(text) > LONGEST:
        raise NotANumber
    text = text.translate(TYPED).strip()
    if not text:
        return None
    if not WHOLE_NUMBER.fullmatch(text):
        raise NotANumber(text)
    digits = re.sub(r"[^0-9]", "", text).lstrip("0") or "0"
    if len(digits) > MAX_DIGITS:
        raise TooLarge(text)
    return int(digits)


def day(text: str, *, near: date | None = None) -> date | None:
    """The day of 05/08/2020, 5-8-2020, 5.8.2020, 2020-08-05 or 5 Aug 2020, or None.

    With `near`, the year may be missing: the day nearest to it counts.
    """
    text = composed(text, "NFKC").strip() if len(text) <= LONGEST else ""
    if match := DAY.fullmatch(text):
        day_of_month, month, year, *iso = (number and int(number) for number in match.groups())
        return _date(year, month, day_of_month) if year else _date(*iso)
    if (match := IN_ENGLISH.fullmatch(text)) and match[2] in MONTHS:
        return _date(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1]))
    if near and (match := OF_SOME_YEAR.fullmatch(text)):
        day_of_month, month = map(int, match.groups())
        days = [_date(near.year + years, month, day_of_month) for years in (-1, 0, 1)]
        return min(filter(None, days), key=lambda one: abs(one - near), default=None)
    return None


def hour(text: str) -> time | None:
    """Returns the time of day of 17h00, 17:00 or 17h; None for other text."""
    match = HOUR.fullmatch(composed(text, "NFKC").strip()) if len(text) <= LONGEST else None
    if not match:
        return None
    try:
        return time(*(int(number or 0) for number in match.groups()))
    except ValueError:
        return None


def moment(text: str, *, near: date) -> datetime | None:
    """Returns the naive datetime of a day and hour in either order (21/08/2020 17h00), or None."""
    words = text.split()
    for first, second in (words, words[::-1]) if len(words) == 2 else ():
        on, at = day(first, near=near), hour(second)
        if on and at is not None:
            return datetime.combine(on, at)
    return None


def _date(year: int, month: int, day_of_month: int) -> date | None:
    """The day; None if there is no such day, or if it is one of long ago, such as 20/08/0020."""
    try:
        return date(year, month, day_of_month) if year >= FIRST_YEAR else None
    except ValueError:
        return None


def is_phone(text: str) -> bool:
    """Whether it is a Vietnamese number: 0912 345 678, +84912345678, 0225.3842.000, 1900 1234."""
    return bool(PHONE.fullmatch(BETWEEN_DIGITS.sub("", text)))


def clean(text: str) -> str:
    """The text as one line in NFC, without control characters or double spaces."""
    return " ".join(UNWANTED.sub("", composed(text)).split())
