"""Many days of a unit as CSV, one part a day, as Vietnamese Excel opens it: UTF-8 with a mark, semicolons, 28,99%.

Every unit of every day is a line, agencies among them with their own word for what they are measured against. A text
that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from ..days.status import DayStatus
from ..figures import fields
from ..figures.rollup import DayRollup
from ..text import formatting, parsing
from ..text.status_marks import status_words
from . import csv_file


def range_csv(days: Iterable[DayRollup]) -> Iterator[bytes]:
    """The head, then the lines of each day."""
    words = {status: status_words(status) for status in DayStatus} | {None: ""}
    streams = {True: _("agencies"), False: _("residents")}
    yield _part([_heads()]).encode("utf-8-sig")
    for figures in days:
        day = f"{figures.day:%d/%m/%Y}"
        rows = []
        for row in figures.reporting:
            superior = figures.parent_of(row)
            texts = (row.code, streams[row.is_agency], defused(superior.name if superior else ""), defused(row.name))
            share = "" if row.share is None else formatting.percent(row.share)
            beside = [getattr(row, count.name) for count in fields.BESIDE]
            numbers = (row.installs, row.adjustment, row.cumulative, row.population, share, *beside)
            rows.append((day, *texts, *numbers, words[row.status]))
        if rows:
            yield _part(rows).encode()


def defused(text: str) -> str:
    """A text that no spreadsheet takes for a formula, on one line, without control characters."""
    return csv_file.cell(parsing.clean(text))


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
