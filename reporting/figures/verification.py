"""The checks of `manage.py verify`: reports, their history, sign-offs, seals and the database's guards agree.

Each check reads the whole database, changes nothing, and yields every difference in words. A row that was deleted, or
changed in all its copies, is found by comparing with an earlier ledger (`ledger.py`).
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, Max, OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from .. import deadline, triggers
from ..days.status import END_OF_TIME, report_arrival
from ..deadline import DayHours
from ..models import Reorganisation, Report, Revision, Seal, SignOff, Unit, UnitName
from ..text import formatting, names
from . import fields, rollup, sealed_table

LONGEST_REQUEST = timedelta(minutes=2)  # from arrival to act: the longest wait in a trusted proxy and the server
KINDS_OF_OPENING = {Revision.Kind.OPENING, Revision.Kind.IMPORT, Revision.Kind.CORRECTION, Revision.Kind.VOID}
CONSTRAINT = re.compile(r'CONSTRAINT "(\w+)"')


# Triggers, constraints, keys.


def guards() -> Iterator[str]:
    """Triggers and constraints that are missing, changed or foreign, and keys to rows that do not exist."""
    state = triggers.state()
    for found, words in (
        (state.missing, _("trigger %(name)s is missing")),
        (state.changed, _("trigger %(name)s differs from the product’s own")),
        (state.strange, _("trigger %(name)s does not belong to the product")),
    ):
        for name in found:
            yield words % {"name": name}
    for name in triggers.ways_around():
        yield _("%(name)s can keep writes from the tables or from their triggers") % {"name": name}
    for model in apps.get_app_config("reporting").get_models():
        expected = {rule.name for rule in [*model._meta.constraints, *model._meta.indexes]}
        missing = expected - _constraint_names(model._meta.db_table)
        for name in [*sorted(missing), *_unguarded_columns(model)]:
            yield _("constraint %(name)s is missing") % {"name": name}
        yield from _dangling_keys(model)


def _constraint_names(table: str) -> set[str]:
    """The names of a table's constraints and indexes in the database."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return set(connection.introspection.get_constraints(cursor, table))
        # Django's introspection loses the checks after one that has a LIKE. The table's own SQL has them all.
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table])
        found = cursor.fetchall()
    return {name for name, _sql in found} | {name for _name, sql in found for name in CONSTRAINT.findall(sql)}


def _unguarded_columns(model: type[models.Model]) -> Iterator[str]:
    """Columns that lack their unique constraint or foreign key in the database."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        rules = connection.introspection.get_constraints(cursor, table).values()
    of_one = [rule for rule in rules if len(rule["columns"]) == 1]
    unique = {rule["columns"][0] for rule in of_one if rule["unique"] or rule["primary_key"]}
    keys = {rule["columns"][0] for rule in of_one if rule["foreign_key"]}
    for field in model._meta.concrete_fields:
        if field.unique and field.column not in unique:
            yield f"{table}.{field.column} UNIQUE"
        if field.related_model and field.column not in keys:
            yield f"{table}.{field.column} REFERENCES {field.related_model._meta.db_table}"


def _dangling_keys(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        if field.related_model:
            there = field.related_model._base_manager.filter(pk=OuterRef(field.attname))
            lost = model._base_manager.filter(~Exists(there), **{f"{field.attname}__isnull": False})
            for pk, key in lost.order_by("pk").values_list("pk", field.attname):
                lost_key = {"table": model._meta.db_table, "id": pk, "column": field.column, "key": key}
                yield _("%(table)s %(id)s: %(column)s %(key)s does not exist") % lost_key


# The tree.


def tree() -> Iterator[str]:
    """Units whose path contradicts their superior, sort key their newest name, or merger their reorganisation.

    A unit of a reorganisation that was withdrawn before it began was never open, and needs no name.
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
            yield _("%(unit)s: sorting and search do not use its newest name") % {"unit": unit.code}
    yield from _merged_otherwise(units)


def _merged_otherwise(units: Mapping[int | None, Unit]) -> Iterator[str]:
    """Units that a reorganisation merged, but that did not close on its day with the successor it names."""
    by_code = {unit.code: unit for unit in units.values()}
    for recorded in Reorganisation.objects.filter(withdrawn_at=None):
        for line in csv.DictReader(recorded.table.splitlines()):
            unit = by_code.get(line.get("code", ""))
            if unit is None or line.get("action") != "merge":
                continue
            heir = units.get(unit.successor_id)
            if heir is None or (unit.closed_on, heir.code) != (recorded.effective_on, line["into"]):
                yield _("%(unit)s: %(record)s merges it into %(into)s on %(day)s, but the unit does not say so") % {
                    "unit": unit.code,
                    "into": line["into"],
                    "day": formatting.day(recorded.effective_on),
                    "record": recorded.source,
                }


