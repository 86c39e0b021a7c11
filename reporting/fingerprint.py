"""Whether anything that pages show was written: the database itself marks every such write, whoever makes it.

A mark is drawn at random with each write and is seen together with it, when the transaction is committed. Two readers
who find the same marks have the same rows before them, also after a restore, and on a replica that was promoted.
Neither the newest number of a table nor a time could say that: numbers are given before they are committed, in
another order, and a row may be changed in its place.
"""

from __future__ import annotations

from django.apps import apps
from django.db import models
from django.db.models.expressions import RawSQL

# What no page shows that stands while nothing was written; each with the reason.
UNSEEN = {
    "AccessRecord": "the record of access, on a page of its own; written at every sign-in and download",
    "CountryDay": "worked out from what is marked itself",
    "Fingerprint": "the marks themselves",
    "FirstArrival": "what was typed, until its question is answered; only the form asks for it",
    "ImportFile": "on the pages of imports",
    "MailChoice": "on the page of one's own mails",
    "Message": "mails that wait; written every minute",
    "RecoveryCode": "on the page that shows them once",
    "Token": "on the page of tokens",
    "TokenUse": "counted for a limit",
}
# Columns that change without anything to be seen: signing in is no news.
UNSEEN_COLUMNS = {"User": {"password", "last_login", "first_signed_in_at", "last_signed_in_at", "sessions_ended"}}
# Of whose rows alone it follows who lives where: they have a mark of their own too, which no report changes.
TREE = {"Unit", "BaseFigure"}
OF_THE_TREE = 1000  # its first slot
PREFIX = "fingerprint_"
TABLE = "reporting_fingerprint"
# Of PostgreSQL: each transaction takes the first slot that no other one holds, and keeps it to its end: nobody waits.
FUNCTION = "reporting_fingerprint_drawn"
ADVISORY = 2008  # the first number of the advisory locks, the second is the slot
DRAWS = f"""
DECLARE
    taken integer := coalesce(TG_ARGV[0]::integer, 0);
BEGIN
    WHILE NOT pg_try_advisory_xact_lock({ADVISORY}, taken) LOOP
        taken := taken + 1;
    END LOOP;
    INSERT INTO {TABLE} (slot, mark) VALUES (taken, gen_random_uuid())
        ON CONFLICT (slot) DO UPDATE SET mark = EXCLUDED.mark;
    RETURN NULL;
END
"""  # noqa: S608  # nosec B608
# Of SQLite, where one writes at a time: a word that another statement's OR IGNORE cannot turn.
DRAWN = f"UPDATE {TABLE} SET mark = lower(hex(randomblob(16))) WHERE slot = {{slot}}"  # noqa: S608  # nosec B608
FIRST = f"INSERT INTO {TABLE} (slot, mark) VALUES ({{slot}}, '{{mark}}') ON CONFLICT DO NOTHING"  # noqa: S608  # nosec B608
MARKS = {
    "postgresql": f"(SELECT string_agg(slot || ' ' || mark, ' ' ORDER BY slot) FROM {TABLE})",  # noqa: S608  # nosec B608
    "sqlite": f"(SELECT group_concat(slot || ' ' || mark, ' ') FROM (SELECT * FROM {TABLE} ORDER BY slot))",  # noqa: S608  # nosec B608
}

# Those of the tree, in SQL; NULL where there is none.
OF_TREE = f"FROM {TABLE} WHERE slot >= {OF_THE_TREE}"
TREE_MARKS = {
    "postgresql": f"(SELECT string_agg(slot || ' ' || mark, ' ' ORDER BY slot) {OF_TREE})",
    "sqlite": f"(SELECT mark {OF_TREE})",
}


def marks(vendor: str) -> RawSQL:
    """All marks as one text, for a query that reads something else too."""
    return RawSQL(MARKS[vendor], (), output_field=models.TextField())  # noqa: S611  # nosec B611


def seen() -> list[type[models.Model]]:
    """The models of whose rows pages show something."""
    return [model for model in apps.get_app_config("reporting").get_models() if model.__name__ not in UNSEEN]


def statements(vendor: str, model: type[models.Model]) -> dict[str, str]:
    """What makes the triggers of a table, by their names."""
    table, unseen = model._meta.db_table, UNSEEN_COLUMNS.get(model.__name__, set())
    columns = [f'"{field.column}"' for field in model._meta.concrete_fields if field.column not in unseen]
    of = f" OF {', '.join(columns)}" if unseen else ""
    if vendor == "postgresql":
        events = f"INSERT OR DELETE OR UPDATE{of} OR TRUNCATE"
        drawing = {f"{PREFIX}{table}": ""}
        if model.__name__ in TREE:
            drawing[f"{PREFIX}tree_{table}"] = f"'{OF_THE_TREE}'"
        return {
            name: f"CREATE TRIGGER {name} AFTER {events} ON {table} FOR EACH STATEMENT"
            f" EXECUTE FUNCTION {FUNCTION}({slot})"
            for name, slot in drawing.items()
        }
    slots = [0, OF_THE_TREE] if model.__name__ in TREE else [0]
    drawn = " ".join(f"{DRAWN.format(slot=slot)};" for slot in slots)
    made = {"insert": "INSERT", "update": f"UPDATE{of}", "delete": "DELETE"}
    return {
        f"{PREFIX}{table}_{name}": f"CREATE TRIGGER {PREFIX}{table}_{name} AFTER {event} ON {table} BEGIN {drawn} END"
        for name, event in made.items()
    }
