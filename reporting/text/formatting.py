"""Formats figures, shares, days and instants for people, one function each.

The examples are Vietnamese. English pages write 1,234,567, 28.99%, 17:00 and 21 Aug 2020.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from textwrap import wrap

from django.utils import timezone
from django.utils.dateformat import format as dateformat
from django.utils.translation import get_language, gettext as _, ngettext, pgettext

NOT_KNOWN = "–"
TO_VIETNAMESE = str.maketrans(",.", ".,")


def is_english() -> bool:
    return get_language() == "en"


def _localized(digits: str) -> str:
    """The digits "1,234.5" with the separators of the reader's language."""
    return digits if is_english() else digits.translate(TO_VIETNAMESE)


def number(value: int | None) -> str:
    """1234567 is 1.234.567; None is a dash, zero is 0."""
    return NOT_KNOWN if value is None else _localized(f"{value:,}")


def phones(value: int | None) -> str:
    return NOT_KNOWN if value is None else ngettext("%(n)s phone", "%(n)s phones", value) % {"n": number(value)}


def signed(value: int | None) -> str:
    """+88 or -72; zero is 0, None is a dash."""
    if value is None:
        return NOT_KNOWN
    return f"+{number(value)}" if value > 0 else number(value)


def percent(share: Decimal | None) -> str:
    """0.289955 is 28,99%: cut, not rounded, so that a missed target never looks reached."""
    if share is None:
        return NOT_KNOWN
    cut = (Decimal(share) * 100).quantize(Decimal("0.01"), ROUND_DOWN)
    return _localized(f"{cut:.2f}%")


def signed_percent(share: Decimal | None) -> str:
    """0.0523 is +5,23%: a difference of shares, cut, not rounded."""
    return f"+{percent(share)}" if share is not None and share > 0 else percent(share)


def whole_percent(share: Decimal | None) -> str:
    """0.6 is 60%, 0.625 is 62,5%."""
    return NOT_KNOWN if share is None else _localized(f"{(Decimal(share) * 100).normalize():f}%")


def points(difference: Decimal | None) -> str:
    """0.0049 is +0,49: percentage points between two shares as they are printed."""
    if difference is None:
        return NOT_KNOWN
    value = Decimal(difference) * 100
    return _localized(f"{value:+.2f}" if value else "0.00")


def decimal(value: Decimal | Fraction | None) -> str:
    """1234.56 is 1.234,6: one decimal, rounded."""
    if value is None:
        return NOT_KNOWN
    whole, tenth = divmod(round(value * 10), 10)
    return _localized(f"{int(whole):,}.{tenth}")


def per_day(mean: Fraction) -> str:
    """A mean per day, cut so that no pace is overstated: 12.589,6 is 12.589; with one decimal if it is below ten."""
    shown = cut_mean(Fraction(mean))
    return number(int(shown)) if mean >= 10 else decimal(shown)


def cut_mean(mean: Fraction) -> Fraction:
    """The number that `per_day` prints."""
    return Fraction(math.floor(mean)) if mean >= 10 else Fraction(math.floor(mean * 10), 10)


def source_words(source: str) -> str:
    """The usual name of a source of base figures."""
    known = {
        "census-2019": _("Population and Housing Census 2019"),
        "census-2019-merged": _("census 2019, after mergers"),
    }
    return known.get(source, source)


def day(value: date | None) -> str:
    """21/08/2020."""
    if value is None:
        return NOT_KNOWN
    return dateformat(value, "j M Y") if is_english() else f"{value:%d/%m/%Y}"


def short_day(value: date) -> str:
    """21/08."""
    return dateformat(value, "j M") if is_english() else f"{value:%d/%m}"


def of_year(value: date) -> str:
    """/2020, the part that a short day leaves out."""
    return f" {value.year}" if is_english() else f"/{value.year}"


def long_day(value: date) -> str:
    """Thứ Sáu 21/08/2020."""
    weekdays = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
    return f"{weekdays[value.weekday()]} {day(value)}"


def hour(value: datetime) -> str:
    """10h02, in Hai Phong."""
    return clock_hour(timezone.localtime(value).time())


def clock_hour(value: time) -> str:
    """17h00."""
    return f"{value:%H:%M}" if is_english() else f"{value:%Hh%M}"


def hour_on(value: datetime, of_day: date) -> str:
    """10h02 if it is on `of_day`, 10h02 22/08 if on another day."""
    local = timezone.localtime(value)
    return hour(value) if local.date() == of_day else f"{hour(value)} {short_day(local)}"


def to_the_second(value: datetime) -> str:
    """16:41:05."""
    return f"{timezone.localtime(value):%H:%M:%S}"


def moment(value: datetime) -> str:
    """17h00 ngày 21/08/2020."""
    return _("%(hour)s on %(day)s") % {"hour": hour(value), "day": day(timezone.localtime(value))}


def exact(value: datetime) -> str:
    """16:59:59 21/08/2020: to the second, on a receipt."""
    local = timezone.localtime(value)
    return f"{local:%H:%M:%S} {day(local)}"


def official_day(value: date) -> str:
    """05/8/2020, 21/02/2020: official documents put a 0 before days below 10 and months 1 and 2."""
    return day(value) if is_english() else f"{value.day:02d}/{_official_month(value)}/{value.year}"


def official_date(value: date) -> str:
    """ngày 05 tháng 8 năm 2020."""
    if is_english():
        return dateformat(value, "j F Y")
    words = pgettext("in full", "%(day)s/%(month)s/%(year)s")
    return words % {"day": f"{value.day:02d}", "month": _official_month(value), "year": value.year}


def place_and_day(place: str, day: date) -> str:
    """Hải Phòng, ngày 05 tháng 8 năm 2020: where and when a form is signed."""
    return f"{place}, {official_date(day)}"


def official_moment(value: datetime) -> str:
    """17h00 ngày 21/8/2020."""
    local = timezone.localtime(value)
    return _("%(hour)s on %(day)s") % {"hour": hour(value), "day": official_day(local.date())}


def _official_month(value: date) -> str:
    """Months 1 and 2 get a 0, so that nobody can write a digit before them."""
    return f"{value.month:02d}" if value.month < 3 else str(value.month)


def until(closes_at: datetime, at: datetime) -> str:
    """còn 1 giờ 24 phút."""
    minutes = max(int((closes_at - at).total_seconds() // 60), 0)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min left") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s min left") % {"minutes": minutes} if minutes else _("less than a minute left")


def listed(names: Sequence[str], most: int) -> str:
    """At most `most` names and the number of others: "Phường Cát Bi, Phường Đằng Hải và 3 đơn vị khác"."""
    rest = len(names) - most
    if rest <= 0:
        return ", ".join(names)
    words = ngettext("%(names)s and %(rest)s other unit", "%(names)s and %(rest)s other units", rest)
    return words % {"names": ", ".join(names[:most]), "rest": rest}


def in_fours(code: str) -> str:
    """9f3c01ab27de is 9f3c 01ab 27de, to read aloud."""
    return " ".join(wrap(code, 4))


def dial(phone: str) -> str:
    """A telephone number for a `tel:` link: digits and a leading plus."""
    return "".join(c for c in phone if c.isdecimal() or c == "+")
