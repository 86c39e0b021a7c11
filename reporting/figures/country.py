"""A country's day of ten thousand units: the minute's round rolls it up and keeps it, the country's pages show that.

What is kept may be deleted at any time: without a fresh one pages work the day out themselves, and keep nothing. Acts,
seals, files and the API always take the exact rollup.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from ..days import hours_in_force
from ..days.status import DayStatus
from ..hours import deadline
from ..models import CountryDay, Unit
from ..models.map_place import MapPlace
from . import history as histories
from . import rollup
from .history import History
from .pace import PastDay, RecentDays, Span
from .rollup import DayRollup, Row

COMPARED = (1, 7)  # days back
SELDOM = timedelta(minutes=10)  # how often days gone by are worked out again
NAMES = [field.name for field in fields(Row)]
# What JSON has no word for, by field.
once = lru_cache(1000)  # many are alike
READ: dict[str, Callable[[Any], Any]] = {
    "place": lambda value: MapPlace(*value),
    **dict.fromkeys(("target_share", "share"), once(Decimal)),
    "status": once(DayStatus),
    **dict.fromkeys(("opened_on", "carried_from", "population_on", "day", "first"), once(date.fromisoformat)),
    "received_at": datetime.fromisoformat,
}
CONVERTED = [(NAMES.index(name), read) for name, read in READ.items() if name in NAMES]
write = partial(json.dumps, default=str, separators=(",", ":"), ensure_ascii=False)


def rows(unit: Unit, day: date, as_of: datetime | None = None, *, at: datetime, top_alone: bool = False) -> DayRollup:
    """What a page shows of `day` below a unit, seen at `at`; of a country as the last round found it.

    With `top_alone` a country's own row and those right below it do.
    """
    kept = _kept(unit, day, as_of, at, "top" if top_alone else "rows")
    if kept is None:
        return rollup.rows(unit, day, as_of, at=at)
    own, agency_total, *others = json.loads(kept.top if top_alone else kept.rows)
    return DayRollup(
        day=day,
        hours=hours_in_force.of_day(day),
        unit_code=unit.code,
        by_code={row.code: row for row in map(_row, (own, *others))},
        agency_total=_row(agency_total) if agency_total else None,
        worked_out_at=kept.at,
    )


def history(unit: Unit, figures: DayRollup) -> History | None:
    """The days before that day; None if they were not kept."""
    kept = _kept(unit, figures.day, figures.as_of, figures.worked_out_at, "recent")
    if kept is None:
        return None
    days, spans, below = json.loads(kept.recent)
    recent = RecentDays([PastDay(**_read(day)) for day in days], [Span(**_read(span)) for span in spans])
    return History(recent, {code: {date.fromisoformat(day): n for day, n in of.items()} for code, of in below.items()})


def earlier(unit: Unit, figures: DayRollup) -> Mapping[date, Mapping[str, int | None]] | None:
    """By day and code the cumulatives of earlier days in the tree of that day; None if they were not kept."""
    kept = _kept(unit, figures.day, figures.as_of, figures.worked_out_at, "earlier")
    if kept is None:
        return None
    return {date.fromisoformat(day): by_code for day, by_code in json.loads(kept.earlier).items()}


def keep(at: datetime, days_of: Callable[[Unit, date], Sequence[date]]) -> None:
    """The round of a minute: work out today of every country, and seldom the days that today is compared with.

    `days_of` a unit and day are those of its trend. Two rounds at once do no harm: the later one stays.
    """
    today = deadline.reporting_day(at)
    for unit in Unit.objects.filter(level=Unit.Level.COUNTRY).open_on(today).named(today):
        for back in (0, *COMPARED):
            day = today - timedelta(days=back)
            kept = CountryDay.objects.filter(unit=unit, day=day).only("at").first()
            if kept is None or not back or kept.at < at - SELDOM:
                _keep(unit, day, at, days_of(unit, day))


def _keep(unit: Unit, day: date, at: datetime, days: Sequence[date]) -> None:
    figures = rollup.rows(unit, day, at=at)
    if unit.code not in figures.by_code:
        return
    before = rollup.earlier(unit, figures, [day - timedelta(days=back) for back in COMPARED])
    found = histories.history(unit, figures, days)
    top = [row for row in figures.by_code.values() if row in (*figures.children, *figures.agencies)]
    others = [row for row in figures.by_code.values() if row is not figures.own]
    below = {code: {str(day): installs for day, installs in of.items()} for code, of in found.below.items()}
    values = {
        "at": at,
        "cumulative": figures.own.cumulative,
        "population": figures.own.population,
        "top": write([_values(row) for row in (figures.own, figures.agency_total, *top)]),
        "rows": write([_values(row) for row in (figures.own, figures.agency_total, *others)]),
        "recent": write([list(map(asdict, found.days)), list(map(asdict, found.recent.spans)), below]),
        "earlier": write({str(f.day): {code: row.cumulative for code, row in f.by_code.items()} for f in before}),
    }
    kept, is_new = CountryDay.objects.get_or_create(unit=unit, day=day, defaults=values)
    if not is_new:
        CountryDay.objects.filter(pk=kept.pk, at__lt=at).update(**values)


def _kept(unit: Unit, day: date, as_of: datetime | None, at: datetime | None, column: str) -> CountryDay | None:
    """What the last round kept of the country's day, with the column asked for; None if it is too long ago."""
    if not unit.is_country or as_of is not None or at is None:
        return None
    return CountryDay.objects.only("at", column).fresh(unit, day, at)


def _values(row: Row | None) -> list | None:
    return None if row is None else [getattr(row, name) for name in NAMES]


def _row(values: list) -> Row:
    for position, read in CONVERTED:
        if values[position] is not None:
            values[position] = read(values[position])
    return Row(**dict(zip(NAMES, values, strict=True)))


def _read(values: dict) -> dict:
    return {name: READ[name](value) if name in READ and value is not None else value for name, value in values.items()}
