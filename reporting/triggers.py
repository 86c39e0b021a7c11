"""Append-only triggers: the database refuses to change or delete rows of some tables.

The models say which tables, and which columns may be filled once (`models.history`).
"""

import re
from dataclasses import dataclass

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction

PREFIX = "append_only_"
TAKEN = "SELECT RAISE(ABORT, '{words}') WHERE EXISTS (SELECT 1 FROM {table} WHERE {place});"
# PostgreSQL's triggers call this function.
FUNCTION = "reporting_append_only"
FUNCTION_CALLED = f"{FUNCTION}()"
RAISES = """
BEGIN
    RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
"""
ADDED = re.compile(r'::character varying|::text|["()]')


def append_only() -> list[type[models.Model]]:
    """The append-only models."""
    own = apps.get_app_config("reporting").get_models()
    return [model for model in own if hasattr(model, "history") and not model.history.frozen]


def install(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Create triggers that are missing or differ, in one transaction; leave the others alone.

    Skips tables that do not exist yet, and foreign triggers (`TriggerState.strange`), which `verify` names.
    """
    connection = connections[using]
    tables = _tables(connection)
    wrong = _differences(connection, tables)
    to_make = {*wrong.missing, *wrong.changed}
    if not to_make:
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if FUNCTION_CALLED in to_make:
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {FUNCTION_CALLED} RETURNS trigger LANGUAGE plpgsql AS $${RAISES}$$"
            )
        for model in tables:
            for trigger, statement in _statements(connection.vendor, model).items():
                if trigger in to_make:
                    cursor.execute(_drop(connection.vendor, trigger, model))
                    cursor.execute(statement)


def remove() -> None:
    """Drop the triggers, for a test flush only. Idempotent."""
    with connection.cursor() as cursor:
        for model in _tables(connection):
            for trigger in _statements(connection.vendor, model):
                cursor.execute(_drop(connection.vendor, trigger, model))


def _drop(vendor: str, trigger: str, model: type[models.Model]) -> str:
    of = f" ON {model._meta.db_table}" if vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {trigger}{of}"


@dataclass(frozen=True)
class TriggerState:
    """The sorted names of triggers that differ from those of `install`, and how."""

    missing: list[str]  # or switched off
    changed: list[str]  # the name is right, the text is not
    strange: list[str]  # on a table of the product, but foreign


def state() -> TriggerState:
    """Compare triggers by name and text."""
    return _differences(connection, append_only())


def _differences(connection, guarded: list[type[models.Model]]) -> TriggerState:
    installed, expected = _installed(connection), {}
    for model in guarded:
        expected |= _statements(connection.vendor, model)
    squeeze = _squeeze_postgresql if connection.vendor == "postgresql" else _squeeze
    changed = [
        name for name, text in expected.items() if name in installed and squeeze(installed[name]) != squeeze(text)
    ]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT prosrc FROM pg_proc WHERE oid = to_regproc(%s)", [FUNCTION])
            if cursor.fetchone() != (RAISES,):
                changed.append(FUNCTION_CALLED)
    return TriggerState(
        missing=sorted(expected.keys() - installed.keys()),
        changed=sorted(changed),
        strange=sorted(installed.keys() - expected.keys()),
    )


def _tables(connection) -> list[type[models.Model]]:
    """The guarded models whose tables exist."""
    tables = set(connection.introspection.table_names())
    return [model for model in append_only() if model._meta.db_table in tables]


def _installed(connection) -> dict[str, str]:
    """The triggers on the product's tables that are switched on, each with its text."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("""
                SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true)
                FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
                WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND relname LIKE 'reporting\\_%'
                AND pg_table_is_visible(pg_class.oid)
            """)
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name GLOB 'reporting_*'")
        return dict(cursor.fetchall())


AROUND_SQL = """
    SELECT format('rule %s on %s', rulename, tablename) FROM pg_rules
        WHERE schemaname = current_schema() AND tablename LIKE 'reporting\\_%'
    UNION ALL SELECT format('row security on %s', relname) FROM pg_class
        WHERE relrowsecurity AND relname LIKE 'reporting\\_%' AND pg_table_is_visible(oid)
    UNION ALL SELECT format('%s of %s', setting, coalesce(setrole::regrole::text, 'all roles'))
        FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS setting
        WHERE setting ILIKE 'session\\_replication\\_role=%' AND setting NOT ILIKE '%=origin'
        AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    ORDER BY 1