# Reports and their revisions.


def histories() -> Iterator[str]:
    """Reports that differ from their last revision, and revisions that do not add up."""
    own = ("report_id", "number", "delta", "kind", "received_at", "counted_at", *fields.REPORTED)
    of_report = ("unit__code", "day", "version", "kind", "received_at", *fields.REPORTED)
    columns = [*own, *(f"report__{name}" for name in of_report)]
    revisions = Revision.objects.order_by("report_id", "number").values(*columns)
    for _report, found in groupby(revisions.iterator(), key=itemgetter("report_id")):
        steps = list(found)
        name = _name(steps[0]["report__unit__code"], steps[0]["report__day"])
        for words, values in _problems(steps):
            yield words % {"report": name, **values}
    for code, day in Report.objects.filter(revisions=None).values_list("unit__code", "day"):
        yield _("%(report)s: has no revision") % {"report": _name(code, day)}


def _name(code: str, day: date) -> str:
    return f"{code} {formatting.day(day)}"


def _label(column: str) -> str:
    """The verbose name of a report's column."""
    return next(str(one.verbose_name) for one in Report._meta.concrete_fields if one.name == column)


def _problems(steps: Sequence[dict]) -> Iterator[tuple[str, dict]]:
    """What is wrong with one report: words and their values. `steps` are its revisions, each with its report.

    Revisions are numbered from 1. Each has a kind that fits its report and figures, and a delta that fits its figures.
    It counts neither before the previous one nor before its own arrival, and arrives no earlier than its day. The
    report equals the last revision. It arrived when `report_arrival` says.
    """
    version = steps[0]["report__version"]
    if [step["number"] for step in steps] != list(range(1, version + 1)):
        yield _("%(report)s: its revisions are not 1 to %(version)s"), {"version": version}
    for before, step in zip([None, *steps], steps, strict=False):
        number = {"number": step["number"]}
        change = _contribution(step) - (_contribution(before) if before else 0)
        if change != step["delta"]:
            words = _("%(report)s: revision %(number)s records a change of %(says)s, but its figures changed by %(is)s")
            yield words, {**number, "says": step["delta"], "is": change}
        if not _is_kind_possible(step, before["installs"] if before else None):
            kind = Revision.Kind(step["kind"]).label if step["kind"] in Revision.Kind else step["kind"]
            yield _("%(report)s: revision %(number)s cannot be “%(kind)s”"), {**number, "kind": kind}
        if before and step["counted_at"] < before["counted_at"]:
            yield _("%(report)s: revision %(number)s counts earlier than the one before it"), number
        if step["counted_at"] < step["received_at"]:
            yield _("%(report)s: revision %(number)s counts earlier than it arrived"), number
        is_early = deadline.reporting_day(step["received_at"]) < step["report__day"]
        if is_early and step["report__kind"] == Report.Kind.DAILY:
            yield _("%(report)s: revision %(number)s arrived before its day"), number
    arrivals = [(step["kind"], step["installs"], step["received_at"]) for step in steps]
    says, is_really = report_arrival(arrivals) or steps[0]["received_at"], steps[0]["report__received_at"]
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
    is_opening = step["report__kind"] == Report.Kind.OPENING
    if (is_opening and kind not in KINDS_OF_OPENING) or (not is_opening and kind == Revision.Kind.OPENING):
        return False
    if kind in (Revision.Kind.VOID, Revision.Kind.OWN_VOID):
        return installs is None and before is not None
    if kind == Revision.Kind.ADJUSTMENT:
        return installs == before
    return installs is not None


def cumulatives() -> Iterator[str]:
    """Running sums that are not the sum of the unit's reports up to that day."""
    counts = [count for count in fields.EXTRAS if count.so_far]
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
    """Days that count twice: by their own report, and by a later one that covers them."""
    daily = Report.objects.filter(kind=Report.Kind.DAILY, installs__isnull=False)
    own = daily.filter(unit=OuterRef("unit"), day__gte=OuterRef("covers_from"), day__lt=OuterRef("day"))
    covering = daily.filter(covers_from__isnull=False)
    twice = covering.annotate(own=Subquery(own.order_by("day").values("day")[:1])).filter(own__isnull=False)
    for code, day, first in twice.order_by("unit_id", "day").values_list("unit__code", "day", "own"):
        yield _("%(report)s: covers %(day)s as well, which has a report of its own") % {
            "report": _name(code, day),
            "day": formatting.day(first),
        }


