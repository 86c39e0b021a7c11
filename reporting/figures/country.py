"""A country's day of ten thousand units: a job computes and stores it each minute for the country's pages.

If no fresh stored day exists, pages compute it. Acts, seals, files and the API always use the exact rollup.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache

from pydantic import TypeAdapter

from .. import deadline
from ..days import hours_in_force
from ..models import CountryDay, Unit
from . import history as histories, rollup
from .pace import RecentDays
from .rollup import DayRollup, Row

COMPARED = (1, 7)  # days back
EARLIER_DAYS_EVERY = timedelta(minutes=10)  # earlier days are computed again
FRESH_FOR = timedelta(minutes=15)  # pages ignore an older stored day and compute the day themselves
# As JSON: the own row, the sum of the agencies, and the others; the days before; cumulatives by day and code.
ROWS, RECENT = TypeAdapter(list[Row | None]), TypeAdapter(RecentDays)
EARLIER = TypeAdapter(dict[date, dict[str, int | None]])


def rows(unit: Unit, day: date, as_of: datetime | None = None, *, at: datetime, top_alone: bool = False) -> DayRollup:
    """The rows of `day` for a page, seen at `at`; for a country those that the job stored last.

    With `top_alone`, a country has only its own row and those right below it.
    """
    stored = _stored_day(unit, day, as_of, at, "top" if top_alone else "rows")
    if stored is None:
        return rollup.rows(unit, day, as_of, at=at)
    own, agency_total, *others = ROWS.validate_json(stored.top) if top_alone else _all_rows(stored.rows)
    return DayRollup(
        day=day,
        hours=hours_in_force.hours_of_day(day),
        unit_code=unit.code,
        by_code={row.code: row for row in (own, *others) if row},
        agency_total=agency_total,
        worked_out_at=stored.at,
    )


@lru_cache(maxsize=1)  # until the next run of the job: parsing 10,600 rows takes a tenth of a second
def _all_rows(text: str) -> Sequence[Row | None]:
    return tuple(ROWS.validate_json(text))


def history(unit: Unit, figures: DayRollup) -> RecentDays | None:
    """The days before that of `figures`; None if they were not stored."""
    stored = _stored_day(unit, figures.day, figures.as_of, figures.worked_out_at, "recent")
    return RECENT.validate_json(stored.recent) if stored else None


def earlier(unit: Unit, figures: DayRollup) -> Mapping[date, Mapping[str, int | None]] | None:
    """The cumulatives of earlier days by day and code, for the units of the stored day; None if not stored."""
    stored = _stored_day(unit, figures.day, figures.as_of, figures.worked_out_at, "earlier")
    return EARLIER.validate_json(stored.earlier) if stored else None


def store_days(at: datetime, days_of: Callable[[Unit, date], Sequence[date]]) -> None:
    """Store every country's day of today, each minute; and every ten minutes the days that today is compared with.

    `days_of` returns the days of a unit's trend up to a day. Two runs at once do no harm: the later one stays.
    """
    today = deadline.reporting_day(at)
    for unit in Unit.objects.filter(level=Unit.Level.COUNTRY).open_on(today).named(today):
        for back in (0, *COMPARED):
            day = today - timedelta(days=back)
            stored = CountryDay.objects.filter(unit=unit, day=day).only("at").first()
            if stored is None or not back or stored.at < at - EARLIER_DAYS_EVERY:
                _store(unit, day, at, days_of(unit, day))


def _store(unit: Unit, day: date, at: datetime, days: Sequence[date]) -> None:
    figures = rollup.rows(unit, day, at=at)
    if unit.code not in figures.by_code:
        return
    before = rollup.earlier(unit, figures, [day - timedelta(days=back) for back in COMPARED])
    found = histories.history(unit, figures, days)
    others = [row for row in figures.by_code.values() if row is not figures.own]
    cumulatives = {then.day: {row.code: row.cumulative for row in then.by_code.values()} for then in before}
    values = {
        "at": at,
        "cumulative": figures.own.cumulative,
        "population": figures.own.population,
        "top": _json(ROWS, [figures.own, figures.agency_total, *figures.below(unit.code)]),
        "rows": _json(ROWS, [figures.own, figures.agency_total, *others]),
        "recent": _json(RECENT, found),
        "earlier": _json(EARLIER, cumulatives),
    }
    stored, is_new = CountryDay.objects.get_or_create(unit=unit, day=day, defaults=values)
    if not is_new:
        CountryDay.objects.filter(pk=stored.pk, at__lt=at).update(**values)


def _stored_day(unit: Unit, day: date, as_of: datetime | None, at: datetime | None, column: str) -> CountryDay | None:
    """The country's day as the job stored it last, with only the given column; None if it is too old."""
    if not unit.is_country or as_of is not None or at is None:
        return None
    return CountryDay.objects.only("at", column).filter(unit=unit, day=day, at__gt=at - FRESH_FOR).first()


def _json(kind: TypeAdapter, value: object) -> str:
    return kind.dump_json(value, exclude_defaults=True).decode()
