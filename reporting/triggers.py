"""History is only added to: the database itself refuses to change or delete what is in these tables."""

from __future__ import annotations

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections

APPEND_ONLY = (
    "Revision",
    "UnitName",
    "BaseFigure",
    "ExemptDay",
    "Directive",
    "Extension",
    "Downtime",
    "SignOff",
    "Seal",
    "Reorganisation",
    "OfficialFigure",
    "ExplanationRequest",
    "AccessRecord",
    "Cover",
)
# The one change allowed: these columns may be filled once, when they are empty (what is wrong is withdrawn, never
# edited).
FILLED_ONCE = {
    "Cover": ("ended_at", "ended_by_id"),
    "Directive": ("withdrawn_at",),
    "SignOff": ("withdrawn_at", "withdrawn_by_id", "withdrawal_reason"),
    "ExplanationRequest": ("answer", "answered_at", "answered_by_id"),
}
PREFIX = "append_only_"


def install(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Put the triggers in place. Idempotent; a table that does not exist yet is passed over."""
    connection = connections[using]
    remove(using=using)
    with connection.cursor() as cursor:
        for name in _present(connection):
            model = apps.get_model("reporting", name)
            for statement in _create(connection.vendor, model, FILLED_ONCE.get(name, ())):
                cursor.execute(statement)


def remove(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Take the triggers away: for a test flush, and for nothing else. Idempotent."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for name in _present(connection):
            table = apps.get_model("reporting", name)._meta.db_table
            for event in ("update", "delete", "truncate"):
                trigger = f"{PREFIX}{table}_{event}"
                if connection.vendor == "postgresql":
                    cursor.execute(f"DROP TRIGGER IF EXISTS {trigger} ON {table}")
                else:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")


def missing(*, using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """Names of the triggers that should stand and do not."""
    connection = connections[using]
    expected = set()
    events = ("update", "delete", "truncate") if connection.vendor == "postgresql" else ("update", "delete")
    for name in APPEND_ONLY:
        table = apps.get_model("reporting", name)._meta.db_table
        expected |= {f"{PREFIX}{table}_{event}" for event in events}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return sorted(expected - {row[0] for row in cursor.fetchall()})


def _present(connection) -> list[str]:
    tables = set(connection.introspection.table_names())
    return [name for name in APPEND_ONLY if apps.get_model("reporting", name)._meta.db_table in tables]


def _create(vendor: str, model, filled_once: tuple[str, ...]) -> list[str]:
    table = model._meta.db_table
    frozen = [field.column for field in model._meta.concrete_fields if field.column not in filled_once]
    is_filled = [
        f'OLD."{field.column}" IS NOT NULL' if field.null else f"OLD.\"{field.column}\" <> ''"
        for field in model._meta.concrete_fields
        if field.column in filled_once
    ]
    if vendor == "postgresql":
        return _create_postgresql(table, frozen, is_filled)
    return _create_sqlite(table, frozen, is_filled)


def _create_sqlite(table: str, frozen: list[str], is_filled: list[str]) -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    changed = [f'OLD."{column}" IS NOT NEW."{column}"' for column in frozen] + is_filled
    when = f"WHEN {' OR '.join(changed)} " if is_filled else ""
    return [
        f"CREATE TRIGGER {PREFIX}{table}_update BEFORE UPDATE ON {table} {when}{refuse}",
        f"CREATE TRIGGER {PREFIX}{table}_delete BEFORE DELETE ON {table} {refuse}",
    ]


def _create_postgresql(table: str, frozen: list[str], is_filled: list[str]) -> list[str]:
    changed = [f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in frozen] + is_filled
    when = f"WHEN ({' OR '.join(changed)}) " if is_filled else ""
    call = "EXECUTE FUNCTION reporting_append_only()"
    return [
        """
        CREATE OR REPLACE FUNCTION reporting_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
        END $$
        """,
        f"CREATE TRIGGER {PREFIX}{table}_update BEFORE UPDATE ON {table} FOR EACH ROW {when}{call}",
        f"CREATE TRIGGER {PREFIX}{table}_delete BEFORE DELETE ON {table} FOR EACH ROW {call}",
        f"CREATE TRIGGER {PREFIX}{table}_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    ]
