"""Many days of a unit as CSV, one part a day, as Vietnamese Excel opens it: UTF-8 with a mark, semicolons, 28,99%.

Every unit of every day is a line, agencies among them with their own word for what they are measured against. A text
that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from .discipline import Outcome
from .marks import status_words
from .ranges import Line, Place, RangeDay

PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def range_csv(days: Iterable[RangeDay]) -> Iterator[bytes]:
    """The head, then the lines of each day."""
    words = {**status_words(), "excused": _("Excused")}
    states = {outcome: words[outcome] for outcome in Outcome} | {None: ""}
    streams = {True: _("agencies"), False: _("residents")}
    yield _part([_heads()]).encode("utf-8-sig")
    names: dict[int, tuple[Place, tuple]] = {}
    for then in days:
        day = f"{then.day:%d/%m/%Y}"
        rows = []
        for line in then.lines:
            place = line.place
            known = names.get(place.unit_id)
            if known is None or known[0] is not place:
                texts = (place.code, streams[place.is_agency], defused(place.superior), defused(place.name))
                known = names[place.unit_id] = (place, texts)
            rows.append(
                (
                    day,
                    *known[1],
                    line.installs,
                    line.adjustment,
                    line.cumulative,
                    place.population,
                    share(line),
                    line.households,
                    states[line.outcome],
                )
            )
        if rows:
            yield _part(rows).encode()


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line."""
    text = " ".join(text.replace("\x00", "").split())
    return f"'{text}" if text.startswith(PREFIXES) else text


def share(line: Line) -> str:
    """28,99%, cut as on the page; empty where it is not known."""
    hundredths = line.share
    return "" if hundredths is None else f"{hundredths // 100},{hundredths % 100:02}%"


def _heads() -> list[str]:
    return [
        _("Day"),
        _("Code"),
        _("Counted among"),
        _("Superior"),
        _("Unit"),
        _("New installs"),
        _("Adjusted"),
        _("Cumulative"),
        _("Population or staff"),
        _("Share"),
        _("Households visited"),
        _("State"),
    ]


def _part(rows: Iterable[Iterable]) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows(rows)
    return stream.getvalue()
