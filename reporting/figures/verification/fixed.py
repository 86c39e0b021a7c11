"""What was confirmed and sealed comes out again as of its instant; now is as of the end of time."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Max
from django.utils.translation import gettext as _

from ...hours.hours import DayHours
from ...models import Report, Seal, SignOff, Unit
from ...text import formatting
from .. import rollup, sealed_table

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
LONGEST_REQUEST = timedelta(minutes=2)  # from its arrival to the act: what the server and a trusted proxy let wait


def now_and_then() -> Iterator[str]:
    """The newest day as it is now is the day as of the end of time: two ways of reading, one answer."""
    day = Report.objects.aggregate(newest=Max("day"))["newest"]
    for top in Unit.objects.tops() if day else []:
        now, then = (sealed_table.table(rollup.rows(top, day, as_of)) for as_of in (None, END_OF_TIME))
        for found in sealed_table.differences(now, then):
            words = _("%(unit)s on %(day)s: %(column)s is %(is)s now, %(then)s by the history")
            both = {"is": found.fixed, "then": found.computed}
            yield words % {"unit": found.code, "day": formatting.day(day), "column": found.words, **both}


def sign_offs(since: date = date.min) -> Iterator[str]:
    """Every confirmation, withdrawn ones too, comes out again as of its instant, with its sum and its hour."""
    for one in _fixed_since(SignOff, since):
        figures = rollup.rows(one.unit, one.day, one.at)
        yield from problems(one, sealed_table.compared(one, figures), _of_a_sign_off(one, figures.hours))


def seals(since: date = date.min) -> Iterator[str]:
    """Every seal, withdrawn ones too, comes out again as of its instant."""
    for one in _fixed_since(Seal, since):
        yield from problems(one, sealed_table.check(one, one.unit))


def _fixed_since(model: type[models.Model], since: date) -> Iterator[Any]:
    fixed = model._default_manager.filter(day__gte=since).order_by("day", "at", "id").select_related("unit")
    return fixed.iterator()


def problems(one: SignOff | Seal, check: sealed_table.Check, also: Iterable[str] = ()) -> Iterator[str]:
    """What no longer comes out of what was confirmed or sealed, in words."""
    name = _("%(kind)s of %(unit)s for %(day)s, %(moment)s") % {
        "kind": one._meta.verbose_name,
        "unit": one.unit.code,
        "day": formatting.day(one.day),
        "moment": formatting.exact(one.at),
    }
    if not check.is_digest_right:
        yield _("%(name)s: the table is not the one its digest was made from") % {"name": name}
    for words in also:
        yield f"{name}: {words}"
    for found in check.differences:
        words = _("%(name)s: %(unit)s, %(column)s was %(fixed)s, comes out as %(computed)s")
        both = {"fixed": found.fixed, "computed": found.computed}
        yield words % {"name": name, "unit": found.code, "column": found.words, **both}


def _of_a_sign_off(one: SignOff, hours: DayHours) -> Iterator[str]:
    place = sealed_table.COLUMNS.index("cumulative")
    lines = (line.split(" ") for line in one.table.splitlines())
    in_table = next((fields[place] for fields in lines if fields[0] == one.unit.path and len(fields) > place), None)
    if str(one.cumulative) != ("0" if in_table == sealed_table.UNKNOWN else in_table):
        yield _("its cumulative is %(is)s, in its table %(says)s") % {"is": one.cumulative, "says": in_table}
    # What is kept is the moment of the act, which the arrival that decides came up to a request's length before.
    soonest, latest = one.at - LONGEST_REQUEST, one.at
    could_be = {hours.is_late_to_sign_off(one.unit.path, arrived) for arrived in (soonest, latest)}
    if one.is_after_deadline not in could_be and not hours.is_exempt(one.unit.path):  # there the mark says nothing
        both = {"is": one.is_after_deadline, "says": not one.is_after_deadline}
        yield _("after the sign-off deadline is %(is)s, by its hour %(says)s") % both
