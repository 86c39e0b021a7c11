"""Compares, for any history, the two ways to a figure, and the days before with the sum up the tree."""

from dataclasses import replace
from datetime import timedelta

from reporting.figures import rollup
from reporting.figures.history import history
from reporting.figures.verification import END_OF_TIME
from reporting.models import Unit


def differing(day):
    """The differences between both ways on the day, unit by unit."""
    return [found for unit in Unit.objects.open_on(day) for found in differing_of(unit, day)]


def differing_of(unit, day):
    checks = (("rows", _rows), ("days before", _days_before))
    return [(name, unit.code) for name, are_alike in checks if not are_alike(unit, day)]


def _rows(unit, day):
    now, then = rollup.rows(unit, day), rollup.rows(unit, day, END_OF_TIME)
    return replace(now, figures=()) == replace(then, as_of=None, figures=())


def _days_before(unit, day):
    now, then = rollup.rows(unit, day), rollup.rows(unit, day, END_OF_TIME)
    days = [day - timedelta(days=back) for back in (3, 2, 1) if unit.is_open_on(day - timedelta(days=back))]
    found = history(unit, now, [*days, day])
    summed = [*rollup.earlier(unit, now, days), now]
    return found == history(unit, then, [*days, day]) and all(
        (past.installs, past.adjustment, past.cumulative)
        == (figures.own.installs, figures.own.adjustment, figures.own.cumulative)
        for past, figures in zip(found.days, summed, strict=True)
    )
