"""What is summed by the database, beside the same rolled up whole: for tests of any history."""

from dataclasses import replace
from datetime import timedelta

from reporting.figures import above, days_before, overall, rollup
from reporting.figures.verification.fixed import END_OF_TIME
from reporting.models import Unit
from reporting.pages import dashboard


def differing(day):
    """What of the day is not the same by both ways, unit by unit; any of the few rows that is not one of the whole."""
    return [found for unit in Unit.objects.open_on(day) for found in differing_of(unit, day)]


def differing_of(unit, day):
    ways = (("above", _above), ("few", _few), ("before", _before), ("so far", _so_far))
    return [(name, unit.code) for name, are_alike in ways if not are_alike(unit, day)]


def _above(unit, day):
    return above.of(unit, day) == above.of(unit, day, END_OF_TIME)


def _few(unit, day):
    if not Unit.objects.filter(parent=unit).open_on(day).exists():
        return True
    few, whole = overall.few(unit, day), rollup.rows(unit, day)
    said = ("own", "children", "agencies", "agency_total", "senders", "hours")
    return (
        few.by_code == {code: whole.by_code[code] for code in few.by_code}
        and all(sorted(few.owing[of_agencies]) == sorted(whole.owing[of_agencies]) for of_agencies in (False, True))
        and all(getattr(few, name) == getattr(whole, name) for name in said)
    )


def _before(unit, day):
    """Of the days on which the unit was there too; a name is that of the last of them."""
    days = [day - timedelta(days=back) for back in (3, 2, 1) if unit.is_open_on(day - timedelta(days=back))]
    figures = rollup.rows(unit, day)
    summed = days_before.of(unit, figures, days)
    whole = [*(rollup.rows_of_days(unit, days) if days else []), figures]
    names = {"name": figures.own.name, "sort_key": figures.own.sort_key, "phone": figures.own.phone}
    below = [row.code for row in (*figures.children, *figures.agencies)]
    return len(summed) == len(whole) and all(
        one.own == replace(then.own, **names)
        and one.reported == then.senders.reported
        and [one.installs.get(code) for code in below] == [_installs(then, code) for code in below]
        for one, then in zip(summed, whole, strict=True)
    )


def _installs(figures, code):
    return figures.by_code[code].installs if code in figures.by_code else None


def _so_far(unit, day):
    now, then = (rollup.rows(unit, day, as_of) for as_of in (None, END_OF_TIME))
    return dashboard._so_far(unit, now) == dashboard._so_far(unit, then)
