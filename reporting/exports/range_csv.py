"""Many days of a unit as the office's CSV, one part a day, as Vietnamese Excel opens it: semicolons, 28,99%.

Every unit of every day is a line, agencies among them with their own word for what they are measured against. For
machines there is `tidy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from ..figures import fields
from ..figures.rollup import DayRollup
from ..models import Seal
from ..text import formatting, parsing
from ..text.status_marks import status_words
from . import csv_file, tidy

OF_DAY = (fields.INSTALLS, fields.ADJUSTMENT, fields.CUMULATIVE)


def range_csv(days: Iterable[DayRollup], *, at: datetime, seals: Mapping[date, Seal] | None = None) -> Iterator[bytes]:
    """The head, then the lines of each day, in the language that is spoken now, whenever they are sent."""
    return _parts(days, at, seals, get_language())


def _parts(days, at, seals, language) -> Iterator[bytes]:
    with override(language):
        yield csv_file.written(_heads(), [])
        streams = {True: _("agencies"), False: _("residents")}
        for figures in days:
            found = tidy.lines(figures, at=at, seals=seals)
            yield csv_file.lines([_line(line, streams[line.row.is_agency]) for line in found])


def _heads() -> list[str]:
    heads = [_("Day"), _("Code"), _("Counted among"), _("Superior"), _("Unit"), *(field.label for field in OF_DAY)]
    heads += [_("Population or staff"), _("Share"), *(count.label for count in fields.BESIDE), _("State")]
    return [*map(str, heads), _("Figures as of"), _("Seal")]


def _line(line: tidy.Line, stream: str) -> list:
    row = line.row
    return [
        f"{line.day:%d/%m/%Y}",
        row.code,
        stream,
        parsing.clean(line.superior.name if line.superior else ""),
        parsing.clean(row.name),
        *(getattr(row, field.name) for field in OF_DAY),
        row.population,
        "" if row.share is None else formatting.percent(row.share),
        *(getattr(row, count.name) for count in fields.BESIDE),
        status_words(row.status),
        formatting.exact(line.as_of) if line.as_of else _("not sealed"),
        line.seal.short_digest if line.seal else "",
    ]