# Now and as of an instant, sign-offs, seals.


def now_and_then() -> Iterator[str]:
    """Differences between the newest day as it is now and the same day computed from its whole history."""
    day = Report.objects.aggregate(newest=Max("day"))["newest"]
    for top in Unit.objects.tops() if day else []:
        now, then = (sealed_table.canonical_table(rollup.rows(top, day, as_of)) for as_of in (None, END_OF_TIME))
        for found in sealed_table.differences(now, then):
            words = _("%(unit)s on %(day)s: %(column)s is %(is)s now, %(then)s by the history")
            both = {"is": found.fixed, "then": found.computed}
            yield words % {"unit": found.code, "day": formatting.day(day), "column": found.field_name, **both}


def sign_offs() -> Iterator[str]:
    """Sign-offs, withdrawn ones too, whose table, cumulative or lateness differs as of their instant."""
    for one in _fixed(SignOff):
        figures = rollup.rows(one.unit, one.day, one.at)
        yield from problems(one, sealed_table.compare_table(one, figures), _of_a_sign_off(one, figures.hours))


def seals() -> Iterator[str]:
    """Seals, withdrawn ones too, whose table differs as of their instant."""
    for one in _fixed(Seal):
        yield from problems(one, sealed_table.check_table(one, one.unit))


def _fixed(model: type[models.Model]) -> Iterator[Any]:
    return model._default_manager.order_by("day", "at", "id").select_related("unit").iterator()


def problems(one: SignOff | Seal, check: sealed_table.TableCheck, also: Iterable[str] = ()) -> Iterator[str]:
    """The differences of one sign-off or seal, in words."""
    name = _("%(kind)s of %(unit)s for %(day)s, %(moment)s") % {
        "kind": one._meta.verbose_name,
        "unit": one.unit.code,
        "day": formatting.day(one.day),
        "moment": formatting.exact(one.at),
    }
    if not check.is_digest_right:
        yield _("%(name)s: the table does not match its digest") % {"name": name}
    for words in also:
        yield f"{name}: {words}"
    for found in check.differences:
        words = _("%(name)s: %(unit)s, %(column)s was %(fixed)s, is computed as %(computed)s")
        both = {"fixed": found.fixed, "computed": found.computed}
        yield words % {"name": name, "unit": found.code, "column": found.field_name, **both}


def _of_a_sign_off(one: SignOff, hours: DayHours) -> Iterator[str]:
    in_table = sealed_table.read_table(one.table).get(one.unit.path, {}).get("cumulative")
    if str(one.cumulative) != ("0" if in_table == sealed_table.UNKNOWN else in_table):
        yield _("its cumulative is %(is)s, but %(says)s in its table") % {"is": one.cumulative, "says": in_table}
    # Late or not depends on the arrival. Only `at` is stored, the time of the act, at most one request later.
    soonest, latest = one.at - LONGEST_REQUEST, one.at
    could_be = {hours.is_late_to_sign_off(one.unit.path, arrived) for arrived in (soonest, latest)}
    if one.is_after_deadline not in could_be and not hours.is_exempt(one.unit.path):  # then the mark means nothing
        both = {"is": one.is_after_deadline, "says": not one.is_after_deadline}
        yield _("after the sign-off deadline is %(is)s, by its hour %(says)s") % both


CHECKS: dict[str, tuple[Promise, Callable[..., Iterator[str]]]] = {
    "guards": (gettext_lazy("Triggers, constraints, keys"), guards),
    "tree": (gettext_lazy("Units and their places in the tree"), tree),
    "histories": (gettext_lazy("Reports and their revisions"), histories),
    "cumulatives": (gettext_lazy("Cumulative figures"), cumulatives),
    "covers": (gettext_lazy("Days counted once"), covers),
    "now_and_then": (gettext_lazy("Now and as-of"), now_and_then),
    "sign_offs": (gettext_lazy("Confirmations"), sign_offs),
    "seals": (gettext_lazy("Seals"), seals),
}
