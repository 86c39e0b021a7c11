"""The tree of units; reports against the history of their revisions, each unit's sum, every day counted once."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from ...days.status import arrival
from ...hours import deadline
from ...models import Reorganisation, Report, Revision, Unit, UnitName
from ...text import formatting, names
from .. import fields

KINDS_OF_OPENING = {Revision.Kind.OPENING, Revision.Kind.IMPORT, Revision.Kind.CORRECTION}


def tree() -> Iterator[str]:
    """Every path is that of the superior and the own code; what is searched and sorted by is the newest name.

    A unit of a reorganisation that was withdrawn before it began was never open, and has no name that stands.
    """
    units: dict[int | None, Unit] = {unit.pk: unit for unit in Unit.objects.order_by("path")}
    newest: dict[int, str] = {}
    for unit, name in UnitName.objects.in_force_order().values_list("unit_id", "name"):
        newest.setdefault(unit, name)
    for unit in units.values():
        above = units.get(unit.parent_id)
        path = f"{above.path if above else ''}{unit.code}/"
        if unit.path != path:
            words = _("%(unit)s: its path is %(is)s, by its superior %(says)s")
            yield words % {"unit": unit.code, "is": unit.path, "says": path}
        name = newest.get(unit.pk)
        if name is None and not unit.was_never_open:
            yield _("%(unit)s: has no name") % {"unit": unit.code}
        elif name is not None and (unit.sort_key, unit.name_folded) != (names.sort_key(name), names.fold(name)):
            yield _("%(unit)s: is not sorted and found by its newest name") % {"unit": unit.code}
    yield from _merged_otherwise(units)


def _merged_otherwise(units: Mapping[int | None, Unit]) -> Iterator[str]:
    """Every unit that a reorganisation merges is closed from its day on, into the one that its text says."""
    by_code = {unit.code: unit for unit in units.values()}
    for recorded in Reorganisation.objects.filter(withdrawn_at=None):
        for line in csv.DictReader(recorded.table.splitlines()):
            unit = by_code.get(line.get("code", ""))
            if unit is None or line.get("action") != "merge":
                continue
            heir = units.get(unit.successor_id)
            if heir is None or (unit.closed_on, heir.code) != (recorded.effective_on, line["into"]):
                yield _("%(unit)s: is merged into %(into)s on %(day)s by %(record)s, and is not so kept") % {
                    "unit": unit.code,
                    "into": line["into"],
                    "day": formatting.day(recorded.effective_on),
                    "record": recorded.source,
                }


def histories() -> Iterator[str]:
    """Every report is what its last revision says, and each revision changed the cumulative by what it says."""
    own = ("report_id", "number", "delta", "kind", "received_at", "counted_at", *fields.REPORTED)
    of_report = ("unit__code", "day", "version", "kind", "received_at", *fields.REPORTED)
    columns = [*own, *(f"report__{name}" for name in of_report)]
    revisions = Revision.objects.order_by("report_id", "number").values(*columns)
    for _report, found in groupby(revisions.iterator(), key=itemgetter("report_id")):
        steps = list(found)
        of = _name(steps[0]["report__unit__code"], steps[0]["report__day"])
        for words, values in _problems(steps):
            yield words % {"report": of, **values}
    for code, day in Report.objects.filter(revisions=None).values_list("unit__code", "day"):
        yield _("%(report)s: has no revision") % {"report": _name(code, day)}


def _name(code: str, day: date) -> str:
    return f"{code} {formatting.day(day)}"


def _label(column: str) -> str:
    """What the column of a report is called, for people."""
    return next(str(one.verbose_name) for one in Report._meta.concrete_fields if one.name == column)


def _problems(steps: Sequence[dict]) -> Iterator[tuple[str, dict]]:
    """What is wrong with one report, in words and what they speak of: `steps` are its revisions, each with its report.

    They are numbered; each is of a kind that its report and its figures can have, and changed the cumulative by what it
    says. None counts before the one it follows, or before it arrived, and nothing arrives before its day. The report is
    what the last one says, and arrived with its first figures; after a void with the first that its unit sent itself.
    """
    version = steps[0]["report__version"]
    if [step["number"] for step in steps] != list(range(1, version + 1)):
        yield _("%(report)s: its revisions are not 1 to %(version)s"), {"version": version}
    for before, step in zip([None, *steps], steps, strict=False):
        number = {"number": step["number"]}
        change = _contribution(step) - (_contribution(before) if before else 0)
        if change != step["delta"]:
            words = _("%(report)s: revision %(number)s says a change of %(says)s, its figures one of %(is)s")
            yield words, {**number, "says": step["delta"], "is": change}
        if not _is_kind_possible(step, before["installs"] if before else None):
            kind = Revision.Kind(step["kind"]).label if step["kind"] in Revision.Kind else step["kind"]
            yield _("%(report)s: revision %(number)s cannot be “%(kind)s”"), {**number, "kind": kind}
        if before and step["counted_at"] < before["counted_at"]:
            yield _("%(report)s: revision %(number)s counts from before the one it follows"), number
        if step["counted_at"] < step["received_at"]:
            yield _("%(report)s: revision %(number)s counts from before it arrived"), number
        is_early = deadline.reporting_day(step["received_at"]) < step["report__day"]
        if is_early and step["report__kind"] == Report.Kind.DAILY:
            yield _("%(report)s: revision %(number)s arrived before its day"), number
    told = [(step["kind"], step["installs"], step["received_at"]) for step in steps]
    says, is_really = arrival(told) or steps[0]["received_at"], steps[0]["report__received_at"]
    if says != is_really:
        words = _("%(report)s: arrived at %(is)s, its revisions say %(says)s")
        yield words, {"is": formatting.exact(is_really), "says": formatting.exact(says)}
    for field in fields.REPORTED:
        says, is_really = steps[-1][field], steps[-1][f"report__{field}"]
        if says != is_really:
            words = _("%(report)s: %(field)s is %(is)s, its last revision says %(says)s")
            yield words, {"field": _label(field), "is": is_really, "says": says}


def _contribution(step: dict) -> int:
    return (step["installs"] or 0) + step["adjustment"]


def _is_kind_possible(step: dict, before: int | None) -> bool:
    kind, installs = step["kind"], step["installs"]
    if (step["report__kind"] == Report.Kind.OPENING) != (kind == Revision.Kind.OPENING):
        return step["report__kind"] == Report.Kind.OPENING and kind in KINDS_OF_OPENING
    if kind == Revision.Kind.VOID:
        return installs is None and before is not None
    if kind == Revision.Kind.ADJUSTMENT:
        return installs == before
    return installs is not None


def cumulatives() -> Iterator[str]:
    """Every running sum is that of the unit's reports up to its day."""
    counts = [count for count in fields.BESIDE if count.so_far]
    columns = ["unit_id", "unit__code", "day", "installs", "adjustment", "cumulative"]
    columns += (name for count in counts for name in (count.column, count.so_far))
    sums = ["cumulative", *(count.so_far for count in counts)]
    reports, unit = Report.objects.order_by("unit_id", "day").values_list(*columns), None
    running: list[int] = []
    for unit_id, code, day, installs, adjustment, cumulative, *visited in reports.iterator():
        added = [(installs or 0) + adjustment, *(number or 0 for number in visited[::2])]
        before = running if unit_id == unit else [0] * len(added)
        unit, running = unit_id, [sum(pair) for pair in zip(before, added, strict=True)]
        for name, says, is_really in zip(sums, [cumulative, *visited[1::2]], running, strict=True):
            if says != is_really:
                yield _("%(report)s: %(field)s is %(is)s, the sum of the reports is %(sum)s") % {
                    "report": _name(code, day),
                    "field": _label(name),
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
            "report": _name(code, day),
            "day": formatting.day(first),
        }
