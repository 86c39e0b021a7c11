"""Many days of a unit as CSV, one part a day, as Vietnamese Excel opens it: UTF-8 with a mark, semicolons, 28,99%.

Every unit of every day is a line, agencies among them with their own word for what they are measured against. A text
that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from ..figures import fields
from ..figures.discipline import Outcome
from ..figures.ranges import Place, RangeDay
from ..text import parsing
from ..text.status_marks import status_words
from . import csv_file


def range_csv(days: Iterable[RangeDay]) -> Iterator[bytes]:
    """The head, then the lines of each day."""
    words = {**status_words(), "excused": _("Excused")}
    states = {outcome: words[outcome] for outcome in Outcome} | {None: ""}
    streams = {True: _("agencies"), False: _("residents")}
    on_time, mostly = Outcome.ON_TIME, states[Outcome.ON_TIME]  # to look up a member takes as long as all the rest
    names: dict[int, tuple[Place, tuple]] = {}
    yield _part([_heads()]).encode("utf-8-sig")
    for then in days:
        day = f"{then.day:%d/%m/%Y}"
        rows = []
        for line in then.lines:
            place, outcome, installs, adjustment, cumulative, *beside = line
            known = names.get(place.unit_id)
            if known is None or known[0] is not place:
                texts = (place.code, streams[place.is_agency], defused(place.superior), defused(place.name))
                known = names[place.unit_id] = (place, texts)
            state = mostly if outcome is on_time else states[outcome]
            figures = (installs, adjustment, cumulative, place.population, share(line.share), *beside, state)
            rows.append((day, *known[1], *figures))
        if rows:
            yield _part(rows).encode()


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line, without control characters."""
    return csv_file.cell(parsing.clean(text))


def share(hundredths: int | None) -> str:
    """2899 is 28,99%; empty where it is not known."""
    return "" if hundredths is None else f"{hundredths // 100},{hundredths % 100:02}%"


def _heads() -> list[str]:
    return [
        _("Day"),
        _("Code"),
        _("Counted among"),
        _("Superior"),
        _("Unit"),
        *(str(field.label) for field in (fields.INSTALLS, fields.ADJUSTMENT, fields.CUMULATIVE)),
        _("Population or staff"),
        _("Share"),
        *(str(count.label) for count in fields.BESIDE),
        _("State"),
    ]


def _part(rows: Iterable[Iterable]) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows(rows)
    return stream.getvalue()
