"""What refuses that which must never be: triggers, constraints, and that no key points nowhere."""

import re
from collections.abc import Iterator

from django.apps import apps
from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from ... import triggers

CONSTRAINT = re.compile(r'CONSTRAINT "(\w+)"')


def guards() -> Iterator[str]:
    """The triggers and constraints that refuse what must never be, and that no key points nowhere."""
    state = triggers.state()
    for names, words in (
        (state.missing, _("trigger %(name)s is missing")),
        (state.changed, _("trigger %(name)s is not the one that the product puts in place")),
        (state.strange, _("trigger %(name)s is none of the product's")),
    ):
        for name in names:
            yield words % {"name": name}
    for model in apps.get_app_config("reporting").get_models():
        expected = {rule.name for rule in [*model._meta.constraints, *model._meta.indexes]}
        missing = expected - _names_in_place(model._meta.db_table)
        for name in [*sorted(missing), *_fields_without_their_rule(model)]:
            yield _("constraint %(name)s is missing") % {"name": name}
        yield from _keys_to_nowhere(model)


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
        find = _columns_postgresql if connection.vendor == "postgresql" else _columns_sqlite
        unique, keys = find(cursor, model._meta.db_table)
    for field in model._meta.concrete_fields:
        if field.unique and field.column not in unique:
            yield f"{model._meta.db_table}.{field.column} UNIQUE"
        if field.related_model and field.column not in keys:
            yield f"{model._meta.db_table}.{field.column} REFERENCES {field.related_model._meta.db_table}"


def _columns_postgresql(cursor: CursorWrapper, table: str) -> tuple[set[str], set[str]]:
    """The columns that no two rows have alike, and those that are keys of another table."""
    rules = connection.introspection.get_constraints(cursor, table).values()
    unique = {
        rule["columns"][0] for rule in rules if len(rule["columns"]) == 1 and (rule["unique"] or rule["primary_key"])
    }
    return unique, {rule["columns"][0] for rule in rules if rule["foreign_key"]}


def _columns_sqlite(cursor: CursorWrapper, table: str) -> tuple[set[str], set[str]]:
    """The same, as the database itself understands the table: introspection would read its text again."""
    cursor.execute(
        """
        SELECT MIN(of.name) FROM pragma_index_list(%s) AS listed, pragma_index_info(listed.name) AS of
        WHERE listed."unique" AND NOT listed.partial GROUP BY listed.name HAVING COUNT(*) = 1
        UNION SELECT name FROM pragma_table_info(%s) WHERE pk
        """,
        [table, table],
    )
    unique = {name for (name,) in cursor.fetchall()}
    cursor.execute('SELECT "from" FROM pragma_foreign_key_list(%s)', [table])
    return unique, {name for (name,) in cursor.fetchall()}


def _keys_to_nowhere(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.concrete_fields:
        if field.related_model:
            there = field.related_model._base_manager.filter(pk=OuterRef(field.attname))
            lost = model._base_manager.filter(~Exists(there), **{f"{field.attname}__isnull": False})
            for pk, key in lost.order_by("pk").values_list("pk", field.attname):
                lost_key = {"table": model._meta.db_table, "id": pk, "column": field.column, "key": key}
                yield _("%(table)s %(id)s: %(column)s %(key)s is not there") % lost_key
