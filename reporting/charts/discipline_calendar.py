"""Units down, days across: who reported in time, late, or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..days.status import DayStatus
from ..figures.discipline import Record
from ..text.formatting import day as day_words
from ..text.formatting import number, short_day
from ..text.status_marks import status_colour, status_words
from .svg import Chart, Drawing, Form, Sign, brief, chart, day_labels, day_range, element, legend, place, text

TOP = 24
BAD = (DayStatus.LATE, DayStatus.WAITING, DayStatus.MISSING)


@dataclass(frozen=True, slots=True)
class Grid:
    """The measures of one form of the chart: how many days, the width of the names, the size of a cell."""

    days: int
    names: float
    cell: float


GRIDS = {"wide": Grid(31, 180, 17), "narrow": Grid(14, 106, 13)}
STROKES = {  # from the middle of a cell
    DayStatus.ON_TIME: "m-3.5 .5l2.5 2.5 4.5-5.5",
    DayStatus.LATE: "m0-4.5v5m0 2.5v1.5",
    DayStatus.WAITING: "m-3-3h6l-6 6h6z",
    DayStatus.MISSING: "m-3.5 0h7",
    DayStatus.EXCUSED: "m0-4l4 4-4 4-4-4z",
    DayStatus.EXEMPT: "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
}


def discipline_calendar(records: Sequence[Record]) -> Chart | None:
    """The records' last 31 days, on a phone the last 14. None if no record has days, as is so of sums."""
    kept = [record for record in records if record.days]
    if not kept:
        return None
    last = max(record.days[-1][0] for record in kept)
    first = max(min(record.days[0][0] for record in kept), last - timedelta(days=GRIDS["wide"].days - 1))
    return chart(
        "calendar",
        title=_("Reports of each day up to %(last)s") % {"last": day_words(last)},
        description=_("%(units)s units: %(counts)s.")
        % {
            "units": number(len(kept)),
            "counts": ", ".join(
                f"{status_words(status).lower()} {number(count)}"
                for status in STROKES
                if (count := _count(kept, status, first))
            ),
        },
        draw=lambda form: _drawing(kept, first, last, form),
        headings=[_("Unit"), *map(status_words, STROKES), _("Days not on time")],
        rows=[_line(record, first) for record in kept],
    )


def _count(records: Sequence[Record], wanted: DayStatus, first: date) -> int:
    return sum(status is wanted and day >= first for record in records for day, status in record.days)


def _line(record: Record, first: date) -> list[str]:
    counts = [number(_count([record], status, first)) for status in STROKES]
    bad = [(day, status) for day, status in record.days if day >= first and status in BAD]
    return [record.name, *counts, ", ".join(f"{short_day(day)} {status_words(status).lower()}" for day, status in bad)]


def _drawing(records: Sequence[Record], first: date, last: date, form: Form) -> Drawing:
    grid = GRIDS[form.key]
    days = day_range(max(first, last - timedelta(days=grid.days - 1)), last)

    def x(day: date) -> float:
        return grid.names + ((day - days[0]).days + 0.5) * grid.cell

    names = brief([record.name for record in records], grid.names - 6)
    lines = [
        _unit(record, name, days[0], x, TOP + number * grid.cell, grid)
        for number, (record, name) in enumerate(zip(records, names, strict=True))
    ]
    bottom = TOP + len(records) * grid.cell
    shown = [status for status in STROKES if _count(records, status, days[0])]
    key = legend([_sign(status) for status in shown], form=form, top=bottom + 8)
    return Drawing(key.height, [*day_labels(days, x, slot=grid.cell, y=TOP - 8, right=form.width), *lines, *key.parts])


def _unit(record: Record, name: str, first: date, x: Callable[[date], float], top: float, grid: Grid) -> SafeString:
    """A unit's line. Its days on time are one shape, which keeps the page small; each other day has its own hint."""
    y = top + grid.cell / 2
    days = [(day, status) for day, status in record.days if day >= first]
    on_time = [x(day) for day, status in days if status is DayStatus.ON_TIME]
    return element(
        "g",
        text(name, 0, y + 4),
        *(_cells(DayStatus.ON_TIME, on_time, y, grid.cell) if on_time else []),
        *(
            element(
                "g",
                *_cells(status, [x(day)], y, grid.cell),
                hint=f"{record.name}, {day_words(day)}: {status_words(status).lower()}",
            )
            for day, status in days
            if status is not DayStatus.ON_TIME
        ),
        hint=_("%(name)s: on time on %(on_time)s of %(due)s days")
        % {
            "name": record.name,
            "on_time": len(on_time),
            "due": sum(status not in (DayStatus.EXCUSED, DayStatus.EXEMPT) for _day, status in days),
        },
    )


def _cells(status: DayStatus, middles: Sequence[float], y: float, cell: float) -> list[SafeString]:
    """The squares of some cells of one line, and the signs in them."""
    side = cell - 2
    ground = "".join(
        f"M{place(x - side / 2)} {place(y - side / 2)}h{place(side)}v{place(side)}h-{place(side)}z" for x in middles
    )
    sign = "".join(f"M{place(x)} {place(y)}{STROKES[status]}" for x in middles)
    return [
        element("path", class_=f"day-ground day-{status_colour(status)}", d=ground),
        element("path", class_=f"day-sign day-{status_colour(status)}", d=sign),
    ]


def _sign(status: DayStatus) -> Sign:
    return Sign(lambda x, y: element("g", *_cells(status, [x], y, 17)), status_words(status))
