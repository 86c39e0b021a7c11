"""What was confirmed and sealed comes out again as of its instant; now is as of the end of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from ...days import hours_in_force
from ...models import Report, Seal, SignOff, Unit
from ...text import formatting
from .. import rollup, sealed_table
from .progress import EVERY, Progress

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
LONGEST_REQUEST = timedelta(minutes=2)  # from its arrival to the act: what the server and a trusted proxy let wait


def now_and_then(progress: Progress) -> Iterator[str]:
    """The newest day as it is now is the day as of the end of time: two ways of reading, one answer."""
    day = Report.objects.aggregate(newest=Max("day"))["newest"]
    tops = list(Unit.objects.tops()) if day else []
    for number, top in enumerate(tops, start=1):
        now, then = (sealed_table.table(rollup.rows(top, day, as_of)) for as_of in (None, END_OF_TIME))
        for found in sealed_table.differences(now, then):
            yield _("%(unit)s on %(day)s: %(column)s is %(is)s now, %(then)s by the history") % {
                "unit": found.code,
                "day": formatting.day(day),
                "column": found.words,
                "is": found.fixed,
                "then": found.computed,
            }
        progress(number, len(tops))


def sign_offs(progress: Progress, since: date = date.min) -> Iterator[str]:
    """Every confirmation, withdrawn ones too, comes out again as of its instant, with its sum and its hour."""
    yield from _fixed(SignOff, progress, since, _of_a_sign_off)


def seals(progress: Progress, since: date = date.min) -> Iterator[str]:
    """Every seal comes out again as of its instant."""
    yield from _fixed(Seal, progress, since)


def _fixed(
    model: type[SignOff] | type[Seal],
    progress: Progress,
    since: date,
    also: Callable[[SignOff], Iterator[str]] = lambda _one: (),
) -> Iterator[str]:
    fixed = model.objects.filter(day__gte=since).order_by("day", "at", "id")
    total = fixed.count()
    for number, one in enumerate(fixed.select_related("unit").iterator(EVERY), start=1):
        check = sealed_table.check(one, one.unit)
        name = _("%(kind)s of %(unit)s for %(day)s, %(moment)s") % {
            "kind": model._meta.verbose_name,
            "unit": one.unit.code,
            "day": formatting.day(one.day),
            "moment": formatting.exact(one.at),
        }
        if not check.is_digest_right:
            yield _("%(name)s: the table is not the one its digest was made from") % {"name": name}
        for words in also(one):
            yield f"{name}: {words}"
        for found in check.differences:
            yield _("%(name)s: %(unit)s, %(column)s was %(fixed)s, comes out as %(computed)s") % {
                "name": name,
                "unit": found.code,
                "column": found.words,
                "fixed": found.fixed,
                "computed": found.computed,
            }
        progress(number, total)


def _of_a_sign_off(one: SignOff) -> Iterator[str]:
    place = sealed_table.COLUMNS.index("cumulative")
    lines = (line.split(" ") for line in one.table.splitlines())
    in_table = next((fields[place] for fields in lines if fields[0] == one.unit.path and len(fields) > place), None)
    if str(one.cumulative) != ("0" if in_table == sealed_table.UNKNOWN else in_table):
        yield _("its cumulative is %(is)s, in its table %(says)s") % {"is": one.cumulative, "says": in_table}
    # What is kept is the moment of the act, which the arrival that decides came up to a request's length before.
    hours = hours_in_force.of_day(one.day, one.at)
    soonest, latest = one.at - LONGEST_REQUEST, one.at
    could_be = {hours.is_late_to_sign_off(one.unit.path, arrived) for arrived in (soonest, latest)}
    if one.is_after_deadline not in could_be:
        yield _("after the sign-off deadline is %(is)s, by its hour %(says)s") % {
            "is": one.is_after_deadline,
            "says": not one.is_after_deadline,
        }
