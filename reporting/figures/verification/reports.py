"""Reports against the history of their revisions, each unit's sum, and that every day counts once."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from ...models import Report, Revision
from ...text import formatting
from .. import fields
from . import history
from .history import FIGURES


def histories() -> Iterator[str]:
    """Every report is what its last revision says, and each revision changed the cumulative by what it says."""
    own = ("report_id", "number", "delta", "kind", "received_at", "counted_at", *FIGURES)
    of_report = ("unit__code", "day", "version", "kind", "received_at", *FIGURES)
    columns = [*own, *(f"report__{name}" for name in of_report)]
    revisions = Revision.objects.order_by("report_id", "number").values(*columns)
    for _report, steps in groupby(revisions.iterator(), key=itemgetter("report_id")):
        yield from history.problems(list(steps))
    for code, day in Report.objects.filter(revisions=None).values_list("unit__code", "day"):
        yield _("%(report)s: has no revision") % {"report": history.name(code, day)}


def cumulatives() -> Iterator[str]:
    """Every running sum is that of the unit's reports up to its day."""
    counts = [count for count in fields.BESIDE if count.so_far]
    columns = ["unit_id", "unit__code", "day", "installs", "adjustment", "cumulative"]
    columns += (name for count in counts for name in (count.column, count.so_far))
    names = ["cumulative", *(count.so_far for count in counts)]
    reports, unit = Report.objects.order_by("unit_id", "day").values_list(*columns), None
    running: list[int] = []
    for unit_id, code, day, installs, adjustment, cumulative, *visited in reports.iterator():
        added = [(installs or 0) + adjustment, *(number or 0 for number in visited[::2])]
        before = running if unit_id == unit else [0] * len(added)
        unit, running = unit_id, [sum(pair) for pair in zip(before, added, strict=True)]
        for name, says, is_really in zip(names, [cumulative, *visited[1::2]], running, strict=True):
            if says != is_really:
                yield _("%(report)s: %(field)s is %(is)s, the sum of the reports is %(sum)s") % {
                    "report": history.name(code, day),
                    "field": history.label(name),
                    "is": says,
                    "sum": is_really,
                }


def covers() -> Iterator[str]:
    """No day counts twice: by a report of its own, and by a later one that says it covers it."""
    daily = Report.objects.filter(kind=Report.Kind.DAILY, installs__isnull=False)
    own = daily.filter(unit=OuterRef("unit"), day__gte=OuterRef("covers_from"), day__lt=OuterRef("day"))
    covering = daily.filter(covers_from__isnull=False)
    twice = covering.annotate(own=Subquery(own.order_by("day").values("day")[:1])).filter(own__isnull=False)
    for code, day, first in twice.order_by("unit_id", "day").values_list("unit__code", "day", "own"):
        yield _("%(report)s: covers %(day)s as well, which has a report of its own") % {
            "report": history.name(code, day),
            "day": formatting.day(first),
        }
