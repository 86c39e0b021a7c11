"""Does everything agree: reports with their history, the history with what was signed and sealed, the guards in place.

Each check reads the whole database and yields what differs, in words; nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

from django.apps import apps
from django.db import connection, models
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import triggers
from ..models import Report, Revision, Seal, SignOff, Unit
from ..text import formatting
from . import fields, rollup, sealed_table

Progress = Callable[[int, int], None]  # how many are done, of how many
Check = Callable[[Progress], Iterator[str]]

FIGURES = (*fields.REPORTED, "is_late")
END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
CONSTRAINT = re.compile(r'CONSTRAINT "(\w+)"')
EVERY = 5000  # rows between two signs of life


def guards(progress: Progress) -> Iterator[str]:
    """The triggers and constraints that refuse what must never be, and that no key points nowhere."""
    for name in triggers.missing():
        yield _("trigger %(name)s is missing") % {"name": name}
    guarded = list(apps.get_app_config("reporting").get_models())
    for number, model in enumerate(guarded, start=1):
        expected = {rule.name for rule in [*model._meta.constraints, *model._meta.indexes]}
        missing = expected - _names_in_place(model._meta.db_table)
        for name in [*sorted(missing), *_fields_without_their_rule(model)]:
            yield _("constraint %(name)s is missing") % {"name": name}
        yield from _keys_to_nowhere(model)
        progress(number, len(guarded))


def _names_in_place(table: str) -> set[str]:
    """The names of a table's constraints and indexes, as the database has them."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return set(connection.introspection.get_constraints(cursor, table))
        # Introspection loses the checks that follow one with a LIKE in it: the table's own text has them all.
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table])
        found = cursor.fetchall()
    return {name for name, _sql in found} | {name for _name, sql in found for name in CONSTRAINT.findall(sql)}


def _fields_without_their_rule(model: type[models.Model]) -> Iterator[str]:
    """Columns that should be unique, or keys of another table, and in the database are not."""
    with connection.cursor() as cursor:
        rules = connection.introspection.get_constraints(cursor, model._meta.db_table).values()
    unique = {
        rule["columns"][0] for rule in rules if len(rule["columns"]) == 1 and (rule["unique"] or rule["primary_key"])
    }
    keys = {rule["columns"][0] for rule in rules if rule["foreign_key"]}
    for field in model._meta.concrete_fields:
        if field.unique and field.column not in unique:
            yield f"{model._meta.db_table}.{field.column} UNIQUE"
        if field.is_relation and field.column not in keys:
            yield f"{model._meta.db_table}.{field.column} REFERENCES {field.related_model._meta.db_table}"


def _keys_to_nowhere(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        if field.is_relation:
            there = field.related_model._base_manager.filter(pk=OuterRef(field.attname))
            lost = model._base_manager.filter(~Exists(there), **{f"{field.attname}__isnull": False})
            for pk, key in lost.order_by("pk").values_list("pk", field.attname):
                yield _("%(table)s %(id)s: %(column)s %(key)s is not there") % {
                    "table": model._meta.db_table,
                    "id": pk,
                    "column": field.column,
                    "key": key,
                }


def histories(progress: Progress) -> Iterator[str]:
    """Every report is what its last revision says, and each revision changed the cumulative by what it says."""
    fields = [
        *FIGURES,
        "report__unit__code",
        "report__day",
        "report__version",
        *(f"report__{name}" for name in FIGURES),
    ]
    revisions = Revision.objects.order_by("report_id", "number").values("report_id", "number", "delta", *fields)
    total, done = Revision.objects.count(), 0
    for _report, steps in groupby(revisions.iterator(EVERY), key=itemgetter("report_id")):
        steps = list(steps)
        yield from _history_problems(steps)
        if (done + len(steps)) // EVERY > done // EVERY:
            progress(done + len(steps), total)
        done += len(steps)
    progress(done, total)
    for code, day in Report.objects.filter(revisions=None).values_list("unit__code", "day"):
        yield _("%(report)s: has no revision") % {"report": _report_name(code, day)}


def _history_problems(steps: list[dict]) -> Iterator[str]:
    last = steps[-1]
    name = _report_name(last["report__unit__code"], last["report__day"])
    if [step["number"] for step in steps] != list(range(1, last["report__version"] + 1)):
        yield _("%(report)s: its revisions are not 1 to %(version)s") % {
            "report": name,
            "version": last["report__version"],
        }
    counted = 0
    for step in steps:
        contribution = (step["installs"] or 0) + step["adjustment"]
        if contribution - counted != step["delta"]:
            yield _("%(report)s: revision %(number)s says a change of %(says)s, its figures one of %(is)s") % {
                "report": name,
                "number": step["number"],
                "says": step["delta"],
                "is": contribution - counted,
            }
        counted = contribution
    for field in FIGURES:
        if last[field] != last[f"report__{field}"]:
            yield _("%(report)s: %(field)s is %(is)s, its last revision says %(says)s") % {
                "report": name,
                "field": Report._meta.get_field(field).verbose_name,
                "is": last[f"report__{field}"],
                "says": last[field],
            }


def cumulatives(progress: Progress) -> Iterator[str]:
    """Every cumulative is the sum of the unit's reports up to its day."""
    fields = ("unit_id", "unit__code", "day", "installs", "adjustment", "cumulative")
    reports = Report.objects.order_by("unit_id", "day").values_list(*fields)
    total, done, unit, running = Report.objects.count(), 0, None, 0
    for unit_id, code, day, installs, adjustment, cumulative in reports.iterator(EVERY):
        running = (running if unit_id == unit else 0) + (installs or 0) + adjustment
        unit, done = unit_id, done + 1
        if cumulative != running:
            yield _("%(report)s: the cumulative is %(is)s, the sum of the reports %(sum)s") % {
                "report": _report_name(code, day),
                "is": cumulative,
                "sum": running,
            }
        if done % EVERY == 0:
            progress(done, total)
    progress(done, total)


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


def sign_offs(progress: Progress) -> Iterator[str]:
    """Every confirmation, withdrawn ones too, comes out again as of its instant."""
    yield from _fixed(SignOff, progress)


def seals(progress: Progress) -> Iterator[str]:
    """Every seal comes out again as of its instant."""
    yield from _fixed(Seal, progress)


def _fixed(model: type[SignOff] | type[Seal], progress: Progress) -> Iterator[str]:
    fixed = model.objects.order_by("day", "at", "id")
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
        for found in check.differences:
            yield _("%(name)s: %(unit)s, %(column)s was %(fixed)s, comes out as %(computed)s") % {
                "name": name,
                "unit": found.code,
                "column": found.words,
                "fixed": found.fixed,
                "computed": found.computed,
            }
        progress(number, total)


def _report_name(code: str, day) -> str:
    return f"{code} {formatting.day(day)}"


CHECKS: dict[str, tuple[str, Check]] = {
    "guards": (gettext_lazy("Triggers, constraints, keys"), guards),
    "histories": (gettext_lazy("Reports and their revisions"), histories),
    "cumulatives": (gettext_lazy("Cumulative figures"), cumulatives),
    "now_and_then": (gettext_lazy("Now and as-of"), now_and_then),
    "sign_offs": (gettext_lazy("Confirmations"), sign_offs),
    "seals": (gettext_lazy("Seals"), seals),
}