"""


def ways_around() -> list[str]:
    """What makes PostgreSQL write elsewhere or without triggers: rules, row security, a role of a replica."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute(AROUND_SQL)
        return [name for (name,) in cursor.fetchall()]


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _squeeze_postgresql(text: str) -> str:
    """The text without brackets and types that the database adds: our conditions use only OR and need no brackets."""
    return _squeeze(ADDED.sub("", text.lower()))


def _statements(vendor: str, model: type[models.Model]) -> dict[str, str]:
    """The statements that make a table's triggers, by name."""
    filled_once = model.history.once
    frozen = [field.column for field in model._meta.concrete_fields if field.column not in filled_once]
    is_filled = [
        f'OLD."{field.column}" IS NOT NULL' if field.null else f"OLD.\"{field.column}\" <> ''"
        for field in model._meta.concrete_fields
        if field.column in filled_once
    ]
    make = _statements_postgresql if vendor == "postgresql" else _statements_sqlite
    table = model._meta.db_table
    made = make(model, table, frozen, is_filled)
    return {
        f"{PREFIX}{table}_{event}": f"CREATE TRIGGER {PREFIX}{table}_{event} {rest}" for event, rest in made.items()
    }


def _statements_sqlite(model, table: str, frozen: list[str], is_filled: list[str]) -> dict[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    changed = [f'OLD."{column}" IS NOT NEW."{column}"' for column in frozen] + is_filled
    when = f"WHEN {' OR '.join(changed)} " if is_filled else ""
    # REPLACE deletes rows without the triggers of DELETE, unless the connection asks for them. So the trigger of
    # INSERT looks for rows that it would replace, and refuses in the words of the constraint.
    taken = " ".join(TAKEN.format(table=table, words=words, place=place) for words, place in _places(model, table))
    return {
        "update": f"BEFORE UPDATE ON {table} {when}{refuse}",
        "delete": f"BEFORE DELETE ON {table} {refuse}",
        "insert": f"BEFORE INSERT ON {table} BEGIN {taken} END",
    }


def _places(model: type[models.Model], table: str) -> list[tuple[str, str]]:
    """For each unique rule: the words of the refusal, and the condition under which a new row replaces an old one."""
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    alike = [([field.column], []) for field in model._meta.concrete_fields if field.unique and not field.primary_key]
    for rule in model._meta.constraints:
        if isinstance(rule, models.UniqueConstraint):
            given = rule.condition.children if rule.condition else []
            alike.append(([columns[name] for name in rule.fields], [(columns[name], value) for name, value in given]))
    places = [(f"append-only: {table}", f'"{model._meta.pk.column}" = NEW."{model._meta.pk.column}"')]
    for same, given in alike:
        conditions = [f'"{column}" = NEW."{column}"' for column in same]
        conditions += [
            f'"{column}" IS {literal} AND NEW."{column}" IS {literal}' for column, literal in _written(given)
        ]
        words = ", ".join(f"{table}.{column}" for column in same)
        places.append((f"UNIQUE constraint failed: {words}", " AND ".join(conditions)))
    return places


def _written(given: list[tuple[str, object]]) -> list[tuple[str, str]]:
    """The columns of a condition with their values as SQLite literals: a trigger takes no parameters."""
    found = []
    for column, value in given:
        text = str(value).replace("'", "''")
        found.append((column, "NULL" if value is None else f"'{text}'" if isinstance(value, str) else str(int(value))))
    return found


def _statements_postgresql(model, table: str, frozen: list[str], is_filled: list[str]) -> dict[str, str]:
    changed = [f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in frozen] + is_filled
    when = f"WHEN ({' OR '.join(changed)}) " if is_filled else ""
    call = f"EXECUTE FUNCTION {FUNCTION}()"
    return {
        "update": f"BEFORE UPDATE ON {table} FOR EACH ROW {when}{call}",
        "delete": f"BEFORE DELETE ON {table} FOR EACH ROW {call}",
        "truncate": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    }
